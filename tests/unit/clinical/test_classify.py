"""To whom WHO classes apply, and the class of one value."""

from decimal import Decimal

import pytest

from adapter.clinical.classify import category_of, class_that_stands, rounding_changes, t_scores_apply
from adapter.clinical.core_parameters import AgeGate, ClassLimits
from adapter.clinical.decision import Category
from adapter.clinical.model import Menopause, Sex, Site
from tests.unit.clinical.questions import score

GATE = AgeGate(enabled=True, men_from=50, women_unknown_from=52)
NECK = Site.FEMORAL_NECK
PRE, POST = Menopause.PRE, Menopause.POST


@pytest.mark.parametrize(
    ("sex", "menopause", "age", "applies"),
    [
        (Sex.FEMALE, POST, 34, True),
        (Sex.FEMALE, POST, None, True),
        (Sex.FEMALE, PRE, 60, False),
        (Sex.FEMALE, None, 51, False),
        (Sex.FEMALE, None, 52, True),
        (Sex.FEMALE, None, None, None),
        (None, POST, 34, True),
        (None, PRE, 60, False),
        (None, None, 51, False),
        (None, None, 52, True),
        (Sex.MALE, None, 49, False),
        (Sex.MALE, None, 50, True),
        (Sex.MALE, POST, 49, False),
        (Sex.MALE, PRE, 50, True),
        (Sex.MALE, PRE, None, None),
    ],
)
@pytest.mark.hazard(id="H13")
def test_t_scores_are_for_women_after_the_menopause_and_men_from_fifty(
    sex: Sex | None, menopause: Menopause | None, age: int | None, applies: bool | None
) -> None:
    assert t_scores_apply(sex, menopause, age, GATE) is applies


def test_the_gate_can_be_opened() -> None:
    assert (
        t_scores_apply(Sex.MALE, None, None, AgeGate(enabled=False, men_from=50, women_unknown_from=52))
        is True
    )


# --- class of one value --------------------------------------------------------------------------------------------

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
    assert category_of(score(NECK, value), INCLUSIVE) is inclusive
    assert category_of(score(NECK, value), EXCLUSIVE) is exclusive


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


# --- the class that stands, of those that rules gave -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "stands"),
    [
        # One low site is enough.
        ("normal, osteopenia, osteoporosis", "osteoporosis"),
        ("normal, osteopenia", "osteopenia"),
        # An institution's own rule that leaves the class open: what is in doubt may be osteoporosis.
        ("normal, indeterminate", "indeterminate"),
        ("osteopenia, indeterminate", "indeterminate"),
        # A doubt about one site takes nothing from another one that is low.
        ("osteoporosis, indeterminate", "osteoporosis"),
        # The scale is not for a premenopausal woman or a young man, whatever the T-score.
        ("normal, not_classifiable_by_t_score", "not_classifiable_by_t_score"),
        ("osteopenia, not_classifiable_by_t_score", "not_classifiable_by_t_score"),
        ("osteoporosis, not_classifiable_by_t_score", "not_classifiable_by_t_score"),
        ("indeterminate, not_classifiable_by_t_score", "not_classifiable_by_t_score"),
    ],
)
def test_a_doubt_is_never_resolved_towards_the_more_reassuring_class(given: str, stands: str) -> None:
    assert class_that_stands(given.split(", ")) == stands


@pytest.mark.parametrize("category", Category)
def test_a_class_that_is_the_only_one_stands(category: Category) -> None:
    assert class_that_stands([category]) is category
