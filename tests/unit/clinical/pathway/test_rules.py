"""A rule as data: what it is where nothing more is said, and which effect belongs to which stage."""

from adapter.clinical.pathway.rules import (
    ALWAYS_ANSWERED,
    DECIDED,
    EFFECTS,
    Citation,
    Effect,
    Mode,
    Rule,
    Stage,
)


def test_a_rule_that_says_no_more_than_it_must() -> None:
    rule = Rule("R-1", Mode.GUARD, "Something", (Citation("leaflet"),))

    assert (rule.topic, rule.reason, rule.cite[0].lines) == ("", "", "")
    assert (rule.when, rule.effects, rule.asks) == (None, (), frozenset())
    assert not rule.executable


def test_an_effect_belongs_to_one_stage() -> None:
    assert Effect("class", "normal").stage is Stage.CLASS
    assert Effect("flag", "seen").stage is Stage.PLAN


def test_each_stage_decides_names_of_its_own() -> None:
    names = [name for decided in DECIDED.values() for name in decided]

    assert list(DECIDED) == sorted(Stage)
    assert len(names) == len(set(names))


def test_what_is_always_answered_is_a_kind_of_effect() -> None:
    assert set(ALWAYS_ANSWERED) <= EFFECTS.keys()
