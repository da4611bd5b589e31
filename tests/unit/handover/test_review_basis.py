"""What a review rests on: anything read, written or set makes another digest; an answer's order does not."""

from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapter.clinical.model import Reason
from adapter.input.wire_json import Json, JsonValue
from mappings.handover.patient_record import PatientRecord
from mappings.handover.release.signature import Clinician
from mappings.handover.review_basis import UNTOLD, ReviewBasis, known_of, review_basis_of, untold, versions_of

DAY = date(2026, 11, 20)
SPINE: Json = {"resourceType": "Observation", "id": "spine", "valueQuantity": {"value": Decimal("-2.7")}}
HIP: Json = {"resourceType": "Observation", "id": "hip", "meta": {"versionId": "1"}}
ORDER: Json = {
    "resourceType": "MedicationRequest",
    "id": "m",
    "medicationReference": {"reference": "Medication/a"},
}
PLAN: Json = {"resourceType": "CarePlan", "id": "plan", "meta": {"versionId": "1"}}
DOCTOR = Clinician(
    {"reference": "Practitioner/1"}, "Dr A. Vermeer", "internist", frozenset({"Practitioner/1"})
)
RECORD = PatientRecord(
    "p",
    {"resourceType": "Patient", "id": "p"},
    (SPINE, HIP, ORDER),
    {"CarePlan/plan": PLAN},
    ({"name": "GP"},),
    {"Task/1": DOCTOR},
)
# One change of each field. A field that is added later and stands in no row fails the test below.
CHANGES: dict[str, Any] = {
    "patient": "q",
    "resource": {"resourceType": "Patient", "id": "p", "active": False},
    "resources": (SPINE | {"valueQuantity": {"value": Decimal("-2.70")}}, HIP, ORDER),
    "existing": {"CarePlan/plan": PLAN | {"meta": {"versionId": "2"}}},
    "recipients": ({"name": "another GP"},),
    "clinicians": {"Task/1": replace(DOCTOR, role="nurse")},
    "duplicates": (PLAN,),
    "strays": 1,
    "former": {"old": (HIP,)},
    "gaps": {"Observation": frozenset({Reason.UNREADABLE})},
    "versions": lambda: "another digest",
}


def basis(record: PatientRecord = RECORD, rules: str = "r", day: date = DAY, **written: str) -> str | None:
    return review_basis_of(record, written, rules, day).text


MARK = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
LABEL = {"code": "training"}
HELD: Json = {"resourceType": "Flag", "id": "f", "meta": {"versionId": "1", "lastUpdated": "2026-01-01"}}


def noted(**changes: Any) -> str:
    return versions_of([HELD | {"meta": HELD["meta"] | changes}])


@pytest.mark.parametrize("part", [{}, {"tag": [MARK]}])
def test_a_part_of_a_resource_has_the_versions_of_the_whole(part: Json) -> None:
    assert noted(**part) == versions_of([HELD | {"code": {"text": "fall"}}, HELD])
    assert noted(tag=[LABEL, *part.get("tag", ())]) == noted(tag=[LABEL])


@pytest.mark.parametrize(
    "change", [{"versionId": "2"}, {"lastUpdated": "2026-01-02"}, {"tag": [LABEL]}, {"tag": "odd"}]
)
def test_whatever_is_noted_about_a_resource_counts(change: Json) -> None:
    assert noted(**change) not in (noted(), UNTOLD)


def test_what_comes_and_goes_counts() -> None:
    assert len({versions_of(it) for it in ([], [HELD], [HELD, HELD | {"id": "g"}])}) == 3


@pytest.mark.parametrize("strange", [{"versionId": None}, {"versionId": 1}, {"odd": 10**40}])
def test_one_that_does_not_tell_its_version_tells_nothing_of_all(strange: Json) -> None:
    assert versions_of([HELD, HELD | {"id": "g", "meta": HELD["meta"] | strange}]) == UNTOLD


def test_one_that_comes_in_two_versions_tells_nothing() -> None:
    assert versions_of([HELD, HELD | {"meta": HELD["meta"] | {"versionId": "2"}}]) == UNTOLD


