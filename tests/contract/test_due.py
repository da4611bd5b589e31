"""What is due is known when somebody looks, said once per step and period, and over with its evidence."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.patient_care import Care, admit
from tests.server_patients import admitted, after
from workers.host.clock import system_clock
from workers.ledger import due_dates
from workers.release.open_steps import open_steps_of


@pytest.fixture
def care(fhir_server: str, unique_id: Callable[[str], str]) -> Care:
    """Released today under a pathway that wants a call after three months and a look every year."""
    care = admit(fhir_server, unique_id)
    care.release()
    return care


def later(care: Care, days: int) -> Care:
    """The same hospital so many days later."""
    care.runtime = replace(care.runtime, clock=after(system_clock, days=days))
    return care


def steps(care: Care) -> dict[str, bool]:
    today = care.runtime.now().date()
    return {step.code: step.overdue(today) for _, step in open_steps_of(care.runtime, [care.patient])}


def test_nothing_is_late_on_the_day_of_the_release(care: Care) -> None:
    assert steps(care) == {"evaluation_3_months": False, "yearly_evaluation": False}
    assert care.tasks("follow_up_overdue") == []


def test_a_late_step_becomes_one_reminder_however_often_somebody_looks(care: Care) -> None:
    later(care, 100).review()
    later(care, 120).review()

    (reminder,) = care.tasks("follow_up_overdue")
    assert reminder["input"][0]["valueCodeableConcept"]["coding"][0]["code"] == "evaluation_3_months"
    assert steps(care)["evaluation_3_months"]


def test_the_next_period_is_reminded_of_by_itself(care: Care) -> None:
    later(care, 400).review()

    due = sorted(it["input"][1]["valueDate"] for it in care.tasks("follow_up_overdue"))
    assert len(due) == len(set(due)) == 2


def test_a_visit_closes_the_step_and_takes_the_reminder_back(care: Care) -> None:
    later(care, 100).review()
    visit = (care.runtime.now() - timedelta(days=1)).date().isoformat()
    procedure = {
        "resourceType": "Procedure",
        "id": f"{care.patient}-visit",
        "status": "completed",
        "code": {"text": "phone call"},
        "subject": {"reference": f"Patient/{care.patient}"},
        "basedOn": [{"reference": f"CarePlan/{care.plan()['id']}"}],
        "performedDateTime": visit,
    }
    admitted(care.base, [procedure])
    care.review()

    assert [it["status"] for it in care.tasks("follow_up_overdue")] == ["cancelled"]
    assert "evaluation_3_months" not in steps(care)


def test_a_reminder_that_a_human_closed_is_not_put_again(care: Care) -> None:
    later(care, 100).review()
    (reminder,) = care.tasks("follow_up_overdue")
    care.put(reminder, status="completed")

    later(care, 110).review()

    assert [it["status"] for it in care.tasks("follow_up_overdue")] == ["completed"]


def test_only_those_with_something_late_are_queued_and_once(care: Care) -> None:
    assert due_dates.due_patients(care.runtime.ledger) == (care.patient,)
    assert care.runtime.queue_overdue() == 0

    later(care, 100)
    assert care.runtime.queue_overdue() == 1
    care.runtime.review([care.patient])
    assert care.tasks("follow_up_overdue")
    assert care.runtime.queue_overdue() == 0
