"""Facts and parameters that say their units are compared within one unit only."""

import ast

import pytest

from adapter.clinical.pathway.logic import Expression
from adapter.clinical.pathway.parameter_units import FACTS, mixed_units, unit_faults
from adapter.clinical.pathway.pathway_document import PathwayDocument
from adapter.clinical.pathway.rules import Rule
from adapter.clinical.quantities import Unit
from adapter.clinical.terms import VOCABULARY
from adapter.clinical.value_kinds import Parameters, Place
from mappings.pathways import PATHWAY_NAMES, load
from tests.unit.clinical.small_pathways import a_rule

LIMITS = {"limit": Unit.STANDARD_DEVIATIONS, "doses": Unit.MG_PER_DAY}
COUNTS = {"relatives_with_osteoporosis", "today", "fracture_on_drug", "sex"}


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("lowest_t <= param.limit", []),
        ("lowest_t <= -2.5", []),  # a bare number has no unit to compare
        ("lowest_t <= param.unsaid", []),
        ("lowest_t <= param.doses.low", ["'lowest_t <= param.doses.low' compares standard_deviations with mg_per_day"]),
        ("param.doses.low < calcium_mg < age", ["'param.doses.low < calcium_mg < age' compares mg_per_day with years"]),
        ("known(bmi) and not bmi == age", ["'bmi == age' compares kg_per_m2 with years"]),
        ("bmi <", []),  # cut short: somebody else says so
    ],
)  # fmt: skip
def test_what_is_compared_is_of_one_unit(condition: str, found: list[str]) -> None:
    assert list(mixed_units(condition, LIMITS)) == found


MIXED = "lowest_t < bmi"
IN_EFFECTS: dict[str, tuple[Parameters, Place]] = {
    "the condition of an effect": ({"activity": {"code": "x", "if": MIXED}}, ("activity", "if")),
    "of one of several effects": ({"activity": ["y", {"code": "x", "if": MIXED}]}, ("activity", 1, "if")),
    "an attribute": ({"flag": {"code": "x", "detail": f"={MIXED}"}}, ("flag", "detail")),
    "an attribute within another": (
        {"activity": [{"code": "x", "details": {"low": f"= {MIXED}"}}]},
        ("activity", 0, "details", "low"),
    ),
}


@pytest.mark.parametrize(("then", "place"), IN_EFFECTS.values(), ids=IN_EFFECTS)
def test_a_comparison_in_an_effect_is_found_where_it_stands(then: Parameters, place: Place) -> None:
    document = PathwayDocument("small", "1.0.0", "Small", rules=(a_rule(then=then),))

    assert [fault.place for fault in unit_faults([document])] == [("rules", 0, "then", *place)]


@pytest.mark.parametrize(
    ("define", "condition", "found"),
    [
        ({"score": "lowest_t"}, "score < bmi", "'score < bmi' compares standard_deviations with kg_per_m2"),
        ({"most": "param.doses.low"}, "most < age", "'most < age' compares mg_per_day with years"),
        ({"b": "a", "c": "b", "a": "lowest_t"}, "c < bmi", "'c < bmi' compares standard_deviations with kg_per_m2"),
        ({"score": "lowest_t"}, "score < param.limit", None),
        ({"low": "lowest_t < -2.5"}, "low == smoker", None),  # a truth value is counted in nothing
        ({"a": "b", "b": "a"}, "a < bmi", None),  # in a circle: somebody else says so
    ],
)  # fmt: skip
def test_a_definition_that_renames_has_the_unit_of_what_it_renames(
    define: dict[str, str], condition: str, found: str | None
) -> None:
    general = PathwayDocument("general", "1.0.0", "General", parameter_units=LIMITS, define=define)
    own = PathwayDocument("own", "1.0.0", "Own", rules=(a_rule(when=condition, then={"flag": "x"}),))

    assert [fault.message for fault in unit_faults([general, own])] == ([found] if found else [])


def expressions(rule: Rule) -> list[Expression]:
    """Its condition, those of its effects, and the attributes that are worked out."""
    attributes: list[object] = [value for effect in rule.effects for value in effect.attributes.values()]
    nested = [part for value in attributes if isinstance(value, dict) for part in value.values()]
    every = [rule.when, *(effect.only_if for effect in rule.effects), *attributes, *nested]
    return [it for it in every if isinstance(it, Expression)]


@pytest.mark.parametrize("name", ["core", *PATHWAY_NAMES])
def test_every_fact_that_is_compared_with_a_number_has_a_unit(name: str) -> None:
    pathway = load(name)
    written = [*pathway.definitions.values(), *(it for rule in pathway.rules for it in expressions(rule))]
    comparisons = [
        node
        for it in written
        for node in ast.walk(ast.parse(it.text.strip(), mode="eval"))
        if isinstance(node, ast.Compare) and not isinstance(node.ops[0], ast.Eq | ast.NotEq | ast.In)
    ]
    compared = {it.id for node in comparisons for it in ast.walk(node) if isinstance(it, ast.Name)}

    assert compared & VOCABULARY.keys() - FACTS.keys() <= COUNTS
    assert compared & FACTS.keys()
