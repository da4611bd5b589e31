"""The tables leave nothing out: every rule fires, every answer, settlement and guard is shown."""

import re
from collections import defaultdict
from functools import cache

import pytest

from adapter.clinical import decide
from adapter.clinical.decision import Category, DiagnosisStatus, Route, TreatmentDecision
from adapter.clinical.pathway.rules import Effect, Rule
from mappings.pathways import PATHWAY_NAMES, load
from workers.authoring.cases.case_review import CaseReview
from workers.authoring.spec_tables import spec_rows

SETTLEMENTS = [
    *(f"C-{n:02}" for n in (*range(1, 69), 70) if n != 18), *(f"C-18{letter}" for letter in "abcde"), "C-22b",
]  # fmt: skip
# The guideline items behind the twenty guards that are active by default.
GUARDS = [
    f"GL-{n:02}"
    for n in (2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 22, 24, 27, 37, 39, 46, 47, 52, 53, 55, 58, 59, 60, 61,
              62, 64, 65, 66, 68, 71, 73)
]  # fmt: skip
DECIDED = pytest.mark.slow  # every row is read and decided once more
# What a row cannot bring about, and why.
OUT_OF_REACH = {
    "C-06b": "the site is assumed only through an institution's concept map, which a row has not",
    "site_assumed": "as C-06b",
    "C-62g": "the facts of a row have no femur without its part",
    **dict.fromkeys(
        ("C-53b", "C-53c", "C-60b", "C-60c", "C-61", "C-64", "C-65a", "C-65g", "C-58g"),
        "the facts of a row have no word for allergies, orders not to give, doses not done, reports, and ages of their own",
    ),
    **dict.fromkeys(
        (
            "allergies",
            "prohibition",
            "allergy_unread",
            "dose_not_given",
            "drug_allergy",
            "drug_prohibited",
        ),
        "as C-53b, C-53c, C-65a and C-65g",
    ),
    **dict.fromkeys(
        ("exclusion_screen_outdated", "lab_outdated", "report_contradicts_t_scores", "study_day_uncertain"),
        "as C-60b, C-60c, C-61 and C-64",
    ),
    **dict.fromkeys(
        ("C-66d", "malignancy_unread", "drug_harm", "drug_harm_unread"),
        "a problem in words that cannot be read has no word among the facts of a row",
    ),
}


def said() -> str:
    return " ".join(f"{spec.says} {row.says}" for spec, row in spec_rows())


@pytest.mark.parametrize("key", [*SETTLEMENTS, *GUARDS])
def test_every_settlement_and_every_guard_is_shown_by_a_row(key: str) -> None:
    assert re.search(rf"{key}\b", said())


@cache
def shipped() -> dict[str, Rule]:
    """Executable rules of all pathways."""
    return {rule.id: rule for name in PATHWAY_NAMES for rule in load(name).rules if rule.executable}


@cache
def seen() -> dict[str, set[str]]:
    """What the rows brought about."""
    found: dict[str, set[str]] = defaultdict(set)
    for _, row in spec_rows():
        visit = CaseReview.of(row.case)
        decision = decide(visit.reading().record, visit.institution.pathway, visit.now.date())
        found["rule"].update(decision.rules_fired)
        found["class"].add(decision.classification.category)
        found["status"].add(decision.diagnosis.status)
        found["route"].update(decision.diagnosis.routes)
        found["treatment"].add(decision.treatment.decision)
        found["activity"].update(activity.code for activity in decision.activities)
        found["flag"].update(flag.code for flag in decision.flags)
        found["follow_up"].update(follow_up.code for follow_up in decision.follow_ups)
        found["goal"].update(goal.code for goal in decision.goals)
        found["computed"].update(code for code, _ in decision.computed)
        found["statement"].update(code for code, _ in decision.handover.statements)
        found["unknown"].update(decision.unknown)
        for option in decision.treatment.options:
            found["offer"].add(option.code)
            found["firm"].add(f"{option.code} {'firm' if option.firm else 'conditional'}")
            found["wait"].update(option.waits_for)
        found["remove"].update(gone.code for gone in decision.not_proposed)
    return found


@DECIDED
def test_every_rule_fires_in_a_row() -> None:
    assert shipped().keys() - seen()["rule"] <= OUT_OF_REACH.keys()


@DECIDED
def test_every_class_status_route_and_decision_occurs() -> None:
    assert seen()["class"] == set(Category)
    assert seen()["status"] == set(DiagnosisStatus)
    assert seen()["route"] == set(Route)
    assert seen()["treatment"] == set(TreatmentDecision)


def effects(kind: str) -> list[Effect]:
    return [effect for rule in shipped().values() for effect in rule.effects if effect.kind == kind]


@DECIDED
@pytest.mark.parametrize(
    "kind",
    ["offer", "wait", "remove", "activity", "flag", "follow_up", "goal", "computed", "statement", "unknown"],
)
def test_every_code_of_an_effect_occurs(kind: str) -> None:
    assert {effect.code for effect in effects(kind)} - seen()[kind] <= OUT_OF_REACH.keys()


@DECIDED
def test_every_option_occurs_firm_and_conditional() -> None:
    options = {effect.code for effect in effects("offer")}

    assert seen()["firm"] == {f"{option} {how}" for option in options for how in ("firm", "conditional")}
