"""Who is nobody to make a plan for, which plan is drafted, and what its guide may ask for."""

from collections.abc import Callable
from typing import Any

import pytest

from mappings.handover.situation import NotFollowed, Situation
from tests.unit.handover.plan_in_memory import PlanInMemory, proposed, released, sent

REPLACED = [{"type": "replaced-by", "other": {"reference": "Patient/q"}}]
TEST_LABEL = {"tag": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}]}
NOBODY: list[tuple[dict[str, Any], NotFollowed | None]] = [
    ({}, None),
    ({"active": True}, None),
    ({"active": False}, NotFollowed.INACTIVE),
    ({"deceasedBoolean": True}, NotFollowed.DECEASED),
    ({"deceasedDateTime": "2026"}, NotFollowed.DECEASED),
    ({"deceasedBoolean": False}, None),
    ({"link": REPLACED}, NotFollowed.MERGED),
    ({"meta": TEST_LABEL}, NotFollowed.TEST_DATA),
    ({"link": REPLACED, "deceasedBoolean": True, "active": False}, NotFollowed.MERGED),
]


@pytest.mark.parametrize(("changes", "reason"), NOBODY)
def test_the_first_reason_counts_why_nobody_makes_a_plan(
    changes: dict[str, Any], reason: NotFollowed | None
) -> None:
    plan = PlanInMemory()
    plan.patient = {**plan.patient, **changes}

    found = plan.proposal()

    assert found.not_followed is reason
    assert bool(found.letters) is (reason is None)


def test_every_reason_has_a_row() -> None:
    assert {it for _, it in NOBODY if it} == set(NotFollowed)


def situation(reach: Callable[[], PlanInMemory], score: float | None = None) -> Situation:
    plan = reach()
    if score is not None:
        plan.score(score)
    return plan.proposal().composed.situation


@pytest.mark.parametrize(
    ("reach", "score", "generation", "replaces", "in_force"),
    [
        (PlanInMemory, None, 1, False, False),
        (proposed, None, 1, False, False),
        (released, None, 1, False, True),
        (released, -1.2, 2, True, False),
        (sent, -1.2, 2, True, False),
    ],
)
def test_a_correction_is_the_next_plan(
    reach: Callable[[], PlanInMemory], score: float | None, generation: int, replaces: bool, in_force: bool
) -> None:
    found = situation(reach, score)

    assert (found.generation, found.replaced is not None, found.in_force) == (generation, replaces, in_force)


def test_a_letter_may_leave_only_by_a_release_that_a_task_stands_behind() -> None:
    plan = released()
    letter = plan.one("Communication")
    found = plan.proposal().composed.situation

    assert found.may_leave(letter)
    assert not found.may_leave({**letter, "extension": []})
