"""The parameters that Python reads are in every pathway; Python and rules mean the same class by them."""

from decimal import Decimal
from typing import get_type_hints

import pytest

from adapter.clinical import decide
from adapter.clinical.core_parameters import CoreParameters
from adapter.clinical.model import Menopause, Sex, Site
from adapter.clinical.terms.rounded_class import class_of_number, rounding_changes
from adapter.clinical.value_kinds import Number
from mappings.pathways import PATHWAY_NAMES, load
from tests.factories import TODAY
from tests.unit.clinical.questions import days, scan, score

EVERY = pytest.mark.parametrize("name", ["core", *PATHWAY_NAMES])
HINTS = get_type_hints(CoreParameters)
NEAR_A_LIMIT = [f"{Decimal(start + step) / 100:.2f}" for start in (-260, -110, -5, 195) for step in range(21)]


@EVERY
def test_every_pathway_gives_each_of_them_a_value(name: str) -> None:
    assert load(name).parameters.keys() >= HINTS.keys()


@EVERY
def test_what_is_read_as_a_number_is_one(name: str) -> None:
    numbers = {key: load(name).parameters[key] for key, hint in HINTS.items() if hint == Number}
    assert len(numbers) > 15
    assert [key for key, value in numbers.items() if type(value) not in (int, Decimal)] == []


@EVERY
@pytest.mark.hazard(id="H05")
def test_the_rules_give_the_class_that_python_gives(name: str) -> None:
    pathway = load(name)
    limits = pathway.core
    for value in NEAR_A_LIMIT:
        one = score(Site.FEMORAL_NECK, value)
        record = scan(one, sex=Sex.FEMALE, menopause=Menopause.POST, birth_date=days("1956-01-01"))
        decision = decide(record, pathway, TODAY)
        assert decision.classification.category is class_of_number(one, limits), value
        flags = {flag.code for flag in decision.flags}
        assert ("rounding_changes_class" in flags) is rounding_changes(one, limits), value
