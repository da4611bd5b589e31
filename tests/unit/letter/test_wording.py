"""Goals in words: a minimum, a maximum, a range, or open."""

from decimal import Decimal

import pytest

from adapter.clinical.decision import (
    Goal,
)
from tests.unit.letter.letters_in_words import texts_of, written
from tests.unit.letter.patients import (
    WHY,
)


@pytest.mark.parametrize(
    ("low", "high", "amount"),
    [
        ("1000", None, "at least 1000 mg per day"),
        (None, "2500", "at most 2500 mg per day"),
        ("1000", "1200", "1000 to 1200 mg per day"),
        ("800", "800", "800 mg per day"),
        (None, None, "amount to be set by the clinician"),
    ],
)
def test_a_goal_is_a_minimum_a_maximum_a_range_or_open(
    low: str | None, high: str | None, amount: str
) -> None:
    goal = Goal(
        "calcium_mg_per_day", "mg/d", WHY, (low and Decimal(low)) or None, (high and Decimal(high)) or None
    )

    assert texts_of(written(activities=(), goals=(goal,)), "advice") == [
        f"calcium from food and supplements together {amount}"
    ]
