"""What a study changes on the server: new, corrected and withdrawn results; nothing for unchanged ones.

An earlier result of ours is met by its name (order number, day, code, site); a correction whose day was wrong
before is met by order number, code and site where only one fits. What somebody else wrote is never touched.
An older version never replaces a newer one, in whatever order they come.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adapter.input.wire_json import Json, ReadOnlyJson
from mappings.hl7v2.input.oru import StudyResults
from mappings.hl7v2.input.oru_result import RECEIVED, ResultDraft, code_key
from mappings.outbound.fingerprint import carried, fingerprint
from mappings.outbound.ids import location_of
from mappings.outbound.invariants import in_order

_KEPT = ("conclusion", "presentedForm")  # of a report that is sent again without them


class AnotherPatient(ValueError):
    """The order number stands with another person: a human must say whose it is."""


@dataclass(frozen=True, slots=True)
class ResultChange:
    """A resource as it should stand; `version` is that of the stored one, None where nothing is stored."""

    resource: Json = field(repr=False)
    version: str | None = None

    @property
    def location(self) -> str:
        return f"{self.resource['resourceType']}/{self.resource['id']}"


def changes_of(
    study: StudyResults, patient: str, standing: Sequence[ReadOnlyJson], same: frozenset[str]
) -> list[ResultChange]:
    """`same` are the ids of records that are this person's too; raises AnotherPatient."""
    ours = [it for it in standing if carried(it, RECEIVED)]
    locations: dict[str, str] = {}
    found: list[ResultChange] = []
    for result in study.results:
        earlier = _earlier(result, ours)
        content = _content(result, earlier)
        locations[f"Observation/{result.observation['id']}"] = f"Observation/{content['id']}"
        found += _change(content, earlier, patient, same)
    report = _report(study.report, locations, ours)
    return [*found, *_change(report, _same_result(report, ours), patient, same)]


def _earlier(result: ResultDraft, ours: Sequence[ReadOnlyJson]) -> ReadOnlyJson | None:
    if (named := _same_result(result.observation, ours)) or not result.corrects:
        return named
    order = {_identifier(identifier) for identifier in result.observation["identifier"][1:]}
    fits = [
        it
        for it in ours
        if it.get("resourceType") == "Observation"
        and order & {_identifier(identifier) for identifier in it.get("identifier", ())}
        and _what_and_where(it) == _what_and_where(result.observation)
        and it.get("status") != "entered-in-error"
    ]
    return fits[0] if len(fits) == 1 else None


def _same_result(draft: ReadOnlyJson, ours: Sequence[ReadOnlyJson]) -> ReadOnlyJson | None:
    name = carried(draft, RECEIVED)
    return next((it for it in ours if carried(it, RECEIVED) == name), None)


def _content(result: ResultDraft, earlier: ReadOnlyJson | None) -> Json:
    drafted = result.observation
    if earlier is None:
        return dict(drafted)
    if result.status_only:
        told: Json = {name: drafted[name] for name in ("status", "issued") if name in drafted}
        return {**_own(earlier), **told}
    return {**drafted, "id": earlier["id"], "identifier": earlier["identifier"]}


def _report(drafted: Json, locations: Mapping[str, str], ours: Sequence[ReadOnlyJson]) -> Json:
    """With the results and the text of before, where this message has only some of them."""
    earlier = _same_result(drafted, ours)
    named = [locations[result["reference"]] for result in drafted.get("result", ())]
    if earlier is None:
        return {**drafted, **({"result": [{"reference": it} for it in named]} if named else {})}
    before = [location_of(str(result.get("reference"))) for result in earlier.get("result", ())]
    kept = {name: earlier[name] for name in _KEPT if name in earlier}
    results = [{"reference": fromkey} for fromkey in dict.fromkeys((*before, *named))]
    return {**kept, **drafted, "id": earlier["id"], **({"result": results} if results else {})}


def _change(
    content: Json, earlier: ReadOnlyJson | None, patient: str, same: frozenset[str]
) -> list[ResultChange]:
    wanted = {**content, "subject": {"reference": f"Patient/{patient}"}}
    if earlier is None:
        return (
            [] if wanted["status"] == "entered-in-error" and "code" not in wanted else [ResultChange(wanted)]
        )
    owner = location_of(str(earlier.get("subject", {}).get("reference"))).removeprefix("Patient/")
    if owner not in {patient, *same} and earlier.get("status") != "entered-in-error":
        raise AnotherPatient("The order number of this message stands with another patient.")
    if _older(wanted, earlier) or _content_mark(wanted) == _content_mark(earlier):
        return []
    return [ResultChange(wanted, str(earlier.get("meta", {}).get("versionId") or "") or None)]


def _older(wanted: ReadOnlyJson, earlier: ReadOnlyJson) -> bool:
    """Whether it was made before what stands there; what bears no time is taken as it comes."""
    return not in_order(earlier.get("issued"), wanted.get("issued"))


def _content_mark(resource: ReadOnlyJson) -> str:
    """What it says, whenever that was said."""
    return fingerprint({name: it for name, it in resource.items() if name not in ("issued", "text")})


def _own(resource: ReadOnlyJson) -> Json:
    return {name: it for name, it in resource.items() if name not in ("meta", "text")}


def _what_and_where(resource: ReadOnlyJson) -> tuple[str, str]:
    return code_key(resource.get("code", {})), fingerprint({"bodySite": resource.get("bodySite")})


def _identifier(resource: ReadOnlyJson) -> tuple[str, str]:
    return str(resource.get("system")), str(resource.get("value"))
