"""From rules that hold to outputs: merged, never twice, each with all rules and all evidence behind it."""

from datetime import date
from decimal import Decimal

import pytest

from adapter.clinical import outputs
from adapter.clinical.decision import Activity, Flag, FollowUp, Goal, Why
from adapter.clinical.model import BoneRecord, Lifestyle
from adapter.clinical.pathway.evaluation import Evaluation, grouped
from adapter.clinical.pathway.pathway_document import WrittenRule
from adapter.clinical.pathway.program import FiredByKind
from adapter.clinical.pathway.rules import Stage
from adapter.clinical.value_kinds import FactValue, Number, ParameterValue
from tests.unit.clinical.questions import a_case, facts_of
from tests.unit.clinical.small_pathways import a_pathway, a_rule, evaluation, without_otherwise

SMOKER = BoneRecord(
    lifestyle=Lifestyle(smoker=True, coffee_cups_per_day=Decimal(5)),
    evidence=(("smoker", "O/smoker"), ("coffee_cups_per_day", "O/coffee")),
)


def plan(
    *rules: WrittenRule, record: BoneRecord | None = None, **facts: FactValue
) -> tuple[Evaluation, FiredByKind]:
    fired = evaluation(*rules, record=record, **facts)
    return fired, fired.effects(Stage.PLAN)


# --- evaluation ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("smoker", "held"), [(True, True), (False, False), (None, False)])
def test_a_rule_fires_on_true_only(smoker: bool | None, held: bool) -> None:
    record = BoneRecord(lifestyle=Lifestyle(smoker=smoker))
    fired, plan_ = plan(a_rule(when="smoker", then={"flag": "x"}), record=record)

    assert [f.effect.code for f in plan_.get("flag", [])] == (["x"] if held else [])
    assert without_otherwise(fired.rules_that_held()) == (("R-1",) if held else ())


@pytest.mark.parametrize(("smoker", "held"), [(True, True), (False, False), (None, False)])
def test_an_effect_may_have_a_condition_of_its_own(smoker: bool | None, held: bool) -> None:
    record = BoneRecord(lifestyle=Lifestyle(smoker=smoker))
    rule = a_rule(then={"flag": [{"code": "x", "if": "smoker"}, "y"]})

    assert [f.effect.code for f in plan(rule, record=record)[1]["flag"]] == (["x", "y"] if held else ["y"])


def test_a_rule_none_of_whose_effects_hold_is_not_in_the_trace() -> None:
    fired, held = plan(
        a_rule("A", then={"flag": {"code": "x", "if": "smoker"}}), a_rule("B", then={"flag": "y"})
    )

    assert without_otherwise(fired.rules_that_held()) == ("B",)
    assert [f.rule.id for f in held["flag"]] == ["B"]


def test_the_trace_is_in_the_order_of_the_pathway_whatever_fired_first() -> None:
    fired = evaluation(
        a_rule("late", then={"flag": "x"}), a_rule("early", then={"class": "normal"}), a_rule("both", then={"class": "normal", "flag": "z"})
    )  # fmt: skip
    fired.effects(Stage.PLAN)
    fired.effects(Stage.CLASS)

    assert without_otherwise(fired.rules_that_held()) == ("late", "early", "both")


GUARD = a_rule("guard", then={"remove": "alendronate"})
MINDS = a_rule("minds", when='"alendronate" in removed_drugs', then={"flag": "x"})
OFFER = a_rule("offer", then={"offer": {"code": "oral", "drugs": ["alendronate"]}})


@pytest.mark.parametrize(
    ("rules", "removed", "trace"),
    [
        ((GUARD,), {"alendronate"}, ()),
        ((GUARD, OFFER), frozenset({"alendronate"}), ("guard", "offer")),
        ((MINDS, GUARD), frozenset({"alendronate"}), ("minds", "guard")),
        ((MINDS, GUARD), frozenset(), ()),
    ],
    ids=["nothing to guard", "an option", "a rule asked", "the rule that asked did not hold"],
)
def test_a_guard_is_in_the_trace_where_there_was_something_to_guard(
    rules: tuple[WrittenRule, ...], removed: frozenset[str], trace: tuple[str, ...]
) -> None:
    fired = evaluation(*rules, removed_drugs=removed)
    for stage in (Stage.GUARD, Stage.OFFER, Stage.PLAN):
        fired.effects(stage)

    assert without_otherwise(fired.rules_that_held()) == trace


def test_a_guard_has_nothing_to_guard_before_options_were_looked_for() -> None:
    fired = evaluation(GUARD, OFFER)
    fired.effects(Stage.GUARD)

    assert without_otherwise(fired.rules_that_held()) == ()


