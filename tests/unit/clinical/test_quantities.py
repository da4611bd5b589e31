"""What cannot be mixed: each row puts one measured thing where another belongs, and names the refusal.

A row with a ``type: ignore`` is refused by the type check too, which fails if that ignore is not needed.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapter.clinical.model import (
    Analyte,
    BoneDensity,
    Frax,
    GramsPerCm2,
    Lab,
    Percent,
    Site,
    StandardDeviations,
    TScore,
)
from adapter.clinical.quantities import (
    BMI,
    BONE_DENSITY,
    LABORATORY,
    PROBABILITY,
    T_SCORE,
    WEIGHT,
    Measure,
    Quantity,
    Unit,
)

DAY, HIP = date(2026, 11, 20), Site.TOTAL_HIP
SCORE = TScore(HIP, StandardDeviations("-1.2"), DAY)
DENSITY = BoneDensity(HIP, GramsPerCm2("0.812"), DAY)
SETTLEMENTS = Path(__file__).parents[3] / "docs" / "settlements.md"


@pytest.mark.parametrize(
    ("attempt", "kind", "why"),
    [
        (lambda: TScore(HIP, Decimal("0.812"), DAY), TypeError, "a T-score is .* StandardDeviations, and no Decimal"),  # type: ignore[arg-type]
        (lambda: TScore(HIP, -2.5, DAY), TypeError, "a T-score is .* and no float"),  # type: ignore[arg-type]
        (lambda: TScore(HIP, DENSITY.g_cm2, DAY), TypeError, "a T-score is .* and no GramsPerCm2"),  # type: ignore[arg-type]
        (lambda: StandardDeviations(DENSITY.g_cm2), TypeError, "GramsPerCm2 cannot be StandardDeviations"),
        (lambda: BoneDensity(HIP, Decimal("0.812"), DAY), TypeError, "a bone density is .* and no Decimal"),  # type: ignore[arg-type]
        (lambda: BoneDensity(HIP, SCORE.value, DAY), TypeError, "a bone density is .* and no StandardDeviations"),  # type: ignore[arg-type]
        (lambda: GramsPerCm2(SCORE.value), TypeError, "StandardDeviations cannot be GramsPerCm2"),
        (lambda: SCORE.value < DENSITY.g_cm2, TypeError, "StandardDeviations cannot be compared with GramsPerCm2"),
        (lambda: DENSITY.g_cm2 >= SCORE.value, TypeError, "GramsPerCm2 cannot be compared with StandardDeviations"),
        (lambda: max(SCORE.value, DENSITY.g_cm2), TypeError, "cannot be compared"),
        (lambda: Frax(Decimal("0.2")), TypeError, "a probability is .* Percent, and no Decimal"),  # type: ignore[arg-type]
        (lambda: Frax(None, SCORE.value), TypeError, "a probability is .* and no StandardDeviations"),  # type: ignore[arg-type]
        (lambda: StandardDeviations(812), ValueError, r"outside -8 to 6, in standard deviations \(C-63\)"),
        (lambda: StandardDeviations("NaN"), ValueError, "finite"),
        (lambda: Percent(101), ValueError, "outside 0 to 100, in percent"),
        (lambda: Lab(Analyte.EGFR, Decimal(9000)), ValueError, r"outside 0 to 250, in ml per min .*\(C-77\)"),
        (lambda: Lab(Analyte.CREATININE, Decimal("0.9")), ValueError, r"outside 10 to 5000, in umol per l \(C-77\)"),
        (lambda: Lab(Analyte.PTH, Decimal(-1)), ValueError, r"outside 0 to any, in pmol per l \(C-77\)"),
    ],
)  # fmt: skip
def test_one_measured_thing_cannot_stand_for_another(
    attempt: Callable[[], Any], kind: type[Exception], why: str
) -> None:
    with pytest.raises(kind, match=why):
        attempt()


def test_a_number_of_one_unit_equals_none_of_another_and_keeps_its_digits() -> None:
    assert StandardDeviations(1) != GramsPerCm2(1)
    assert len({StandardDeviations(1), GramsPerCm2(1)}) == 2
    assert StandardDeviations("-2.50") == Decimal("-2.5") == StandardDeviations("-2.5")
    assert str(StandardDeviations("-2.50")) == "-2.50"


@pytest.mark.parametrize("value", ["812", "NaN"])
def test_a_refusal_does_not_repeat_the_number(value: str) -> None:
    with pytest.raises(ValueError, match=r"not believed|finite") as refused:
        StandardDeviations(value)

    assert value not in str(refused.value)


def test_every_analyte_and_every_quantity_has_a_unit_of_its_own_measure() -> None:
    assert LABORATORY.keys() == set(Analyte)
    assert Lab(Analyte.CALCIUM).unit is Unit.MMOL_PER_L
    units = [kind.measure.unit for kind in Quantity.__subclasses__()]
    assert len(units) == len(set(units)) == 3


@pytest.mark.parametrize("measure", [T_SCORE, BONE_DENSITY, PROBABILITY, WEIGHT, BMI, *LABORATORY.values()])
def test_a_limit_names_a_settlement_that_says_it(measure: Measure) -> None:
    if measure in (PROBABILITY, BONE_DENSITY):  # by definition, and none
        return
    (row,) = re.findall(rf"^\| {measure.cite} \|(.*)", SETTLEMENTS.read_text("utf-8"), re.MULTILINE)

    assert all(str(it) in row or it == 0 for it in (measure.lowest, measure.highest) if it is not None)
