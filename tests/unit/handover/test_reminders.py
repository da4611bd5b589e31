"""A reminder for each step that is overdue, once, and only about a plan that is released."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from mappings.handover.release.release_codes import code_in
from mappings.handover.reminders import REMINDER
from tests.unit.handover.plan_in_memory import NOON, PlanInMemory, proposed, released, sent

LATE = NOON + timedelta(days=400)


def at(moment: datetime, plan: PlanInMemory) -> PlanInMemory:
    plan.now = moment
    plan.review()
    return plan


def reminders(plan: PlanInMemory, status: str = "requested") -> list[Any]:
    return plan.tasks(REMINDER, status=status)


@pytest.mark.parametrize(
    ("moment", "make", "reminded"),
    [(NOON, sent, False), (LATE, sent, True), (LATE, released, True), (LATE, proposed, False)],
)
def test_a_step_that_is_late_is_told_where_the_plan_is_released(
    moment: datetime, make: Callable[[], PlanInMemory], reminded: bool
) -> None:
    assert bool(reminders(at(moment, make()))) is reminded


def test_a_reminder_says_which_step_and_when_it_was_due_and_nothing_else() -> None:
    first, *_ = reminders(at(LATE, sent()))

    assert [code_in(it["type"]) for it in first["input"]] == ["follow_up", "due_on"]
    assert first["restriction"]["period"]["end"] == first["input"][1]["valueDate"] < LATE.date().isoformat()


def test_a_reminder_is_put_once() -> None:
    plan = at(LATE, sent())

    assert plan.proposal().changes == ()


def test_a_reminder_that_a_human_closed_stays_closed() -> None:
    plan = at(LATE, sent())
    before = len(reminders(plan))
    plan.change(reminders(plan)[0], status="completed")

    plan.review()

    assert (len(reminders(plan)), len(reminders(plan, "completed"))) == (before - 1, 1)


def test_a_reminder_is_taken_back_when_the_visit_is_there() -> None:
    plan = at(LATE, sent())
    place = f"CarePlan/{plan.one('CarePlan')['id']}"
    visit = {
        "resourceType": "Procedure",
        "id": "v",
        "status": "completed",
        "subject": {"reference": "Patient/p"},
    }
    plan.resources.append(
        {**visit, "basedOn": [{"reference": place}], "performedDateTime": LATE.date().isoformat()}
    )

    plan.review()

    assert len(reminders(plan, "cancelled")) > 0


def test_about_somebody_who_died_nothing_is_open() -> None:
    plan = sent()
    plan.patient = {**plan.patient, "deceasedBoolean": True}

    assert at(LATE, plan).proposal().composed.steps == ()