def test_what_was_worked_out_for_one_patient_is_not_kept_for_the_next() -> None:
    pathway = a_pathway(
        a_rule("A", then={"goal": [{"code": "cups", "high": "=coffee_cups"}, {"code": "walk", "low": 30}]}),
        a_rule("B", when="coffee_cups > 3", then={"flag": {"code": "much", "detail": "=coffee_cups"}}),
        a_rule("C", then={"activity": {"code": "talk", "details": {"cups": "=coffee_cups", "of": "coffee"}}}),
        a_rule("D", then={"statement": {"code": "said", "detail": "=coffee_cups"}}),
    )

    def of(cups: int) -> tuple[object, ...]:
        habits = Lifestyle(coffee_cups_per_day=Decimal(cups))
        fired = Evaluation(pathway, facts_of(a_case(BoneRecord(lifestyle=habits))))
        held = fired.effects(Stage.PLAN)
        return (
            [(it.high, it.low) for it in outputs.goals(fired, held)],
            [it.name for it in outputs.flags(fired, held)],
            outputs.activities(fired, held)[0].details,
            outputs.statements(fired, held),
        )

    for cups in (5, 4, 5, 6):
        assert of(cups) == (
            [(cups, None), (None, 30)],
            [f"much:{cups}"],
            (("cups", str(cups)), ("of", "coffee")),
            (("said", str(cups)),),
        )


def test_why_names_each_rule_once_and_all_evidence_in_order() -> None:
    rules = (
        a_rule("A", when="smoker", then={"flag": "x"}),
        a_rule("B", when="coffee_cups > 3", then={"flag": ["x", "x"]}),
    )
    fired, held = plan(*rules, record=SMOKER)

    assert fired.why(held["flag"]) == Why(("A", "B"), ("O/coffee", "O/smoker"))
    assert fired.why(held["flag"][:1]) == Why(("A",), ("O/smoker",))


def test_a_value_is_plain_or_worked_out() -> None:
    fired, held = plan(a_rule(then={"flag": {"code": "x", "detail": "=coffee_cups"}}), record=SMOKER)

    assert fired.value("text") == "text"
    assert fired.value(None) is None
    assert fired.value(held["flag"][0].effect.attributes["detail"]) == 5


def test_grouping_keeps_the_order_of_first_appearance() -> None:
    _, held = plan(a_rule("A", then={"flag": ["b", "a", "b"]}))

    groups = grouped(held["flag"])
    assert {code: len(group) for code, group in groups.items()} == {"b": 2, "a": 1}
    assert list(groups) == ["b", "a"]


# --- outputs ------------------------------------------------------------------------------------------------


def test_of_several_goals_the_highest_minimum_and_the_lowest_maximum_stand() -> None:
    fired, held = plan(
        a_rule("A", then={"goal": {"code": "calcium", "low": 1000, "high": 1300, "unit": "mg/d"}}),
        a_rule("B", then={"goal": {"code": "calcium", "low": 1100, "high": 1200, "unit": "mg/d"}}),
        a_rule("C", then={"goal": [{"code": "calcium"}, {"code": "walk", "low": 30}]}),
    )

    assert outputs.goals(fired, held) == (
        Goal("calcium", "mg/d", Why(("A", "B", "C")), Decimal(1100), Decimal(1200)),
        Goal("walk", "1", Why(("C",)), Decimal(30), None),
    )


@pytest.mark.parametrize("low", [30, "=coffee_cups", "=param.longterm_months"])
def test_a_bound_is_a_decimal_whatever_it_was_written_as(low: Number | str) -> None:
    fired, held = plan(a_rule(then={"goal": {"code": "walk", "low": low}}), record=SMOKER)

    assert type(outputs.goals(fired, held)[0].low) is Decimal


def test_the_bound_of_a_goal_may_be_worked_out_and_may_be_unknown() -> None:
    fired, held = plan(
        a_rule(then={"goal": [{"code": "x", "high": "=coffee_cups"}, {"code": "y", "low": "=bmi"}]}),
        record=SMOKER,
    )

    assert [(g.code, g.low, g.high) for g in outputs.goals(fired, held)] == [
        ("x", None, Decimal(5)),
        ("y", None, None),
    ]


@pytest.mark.parametrize(
    ("modes", "clinical"),
    [(["propose"], True), (["deterministic"], False), (["guard", "propose"], True), (["guard"], False)],
)
def test_an_activity_is_clinical_as_soon_as_one_rule_proposes_it(modes: list[str], clinical: bool) -> None:
    rules = [a_rule(f"R-{n}", mode=mode, then={"activity": "talk"}) for n, mode in enumerate(modes)]
    fired, held = plan(*rules)

    assert outputs.activities(fired, held) == (
        Activity("talk", Why(tuple(f"R-{n}" for n in range(len(modes)))), clinical=clinical),
    )


