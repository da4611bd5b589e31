"""Facts and parameters that say their units are compared within one unit only."""

import ast

import pytest

from adapter.clinical.pathway.parameter_units import FACTS, mixed_units
from adapter.clinical.quantities import Unit
from adapter.clinical.terms import VOCABULARY
from mappings.pathways import PATHWAY_NAMES, load

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


@pytest.mark.parametrize("name", ["core", *PATHWAY_NAMES])
def test_every_fact_that_is_compared_with_a_number_has_a_unit(name: str) -> None:
    pathway = load(name)
    written = [*pathway.definitions.values(), *(rule.when for rule in pathway.rules if rule.when)]
    comparisons = [
        node
        for it in written
        for node in ast.walk(ast.parse(it.text.strip(), mode="eval"))
        if isinstance(node, ast.Compare) and not isinstance(node.ops[0], ast.Eq | ast.NotEq | ast.In)
    ]
    compared = {it.id for node in comparisons for it in ast.walk(node) if isinstance(it, ast.Name)}

    assert compared & VOCABULARY.keys() - FACTS.keys() <= COUNTS
    assert compared & FACTS.keys()
