"""To whom WHO classes apply."""

import pytest

from adapter.clinical.core_parameters import AgeGate
from adapter.clinical.model import Menopause, Sex
from adapter.clinical.terms.age_gate import t_scores_apply

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
