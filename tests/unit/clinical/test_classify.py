"""To whom WHO classes apply, and the class that stands."""

import pytest

from adapter.clinical.classify import class_that_stands, t_scores_apply
from adapter.clinical.core_parameters import AgeGate
from adapter.clinical.decision import Category
from adapter.clinical.model import Menopause, Sex

GATE = AgeGate(enabled=True, men_from=50, women_unknown_from=52)
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


# --- the class that stands, of those that rules gave --------------------------------------------------------


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
