"""Intake from portions, daylight, and what was recorded."""

from decimal import Decimal
from typing import Any

import pytest

from adapter.clinical.model import BoneRecord, Lifestyle
from tests.unit.clinical.questions import ask, cites

HABITS: dict[str, tuple[str, Any]] = {
    "smoker": ("smoker", False),
    "alcohol_glasses": ("alcohol_glasses_per_day", Decimal(2)),
    "coffee_cups": ("coffee_cups_per_day", Decimal(4)),
    "dairy_portions": ("dairy_portions_per_day", Decimal(3)),
    "dairy_free": ("dairy_free", True),
    "passive_smoke": ("passive_smoke", True),
    "outdoors_minutes": ("outdoors_min_per_day", Decimal(20)),
    "skin_dark": ("skin_dark", False),
    "veil": ("veil", True),
    "recorded_little_exercise": ("little_exercise", True),
    "recorded_poor_nutrition": ("poor_nutrition", True),
}


@pytest.mark.parametrize("term", HABITS)
def test_a_habit_is_what_was_recorded(term: str) -> None:
    field, value = HABITS[term]
    record = BoneRecord(lifestyle=Lifestyle(**{field: value}), evidence=((field, "O/1"), ("other", "O/2")))

    assert ask(term, record) == value
    assert cites(term, record) == ("O/1",)


@pytest.mark.parametrize(
    ("habits", "calcium"),
    [
        (Lifestyle(calcium_mg_per_day=Decimal(900)), 900),
        (Lifestyle(calcium_mg_per_day=Decimal(0), calcium_portions=(("glass_milk", Decimal(2)),)), 0),
        (Lifestyle(calcium_portions=(("glass_milk", Decimal(2)), ("slice_cheese", Decimal("1.5")))), Decimal("592.5")),
        (Lifestyle(calcium_portions=(("gold", Decimal(9)), ("wholemeal_bread", Decimal(1)))), 11),
        (Lifestyle(), None),
    ],
)  # fmt: skip
def test_calcium_is_stated_or_counted_from_portions(habits: Lifestyle, calcium: Decimal | None) -> None:
    evidence = (("calcium_mg_per_day", "O/1"), ("calcium_portions", "O/2"))

    assert ask("calcium_mg", BoneRecord(lifestyle=habits)) == calcium
    assert cites("calcium_mg", BoneRecord(evidence=evidence)) == ("O/1", "O/2")


@pytest.mark.parametrize(
    ("habits", "enough"),
    [
        (Lifestyle(outdoors_min_per_day=Decimal(30)), True),
        (Lifestyle(outdoors_min_per_day=Decimal(29)), False),
        (Lifestyle(outdoors_sufficient=True, outdoors_min_per_day=Decimal(1)), True),
        (Lifestyle(outdoors_sufficient=False, outdoors_min_per_day=Decimal(99)), False),
        (Lifestyle(), None),
    ],
)
def test_enough_daylight_is_said_or_counted(habits: Lifestyle, enough: bool | None) -> None:
    evidence = (("outdoors_sufficient", "O/1"), ("outdoors_min_per_day", "O/2"))

    assert ask("outdoors_sufficient", BoneRecord(lifestyle=habits)) is enough
    assert cites("outdoors_sufficient", BoneRecord(evidence=evidence)) == ("O/1", "O/2")
