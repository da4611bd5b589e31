from datetime import date
from decimal import Decimal

import pytest

from adapter.clinical.model import Reason, Site
from adapter.input.wire_json import Json
from mappings.codes import LOINC
from mappings.inbound import Reading, read_record
from mappings.inbound.former_records import former_ids, left_behind
from tests.record_readings import a_record_reading
from tests.unit.inbound.made_records import (
    ANNA,
    TODAY,
    answer,
    coded,
    condition,
    intake,
    medicine,
    observation,
    quantity,
    snomed,
    t_score,
)

OLD = {"reference": "Patient/old"}
MEDICINES = ("MedicationRequest", "MedicationStatement", "MedicationAdministration", "MedicationDispense")


def merged(*resources: Json) -> Reading:
    there = [resource | {"subject": OLD} for resource in resources]
    mine = [
        t_score(Decimal("-0.5"), "80946-7"),
        answer("no-known-conditions"),
        answer("no-known-medications"),
    ]
    return read_record(ANNA, mine, a_record_reading(), on=TODAY, former={"old": there})


@pytest.mark.parametrize(
    ("link", "ids"),
    [
        ({"type": "replaces", "other": {"reference": "Patient/old"}}, ("old",)),
        ({"type": "replaces", "other": {"reference": "https://fhir.example/r4/Patient/old"}}, ("old",)),
        ({"type": "replaced-by", "other": {"reference": "Patient/new"}}, ()),
        ({"type": "seealso", "other": {"reference": "Patient/b"}}, ()),
        ({"type": "replaces", "other": {"reference": "RelatedPerson/r"}}, ()),
        ({"type": "replaces", "other": {"identifier": {"value": "7"}}}, ()),
        ({"type": "replaces"}, ()),
    ],
)
def test_the_patients_that_were_merged_into_this_one(link: Json, ids: tuple[str, ...]) -> None:
    assert former_ids({"link": [link]}, "https://fhir.example/r4/") == ids


def test_a_t_score_at_a_merged_record_is_named_and_not_used() -> None:
    reading = merged(t_score(Decimal("-3.0"), id="theirs"))

    (refused,) = reading.record.rejected
    assert (refused.reason, refused.site) == (Reason.OTHER_RECORD, Site.LUMBAR_SPINE)
    assert refused.evidence.startswith("Observation/theirs")
    assert [score.value for score in reading.record.t_scores] == [Decimal("-0.5")]


SPINE = observation(
    coded((LOINC, "83051-3")),
    component=[{"code": intake("T12"), "valueCodeableConcept": intake("genant-3")}],
)
EGFR = observation(coded((LOINC, "33914-3")), valueQuantity=quantity(Decimal(20), "mL/min/{1.73_m2}"))
FLAG = {"resourceType": "Flag", "id": "flag", "status": "active", "code": intake("cannot-sit-upright-30min")}
VISIT = {"resourceType": "Encounter", "id": "visit", "status": "finished"}


@pytest.mark.parametrize(
    ("resource", "concerns", "about"),
    [
        (EGFR, "lab", "egfr"),
        ({**EGFR, "valueQuantity": {"value": 20}}, "lab", "egfr"),
        (observation(coded((LOINC, "29463-7")), valueQuantity=quantity(Decimal(38), "kg")), "body_measure", "weight_kg"),
        (answer("pregnancy"), "answer", "pregnant"),
        (answer("pregnancy", "perhaps"), "answer", "pregnant"),
        (FLAG, "answer", "cannot_sit_upright"),
        (answer("thigh-or-groin-pain"), "answer", ""),
        (answer("thigh-or-groin-pain", "perhaps"), "answer", ""),
        (answer("adherence", "perhaps"), "answer", ""),
        (SPINE, "fracture", ""),
        ({**SPINE, "component": None}, "vfa", ""),
        ({**VISIT, "reasonCode": [{"text": "heupfractuur"}]}, "fracture", ""),
        ({"resourceType": "AdverseEvent", "id": "event", "actuality": "actual", "event": {"text": "heupfractuur"}}, "fracture", ""),
    ],
)  # fmt: skip
def test_what_was_measured_asked_or_told_there_is_named_by_what_it_is_about(
    resource: Json, concerns: str, about: str
) -> None:
    (refused,) = merged(resource).record.rejected

    assert (refused.concerns, refused.about) == (concerns, about)
    assert refused.evidence.startswith(f"{resource['resourceType']}/{resource['id']}")


def test_what_says_nothing_there_is_not_named() -> None:
    sound = {**SPINE, "component": [{"code": intake("T12"), "valueCodeableConcept": intake("genant-0")}]}
    assert merged(VISIT, sound).record.rejected == ()


def test_a_low_clearance_there_keeps_its_day_and_is_asked_about() -> None:
    (refused,) = merged({**EGFR, "effectiveDateTime": "2026-10-01"}).record.rejected

    assert (refused.reason, refused.on) == (Reason.OTHER_RECORD, date(2026, 10, 1))


ELSEWHERE = {"id": "it", "status": "completed"}


@pytest.mark.parametrize(
    "resource",
    [
        condition(snomed("38341003")),
        {"resourceType": "Procedure", "code": snomed("52734007"), **ELSEWHERE},
        {"resourceType": "AllergyIntolerance", "id": "it", "patient": OLD},
        *(medicine("C03AA03", kind=it) for it in MEDICINES),
        {"resourceType": "ServiceRequest", "intent": "order", "code": {"text": "consult"}, **ELSEWHERE},
    ],
    ids=lambda it: str(it["resourceType"]),
)
def test_anything_else_there_means_that_the_lists_here_are_not_whole(resource: Json) -> None:
    reading = merged(resource)

    assert (reading.record.conditions.complete, reading.record.medicines.complete) == (False, False)
    assert {r.reason for r in reading.needs_human} == {Reason.OTHER_RECORD}


def test_what_stands_at_one_of_several_merged_records_is_enough() -> None:
    former = {"old": [condition(snomed("38341003"), subject=OLD)], "older": []}

    refused, gaps = left_behind(former, a_record_reading(), TODAY)

    assert (refused, gaps) == ((), {"Condition": frozenset({Reason.OTHER_RECORD})})
    assert left_behind({}, a_record_reading(), TODAY) == ((), {})


def test_a_merge_by_itself_is_administration() -> None:
    assert (merged().record.rejected, merged().record.conditions.complete) == ((), True)
