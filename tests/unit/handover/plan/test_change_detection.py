"""Which change it is, for each thing that can happen to a released plan."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from adapter.clinical.decision import DiagnosisStatus
from adapter.clinical.model import Reason, Side, Site
from adapter.input.wire_json import Json
from mappings.codes import LOINC
from mappings.handover.plan.change_detection import (
    ABOUT_THE_RECORD,
    QUESTIONS,
    Comparison,
    Snapshot,
    differences,
)
from mappings.handover.plan.correction import Change
from mappings.handover.plan.plan_summary import PlanSummary, summary
from tests.factories import (
    NECK,
    a_bone_record,
    a_decision,
    a_diagnosis,
    a_flag,
    a_not_offered,
    a_t_score,
    a_treatment,
    an_activity,
    an_option,
)
from tests.made_resources import a_hip_fracture, a_low_egfr
from tests.made_resources import a_t_score as a_score
from tests.unit.handover.plan_in_memory import OTHER_GP, PlanInMemory, proposed, released, sent

EGFR = a_low_egfr("p")


def two_scores() -> PlanInMemory:
    return sent(resources=[a_score("p"), second()])


def second(**changes: Any) -> Json:
    return a_score("p", -2.6, id="p-second", effectiveDateTime="2025-05-12", **changes)


def coded(code: str) -> Json:
    return {"coding": [{"system": LOINC, "code": code}]}


def panel(spine: float, hip: float | None, **changes: Any) -> Json:
    """One Observation with a T-score of the spine and one of the hip."""
    parts = [
        {"code": coded(code), "valueQuantity": a_score("p", value)["valueQuantity"]}
        for code, value in (("38267-1", spine), ("80946-7", hip))
        if value is not None
    ]
    return a_score("p", id="panel", code=coded("38269-7"), valueQuantity=None, component=parts, **changes)


def one_panel(spine: float = -2.7, hip: float = -1.4) -> Callable[[], PlanInMemory]:
    return lambda: sent(resources=[panel(spine, hip)])


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


def turned_down() -> PlanInMemory:
    plan = released()
    plan.change(plan.one("Communication"), status="not-done")
    return plan


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
    ("another value of one of a panel", one_panel(), resources(panel(-1.2, -1.4)), Change.AMENDED),
    ("another value of the other of a panel", one_panel(), resources(panel(-2.7, -1.5)), Change.AMENDED),
    ("another value of the one that decides", one_panel(-1.4, -2.7), resources(panel(-1.4, -2.6)), Change.AMENDED),
    ("one of a panel gone", one_panel(), resources(panel(-2.7, None)), Change.AMENDED),
    ("a panel as it was", one_panel(), resources(panel(-2.7, -1.4, status="corrected")), Change.NOTHING),
    ("a newer study", sent, resources(a_score("p"), a_score("p", -3.0, id="new", effectiveDateTime="2026-10-01")), Change.NEWER_STUDY),
    ("a fracture after the release", sent, resources(a_score("p"), a_hip_fracture("p", onsetDateTime="2026-11-20")), Change.NEW_FRACTURE),
    ("a fracture from before", sent, resources(a_score("p"), a_hip_fracture("p", onsetDateTime="2024-01-01")), Change.NEW_INFORMATION),
    ("kidneys that fail", sent, resources(a_score("p"), EGFR), Change.NEW_CONTRAINDICATION),
    ("a revised pathway", sent, revised, Change.PATHWAY_CHANGED),
    ("another GP", sent, recipients(OTHER_GP), Change.GP_CHANGED),
    ("another GP before the release", proposed, recipients(OTHER_GP), Change.GP_CHANGED),
    ("another GP after a letter that was turned down", turned_down, recipients(OTHER_GP), Change.GP_CHANGED),
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
        PlanSummary({}, EMPTY, (("Observation/neck", a_t_score(it, Site.FEMORAL_NECK, **left)),), {})
        for it in ("-1.9", "-2.6")
    )

    assert list(differences(was, now)) == [
        ("t_score", "femoral_neck|left|-1.9|2026-11-10", "femoral_neck|left|-2.6|2026-11-10")
    ]


EMPTY: dict[str, tuple[str, ...]] = dict.fromkeys(("option", "excluded", "warning", "activity"), ())
SPINE, NECK_LEFT, NECK_RIGHT = (
    (Site.LUMBAR_SPINE, None),
    (Site.FEMORAL_NECK, Side.LEFT),
    (Site.FEMORAL_NECK, Side.RIGHT),
)
Told = list[tuple[tuple[Site, Side | None], str]]


def of_one_source(scores: Told) -> PlanSummary:
    held = (("Observation/panel", a_t_score(value, site, side=side)) for (site, side), value in scores)
    return PlanSummary({}, EMPTY, tuple(held), {})


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ([(SPINE, "-2.7"), (NECK_LEFT, "-1.4")], [(NECK_LEFT, "-1.4"), (SPINE, "-2.7")], []),
        # The one that changed, also where another one decides now.
        ([(SPINE, "-2.7"), (NECK_LEFT, "-1.4")], [(NECK_LEFT, "-1.4"), (SPINE, "-1.2")], [("spine -2.7", "spine -1.2")]),
        (
            [(SPINE, "-2.7"), (NECK_LEFT, "-1.4")],
            [(NECK_LEFT, "-2.9"), (SPINE, "-1.2")],
            [("neck left -1.4", "neck left -2.9"), ("spine -2.7", "spine -1.2")],
        ),
        # One that went, one that came, and one that was of another site.
        ([(SPINE, "-2.7"), (NECK_LEFT, "-1.4")], [(NECK_LEFT, "-1.4")], [("spine -2.7", "")]),
        ([(SPINE, "-2.7")], [(SPINE, "-2.7"), (NECK_LEFT, "-1.4")], [("", "neck left -1.4")]),
        ([(NECK_LEFT, "-1.4"), (SPINE, "-2.7")], [(NECK_RIGHT, "-1.4"), (SPINE, "-2.7")], [("neck left -1.4", "neck right -1.4")]),
        (
            [(NECK_LEFT, "-1.4"), (SPINE, "-2.7")],
            [(SPINE, "-2.6"), (NECK_RIGHT, "-1.4")],
            [("spine -2.7", "spine -2.6"), ("neck left -1.4", "neck right -1.4")],
        ),
    ],
)  # fmt: skip
def test_of_several_scores_of_one_source_each_is_told_with_what_it_became(
    was: Told, now: Told, told: list[tuple[str, str]]
) -> None:
    found = [
        (plainly(gone), plainly(come))
        for _, gone, come in differences(of_one_source(was), of_one_source(now))
    ]

    assert found == told


def plainly(key: str) -> str:
    """`spine -2.7` of `lumbar_spine||-2.7|2026-11-10`."""
    site, side, value, _ = key.split("|") if key else ("", "", "", "")
    return " ".join(filter(None, (site.rpartition("_")[2], side, value)))


def offering(*options: str, excluded: tuple[str, ...] = (), **changes: Any) -> PlanSummary:
    gone = tuple(a_not_offered(it) for it in excluded)
    return said(treatment=a_treatment(options=tuple(map(an_option, options)), not_offered=gone), **changes)


BLOCKED = a_diagnosis(DiagnosisStatus.BLOCKED)


@pytest.mark.parametrize(
    ("before", "after", "worse"),
    [
        (said(), said(), False),
        (said(), said(diagnosis=BLOCKED), True),
        (said(diagnosis=BLOCKED), said(diagnosis=BLOCKED), False),
        (said(diagnosis=BLOCKED), said(), False),
        (said(flags=()), said(flags=(a_flag("contraindicated"),)), True),
        (said(flags=(a_flag("contraindicated"),)), said(flags=()), False),
        # An option that went because a guard took it, and no other.
        (offering("a", "b"), offering("a", excluded=("b",)), True),
        (offering("a", "b"), offering("a"), False),
        (offering("a"), offering("a", excluded=("b",)), False),
        (offering("a", excluded=("b",)), offering("a", "b"), False),
        (offering("a", "b", excluded=("c",)), offering("a", excluded=("c",)), False),
    ],
)
def test_a_plan_is_worse_if_a_guard_took_of_it_what_was_offered(
    before: PlanSummary, after: PlanSummary, worse: bool
) -> None:
    found = sent().proposal().composed.situation
    seen = Comparison(found.history, snapshot(), before, after)

    assert QUESTIONS[Change.NEW_CONTRAINDICATION](seen) is worse


def snapshot() -> Snapshot:
    found = sent().proposal().composed.situation
    return Snapshot(found.reading.patient, found.reading.record, found.decision, (a_score("p"),), (OTHER_GP,))


def test_the_repr_of_a_moment_shows_nothing_of_the_patient() -> None:
    assert not any(it in repr(snapshot()) for it in ("-2.7", "osteoporosis", "Observation", "Practitioner/"))
