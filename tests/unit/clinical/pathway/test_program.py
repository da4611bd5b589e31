"""One function per stage: which effects it gives for which facts, and what it leaves for later stages."""

from types import FunctionType

import pytest

from adapter.clinical.pathway.logic import Expression, compile_expression
from adapter.clinical.pathway.program import stage_program
from adapter.clinical.pathway.rules import Effect, Mode, Rule, Stage
from adapter.clinical.value_kinds import FactValue

NAMES = frozenset({"smoker", "age", "low", "lower"})
CONSTANTS: dict[str, FactValue] = {}


def asks(text: str) -> Expression:
    return compile_expression(text, {}, NAMES, CONSTANTS)


def a_rule(key: str, *effects: Effect, when: str = "") -> Rule:
    return Rule(key, Mode.DETERMINISTIC, "", (), when=asks(when) if when else None, effects=effects)


def held(*rules: Rule, stage: Stage = Stage.PLAN, **facts: FactValue) -> dict[str, list[tuple[str, str]]]:
    found = stage_program(stage, {}, dict(enumerate(rules)))(facts, [])
    return {kind: [(f.rule.id, f.effect.code) for f in fired] for kind, fired in found.items()}


FLAG, GOAL, ROUTE = Effect("flag", "x"), Effect("goal", "y"), Effect("route", "z")


@pytest.mark.parametrize(("smoker", "fired"), [(True, [("A", "x")]), (False, []), (None, [])])
def test_a_rule_fires_on_true_only(smoker: bool | None, fired: list[tuple[str, str]]) -> None:
    assert held(a_rule("A", FLAG, when="smoker"), smoker=smoker) == {"flag": fired}


def test_a_rule_without_condition_always_fires() -> None:
    assert held(a_rule("A", FLAG)) == {"flag": [("A", "x")]}


def test_effects_are_sorted_by_kind_and_stand_in_the_order_of_the_rules() -> None:
    rules = a_rule("B", GOAL, FLAG), a_rule("A", FLAG)

    assert held(*rules) == {"flag": [("B", "x"), ("A", "x")], "goal": [("B", "y")]}


def test_a_stage_gives_its_own_effects_only() -> None:
    rule = a_rule("A", FLAG, ROUTE)

    assert held(rule) == {"flag": [("A", "x")]}
    assert held(rule, stage=Stage.DIAGNOSIS) == {"route": [("A", "z")]}
    assert held(rule, stage=Stage.CLASS) == {}


def test_an_effect_may_have_a_condition_of_its_own() -> None:
    rule = a_rule("A", Effect("flag", "x", only_if=asks("age > 50")), GOAL, when="smoker")

    assert held(rule, smoker=True, age=60) == {"flag": [("A", "x")], "goal": [("A", "y")]}
    assert held(rule, smoker=True, age=None) == {"flag": [], "goal": [("A", "y")]}
    assert held(rule, smoker=False, age=60) == {"flag": [], "goal": []}


def test_a_definition_is_worked_out_first_and_kept_for_later_stages() -> None:
    definitions = {"low": asks("age < 50"), "lower": asks("low and smoker")}
    program = stage_program(
        Stage.CLASS, definitions, {0: a_rule("A", Effect("class", "normal"), when="lower")}
    )
    facts: dict[str, FactValue] = {"age": 40, "smoker": True}

    assert [f.rule.id for f in program(facts, [])["class"]] == ["A"]
    assert facts == {"age": 40, "smoker": True, "low": True, "lower": True}


def test_an_unknown_definition_is_kept_as_unknown() -> None:
    facts: dict[str, FactValue] = {"age": None}
    stage_program(Stage.CLASS, {"low": asks("age < 50")}, {})(facts, [])

    assert facts["low"] is None


def test_nothing_of_one_patient_stays_for_the_next() -> None:
    program = stage_program(Stage.PLAN, {}, {0: a_rule("A", FLAG, when="smoker")})

    assert len(program({"smoker": True}, [])["flag"]) == 1
    assert len(program({"smoker": True}, [])["flag"]) == 1
    assert program({"smoker": False}, [])["flag"] == ()


def test_what_fires_is_made_once_and_not_for_every_patient() -> None:
    program = stage_program(Stage.PLAN, {}, {0: a_rule("A", FLAG)})

    assert program({}, [])["flag"][0] is program({}, [])["flag"][0]


def test_it_notes_the_places_of_the_rules_that_held() -> None:
    gated = Effect("flag", "x", only_if=asks("age > 50"))
    rules = {3: a_rule("A", FLAG, when="smoker"), 7: a_rule("B", gated), 9: a_rule("C", gated, GOAL)}

    def places(**facts: FactValue) -> set[int]:
        found: list[int] = []
        stage_program(Stage.PLAN, {}, rules)(facts, found)
        return set(found)

    assert places(smoker=True, age=60) == {3, 7, 9}
    assert places(smoker=None, age=40) == {9}


def test_nothing_of_python_is_at_hand_in_a_stage() -> None:
    program = stage_program(Stage.PLAN, {}, {0: a_rule("A", FLAG, when="smoker")})

    assert isinstance(program, FunctionType)
    assert program.__globals__["__builtins__"] == {}
