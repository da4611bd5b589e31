"""What may lack in an answer is named part by part, and no list counts as complete beside it."""

from typing import Any

import pytest

from adapter.clinical.model import Listing, Reason
from mappings.inbound.gaps import EVERY_TYPE, NO_GAPS, unread, with_gaps
from tests.factories import a_bone_record

SHORT = frozenset({Reason.UNREADABLE})


@pytest.mark.parametrize(
    ("kind", "concerns"),
    [
        ("Observation", {"t_score", "lab", "answer"}),
        ("DiagnosticReport", {"t_score"}),
        ("Condition", {"condition", "fracture"}),
        ("Encounter", {"condition", "fracture"}),
        ("Procedure", {"procedure"}),
        ("MedicationStatement", {"medicine"}),
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


def test_every_type_that_is_known_tells_of_something_in_particular() -> None:
    assert all({it.concerns for it in unread({kind: SHORT})} != {"resource"} for kind in EVERY_TYPE)


def test_no_list_stays_complete_and_what_came_stays() -> None:
    whole: Listing[Any] = Listing((), complete=True)
    record = with_gaps(a_bone_record(fractures=whole, conditions=whole, medicines=whole))

    assert not any(it.complete for it in (record.fractures, record.conditions, record.medicines))
    assert record.t_scores == a_bone_record().t_scores
