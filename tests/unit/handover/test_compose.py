"""Each consequence of a change leads to its own end, seen on what stands there after a review."""

from collections import Counter
from collections.abc import Callable

import pytest

from adapter.input.wire_json import Json
from mappings.handover.plan.correction import Consequence
from tests.made_resources import a_t_score
from tests.unit.handover.plan_in_memory import OTHER_GP, PlanInMemory, proposed, released, sent


def deceased(plan: PlanInMemory) -> None:
    plan.patient = {**plan.patient, "deceasedBoolean": True}


def without_scores(plan: PlanInMemory) -> None:
    plan.resources = []


def amended(plan: PlanInMemory) -> None:
    plan.score(-1.2)


def another_gp(plan: PlanInMemory) -> None:
    plan.recipients = (OTHER_GP,)


def nothing(_: PlanInMemory) -> None:
    pass


def ended_by_a_human_then_scanned_again() -> PlanInMemory:
    plan = sent()
    plan.change(plan.one("CarePlan"), status="completed")
    return plan


def newer(plan: PlanInMemory) -> None:
    later = a_t_score("p", -3.1, id="p-spine-2", effectiveDateTime="2026-10-01")
    plan.resources = [*plan.resources, later]


# From where, what happens, what follows, and how plans and letters stand afterwards.
ROWS: list[tuple[Callable[[], PlanInMemory], Callable[[PlanInMemory], None], Consequence, set[str], set[str]]] = [
    (proposed, amended, Consequence.REDRAW, {"draft"}, {"preparation"}),
    (proposed, deceased, Consequence.WITHDRAW, {"revoked"}, {"not-done"}),
    (released, nothing, Consequence.LEAVE, {"active"}, {"in-progress"}),
    (released, another_gp, Consequence.READDRESS, {"active"}, {"stopped", "in-progress"}),
    (released, deceased, Consequence.CLOSE, {"revoked"}, {"stopped"}),
    (sent, deceased, Consequence.CLOSE, {"revoked"}, {"completed"}),
    (sent, amended, Consequence.CORRECT, {"active", "draft"}, {"completed", "preparation"}),
    (sent, without_scores, Consequence.RETRACT, {"revoked"}, {"completed", "preparation"}),
    (ended_by_a_human_then_scanned_again, newer, Consequence.RENEW, {"completed", "draft"}, {"completed", "preparation"}),
]  # fmt: skip


def test_every_consequence_has_a_row() -> None:
    assert {it for _, _, it, _, _ in ROWS} == set(Consequence)


def states(held: list[Json]) -> Counter[str]:
    return Counter(it["status"] for it in held)


@pytest.mark.parametrize(("reach", "happens", "consequence", "plans", "letters"), ROWS)
def test_what_stands_after_a_change(
    reach: Callable[[], PlanInMemory],
    happens: Callable[[PlanInMemory], None],
    consequence: Consequence,
    plans: set[str],
    letters: set[str],
) -> None:
    plan = reach()
    happens(plan)

    found = plan.review()

    assert found.composed.situation.consequence is consequence
    assert states(plan.of("CarePlan")).keys() == plans
    assert states(plan.of("Communication")).keys() == letters


@pytest.mark.parametrize(("reach", "happens"), [row[:2] for row in ROWS])
def test_a_review_after_the_change_settles(
    reach: Callable[[], PlanInMemory], happens: Callable[[PlanInMemory], None]
) -> None:
    plan = reach()
    happens(plan)
    plan.review(times=2)

    assert plan.proposal().changes == ()
