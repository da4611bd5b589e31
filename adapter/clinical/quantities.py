"""What was measured, each number in a unit of its own; no code of any terminology.

A quantity carries its unit in its type: it is made of a plain number whose unit somebody has looked at, keeps
its digits, and can neither stand for one of another unit nor be compared with it (``TypeError``).

What lies outside the limits of a measure is a slip of the pen or of the unit, which no living patient has
(``ValueError``). The limits are settlements of ours, each with its row in ``docs/settlements.md``. How
senders write the units, and the factors between them, is data of the mappings.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from numbers import Rational
from typing import Any, ClassVar, Final, Self, get_args

from adapter.clinical.kinds import Analyte, LabMark, Side, Site, Standing
from adapter.read_only import read_only

Comparable = Decimal | float | Rational  # what a Decimal is compared with


class FiniteNumbers:
    """Numbers are finite: NaN is neither below nor above any limit, so no class would come out."""

    __slots__ = ()
    _numbers: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls) -> None:
        kinds = cls.__annotations__
        cls._numbers = tuple(kind for kind in kinds if Decimal in (kinds[kind], *get_args(kinds[kind])))

    def __post_init__(self) -> None:  # raises ValueError
        for name in self._numbers:
            number = getattr(self, name)
            if number is not None and not number.is_finite():
                raise ValueError(f"{type(self).__name__} holds finite numbers only")


class Unit(StrEnum):
    """A unit of the core; a number of one is never compared with a number of another."""

    STANDARD_DEVIATIONS = "standard_deviations"
    G_PER_CM2 = "g_per_cm2"
    PERCENT = "percent"
    ML_PER_MIN = "ml_per_min"
    ML_PER_MIN_PER_1_73_M2 = "ml_per_min_per_1_73_m2"
    UMOL_PER_L = "umol_per_l"
    MMOL_PER_L = "mmol_per_l"
    NMOL_PER_L = "nmol_per_l"
    PMOL_PER_L = "pmol_per_l"
    U_PER_L = "u_per_l"
    MU_PER_L = "mu_per_l"
    G_PER_L = "g_per_l"
    MM_PER_H = "mm_per_h"
    KG = "kg"
    KG_PER_M2 = "kg_per_m2"
    MG_PER_DAY = "mg_per_day"
    ML_PER_DAY = "ml_per_day"
    MIN_PER_DAY = "min_per_day"
    GLASSES_PER_DAY = "glasses_per_day"
    CUPS_PER_DAY = "cups_per_day"
    PORTIONS_PER_DAY = "portions_per_day"
    FALLS_PER_YEAR = "falls_per_year"
    YEARS = "years"


@dataclass(frozen=True, slots=True)
class Measure:
    """The unit of a measured value, and the limits outside which it is not believed, by which settlement."""

    unit: Unit
    lowest: Decimal | None = None
    highest: Decimal | None = None
    cite: str = ""

    def believes(self, value: Decimal) -> bool:
        """Whether a living patient can have it; ``value`` is in the unit."""
        low, high = self.lowest, self.highest
        return (low is None or value >= low) and (high is None or value <= high)

    def check(self, value: Decimal) -> None:
        """Raise ``ValueError`` for what is not believed; the value itself is not repeated."""
        if not self.believes(value):
            bounds = f"{self.lowest} to {'any' if self.highest is None else self.highest}"
            raise ValueError(
                f"not believed: outside {bounds}, in {self.unit.replace('_', ' ')} ({self.cite})"
            )


def _within(unit: Unit, lowest: str, highest: str = "", cite: str = "C-77") -> Measure:
    return Measure(unit, Decimal(lowest), Decimal(highest) if highest else None, cite)


T_SCORE: Final = _within(Unit.STANDARD_DEVIATIONS, "-8", "6", "C-63")
BONE_DENSITY: Final = Measure(Unit.G_PER_CM2)
PROBABILITY: Final = _within(Unit.PERCENT, "0", "100", "the whole of a percentage")
WEIGHT: Final = _within(Unit.KG, "2", "500")
BMI: Final = _within(Unit.KG_PER_M2, "5", "150")
LABORATORY: Final[Mapping[Analyte, Measure]] = {
    Analyte.EGFR: _within(Unit.ML_PER_MIN_PER_1_73_M2, "0", "250"),
    Analyte.CREATININE_CLEARANCE: _within(Unit.ML_PER_MIN, "0", "400"),
    Analyte.CREATININE: _within(Unit.UMOL_PER_L, "10", "5000"),
    Analyte.CALCIUM: _within(Unit.MMOL_PER_L, "0"),
    Analyte.VITAMIN_D_25OH: _within(Unit.NMOL_PER_L, "0"),
    Analyte.ALKALINE_PHOSPHATASE: _within(Unit.U_PER_L, "0"),
    Analyte.ALBUMIN: _within(Unit.G_PER_L, "0"),
    Analyte.TSH: _within(Unit.MU_PER_L, "0"),
    Analyte.PHOSPHATE: _within(Unit.MMOL_PER_L, "0"),
    Analyte.ESR: _within(Unit.MM_PER_H, "0"),
    Analyte.PTH: _within(Unit.PMOL_PER_L, "0"),
}


class Quantity(Decimal):
    """A finite number of one unit: never equal to one of another unit, compared with it, or made of it."""

    __slots__ = ()
    measure: ClassVar[Measure]

    def __new__(cls, value: Decimal | int | str) -> Self:
        """Raise ``TypeError`` for a quantity of another unit, ``ValueError`` for what is not believed."""
        if isinstance(value, Quantity) and type(value) is not cls:
            raise TypeError(f"{type(value).__name__} cannot be {cls.__name__}")
        made = super().__new__(cls, value)
        if not made.is_finite():
            raise ValueError(f"{cls.__name__} are finite numbers only")
        cls.measure.check(Decimal(made))  # as a plain number: its own comparisons look at the unit first
        return made

    def __eq__(self, other: object) -> bool:
        return not self._is_of_another_unit(other) and super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = Decimal.__hash__

    def __lt__(self, other: Comparable) -> bool:
        return super().__lt__(self._comparable(other))

    def __le__(self, other: Comparable) -> bool:
        return super().__le__(self._comparable(other))

    def __gt__(self, other: Comparable) -> bool:
        return super().__gt__(self._comparable(other))

    def __ge__(self, other: Comparable) -> bool:
        return super().__ge__(self._comparable(other))

    def _comparable(self, other: Comparable) -> Comparable:
        if self._is_of_another_unit(other):
            raise TypeError(f"{type(self).__name__} cannot be compared with {type(other).__name__}")
        return other

    def _is_of_another_unit(self, other: object) -> bool:
        return isinstance(other, Quantity) and type(other) is not type(self)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, _source: object, handler: Callable[[object], Any]
    ) -> dict[str, Any]:
        """How a decision on file is read back: the decimal first, then what it counts."""
        made = {"type": "no-info", "function": cls}
        return {"type": "function-after", "function": made, "schema": handler(Decimal)}


def of_unit(value: object, kind: type[Quantity], what: str) -> None:
    """Raise ``TypeError`` where the number of ``what`` is bare, or of another unit."""
    if type(value) is not kind:
        raise TypeError(f"{what} is a number of {kind.__name__}, and no {type(value).__name__}")


class StandardDeviations(Quantity):
    """A T-score: standard deviations from the young adult mean."""

    __slots__ = ()
    measure = T_SCORE


class GramsPerCm2(Quantity):
    """An areal bone density in g/cm2."""

    __slots__ = ()
    measure = BONE_DENSITY


class Percent(Quantity):
    """A probability in percent."""

    __slots__ = ()
    measure = PROBABILITY


@read_only
class TScore:
    """One DXA T-score: standard deviations from the young adult mean, never rounded (C-41).

    ``on`` is its day, or the last possible one where only a range is known; ``earliest`` is then the first
    (C-61). ``report`` is the same for the scores that one report or panel names as its results.
    """

    site: Site
    value: StandardDeviations
    on: date
    side: Side | None = None
    standing: Standing = Standing.VALID
    level: str | None = None
    site_assumed: bool = False
    evidence: str = ""
    earliest: date | None = None
    report: str = ""
    prosthesis: bool = False  # the scan itself speaks of a prosthesis at this site

    def __post_init__(self) -> None:
        """A bare number may be a density; ``StandardDeviations`` says that somebody looked at the unit."""
        of_unit(self.value, StandardDeviations, "a T-score")


@read_only
class BoneDensity:
    """A density. Makers and reference populations differ: it can only contradict a T-score (H01)."""

    site: Site
    g_cm2: GramsPerCm2
    on: date
    side: Side | None = None
    evidence: str = ""

    def __post_init__(self) -> None:
        """A bare number may be a T-score."""
        of_unit(self.g_cm2, GramsPerCm2, "a bone density")


@read_only
class Lab(FiniteNumbers):
    """The newest value of an analyte in its own unit (``LABORATORY``), with the laboratory's mark."""

    analyte: Analyte
    value: Decimal | None = None
    mark: LabMark | None = None
    on: date | None = None
    evidence: str = ""
    low: Decimal | None = None  # the laboratory's own limits, in the analyte's unit
    high: Decimal | None = None
    corrected: bool = False  # a calcium that the laboratory itself corrected for albumin

    def __post_init__(self) -> None:
        """A value that no living patient has is a fault of whoever read it (C-77)."""
        FiniteNumbers.__post_init__(self)
        if self.value is not None:
            LABORATORY[self.analyte].check(self.value)

    @property
    def unit(self) -> Unit:
        """The unit of its value and of its limits."""
        return LABORATORY[self.analyte].unit


@read_only
class Frax:
    """Ten-year fracture probabilities in percent, read and never computed (HVRT-23)."""

    mof_pct: Percent | None = None
    hip_pct: Percent | None = None
    evidence: str = ""
    on: date | None = None

    def __post_init__(self) -> None:
        """A bare number may be a fraction."""
        for value in (self.mof_pct, self.hip_pct):
            if value is not None:
                of_unit(value, Percent, "a probability")
