"""On which side a laboratory value harms, how it is marked, and which of two values of one day counts.

Marks are the laboratory's or the institution's, never ours (C-51); the limits that count
without any are the pathway's.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal

from adapter.clinical.core_parameters import CoreParameters, LabLimits
from adapter.clinical.model import Analyte, Lab, LabMark
from adapter.clinical.value_kinds import Number

_RENAL = (Analyte.EGFR, Analyte.CREATININE_CLEARANCE)
# What harms on one side only; the other analytes do on both.
HARMS_BY: Mapping[Analyte, LabMark] = {
    **dict.fromkeys((*_RENAL, Analyte.VITAMIN_D_25OH, Analyte.ALBUMIN), LabMark.LOW),
    **dict.fromkeys((Analyte.CREATININE, Analyte.ALKALINE_PHOSPHATASE, Analyte.ESR), LabMark.HIGH),
}
DECIDES_BY_NUMBER = frozenset({*_RENAL, Analyte.CREATININE})  # whatever its mark

MarkOf = Callable[[Lab], LabMark | None]
Precedence = tuple[date, bool, bool, bool, Decimal, str, str]


def reported_mark(found: Lab) -> LabMark | None:
    """The mark as it was read, where no pathway is known yet."""
    return found.mark


def newest(labs: Iterable[Lab], mark: MarkOf) -> Lab:
    """The newest value of one analyte; of one day it is the one that speaks more against a drug.

    A calcium that the laboratory corrected for albumin comes before the total of its day (C-76), and a mark
    of the side that harms before a number alone. Where low harms, the lower of two numbers comes first, else
    the higher. Raises ``ValueError`` when there is no value.
    """
    held = tuple(labs)
    return held[0] if len(held) == 1 else max(held, key=lambda lab: _precedence(lab, mark(lab)))


def _precedence(lab: Lab, mark: LabMark | None) -> Precedence:
    side = HARMS_BY.get(lab.analyte)
    harms = mark in {LabMark.LOW, LabMark.HIGH} and side in {None, mark}
    alarms = harms and lab.analyte not in DECIDES_BY_NUMBER
    value, tie = lab.value or Decimal(0), (lab.mark or "", lab.evidence)
    worse = -value if side is LabMark.LOW else value
    return lab.on or date.min, lab.corrected, alarms, lab.value is not None, worse, *tie


def undecided(labs: Iterable[Lab]) -> tuple[Lab, ...]:
    """The newest value of one analyte; where it harms on both sides, all different values of that day.

    Only the limits of a pathway can say which of them harms. Raises ``ValueError`` when there is no value.
    """
    held = tuple(labs)
    first = newest(held, reported_mark)
    if len(held) == 1 or first.analyte in HARMS_BY:
        return (first,)
    told = {(lab.value, lab.mark): lab for lab in sorted(of_its_day(first, held), key=lambda it: it.evidence)}
    told[first.value, first.mark] = first
    return tuple(sorted(told.values(), key=lambda it: _precedence(it, it.mark), reverse=True))


def of_its_day(lab: Lab, labs: Iterable[Lab]) -> tuple[Lab, ...]:
    """All values of the same analyte, day and correction as this one, which is among them."""
    same = (lab.analyte, lab.on, lab.corrected)
    return tuple(lab for lab in labs if (lab.analyte, lab.on, lab.corrected) == same)


def mark_of(found: Lab, parameters: CoreParameters) -> LabMark | None:
    """The institution's own limits decide, else the laboratory's mark or range, else the alarm limits."""
    own: LabLimits = (parameters["lab_limits"] or {}).get(found.analyte, {})
    if not own or found.value is None:
        return _stated_mark(found, parameters)
    low, high = own.get("low_below"), own.get("high_above")
    said = _by_limits(found.analyte, found.value, low, high) or _stated_mark(found, parameters)
    # What the institution sets for one side stands against the laboratory's mark of that side.
    overruled = {LabMark.LOW: low, LabMark.HIGH: high}
    inside = _outside(found.value, low, high) is None
    return None if said and inside and overruled.get(said) is not None else said


def _stated_mark(found: Lab, parameters: CoreParameters) -> LabMark | None:
    if found.mark or found.value is None:
        return found.mark
    if judged := _by_limits(found.analyte, found.value, found.low, found.high):
        return judged
    return _alarm(found.value, parameters) if found.analyte is Analyte.CALCIUM else None


def _alarm(calcium: Decimal, parameters: CoreParameters) -> LabMark | None:
    """A number alone can alarm and never reassures (C-67, C-75)."""
    if calcium < parameters["calcium_low_below_mmol_l"]:
        return LabMark.LOW
    return LabMark.HIGH if calcium > parameters["calcium_high_above_mmol_l"] else None


def _by_limits(analyte: Analyte, value: Decimal, low: Number | None, high: Number | None) -> LabMark | None:
    """One limit calls a value normal only if the other side is harmless: 1.72 is below all upper ones."""
    if outside := _outside(value, low, high):
        return outside
    harms_by = HARMS_BY.get(analyte)
    may_be_low = low is None and harms_by is not LabMark.HIGH
    may_be_high = high is None and harms_by is not LabMark.LOW
    return None if may_be_low or may_be_high else LabMark.NORMAL


def _outside(value: Decimal, low: Number | None, high: Number | None) -> LabMark | None:
    if low is not None and value < low:
        return LabMark.LOW
    return LabMark.HIGH if high is not None and value > high else None


def calcium_limit(found: Lab, parameters: CoreParameters) -> Number:
    """The highest calcium that is not high: the institution's limit, the laboratory's or the alarm (C-67)."""
    own: LabLimits = (parameters["lab_limits"] or {}).get(found.analyte, {})
    said = own.get("high_above", found.high)
    return parameters["calcium_high_above_mmol_l"] if said is None else said
