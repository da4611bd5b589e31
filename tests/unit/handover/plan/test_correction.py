"""The table of corrections, as a whole: what each change means at each stage."""

import pytest

from mappings import texts
from mappings.handover.plan.correction import TABLE, Change, Consequence, PlanChange
from mappings.handover.plan.plan_history import PlanStage

RELEASED = (PlanStage.QUEUED, PlanStage.SENT)
UNRELEASED = (PlanStage.NONE, PlanStage.DRAFT, PlanStage.INTERIM)
OF_THE_PERSON = (Change.MERGED, Change.DECEASED, Change.RECORD_CLOSED)
SPEAKS = {Consequence.CORRECT, Consequence.RETRACT, Consequence.READDRESS, Consequence.RENEW}


def test_the_table_is_whole() -> None:
    assert TABLE.keys() == {(stage, change) for stage in PlanStage for change in Change}


@pytest.mark.parametrize("change", [it for it in Change if it not in OF_THE_PERSON])
def test_what_nobody_was_told_follows_silently(change: Change) -> None:
    assert {TABLE[stage, change] for stage in (PlanStage.NONE, PlanStage.DRAFT)} == {Consequence.REDRAW}


@pytest.mark.parametrize("stage", PlanStage)
@pytest.mark.parametrize("change", OF_THE_PERSON)
def test_about_a_record_of_nobody_to_plan_for_nothing_is_said(stage: PlanStage, change: Change) -> None:
    assert TABLE[stage, change] not in SPEAKS


@pytest.mark.parametrize("stage", [PlanStage.INTERIM, *RELEASED])
def test_a_plan_whose_basis_is_gone_is_revoked_at_once(stage: PlanStage) -> None:
    assert TABLE[stage, Change.BASIS_GONE] is Consequence.RETRACT


@pytest.mark.parametrize("stage", RELEASED)
@pytest.mark.parametrize(
    "change", [Change.WITHDRAWN, Change.DELETED, Change.AMENDED, Change.NEW_CONTRAINDICATION]
)
def test_a_released_plan_on_another_basis_is_corrected(stage: PlanStage, change: Change) -> None:
    assert TABLE[stage, change] is Consequence.CORRECT


@pytest.mark.parametrize("change", Change)
def test_whether_a_transport_has_the_letter_changes_nothing(change: Change) -> None:
    assert TABLE[PlanStage.QUEUED, change] is TABLE[PlanStage.SENT, change]


def test_only_a_new_study_or_a_new_fracture_opens_what_a_human_ended() -> None:
    opened = {change for change in Change if TABLE[PlanStage.CLOSED, change] is Consequence.RENEW}

    assert opened == {Change.NEWER_STUDY, Change.NEW_FRACTURE}


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_reason_that_a_corrected_letter_gives_has_a_sentence(language: str) -> None:
    known = texts.load(language)

    for change in {change for (_, change), it in TABLE.items() if it is Consequence.CORRECT}:
        assert known.name("change_reason", PlanChange(change, Consequence.CORRECT).why)
