"""What each answer of a clinician makes of a plan and its letter, and what no answer does."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from adapter.input.wire_json import Json
from mappings.handover.release.release_codes import code_in, release_concept, words
from mappings.handover.release.signature import release_of
from tests.made_resources import a_hip_fracture, a_t_score
from tests.unit.handover.plan_in_memory import (
    DOCTOR,
    GP,
    OTHER_GP,
    PlanInMemory,
    institution,
    output,
    proposed,
    released,
    sent,
)

ANSWERS: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
    "completed by a clinician": ({}, ("active", "in-progress")),
    "rejected": ({"status": "rejected"}, ("revoked", "not-done")),
    "rejected, and the plan is kept": (
        {"status": "rejected", "output": [output("keep_plan")]},
        ("draft", "not-done"),
    ),
    "failed": ({"status": "failed"}, ("draft", "preparation")),
}


@pytest.mark.parametrize("said", ANSWERS)
def test_only_a_completed_task_lets_a_letter_go(said: str) -> None:
    answer, (plan_status, letter_status) = ANSWERS[said]
    plan = proposed()

    plan.answer(**answer)

    assert (plan.one("CarePlan")["status"], plan.one("Communication")["status"]) == (
        plan_status,
        letter_status,
    )


def test_a_task_that_nobody_signed_releases_nothing_and_is_put_again() -> None:
    plan = proposed()
    (task,) = plan.tasks("release_letter")
    plan.change(task, status="completed")

    plan.review()

    assert plan.one("CarePlan")["status"] == "draft"
    (again,) = plan.tasks("release_letter")
    assert "answered_without_name" in {code_in(it["type"]) for it in again["input"]}


def test_what_is_released_says_who_released_it() -> None:
    plan = released()

    for resource in (plan.one("CarePlan"), plan.one("Communication")):
        release = release_of(resource)
        assert release is not None
        assert release.by.name == DOCTOR.name


def test_an_answer_about_another_content_is_no_answer() -> None:
    plan = proposed()
    (task,) = plan.tasks("release_letter")
    plan.score(-3.4)

    plan.change(task, status="completed", owner=DOCTOR.reference)
    plan.review()

    assert plan.one("Communication")["status"] == "preparation"
    assert len(plan.tasks("release_letter")) == 1


def test_a_plan_that_a_human_changed_is_not_released_as_ours() -> None:
    plan = proposed()
    plan.change(plan.one("CarePlan"), title="another title")

    plan.answer()

    assert plan.one("Communication")["status"] == "preparation"
    (again,) = plan.tasks("release_letter")
    assert "edited_by_hand" in {code_in(it["type"]) for it in again["input"]}


def test_options_that_were_taken_out_are_gone_from_plan_and_letter() -> None:
    plan = proposed(institution=institution("hvrt"))
    (task,) = plan.tasks("release_letter", "clarify_before_release")
    offered = [it["valueCodeableConcept"] for it in task["input"] if code_in(it["type"]) == "option_offered"]
    (gone,) = (it for it in offered if it["coding"][0]["code"] == "risedronate")

    plan.answer(output=[{"type": release_concept("option_taken_out", "en"), "valueCodeableConcept": gone}])

    release = release_of(plan.one("CarePlan"))
    assert release is not None
    assert release.choice.taken_out == ("risedronate",)
    assert plan.proposal().changes == ()


# --- a plan in force ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("reach", [proposed, released, sent])
def test_a_second_review_of_the_same_writes_nothing(reach: Callable[[], PlanInMemory]) -> None:
    plan = reach()

    assert plan.proposal().changes == ()


def test_a_lost_ledger_changes_nothing() -> None:
    plan = sent()
    plan.server.ledger.clear()

    assert plan.proposal().changes == ()


def set_active_by_hand() -> PlanInMemory:
    plan = proposed()
    plan.change(plan.one("CarePlan"), status="active")
    plan.review()
    return plan


def test_a_plan_that_somebody_set_active_still_waits_for_a_name() -> None:
    plan = set_active_by_hand()

    assert plan.one("Communication")["status"] == "preparation"
    plan.answer()
    assert plan.one("Communication")["status"] == "in-progress"
    assert "released_by" not in str(plan.one("CarePlan").get("extension"))


def test_a_plan_that_somebody_set_active_and_rewrote_is_not_sent_as_ours() -> None:
    plan = set_active_by_hand()
    plan.change(plan.one("CarePlan"), title="another title")

    plan.answer()

    assert plan.one("Communication")["status"] == "preparation"


def test_a_plan_that_somebody_set_active_stays_when_the_letter_is_rejected() -> None:
    plan = set_active_by_hand()

    plan.answer(status="rejected")

    assert (plan.one("CarePlan")["status"], plan.one("Communication")["status"]) == ("active", "not-done")


def to(letter: Json) -> str:
    return str(letter["recipient"][0]["reference"])


def test_a_new_gp_gets_the_released_letter_and_the_former_one_none_that_has_not_left() -> None:
    plan = released()
    plan.recipients = (OTHER_GP,)

    plan.review()

    assert {(to(it), it["status"]) for it in plan.of("Communication")} == {
        ("Practitioner/gp", "stopped"),
        ("Practitioner/other", "in-progress"),
    }


def test_a_new_gp_takes_no_letter_back_that_a_transport_has() -> None:
    plan = sent()
    plan.recipients = (OTHER_GP,)

    plan.review()

    assert {to(it): it["status"] for it in plan.of("Communication")} == {
        "Practitioner/gp": "completed",
        "Practitioner/other": "in-progress",
    }


# --- a correction -------------------------------------------------------------------------------------------


def corrected(reach: Callable[[], PlanInMemory]) -> PlanInMemory:
    plan = reach()
    plan.score(-1.2)
    plan.review()
    return plan


@pytest.mark.parametrize("reach", [released, sent])
def test_a_correction_is_a_proposal_until_it_is_released(reach: Callable[[], PlanInMemory]) -> None:
    plan = corrected(reach)

    assert sorted(it["status"] for it in plan.of("CarePlan")) == ["active", "draft"]
    assert plan.one("Communication", "preparation")["partOf"]
    assert plan.tasks("release_letter", "clarify_before_release")[0]["priority"] == "asap"


@pytest.mark.parametrize(("reach", "earlier"), [(released, "stopped"), (sent, "completed")])
def test_a_released_correction_ends_the_plan_before_it(
    reach: Callable[[], PlanInMemory], earlier: str
) -> None:
    plan = corrected(reach)

    plan.answer()

    assert sorted(it["status"] for it in plan.of("CarePlan")) == ["active", "revoked"]
    assert sorted(it["status"] for it in plan.of("Communication")) == sorted([earlier, "in-progress"])
    assert plan.proposal().changes == ()


def test_a_letter_that_was_replaced_says_so_once() -> None:
    plan = corrected(sent)
    plan.answer()

    (earlier,) = plan.of("Communication", "completed")
    assert len(earlier["note"]) == 2  # who released it, and that there is a newer one


def test_a_gp_who_joins_takes_no_letter_from_the_others() -> None:
    plan = released()
    plan.recipients = (GP, OTHER_GP)

    plan.review()

    assert [it["status"] for it in plan.of("Communication")] == ["in-progress", "in-progress"]


def test_a_letter_that_says_already_that_it_was_replaced_is_left_alone() -> None:
    plan = corrected(sent)
    (earlier,) = plan.of("Communication", "completed")
    told = {"text": words("newer_version", "en")}
    plan.change(earlier, note=[*earlier["note"], told])

    plan.answer()

    assert plan.one("Communication", "completed")["note"][-1] == told


def test_a_letter_that_was_never_released_goes_with_the_plan_that_is_replaced() -> None:
    plan = set_active_by_hand()
    plan.score(-1.2)
    plan.review()

    plan.answer()

    assert sorted(it["status"] for it in plan.of("Communication")) == ["in-progress", "not-done"]


# --- a letter ahead of the plan -----------------------------------------------------------------------------

URGENT = (a_t_score("p"), a_hip_fracture("p"))


def test_a_letter_that_goes_ahead_leaves_the_plan_a_proposal() -> None:
    plan = proposed(resources=[*URGENT])

    plan.answer(output=[output("send_interim_letter")])

    assert plan.one("CarePlan")["status"] == "draft"
    assert code_in(plan.one("Communication", "in-progress")["category"]) == "gp_interim_letter"
    assert plan.one("Communication", "preparation")
    assert len(plan.tasks("release_letter", "clarify_before_release")) == 1


def test_no_letter_goes_ahead_where_none_was_offered() -> None:
    plan = proposed()

    plan.answer(output=[output("send_interim_letter")])

    assert plan.of("Communication", "in-progress") == []
    (again,) = plan.tasks("release_letter")
    assert "interim_letter_not_offered" in {code_in(it["type"]) for it in again["input"]}


@pytest.mark.parametrize(
    ("pathway", "allowed", "letters"),
    [("hvrt", {"hvrt"}, 1), ("hvrt", set(), 0), ("hvrt", {"antonius"}, 0), ("antonius", {"antonius"}, 0)],
)
def test_a_letter_goes_unreleased_only_where_pathway_and_settings_say_so(
    pathway: str, allowed: set[str], letters: int
) -> None:
    plan = proposed(institution=replace(institution(pathway), send_without_release=frozenset(allowed)))

    assert len(plan.of("Communication", "in-progress")) == letters
    assert plan.one("CarePlan")["status"] == "draft"
