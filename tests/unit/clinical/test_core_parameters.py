"""What the parameters that Python reads may be, and what has no class by them."""

from decimal import Decimal

import pytest

from adapter.clinical.calendar import add_months
from adapter.clinical.model import BoneDensity, GramsPerCm2, Site
from adapter.clinical.terms.rounded_class import class_of_number
from tests.factories import TODAY
from tests.unit.clinical.questions import days, general_parameters


def test_months_with_a_decimal_point_are_the_same_months() -> None:
    assert add_months(days("2026-11-30"), Decimal("3.0")) == add_months(days("2026-11-30"), 3)


def test_a_density_has_no_class() -> None:
    """The type check refuses it as well: else the reason to ignore it would be an error."""
    low = BoneDensity(Site.FEMORAL_NECK, GramsPerCm2("0.6"), TODAY)
    with pytest.raises(AttributeError):
        class_of_number(low, general_parameters())  # type: ignore[arg-type] # that is the point
