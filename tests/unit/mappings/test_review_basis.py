"""What a review rests on: whatever was read, written or set makes another digest; the order of an answer does not."""

from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapter.clinical.model import Reason
from mappings.lifecycle.patient_record import PatientRecord
from mappings.lifecycle.release.signature import Clinician
from mappings.lifecycle.review_basis import UNTOLD, basis_of

Json = dict[str, Any]
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
}


def basis(record: PatientRecord = RECORD, rules: str = "r", day: date = DAY, **written: str) -> str:
    return basis_of(record, written, rules, day)


@pytest.mark.parametrize("name", [it.name for it in fields(PatientRecord)])
def test_whatever_was_read_counts(name: str) -> None:
    assert basis(replace(RECORD, **{name: CHANGES[name]})) != basis()


@pytest.mark.parametrize("change", [{"rules": "s"}, {"day": DAY + timedelta(days=1)}, {"plan": "2"}])
def test_rules_day_and_what_we_wrote_count(change: Any) -> None:
    assert basis(**change) != basis()


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
    assert basis(rules="") == UNTOLD


def test_of_a_number_that_no_digest_can_be_made_of_nothing_counts_as_decided_before() -> None:
    huge = HIP | {"valueInteger": 10**40}

    assert basis(replace(RECORD, resources=(huge,))) == UNTOLD
