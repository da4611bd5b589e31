"""How far a plan has come is told by what stands on the server, whatever the ledger remembers."""

from collections.abc import Callable

import pytest

from mappings.handover.plan.plan_history import (
    PlanHistory,
    PlanStage,
    generation_key,
    history_of,
    taken,
    told,
)
from mappings.outbound.ids import plan_key
from mappings.outbound.server.server_view import ServerView
from tests.made_resources import a_hip_fracture, a_t_score
from tests.unit.handover.plan_in_memory import PlanInMemory, output, proposed, released, sent


def history(plan: PlanInMemory) -> PlanHistory:
    key = plan_key(plan.institution.site, "Patient/p", plan.institution.pathway.ref.id)
    return history_of(key, ServerView(plan.record.existing, plan.server.ledger))


def retracted() -> PlanInMemory:
    plan = sent()
    plan.resources = []
    plan.review()
    return plan


def on_hold() -> PlanInMemory:
    plan = released()
    plan.change(plan.one("CarePlan"), status="on-hold")
    return plan


def ended_by_a_human() -> PlanInMemory:
    plan = sent()
    plan.change(plan.one("CarePlan"), status="completed")
    return plan


def turned_down() -> PlanInMemory:
    plan = proposed()
    plan.answer(status="rejected")
    return plan


def ahead() -> PlanInMemory:
    plan = proposed(resources=[a_t_score("p"), a_hip_fracture("p")])
    plan.answer(output=[output("send_interim_letter")])
    return plan


STAGES: dict[PlanStage, list[Callable[[], PlanInMemory]]] = {
    PlanStage.NONE: [PlanInMemory],
    PlanStage.DRAFT: [proposed, turned_down],
    PlanStage.INTERIM: [ahead],
    PlanStage.QUEUED: [released, on_hold],
    PlanStage.SENT: [sent],
    PlanStage.RETRACTED: [retracted],
    PlanStage.CLOSED: [ended_by_a_human],
}


def test_every_stage_has_a_row() -> None:
    assert set(STAGES) == set(PlanStage)


@pytest.mark.parametrize(("stage", "reach"), [(stage, it) for stage, rows in STAGES.items() for it in rows])
def test_each_stage_is_told_by_the_server_alone(stage: PlanStage, reach: Callable[[], PlanInMemory]) -> None:
    plan = reach()

    assert history(plan).stage is stage
    plan.server.ledger.clear()
    assert history(plan).stage is stage


def test_a_letter_is_queued_until_a_transport_has_it() -> None:
    plan = released()
    letter = plan.one("Communication")

    assert history(plan).queued_letters() == (f"Communication/{letter['id']}",)
    plan.change(
        letter,
        identifier=[*letter["identifier"], {"system": "https://h/NamingSystem/message-id", "value": "1"}],
    )
    assert history(plan).queued_letters() == ()
    assert history(plan).stage is PlanStage.SENT


@pytest.mark.parametrize(
    ("status", "has_left", "is_taken"),
    [
        ("preparation", False, False),
        ("not-done", False, False),
        ("in-progress", True, False),
        ("completed", True, True),
        ("unknown", True, True),
        ("stopped", False, False),
    ],
)
def test_a_status_says_whether_a_letter_left_and_whether_it_was_taken(
    status: str, has_left: bool, is_taken: bool
) -> None:
    assert (told({"status": status}), taken({"status": status})) == (has_left, is_taken)


def test_the_plan_in_force_counts_before_a_newer_proposal() -> None:
    plan = sent()
    plan.score(-1.2)
    plan.review()
    found = history(plan)

    assert (len(found.plans), found.current) == (2, 1)


def test_the_first_plan_has_the_key_of_the_occasion() -> None:
    assert (generation_key("k", 1), generation_key("k", 2)) == ("k", "k|2")
