"""A rule as data: what it is where nothing more is said, and which effect belongs to which stage."""

import pytest

from adapter.clinical.language.rules import EFFECTS, SETTLED, Citation, Effect, Mode, Rule, Stage


def test_a_rule_that_says_no_more_than_it_must() -> None:
    rule = Rule("R-1", Mode.GUARD, "Something", (Citation("leaflet"),))

    assert (rule.topic, rule.reason, rule.cite[0].lines) == ("", "", "")
    assert (rule.when, rule.effects, rule.asks) == (None, (), frozenset())
    assert not rule.executable


ATTRIBUTES: dict[Stage, dict[str, set[str]]] = {
    Stage.CLASS: {"class": set()},
    Stage.DIAGNOSIS: {"route": set(), "block": set()},
    Stage.GUARD: {"remove": {"because"}, "wait": {"drugs"}},
    Stage.OFFER: {"offer": {"drugs", "name_drugs"}},
    Stage.DECISION: {"decision": set()},
    Stage.PLAN: {
        "goal": {"low", "high", "unit"},
        "activity": {"details"},
        "follow_up": {"from", "months", "trigger", "interval", "details"},
        "flag": {"detail"},
        "statement": {"detail"},
        "unknown": set(),
        "interim": set(),
        "computed": {"value"},
    },
}


@pytest.mark.parametrize("stage", Stage)
def test_what_may_follow_in_which_stage(stage: Stage) -> None:
    found = {kind: set(effect.attributes) for kind, effect in EFFECTS.items() if effect.stage is stage}

    assert found == ATTRIBUTES[stage]
    assert {Effect(kind, "x").stage for kind in found} == {stage}


def test_the_stages_stand_in_the_order_of_deciding_and_each_settles_names_of_its_own() -> None:
    assert [stage.name for stage in sorted(Stage)] == [
        "CLASS",
        "DIAGNOSIS",
        "GUARD",
        "OFFER",
        "DECISION",
        "PLAN",
    ]
    assert list(SETTLED) == sorted(Stage)
    names = [name for settled in SETTLED.values() for name in settled]
    assert len(names) == len(set(names))
