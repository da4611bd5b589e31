from dataclasses import replace
from functools import cache

import pytest

from adapter.input.wire_json import Json
from tests.unit.authoring.cases.invented import NECK, OSTEOPOROSIS, SPINE, a_case
from workers.authoring.cases.case_review import CaseReview
from workers.authoring.cases.expectations.case_outcome import CaseProposal
from workers.authoring.cases.expectations.comparison import compare_proposal
from workers.authoring.cases.expectations.foreign_record import KEYS

EVERYTHING: frozenset[str] = frozenset()
SCORES = ["Observation/t-score-0", "Observation/t-score-1"]
TASK = {"resourceType": "Task", "code": {"coding": [{"code": "input_needs_human"}]}}


@cache
def outcome() -> CaseProposal:
    """A woman with osteoporosis at the spine, one score of whom could not be read."""
    refused = {"site": "total_hip", "value_string": "-2,6", "date": "2026-11-10", "status": "final"}
    facts = OSTEOPOROSIS | {"t_scores": [SPINE, NECK, refused]}
    return CaseProposal.of(CaseReview.of(a_case(facts)).proposal())


def differences(expect: Json, seen: CaseProposal | None = None) -> list[str]:
    return list(compare_proposal(expect, seen or outcome(), EVERYTHING))


@pytest.mark.parametrize(
    "expect",
    [
        {"class_not": ["normal", "osteopenia"]},
        {"decision_not": ["none"]},
        {"not_firm": True},
        {"plan": True},
        {"human_task": True, "human_task_about": "the score of the hip"},
        {"named": ["Observation/t-score-2"]},
        {"used": [*SCORES, "Patient/patient"]},
        {"used_or_named": [*SCORES, "Observation/t-score-2"]},
        {"letter_says": [["nothing of the kind", "lumbar spine"], ["-2.7"]]},
        {"letter_absent": ["denosumab"]},
        {"letter_recipient_not": ["Practitioner/somebody-else"]},
        {"same_study": SCORES},
    ],
    ids=str,
)
def test_what_holds_is_no_difference(expect: Json) -> None:
    assert differences(expect) == []


@pytest.mark.parametrize(
    "expect",
    [
        {"class_not": ["normal", "osteoporosis"]},
        {"decision_not": ["clinician_decides"]},
        {"not_firm": False},
        {"plan": False},
        {"human_task": False},
        {"named": ["Observation/t-score-0"]},
        {"used": ["Observation/t-score-2"]},
        {"used_or_named": ["Observation/other"]},
        {"letter_says": [["nothing of the kind", "not this either"]]},
        {"letter_absent": ["lumbar"]},
        {"letter_recipient_not": ["Practitioner/general-practitioner"]},
        {"same_study": [*SCORES, "Observation/t-score-2"]},
    ],
    ids=str,
)
def test_what_does_not_hold_is_one_difference(expect: Json) -> None:
    assert len(differences(expect)) == 1


def test_every_key_is_tried_both_ways() -> None:
    tried = {"class_not", "decision_not", "not_firm", "plan", "human_task", "human_task_about", "named", "used",
             "used_or_named", "letter_says", "letter_absent", "letter_recipient_not", "same_study"}  # fmt: skip

    assert KEYS.keys() == tried


@pytest.mark.parametrize(
    ("code", "asks"),
    [
        ("input_needs_human", True),
        ("cannot_classify", True),
        ("release_letter", False),
        ("release_retraction", False),
        ("follow_up_overdue", False),
    ],
)
def test_a_task_about_the_life_of_a_plan_asks_nobody_to_look_at_the_input(code: str, asks: bool) -> None:
    task = {**TASK, "code": {"coding": [{"code": code}]}}
    seen = replace(outcome(), drafts={"Task/1": task})

    assert differences({"human_task": asks}, seen) == []


def test_what_a_task_points_to_is_named() -> None:
    asked = {"valueReference": {"reference": "Observation/panel/_history/2"}}
    seen = replace(outcome(), drafts={"Task/1": {**TASK, "input": [asked]}}, refused={})

    assert differences({"named": ["Observation/panel"]}, seen) == []


def test_without_a_letter_nothing_is_said() -> None:
    seen = replace(outcome(), drafts={})

    assert len(differences({"letter_says": [["lumbar"]]}, seen)) == 1
    assert differences({"letter_absent": ["lumbar"]}, seen) == []
