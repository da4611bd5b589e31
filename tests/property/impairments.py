"""What can befall a resource: it cannot be read, has no known code or no date, is refused.

Each impairment is one resource in another state. What can no longer be found by the searches of a review is
left out: then nobody can know of it, and reading has nothing to be careful with.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

from adapter.input.wire_json import Json, JsonValue
from mappings.codes import INTAKE, LOINC, SNOMED
from mappings.inbound.resources.codings import concept_of, concepts
from mappings.valuesets import table

GARBAGE = "\u2318?"
UNKNOWN_SYSTEM = "http://codes.example.org/house"
HOUSE = {"coding": [{"system": UNKNOWN_SYSTEM, "code": "X1"}]}
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
# What a resource is dated by; of a drug or a diagnosis also what bounds it.
DATES = (
    "effectiveDateTime", "effectivePeriod", "effectiveInstant", "effectiveTiming", "issued", "date", "recordedDate",
    "onsetDateTime", "onsetPeriod", "authoredOn", "dateAsserted", "occurrenceDateTime", "performedDateTime",
    "performedPeriod", "whenHandedOver",
)  # fmt: skip
# Who it is about, where it is kept and what it is for people to read decide nothing.
NEVER = ("resourceType", "id", "meta", "text", "subject", "patient", "identifier", "performer", "encounter", "note",
         "extension", "participant", "requester", "recorder", "asserter", "informationSource", "category", "name",
         "address", "telecom", "generalPractitioner", "managingOrganization", "communication", "active", "link",
         "maritalStatus", "multipleBirthBoolean", "deceasedBoolean", "deceasedDateTime", "photo", "contact")  # fmt: skip
WITHDRAWN = frozenset({"entered-in-error", "cancelled", "not-done"})
NO = {"none", "negative", "no"}
CODED = ("code", "medicationCodeableConcept", "vaccineCode")
# Types that are searched by their code: without one that is asked for, they are found only by their category.
FOUND_BY_CODE = frozenset({"Observation", "DiagnosticReport"})


@dataclass(frozen=True, slots=True)
class Impairment:
    """One resource in another state; ``after`` is None where it was taken away."""

    how: str
    place: str
    after: Json | None = field(repr=False)


def impairments(how: str, resource: Json) -> Iterator[Impairment]:
    """Each way in which this can befall the resource; what was withdrawn is no more there than before."""
    if resource.get("status") in WITHDRAWN:
        return
    for name, after in HOWS[how](resource):
        yield Impairment(f"{how} {name}".strip(), place_of(resource), after)


def removal(resource: Json) -> Impairment | None:
    """The resource is gone; None for one that verifies nothing, since no bad news may be good news."""
    return Impairment("removed", place_of(resource), None) if _verifies(resource) else None


def _verifies(resource: Json) -> bool:
    """A List, an answer that rules something out, or a result that the laboratory calls normal."""
    if resource["resourceType"] != "Observation":
        return bool(resource["resourceType"] == "List")
    systems = {it.get("system") for it in resource.get("code", {}).get("coding", ())}
    marks = {code for it in resource.get("interpretation", ()) for code in _codes(it)}
    said = _codes(resource.get("valueCodeableConcept"))
    ruled_out = resource.get("valueBoolean") is False or not said.isdisjoint(NO)
    if any(it.startswith("no-known-") for it in _codes(resource.get("code"))):
        return resource.get("valueBoolean") is not False  # that there are some is no good news
    return (INTAKE in systems and ruled_out) or marks == {"N"}


def _codes(concept: JsonValue) -> set[str]:
    return {str(it.get("code")) for it in (concept or {}).get("coding", ())}


def older(resource: Json, years: int) -> Impairment | None:
    """Every date of the resource so many years earlier; None for one without a date."""
    after = _older(resource, years)
    return None if after == resource else Impairment(f"{years} years older", place_of(resource), after)


def place_of(resource: Json) -> str:
    """``Type/id``."""
    return f"{resource['resourceType']}/{resource['id']}"


def _older(value: JsonValue, years: int) -> JsonValue:
    match value:
        case dict():
            return {
                name: held if name == "birthDate" else _older(held, years) for name, held in value.items()
            }
        case list():
            return [_older(held, years) for held in value]
        case str() if _dated(value):
            return f"{int(value[:4]) - years:04}{value[4:].replace('-02-29', '-02-28')}"
        case _:
            return value


def _dated(text: str) -> bool:
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return False
    return len(text) >= 10


def _refused(resource: Json) -> Iterator[tuple[str, Json]]:
    """By an extension that may change its meaning, and that nobody here knows."""
    yield "", {**resource, "modifierExtension": [{"url": "http://codes.example.org/changes-the-meaning"}]}


def _undated(resource: Json) -> Iterator[tuple[str, Json]]:
    kept = {name: value for name, value in resource.items() if name not in DATES}
    if kept != resource:
        yield "", kept


def _unmapped(resource: Json) -> Iterator[tuple[str, Json]]:
    """A code of another system: with what it says in words where there is a display, else with nothing."""
    for name in CODED:
        if name not in resource or not isinstance(resource[name], dict):
            continue
        if resource["resourceType"] in FOUND_BY_CODE:
            if after := _other_system(resource[name]):
                yield f"{name}, the same code in another system", {**resource, name: after}
            if found := _found_by_category(resource):
                yield f"{name}, one of the house", {**found, name: HOUSE}
                if words := concept_of(resource[name]).label:
                    yield (
                        f"{name}, one of the house with its words",
                        {**found, name: {**HOUSE, "text": words}},
                    )
        else:
            said = {key: it for key, it in resource[name].items() if key == "text"}
            yield name, {**resource, name: HOUSE}
            if said:
                yield f"{name}, with its text", {**resource, name: {**HOUSE, **said}}


def _found_by_category(resource: Json) -> Json | None:
    """As a server that finds it by category gives it; a laboratory result is one even if unsaid."""
    coded = concept_of(resource["code"])
    if any(table("lab").lookup(it) for it in coded.codes):
        return {**resource, "category": [{"coding": [{"system": CATEGORY, "code": "laboratory"}]}]}
    held = {key for category in concepts(resource.get("category")) for _, key in category.written}
    return resource if held & {"imaging", "vital-signs", "procedure", "exam"} else None


def _other_system(concept: Json) -> Json | None:
    """Codes of a terminology under a name of it that is not its own; ours have none."""
    known = {LOINC, SNOMED}
    codings = [
        {**it, "system": UNKNOWN_SYSTEM} if it.get("system") in known else it
        for it in concept.get("coding", ())
    ]
    return {**concept, "coding": codings} if codings != concept.get("coding") else None


def _unreadable(resource: Json) -> Iterator[tuple[str, Json]]:
    """Each field that decides, one at a time, as something that no reader can make sense of."""
    for name, value in resource.items():
        if name in NEVER or (name == "code" and resource["resourceType"] in FOUND_BY_CODE):
            continue
        yield name, {**resource, name: _garbled(value)}
        if isinstance(value, dict) and isinstance(value.get("value"), int | float):
            yield f"{name}.value", {**resource, name: {**value, "value": GARBAGE}}
        if isinstance(value, dict) and "coding" in value:
            yield f"{name}, with no words", {**resource, name: {"text": GARBAGE}}


def _garbled(value: object) -> object:
    match value:
        case dict():
            return {GARBAGE: GARBAGE}
        case list():
            return [{GARBAGE: GARBAGE}]
        case bool() | int() | float():
            return {GARBAGE: GARBAGE}
        case _:
            return GARBAGE


def impaired(resources: list[Json], impairment: Impairment) -> list[Json]:
    """The record with this one resource in its other state."""
    kept = [copy.copy(it) for it in resources if place_of(it) != impairment.place]
    return kept if impairment.after is None else [*kept, impairment.after]


HOWS: dict[str, Callable[[Json], Iterator[tuple[str, Json]]]] = {
    "refused": _refused,
    "undated": _undated,
    "unmapped": _unmapped,
    "unreadable": _unreadable,
}
