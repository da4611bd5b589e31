"""A plan that is revoked says why, and the letter about it is asked back by a clinician's name."""

from dataclasses import replace
from typing import Any

import pytest

from adapter.clinical.model import Reason
from mappings.handover.letters.letter_text import LetterWriter
from mappings.handover.plan.correction import TABLE, Change, Consequence, PlanChange
from mappings.handover.release.release_codes import code_in, words
from mappings.handover.withdrawal import REASON_OF, Withdrawal
from tests.made_resources import a_hip_fracture, a_t_score
from tests.unit.handover.plan_in_memory import PlanInMemory, output, proposed, released, sent

REVOKED = {Consequence.CLOSE, Consequence.RETRACT}


def test_every_change_that_revokes_a_plan_has_a_reason() -> None:
    assert {change for (_, change), done in TABLE.items() if done in REVOKED} == REASON_OF.keys()


# --- what is taken back ---


def retracted() -> PlanInMemory:
    """A released plan whose only score is gone: it is revoked, and a withdrawal of its letter waits."""
    plan = sent()
    plan.resources = []
    plan.review()
    return plan


def test_a_plan_without_its_basis_is_over_at_once_and_its_letter_is_asked_back() -> None:
    plan = retracted()

    assert plan.one("CarePlan")["status"] == "revoked"
    (task,) = plan.tasks("release_retraction")
    assert task["priority"] == "asap"
    assert task["focus"]["reference"] == f"CarePlan/{plan.one('CarePlan')['id']}"
    assert code_in(plan.one("Communication", "preparation")["category"]) == "gp_retraction_letter"


def test_a_plan_stands_while_nobody_knows_whether_its_score_is_gone() -> None:
    plan = sent()
    plan.resources, plan.gaps = [], {"Observation": frozenset({Reason.WITHHELD})}

    plan.review()

    assert plan.one("CarePlan")["status"] == "active"
    assert plan.tasks("release_retraction", "release_correction") == []


@pytest.mark.parametrize(
    ("answer", "letter"),
    [
        ({}, "in-progress"),
        ({"status": "rejected"}, "not-done"),
        ({"status": "rejected", "output": [output("keep_plan")]}, "not-done"),
    ],
)
def test_a_withdrawal_leaves_by_a_name_alone(answer: dict[str, Any], letter: str) -> None:
    plan = retracted()

    plan.answer("release_retraction", **answer)

    (withdrawal,) = (
        it for it in plan.of("Communication") if code_in(it["category"]) == "gp_retraction_letter"
    )
    assert withdrawal["status"] == letter
    assert plan.proposal().changes == ()


@pytest.mark.parametrize(
    ("patient", "resources", "reason"),
    [
        ({"link": [{"type": "replaced-by", "other": {"reference": "Patient/q"}}]}, None, "patient_merged"),
        ({"deceasedBoolean": True}, None, "deceased"),
        ({}, [], "basis_withdrawn"),
    ],
)
def test_a_revoked_plan_says_why(patient: dict[str, Any], resources: list[Any] | None, reason: str) -> None:
    plan = sent()
    plan.patient = {**plan.patient, **patient}
    plan.resources = plan.resources if resources is None else resources

    plan.review()

    revoked = plan.one("CarePlan")
    assert (revoked["status"], revoked["note"][-1]["text"]) == ("revoked", words(reason, "en"))


def test_a_withdrawal_is_to_whom_the_letter_was_and_about_the_same() -> None:
    plan = retracted()
    letter, withdrawal = plan.one("Communication", "completed"), plan.one("Communication", "preparation")

    kept = ("language", "basedOn", "about", "recipient", "subject", "sender")
    assert {it: withdrawal.get(it) for it in kept} == {it: letter.get(it) for it in kept}
    assert withdrawal["partOf"] == [{"reference": f"Communication/{letter['id']}"}]
    assert withdrawal["priority"] == "asap"


def test_a_withdrawal_that_nobody_signed_waits() -> None:
    plan = retracted()
    (task,) = plan.tasks("release_retraction")
    plan.change(task, status="completed")

    plan.review()

    assert plan.of("Communication", "in-progress") == []


def test_of_a_letter_that_nobody_has_nothing_is_asked_back() -> None:
    plan = proposed()
    plan.resources = []

    plan.review()

    assert plan.tasks("release_retraction") == []


def test_a_queued_letter_is_stopped_and_not_withdrawn_by_another() -> None:
    plan = released()
    plan.patient = {**plan.patient, "deceasedBoolean": True}

    plan.review()

    assert [it["status"] for it in plan.of("Communication")] == ["stopped"]
    assert plan.tasks("release_retraction") == []


def test_a_question_that_nobody_has_to_answer_any_more_is_cancelled() -> None:
    plan = proposed()
    plan.patient = {**plan.patient, "deceasedBoolean": True}

    plan.review()

    assert plan.tasks("release_letter", "clarify_before_release") == []
    assert [it["status"] for it in plan.of("Task")] == ["cancelled"]


def test_a_correction_that_is_no_longer_needed_is_taken_back() -> None:
    plan = sent()
    before = plan.resources
    plan.score(-1.2)
    plan.review()

    plan.resources = before
    plan.review()

    assert sorted(it["status"] for it in plan.of("CarePlan")) == ["active", "revoked"]
    assert sorted(it["status"] for it in plan.of("Communication")) == ["completed", "not-done"]


def test_a_letter_that_went_ahead_is_stopped_when_the_patient_died() -> None:
    plan = proposed(resources=[a_t_score("p"), a_hip_fracture("p")])
    plan.answer(output=[output("send_interim_letter")])
    plan.patient = {**plan.patient, "deceasedBoolean": True}

    plan.review()

    assert plan.one("CarePlan")["status"] == "revoked"
    assert sorted(it["status"] for it in plan.of("Communication")) == ["not-done", "stopped"]


def test_a_plan_that_is_over_already_is_not_ended_again() -> None:
    plan = sent()
    plan.patient = {**plan.patient, "deceasedBoolean": True}
    plan.review()
    found = plan.proposal().composed.situation
    ended = replace(found, change=PlanChange(Change.DECEASED, Consequence.CLOSE))

    assert Withdrawal(ended, LetterWriter(ended)).revoked() == ()
