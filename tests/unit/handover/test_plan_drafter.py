"""A plan is drafted with its letters; a letter keeps its date for as long as it says the same."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mappings.handover.institution import Institution
from mappings.handover.letters.letter_text import LetterWriter
from mappings.handover.plan_drafter import DraftedPlan, PlanDrafter
from mappings.handover.release.choice import ReleaseChoice
from mappings.outbound.guides.profiles import load_profile
from tests.made_resources import a_t_score
from tests.unit.handover.plan_in_memory import (
    GP,
    NOON,
    OTHER_GP,
    PlanInMemory,
    institution,
    proposed,
    sent,
)
from tests.unit.outbound.server_in_memory import ServerInMemory


def drafted(plan: PlanInMemory, choice: ReleaseChoice | None = None) -> DraftedPlan:
    found = plan.proposal().composed.situation
    return PlanDrafter(found, LetterWriter(found), choice or found.choice).plan()


def test_a_letter_that_still_says_the_same_keeps_its_date() -> None:
    plan = proposed()
    plan.now = NOON + timedelta(days=3)

    assert plan.proposal().changes == ()
    assert drafted(plan).letters[0].text == plan.one("Communication")["payload"][0]["contentString"]


def test_a_letter_that_says_something_else_has_the_date_of_today() -> None:
    plan = proposed()
    plan.now, plan.resources = NOON + timedelta(days=3), [a_t_score("p", -3.3)]

    assert "23 November 2026" in drafted(plan).letters[0].text


@pytest.mark.parametrize(
    "other", [institution(), replace(institution(), profile=load_profile("be"))], ids=["base", "be"]
)
def test_a_letter_of_today_says_what_it_would_say_if_there_were_none_before(other: Institution) -> None:
    plan = proposed(institution=other, recipients=(GP, OTHER_GP))
    plan.now, plan.resources = NOON + timedelta(days=3), [a_t_score("p", -3.3)]
    fresh = replace(plan, server=ServerInMemory())

    assert drafted(plan).letters == drafted(fresh).letters
    assert drafted(plan).drafts.communications == drafted(fresh).drafts.communications


def test_what_a_clinician_took_out_is_not_drafted() -> None:
    plan = PlanInMemory(institution=institution("hvrt"))
    whole, narrowed = drafted(plan), drafted(plan, ReleaseChoice(("risedronate",)))

    assert whole.drafts.plan is not None
    assert narrowed.drafts.plan is not None
    assert whole.drafts.plan.fingerprint != narrowed.drafts.plan.fingerprint


def test_about_nobody_to_plan_for_there_is_neither_plan_nor_question() -> None:
    plan = PlanInMemory()
    plan.patient = {**plan.patient, "active": False}
    found = drafted(plan)

    assert (found.drafts.plan, found.drafts.tasks, found.matters, found.letters) == (None, (), (), ())


def test_what_has_to_be_clarified_is_kept_apart_from_the_drafts() -> None:
    plan = PlanInMemory(recipients=())
    found = drafted(plan)

    assert found.drafts.tasks == ()
    assert [it.type for it in found.matters] == ["Task"]


def test_a_corrected_letter_stays_one_after_its_plan_was_released() -> None:
    plan = sent()
    plan.score(-1.2)
    plan.review()
    plan.answer()
    (letter,) = plan.of("Communication", "in-progress")

    assert letter["partOf"]
    (again,) = drafted(plan).drafts.communications
    assert again.resource["partOf"] == letter["partOf"]


def test_an_organization_of_the_institution_stands_in_the_drafts() -> None:
    ours = replace(institution(), organization={"reference": "Organization/clinic"})

    assert "Organization/clinic" in str(drafted(PlanInMemory(institution=ours)).drafts.plan)


def test_a_letter_without_a_day_on_the_server_is_written_today() -> None:
    plan = proposed()
    letter = plan.one("Communication")
    del letter["meta"]["lastUpdated"]
    plan.now = NOON + timedelta(days=3)

    assert "23 November 2026" in drafted(plan).letters[0].text
