"""Before a new edition goes live, everybody is decided under both: who would notice, how, by which rule."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapter.clinical import Pathway
from adapter.clinical.decision import Category, Decision, TreatmentDecision
from adapter.input.wire_json import Json
from mappings.pathways import load
from tests.factories import (
    TODAY,
    a_bone_record,
    a_classification,
    a_decision,
    a_flag,
    a_follow_up,
    a_goal,
    a_not_offered,
    a_t_score,
    a_treatment,
    a_why,
    an_activity,
    an_option,
)
from workers.authoring.shadow_run import (
    ChangedPerson,
    DecisionChange,
    Person,
    ShadowRun,
    decision_changes,
    run_shadow,
)


def people() -> Iterator[Person]:
    for number, score in enumerate(("-0.8", "-1.0", "-1.8", "-2.6")):
        yield Person(f"p{number}", TODAY, a_bone_record(t_scores=(a_t_score(score),)))


@pytest.fixture
def stricter(tmp_path: Path) -> Pathway:
    file = tmp_path / "stricter.yaml"
    file.write_text(
        "id: stricter\nversion: 2.0.0\ntitle: Stricter\nextends: etz\nparameters: {normal_includes_minus_1: {value: false, cite: [{source: who}]}}\n"
    )
    return load(file)


def test_the_same_pathway_changes_nobody() -> None:
    run = run_shadow(people(), load("etz"), load("etz"))

    assert (run.people, run.changed, run.counts, run.rules) == (4, (), {}, {})


def test_only_whom_it_concerns_is_listed_with_the_rules_that_make_the_difference(stricter: Pathway) -> None:
    run = run_shadow(people(), load("etz"), stricter)
    (one,) = run.changed
    by_kind = {it.kind: it for it in one.changes}

    assert (run.people, one.person) == (4, "p1")
    assert (by_kind["class"].before, by_kind["class"].after) == ("normal", "osteopenia")
    assert {"C-02a", "C-02b"} <= set(by_kind["class"].rules)
    assert run.counts["class"] == 1
    assert run.rules["C-02b"] == 1


def test_rules_stand_by_how_many_they_concern_and_then_by_id() -> None:
    ids = [f"R-{number:02}" for number in range(30)]
    one, other = (DecisionChange("flag", "x", None, "yes", tuple(them)) for them in (ids, ids[-1:]))

    run = ShadowRun(2, (ChangedPerson("p1", (one,)), ChangedPerson("p2", (other,))))

    assert [*run.rules.items()] == [(ids[-1], 2), *((it, 1) for it in ids[:-1])]


CHANGES: dict[str, tuple[Json, Json, tuple[object, ...]]] = {
    "class": (
        {},
        {"classification": a_classification(Category.OSTEOPENIA, why=a_why("C-02b"))},
        ("class", "bmd_class", "osteoporosis", "osteopenia", ("C-02b", "C-07")),
    ),
    "decision": (
        {"treatment": a_treatment(TreatmentDecision.NONE, why=a_why("C-57"))},
        {"treatment": a_treatment(TreatmentDecision.CONTINUE, why=a_why("C-57", "ANT-12"))},
        ("decision", "treatment", "none", "continue", ("ANT-12",)),
    ),
    "an option that now waits": (
        {},
        {"treatment": a_treatment(options=(an_option(waits_for=("egfr",), why=a_why("HVRT-43", "C-29")),))},
        ("option", "oral_bisphosphonate", "firm (alendronate)", "after egfr (alendronate)", ("C-29",)),
    ),
    "a drug that a guard takes away": (
        {},
        {"not_proposed": (a_not_offered(),)},
        ("not offered", "raloxifene", None, "male", ("C-28",)),
    ),
    "a goal": (
        {},
        {"goals": (a_goal(low=Decimal(1100)),)},
        ("goal", "calcium_mg_per_day", ">= 1000 mg/d", ">= 1100 mg/d", ("ETZ-23",)),
    ),
    "an activity that goes": (
        {},
        {"activities": ()},
        ("activity", "lifestyle_advice", "yes", None, ("ETZ-20",)),
    ),
    "an activity with other details": (
        {},
        {"activities": (an_activity(details=(("frequency", "daily"),)),)},
        ("activity", "lifestyle_advice", "yes", "frequency daily", ("ETZ-20",)),
    ),
    "a follow-up on another day": (
        {},
        {"follow_ups": (a_follow_up(due=date(2027, 4, 1)),)},
        ("follow-up", "phone_control_3m", "2027-03-01", "2027-04-01", ("ANT-29",)),
    ),
    "a flag": ({"flags": ()}, {}, ("flag", "renal_function_missing", None, "yes", ("C-29",))),
    "a flag with another detail": (
        {},
        {"flags": (a_flag(), a_flag("rf_disease", detail="coeliac_disease"))},
        ("flag", "rf_disease:coeliac_disease", None, "yes", ("C-29",)),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), CHANGES.values(), ids=CHANGES)
def test_every_kind_of_change_is_told(old: Json, new: Json, expected: tuple[Any, ...]) -> None:
    assert decision_changes(a_decision(**old), a_decision(**new)) == (DecisionChange(*expected),)


def test_another_release_to_the_gp_is_a_change() -> None:
    before: Decision = a_decision()
    after = replace(before, handover=replace(before.handover, send_trigger="immediate"))

    assert [(it.kind, it.after) for it in decision_changes(before, after)] == [
        ("handover", "after immediate")
    ]


def test_several_moments_for_one_drug_are_one_follow_up() -> None:
    details = (("drug", "zoledronate"),)
    both = (a_follow_up(due=None, interval="3y", details=details), a_follow_up(details=details))

    (change,) = decision_changes(a_decision(follow_ups=()), a_decision(follow_ups=both))

    assert (change.code, change.after) == ("phone_control_3m:zoledronate", "3y; 2027-03-01")


def test_nobody_is_named_by_more_than_an_id() -> None:
    assert "1956" not in repr(next(people()))