def test_details_are_merged_sorted_as_text_and_left_out_when_unknown() -> None:
    fired, held = plan(
        a_rule(
            "A",
            then={
                "activity": {"code": "talk", "details": {"z": 3, "cups": "=coffee_cups", "weight": "=bmi"}}
            },
        ),
        a_rule("B", then={"activity": {"code": "talk", "details": {"a": False, "z": "later"}}}),
        a_rule("C", then={"activity": ["talk", "walk"]}),
        record=SMOKER,
    )
    talk, walk = outputs.activities(fired, held)

    assert talk.details == (("a", "False"), ("cups", "5"), ("z", "later"))
    assert walk.details == ()


APPOINTMENT = BoneRecord(phone_appointment=date(2026, 11, 30))


@pytest.mark.parametrize(
    ("attributes", "record", "due", "trigger", "interval"),
    [
        ({}, APPOINTMENT, None, None, None),
        ({"from": "=phone_appointment"}, APPOINTMENT, date(2026, 11, 30), None, None),
        ({"from": "=phone_appointment", "months": 3}, APPOINTMENT, date(2027, 2, 28), None, None),
        ({"from": "=phone_appointment", "months": 3}, BoneRecord(), None, None, None),
        ({"months": 3}, APPOINTMENT, None, None, None),
        ({"from": "=phone_appointment", "months": "=bmi"}, APPOINTMENT, date(2026, 11, 30), None, None),
        ({"trigger": "control", "interval": "5y"}, APPOINTMENT, None, "control", "5y"),
    ],
)
def test_a_follow_up_has_its_day_its_trigger_and_its_interval(
    attributes: dict[str, ParameterValue],
    record: BoneRecord,
    due: date | None,
    trigger: str | None,
    interval: str | None,
) -> None:
    fired, held = plan(a_rule(then={"follow_up": {"code": "later", **attributes}}), record=record)

    assert outputs.follow_ups(fired, held) == (FollowUp("later", Why(("R-1",)), due, trigger, interval),)


def test_follow_ups_of_different_times_stay_apart_and_equal_ones_are_merged() -> None:
    fired, held = plan(
        a_rule("A", then={"follow_up": {"code": "review", "interval": "5y", "details": {"drug": "x"}}}),
        a_rule(
            "B",
            then={"follow_up": [{"code": "review", "interval": "3y"}, {"code": "review", "interval": "5y"}]},
        ),
    )

    assert outputs.follow_ups(fired, held) == (
        FollowUp("review", Why(("A", "B")), interval="5y", details=(("drug", "x"),)),
        FollowUp("review", Why(("B",)), interval="3y"),
    )


def test_flags_are_one_per_code_and_detail() -> None:
    fired, held = plan(
        a_rule("A", then={"flag": [{"code": "disease", "detail": "one"}, {"code": "disease", "detail": "two"}]}),
        a_rule("B", then={"flag": ["plain", {"code": "disease", "detail": "one"}, {"code": "n", "detail": "=coffee_cups"}]}),
        record=SMOKER,
    )  # fmt: skip
    flags = outputs.flags(fired, held)

    assert flags == (
        Flag("disease", Why(("A", "B")), "one"), Flag("disease", Why(("A",)), "two"), Flag("plain", Why(("B",))), Flag("n", Why(("B",)), "5"),
    )  # fmt: skip
    assert [flag.name for flag in flags] == ["disease:one", "disease:two", "plain", "n:5"]


def test_statements_are_said_once_in_order() -> None:
    fired, held = plan(
        a_rule("A", then={"statement": ["hello", {"code": "limit", "detail": 3000}]}),
        a_rule("B", then={"statement": [{"code": "limit", "detail": "=bmi"}, "hello"]}),
    )

    assert outputs.statements(fired, held) == (("hello", ""), ("limit", "3000"), ("limit", ""))


def test_a_figure_is_left_out_while_it_is_unknown() -> None:
    rule = a_rule(
        then={"computed": [{"code": "cups", "value": "=coffee_cups"}, {"code": "bmi", "value": "=bmi"}]}
    )
    fired, held = plan(rule, record=SMOKER)

    assert outputs.computed(fired, held) == (("cups", Decimal(5)),)


def test_nothing_fired_gives_nothing() -> None:
    fired, held = plan(a_rule(when="smoker", then={"flag": "x"}))

    assert outputs.goals(fired, held) == ()
    assert outputs.activities(fired, held) == ()
    assert outputs.follow_ups(fired, held) == ()
    assert outputs.flags(fired, held) == ()
    assert outputs.statements(fired, held) == ()
    assert outputs.computed(fired, held) == ()


def test_an_output_without_a_rule_cannot_be_built() -> None:
    with pytest.raises(ValueError, match=r"^an output needs at least one rule id$"):
        Why(())
