"""What may lack in an answer is named part by part, and no list counts as complete beside it."""

from typing import Any

import pytest

from adapter.clinical.model import Listing, Reason
from mappings.inbound.gaps import EVERY_TYPE, NO_GAPS, SPARED, unread, with_gaps
from mappings.inbound.resources.compartment import READ
from tests.factories import a_bone_record

SHORT = frozenset({Reason.UNREADABLE})


@pytest.mark.parametrize(
    ("kind", "concerns"),
    [
        ("Observation", {"t_score", "lab", "answer"}),
        ("DiagnosticReport", {"t_score"}),
        ("DocumentReference", {"t_score"}),
        ("ImagingStudy", {"t_score"}),
        ("AllergyIntolerance", {"allergy"}),
        ("Flag", {"answer", "condition", "fracture"}),
        ("RiskAssessment", {"frax"}),
        ("Condition", {"condition", "fracture"}),
        ("Encounter", {"condition", "fracture"}),
        ("Procedure", {"procedure"}),
        ("Device", {"procedure"}),
        ("MedicationRequest", {"medicine"}),
        ("MedicationStatement", {"medicine"}),
        ("MedicationAdministration", {"medicine"}),
        ("MedicationDispense", {"medicine"}),
        ("ServiceRequest", {"medicine"}),
        ("AdverseEvent", {"condition", "fracture", "medicine"}),
        ("DetectedIssue", {"condition", "fracture", "medicine"}),
        ("QuestionnaireResponse", {"condition", "fracture", "medicine"}),
        ("List", {"list"}),
        ("FamilyMemberHistory", {"relative"}),
        ("Basic", {"resource"}),  # a type of which nobody knows what it tells
    ],
)
def test_a_gap_is_named_by_what_it_may_hide(kind: str, concerns: set[str]) -> None:
    assert {it.concerns for it in unread({kind: SHORT})} == concerns


def test_each_reason_is_told() -> None:
    reasons = [Reason.UNREADABLE, Reason.WITHDRAWN]

    assert {it.reason for it in unread({"List": reasons})} == set(reasons)
    assert unread(NO_GAPS) == ()


def test_a_right_may_lack_only_to_what_tells_beside_the_record() -> None:
    assert {"AdverseEvent", "DetectedIssue", "QuestionnaireResponse", "Encounter", "ImagingStudy"} == SPARED


def test_every_type_that_is_read_tells_of_something_and_the_others_by_what_names_them() -> None:
    # A telephone call, a letter of ours, and the product that an order names.
    assert {"Appointment", "Communication", "Medication"} == READ - EVERY_TYPE


def test_every_type_that_is_known_tells_of_something_in_particular() -> None:
    assert all({it.concerns for it in unread({kind: SHORT})} != {"resource"} for kind in EVERY_TYPE)


def test_no_list_stays_complete_and_what_came_stays() -> None:
    whole: Listing[Any] = Listing((), complete=True)
    record = with_gaps(a_bone_record(fractures=whole, conditions=whole, medicines=whole))

    assert not any(it.complete for it in (record.fractures, record.conditions, record.medicines))
    assert record.t_scores == a_bone_record().t_scores
