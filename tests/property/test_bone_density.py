"""A bone density result, however badly written, is used or named, and never lost in silence."""

import copy
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.clinical.model import Standing
from adapter.input.wire_json import Json, JsonValue
from mappings.inbound import Reading, read_record
from mappings.inbound.densitometry.values import says_t_score
from mappings.inbound.resources.compartment import versioned
from tests.examples import examples
from tests.record_readings import a_record_reading
from workers.authoring.cases import read_table

Path_ = tuple[str | int, ...]
Change = Callable[[JsonValue], JsonValue]

FOREIGN = read_table(Path(__file__).parents[1] / "data" / "cases" / "foreign_cases.json", date.max).cases
GARBAGE: st.SearchStrategy[JsonValue] = st.sampled_from(
    [None, "", "~", 0, -1, True, [], {}, [{}], {"coding": [{}]}, "2026-13-45", "\x00", 1e308]
)
repeatably = settings(derandomize=True, deadline=None, max_examples=examples(200))
WHOSE = frozenset(
    {"subject", "id", "resourceType", "meta"}
)  # without these it is nobody's, or no resource at all


def read(patient: Json, resources: list[Json], on: date) -> Reading:
    return read_record(patient, resources, a_record_reading(), on=on)


def used_or_named(reading: Reading) -> set[str]:
    """The evidence of everything that was used or named."""
    named = {it.evidence for it in reading.record.rejected}
    return named | set(reading.sources)


def scores() -> Iterator[tuple[Json, list[Json], date, int]]:
    """Each record with the place of a T-score in it that is used and that says in its unit what it is."""
    for case in FOREIGN:
        resources = [dict(it) for it in case.resources]
        patient = next(it for it in resources if it["resourceType"] == "Patient")
        found = {
            s.evidence
            for s in read(patient, resources, case.as_of).record.t_scores
            if s.standing is Standing.VALID
        }
        for place, it in enumerate(resources):
            if (
                it["resourceType"] == "Observation"
                and versioned(it) in found
                and says_t_score(it.get("valueQuantity", {}))
            ):
                yield patient, resources, case.as_of, place


SCORES = list(scores())


def paths(value: object, at: Path_ = ()) -> Iterator[Path_]:
    """Every element inside, the outer ones first."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in items:
        if at or name not in WHOSE:
            yield (*at, name)
            yield from paths(inner, (*at, name))


def changed(resource: Json, at: Path_, change: Change) -> Json:
    """A copy with one element changed, or taken out where the change gives nothing."""
    made = copy.deepcopy(resource)
    held: JsonValue = made
    for step in at[:-1]:
        held = held[step]
    new = change(held[at[-1]])
    if new is None:
        del held[at[-1]]
    else:
        held[at[-1]] = new
    return made


@repeatably
@given(st.sampled_from(SCORES), st.data())
def test_a_t_score_with_any_element_spoilt_is_used_or_named(
    score: tuple[Json, list[Json], date, int], data: st.DataObject
) -> None:
    patient, resources, on, place = score
    # The unit says that it is a T-score; without code and unit nothing does.
    at = data.draw(
        st.sampled_from(
            [p for p in paths(resources[place]) if p[0] != "valueQuantity" or p[1:] == ("value",)]
        )
    )
    spoilt = changed(resources[place], at, lambda _: data.draw(GARBAGE))

    reading = read(patient, [*resources[:place], spoilt, *resources[place + 1 :]], on)

    assert versioned(spoilt) in used_or_named(reading)


def _component(it: Json) -> Json:
    return {k: it[k] for k in ("code", "valueQuantity", "bodySite") if k in it}


LOINC = "http://loinc.org"
DISGUISES: dict[str, Callable[[Json], Json]] = {
    "component of a panel": lambda it: {**it, "code": {"coding": [{"system": LOINC, "code": "83311-1"}]}, "valueQuantity": None, "component": [_component(it)]},
    "component of a density": lambda it: {**it, "code": {"coding": [{"system": LOINC, "code": "24966-4"}]}, "valueQuantity": {"value": 0.6, "unit": "g/cm2"}, "component": [_component(it)]},
    "under an OID": lambda it: {**it, "code": {"coding": [{**it["code"]["coding"][0], "system": "urn:oid:2.16.840.1.113883.6.1"}]}},
    "under https": lambda it: {**it, "code": {"coding": [{**it["code"]["coding"][0], "system": "https://loinc.org"}]}},
    "without a system": lambda it: {**it, "code": {"coding": [{"code": it["code"]["coding"][0]["code"], "display": "DXA T-score"}]}},
    "with a house suffix": lambda it: {**it, "code": {"coding": [{"system": LOINC, "code": it["code"]["coding"][0]["code"] + "-9"}]}},
    "in words only": lambda it: {**it, "code": {"text": "T-score heup"}},
    "under a local code": lambda it: {**it, "code": {"coding": [{"system": "urn:house", "code": "17"}]}},
    "contained in a report": lambda it: {"resourceType": "DiagnosticReport", "status": "final", "id": it["id"], "subject": it["subject"], "meta": it.get("meta", {}), "code": {"coding": [{"system": LOINC, "code": "38269-7"}]}, "effectiveDateTime": "2026-11-10", "contained": [{**it, "id": "in"}]},
    "as text": lambda it: {**it, "valueQuantity": None, "valueString": "-2,9"},
    "with two values": lambda it: {**it, "valueString": "-2,9"},
    "without a date": lambda it: {k: v for k, v in it.items() if k not in {"effectiveDateTime", "effectivePeriod", "issued"}},
    "about the mother": lambda it: {**it, "focus": [{"display": "mother"}]},
}  # fmt: skip


@repeatably
@given(st.sampled_from(SCORES), st.sampled_from(sorted(DISGUISES)))
def test_a_t_score_in_any_disguise_is_used_or_named(
    score: tuple[Json, list[Json], date, int], name: str
) -> None:
    patient, resources, on, place = score
    disguised = {k: v for k, v in DISGUISES[name](resources[place]).items() if v is not None}

    reading = read(patient, [*resources[:place], disguised, *resources[place + 1 :]], on)

    assert versioned(disguised) in used_or_named(reading)
