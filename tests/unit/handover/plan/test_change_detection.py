"""Which change it is, for each thing that can happen to a released plan."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from adapter.clinical.model import Reason, Side, Site
from adapter.input.wire_json import Json
from mappings.handover.plan.change_detection import ABOUT_THE_RECORD, QUESTIONS, differences
from mappings.handover.plan.correction import Change
from mappings.handover.plan.plan_summary import PlanSummary, summary
from tests.factories import NECK, a_bone_record, a_decision, a_flag, a_t_score, an_activity
from tests.made_resources import a_hip_fracture, a_low_egfr
from tests.made_resources import a_t_score as a_score
from tests.unit.handover.plan_in_memory import OTHER_GP, PlanInMemory, sent

EGFR = a_low_egfr("p")


def two_scores() -> PlanInMemory:
    return sent(resources=[a_score("p"), second()])


def second(**changes: Any) -> Json:
    return a_score("p", -2.6, id="p-second", effectiveDateTime="2025-05-12", **changes)


def patient(**changes: Any) -> Callable[[PlanInMemory], None]:
    def change(plan: PlanInMemory) -> None:
        plan.patient = {**plan.patient, **changes}

    return change


def resources(*held: Json) -> Callable[[PlanInMemory], None]:
    def change(plan: PlanInMemory) -> None:
        plan.resources = list(held)

    return change


def short(of: str, *held: Json) -> Callable[[PlanInMemory], None]:
    """The server says that it did not give all of a type."""

    def change(plan: PlanInMemory) -> None:
        plan.resources, plan.gaps = list(held), {of: frozenset({Reason.ANSWER_INCOMPLETE})}

    return change


def recipients(*held: Json) -> Callable[[PlanInMemory], None]:
    def change(plan: PlanInMemory) -> None:
        plan.recipients = held

    return change


def revised(plan: PlanInMemory) -> None:
    pathway = plan.institution.pathway
    plan.institution = replace(
        plan.institution, pathway=replace(pathway, ref=replace(pathway.ref, version="9999.1"))
    )


ROWS: list[tuple[str, Callable[[], PlanInMemory], Callable[[PlanInMemory], None], Change]] = [
    ("merged", sent, patient(link=[{"type": "replaced-by", "other": {"reference": "Patient/q"}}]), Change.MERGED),
    ("deceased", sent, patient(deceasedBoolean=True), Change.DECEASED),
    ("closed", sent, patient(active=False), Change.RECORD_CLOSED),
    ("the only score gone", sent, resources(), Change.BASIS_GONE),
    ("the only score withdrawn", sent, resources(a_score("p", status="entered-in-error")), Change.BASIS_GONE),
    ("one of two withdrawn", two_scores, resources(a_score("p"), second(status="entered-in-error")), Change.WITHDRAWN),
    ("one of two gone", two_scores, resources(a_score("p")), Change.DELETED),
    ("the only score in no answer, which is short", sent, short("Observation"), Change.NEW_INFORMATION),
    ("one of two in no answer, which is short", two_scores, short("Observation", a_score("p")), Change.NEW_INFORMATION),
    ("the only score gone, and medicines short", sent, short("MedicationStatement"), Change.BASIS_GONE),
    ("the only score withdrawn in a short answer", sent, short("Observation", a_score("p", status="entered-in-error")), Change.BASIS_GONE),
    ("another value in a short answer", sent, short("Observation", a_score("p", -3.3)), Change.AMENDED),
    ("one of two is no number any more", two_scores, resources(a_score("p"), second(valueQuantity=None, valueString="low")), Change.AMENDED),
    ("another value", sent, resources(a_score("p", -3.3)), Change.AMENDED),
    ("another day", sent, resources(a_score("p", effectiveDateTime="2025-05-13")), Change.AMENDED),
    ("a newer study", sent, resources(a_score("p"), a_score("p", -3.0, id="new", effectiveDateTime="2026-10-01")), Change.NEWER_STUDY),
    ("a fracture after the release", sent, resources(a_score("p"), a_hip_fracture("p", onsetDateTime="2026-11-20")), Change.NEW_FRACTURE),
    ("a fracture from before", sent, resources(a_score("p"), a_hip_fracture("p", onsetDateTime="2024-01-01")), Change.NEW_INFORMATION),
    ("kidneys that fail", sent, resources(a_score("p"), EGFR), Change.NEW_CONTRAINDICATION),
    ("a revised pathway", sent, revised, Change.PATHWAY_CHANGED),
    ("another GP", sent, recipients(OTHER_GP), Change.GP_CHANGED),
    ("no GP any more", sent, recipients(), Change.NOTHING),
    ("nothing", sent, lambda _: None, Change.NOTHING),
]  # fmt: skip


@pytest.mark.parametrize(
    ("reach", "happens", "change"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_what_happened_is_told_by_its_name(
    reach: Callable[[], PlanInMemory], happens: Callable[[PlanInMemory], None], change: Change
) -> None:
    plan = reach()
    happens(plan)

    assert plan.proposal().composed.change.change is change


def test_every_change_has_its_question_and_a_row() -> None:
    assert {row[3] for row in ROWS} == set(Change)
    assert {*ABOUT_THE_RECORD, *QUESTIONS, Change.NOTHING} == set(Change)


def test_a_plan_whose_summary_was_taken_away_tells_of_no_change() -> None:
    plan = sent()
    plan.change(plan.one("CarePlan"), extension=[])
    plan.score(-1.2)

    assert plan.proposal().composed.change.change is Change.NOTHING


def said(**changes: Any) -> PlanSummary:
    return summary(a_decision(**changes), a_bone_record())


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (said(), said(), []),
        (said(activities=()), said(activities=(an_activity(),)), [("activity", "", "lifestyle_advice")]),
        (said(activities=(an_activity(),)), said(activities=()), [("activity", "lifestyle_advice", "")]),
        (said(flags=()), said(flags=(a_flag("contraindicated"),)), [("flag", "", "contraindicated")]),
        (said(flags=()), said(flags=(a_flag("renal_function_missing"),)), []),
    ],
)
def test_a_difference_names_what_came_and_what_went(
    before: PlanSummary, after: PlanSummary, told: list[tuple[str, str, str]]
) -> None:
    assert list(differences(before, after)) == told


def test_a_score_with_another_value_is_told_with_both() -> None:
    left = {"side": Side.LEFT, "evidence": NECK}
    was, now = (
        PlanSummary({}, EMPTY, {"Observation/neck": a_t_score(it, Site.FEMORAL_NECK, **left)}, {})
        for it in ("-1.9", "-2.6")
    )

    assert list(differences(was, now)) == [
        ("t_score", "femoral_neck|left|-1.9|2026-11-10", "femoral_neck|left|-2.6|2026-11-10")
    ]


EMPTY: dict[str, tuple[str, ...]] = dict.fromkeys(("option", "excluded", "warning", "activity"), ())