def test_the_order_in_which_they_come_does_not_count() -> None:
    other = HELD | {"id": "g"}

    assert versions_of([HELD, other]) == versions_of([other, HELD])


def test_what_an_earlier_release_wrote_down_equals_nothing() -> None:
    assert ReviewBasis.of_text("5f" * 32) == ReviewBasis.of_text(None) == ReviewBasis()
    assert ReviewBasis.of_text("5f:5f:5f") == ReviewBasis()
    assert not ReviewBasis().same(ReviewBasis())


def test_what_is_written_down_is_read_again() -> None:
    seen = review_basis_of(RECORD, {}, "r", DAY)

    assert ReviewBasis.of_text(seen.text) == seen


@pytest.mark.parametrize("name", [it.name for it in fields(PatientRecord)])
def test_whatever_was_read_counts(name: str) -> None:
    assert basis(replace(RECORD, **{name: CHANGES[name]})) != basis()


@pytest.mark.parametrize("change", [{"rules": "s"}, {"plan": "2"}])
def test_rules_and_what_we_wrote_count(change: JsonValue) -> None:
    assert basis(**change) != basis()


UNTIL = DAY + timedelta(days=10)


def on(days: int) -> ReviewBasis:
    return review_basis_of(RECORD, {}, "r", DAY + timedelta(days=days))


@pytest.mark.parametrize(
    ("days", "same"), [(-1, False), (0, True), (1, True), (9, True), (10, False), (400, False)]
)
def test_what_was_decided_holds_from_its_day_until_time_alone_may_change_it(days: int, same: bool) -> None:
    assert on(days).same(on(0).lasting(UNTIL)) is same


def test_of_what_nobody_said_until_when_it_holds_nothing_holds() -> None:
    assert not on(0).same(on(0))


@pytest.mark.parametrize(("days", "same"), [(-1, False), (5, True), (9, True), (10, False)])
def test_reading_the_same_again_makes_it_hold_no_longer(days: int, same: bool) -> None:
    again = on(5).read_again(on(0).lasting(UNTIL))

    assert on(days).same(again) is same


def test_versions_count_on_the_day_of_the_reading_under_the_same_rules() -> None:
    seen = review_basis_of(replace(RECORD, versions=lambda: "v"), {}, "r", DAY)
    known = known_of({}, "r")

    assert seen.versions_on(DAY, known) == "v"
    assert {seen.versions_on(DAY + timedelta(days=1), known), seen.versions_on(DAY, "other")} == {UNTOLD}


def test_the_places_by_which_a_clinician_is_known_count() -> None:
    known = {"Task/1": replace(DOCTOR, known_as=frozenset({"Practitioner/2"}))}

    assert basis(replace(RECORD, clinicians=known)) != basis()


def test_the_order_of_an_answer_does_not_count() -> None:
    turned = replace(RECORD, resources=RECORD.resources[::-1])

    assert basis(turned) == basis()


@pytest.mark.parametrize(("medication", "counts"), [("a", True), ("b", False)])
def test_of_medications_those_that_the_patient_takes_count(medication: str, counts: bool) -> None:
    stock = {"resourceType": "Medication", "id": medication}

    assert (basis(replace(RECORD, resources=(*RECORD.resources, stock))) != basis()) is counts


def test_a_resource_that_goes_counts() -> None:
    assert basis(replace(RECORD, resources=(SPINE, ORDER))) != basis()


def test_without_rules_nothing_counts_as_decided_before() -> None:
    assert basis(rules="") is None


def test_of_a_number_that_no_digest_can_be_made_of_nothing_counts_as_decided_before() -> None:
    huge = HIP | {"valueInteger": 10**40}

    assert basis(replace(RECORD, resources=(huge,))) is None


def test_versions_that_tell_nothing_are_no_basis() -> None:
    assert untold() == UNTOLD
    assert not review_basis_of(replace(RECORD, versions=untold), {}, "r", DAY).versions_on(
        DAY, known_of({}, "r")
    )


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), object()])
def test_of_a_value_that_json_cannot_hold_nothing_counts_as_decided_before(value: object) -> None:
    assert basis(replace(RECORD, resources=(HIP | {"odd": value},))) is None
