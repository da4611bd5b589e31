"""Who is nobody to make a plan for, which plan is drafted, and what its guide may ask for."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mappings.handover.release.choice import AS_OFFERED
from mappings.handover.release.release_codes import release_concept
from mappings.handover.release.signature import unreleased
from mappings.handover.situation import NotFollowed, Situation
from mappings.outbound.designations import OwnCodes, Wording
from mappings.outbound.guides.shapes import GuideContext
from tests.made_resources import a_t_score
from tests.unit.handover.plan_in_memory import PlanInMemory, institution, proposed, released, sent
from tests.unit.inbound.made_records import condition, snomed

REPLACED = [{"type": "replaced-by", "other": {"reference": "Patient/q"}}]
TEST_LABEL = {"tag": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}]}
NOBODY: list[tuple[dict[str, Any], NotFollowed | None]] = [
    ({}, None),
    ({"active": True}, None),
    ({"active": False}, NotFollowed.INACTIVE),
    ({"deceasedBoolean": True}, NotFollowed.DECEASED),
    ({"deceasedDateTime": "2026"}, NotFollowed.DECEASED),
    ({"deceasedBoolean": False}, None),
    ({"link": REPLACED}, NotFollowed.MERGED),
    ({"meta": TEST_LABEL}, NotFollowed.TEST_DATA),
    ({"link": REPLACED, "deceasedBoolean": True, "active": False}, NotFollowed.MERGED),
]


@pytest.mark.parametrize(("changes", "reason"), NOBODY)
def test_the_first_reason_counts_why_nobody_makes_a_plan(
    changes: dict[str, Any], reason: NotFollowed | None
) -> None:
    plan = PlanInMemory()
    plan.patient = {**plan.patient, **changes}

    found = plan.proposal()

    assert found.not_followed is reason
    assert bool(found.letters) is (reason is None)


def test_every_reason_has_a_row() -> None:
    assert {it for _, it in NOBODY if it} == set(NotFollowed)
    assert {"merged", "deceased", "inactive", "test_data"} == {*map(str, NotFollowed)}


def situation(reach: Callable[[], PlanInMemory], score: float | None = None) -> Situation:
    plan = reach()
    if score is not None:
        plan.score(score)
    return plan.proposal().composed.situation


@pytest.mark.parametrize(
    ("reach", "score", "generation", "replaces", "in_force"),
    [
        (PlanInMemory, None, 1, False, False),
        (proposed, None, 1, False, False),
        (released, None, 1, False, True),
        (released, -1.2, 2, True, False),
        (sent, -1.2, 2, True, False),
    ],
)
def test_a_correction_is_the_next_plan(
    reach: Callable[[], PlanInMemory], score: float | None, generation: int, replaces: bool, in_force: bool
) -> None:
    found = situation(reach, score)

    assert (found.generation, found.replaced is not None, found.in_force) == (generation, replaces, in_force)


def test_a_letter_may_leave_only_by_a_release_that_a_task_stands_behind() -> None:
    plan = released()
    letter = plan.one("Communication")
    found = plan.proposal().composed.situation

    assert found.may_leave(letter)
    assert not found.may_leave({**letter, "extension": []})


@pytest.mark.parametrize(
    ("marked", "setting", "leaves"),
    [(True, {"antonius"}, True), (True, set(), False), (True, {"etz"}, False), (False, {"antonius"}, False)],
)
def test_without_a_release_it_leaves_only_if_it_says_so_and_the_setting_does(
    marked: bool, setting: set[str], leaves: bool
) -> None:
    plan = proposed()
    plan.institution = replace(plan.institution, send_without_release=frozenset(setting))
    letter = plan.one("Communication")

    found = plan.proposal().composed.situation
    assert found.may_leave(unreleased(letter) if marked else letter) is leaves


def test_its_repr_shows_nothing_of_the_patient() -> None:
    found = released().proposal().composed.situation
    shown = repr(replace(found, institution=institution("fysio"))).replace(repr(institution("fysio")), "")

    assert not any(it in shown for it in ("-2.7", "osteoporosis", "Practitioner/", "1956", "Observation/"))


OSTEOPOROSIS, OSTEOPENIA, DIABETES = "64859006", "312894000", "46635009"


@pytest.mark.parametrize(
    ("code", "sure", "state", "named"),
    [
        (OSTEOPOROSIS, "confirmed", "active", True),
        (OSTEOPENIA, "confirmed", "active", True),
        (OSTEOPOROSIS, "provisional", "active", False),
        (OSTEOPOROSIS, "refuted", "active", False),
        (OSTEOPOROSIS, "confirmed", "resolved", False),
        (DIABETES, "confirmed", "active", False),
    ],
)
def test_a_guide_hears_of_recorded_low_density_alone(code: str, sure: str, state: str, named: bool) -> None:
    recorded = condition(snomed(code), sure=sure, state=state, subject={"reference": "Patient/p"})
    plan = PlanInMemory(resources=[a_t_score("p"), recorded])
    plan.institution = replace(plan.institution, author_role={"text": "specialist"})

    known = plan.proposal().composed.situation.known

    assert known == GuideContext(({"reference": "Condition/con"},) if named else (), {"text": "specialist"})


def test_what_was_taken_out_counts_for_the_plan_in_force_alone() -> None:
    gone = {
        "type": release_concept("option_taken_out", "en"),
        "valueCodeableConcept": Wording("en", OwnCodes()).concept("risedronate"),
    }
    plan = proposed(resources=[a_t_score("p")])
    plan.answer(output=[gone])

    assert plan.proposal().composed.situation.choice.taken_out == ("risedronate",)
    plan.score(-1.2)
    assert plan.proposal().composed.situation.choice == AS_OFFERED
    assert proposed().proposal().composed.situation.choice == AS_OFFERED
