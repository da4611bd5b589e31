"""The class of a T-score and of the same one rounded."""

from decimal import Decimal

import pytest

from adapter.clinical.core_parameters import ClassLimits
from adapter.clinical.decision import Category
from adapter.clinical.model import Site
from adapter.clinical.terms.rounded_class import class_of_number, rounding_changes
from tests.unit.clinical.questions import score

NECK = Site.FEMORAL_NECK
INCLUSIVE, EXCLUSIVE = (
    ClassLimits(
        osteoporosis_at_or_below=Decimal("-2.5"),
        normal_from=Decimal("-1.0"),
        normal_includes_minus_1=included,
    )
    for included in (True, False)
)
N, P, O = Category.NORMAL, Category.OSTEOPENIA, Category.OSTEOPOROSIS  # noqa: E741 - columns of a table


@pytest.mark.parametrize(
    ("value", "inclusive", "exclusive"),
    [
        ("-2.6", O, O), ("-2.5", O, O), ("-2.49", P, P), ("-1.01", P, P), ("-1.0", N, P), ("-0.99", N, N), ("2", N, N),
    ],
)  # fmt: skip
@pytest.mark.hazard(id="H05")
def test_the_class_of_a_value(value: str, inclusive: Category, exclusive: Category) -> None:
    assert class_of_number(score(NECK, value), INCLUSIVE) is inclusive
    assert class_of_number(score(NECK, value), EXCLUSIVE) is exclusive


@pytest.mark.parametrize(
    ("value", "inclusive", "exclusive"),
    [
        ("-2.45", True, True), ("-2.44", False, False), ("-2.49", True, True), ("-2.5", False, False),
        ("-2.54", False, False), ("-1.04", True, False), ("-1.05", False, False), ("-0.96", False, True),
        ("-0.95", False, True), ("-0.94", False, False), ("-1.0", False, False),
    ],
)  # fmt: skip
@pytest.mark.hazard(id="H05")
def test_rounding_to_one_decimal_may_change_it(value: str, inclusive: bool, exclusive: bool) -> None:
    assert rounding_changes(score(NECK, value), INCLUSIVE) is inclusive
    assert rounding_changes(score(NECK, value), EXCLUSIVE) is exclusive
