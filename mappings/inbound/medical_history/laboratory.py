"""Laboratory values: the newest valid one, in the analyte's own unit, with the laboratory's mark.

A value that was measured and cannot be used is refused by the name of its analyte, so that what depends on it
waits (C-70); one under a code that nobody listed by the name of each analyte that it may be. A code of the
laboratory's own counts where the institution maps it. The mark is the laboratory's judgement (interpretation,
else its reference range, else the institution's own limits), never ours (C-51). Units are converted only by
fixed factors between amount and mass of one substance.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache

from adapter.clinical.lab_marks import DECIDES_BY_NUMBER, undecided
from adapter.clinical.model import Analyte, Lab, LabMark, Reason, Rejected, Standing
from adapter.clinical.quantities import LABORATORY
from adapter.input.wire_json import JsonValue
from mappings.inbound.config import ReadingConfig, ReadingLimits, RecordReading
from mappings.inbound.medical_history.laboratory_words import (
    ionised_calcium,
    lost_with,
    may_be,
    may_name_check,
    might_be_anything,
    not_of_blood,
)
from mappings.inbound.resources.codings import (
    CONCEPTS,
    Concept,
    concept_of,
    concepts,
    meanings,
    resembling,
    says_nothing,
)
from mappings.inbound.resources.compartment import Compartment
from mappings.inbound.resources.datatypes import number, obj, objs, text, unit_of
from mappings.inbound.resources.dates import measured_on
from mappings.inbound.resources.measurement_kind import MeasurementKind
from mappings.inbound.resources.observations import Measurement, standing
from mappings.inbound.resources.refusals import LAB
from mappings.valuesets import unit_factor

_RENAL = frozenset({Analyte.EGFR, Analyte.CREATININE_CLEARANCE})

Limits = tuple[Decimal | None, Decimal | None]
_NO_LIMITS: Limits = (None, None)


def may_be_laboratory(kind: MeasurementKind) -> bool:
    """Whether its code is one of a value set, or that of none and may be."""
    return bool(_coded(kind.code) or _resembling(kind.code)) or may_name_check(kind)


def labs(
    measured: Iterable[Measurement], config: RecordReading, on: date
) -> tuple[tuple[Lab, ...], tuple[Rejected, ...]]:
    """The newest valid value of each analyte, or two of one day between which only a pathway decides."""
    valid: dict[Analyte, list[Lab]] = {}
    refused: set[Rejected] = set()
    unlisted: list[Measurement] = []
    for result in measured:
        analytes = _analytes(result, config)
        if len(analytes) != 1:
            unlisted.extend(() if analytes else (result,))
            refused.update(_disagreeing(result, analytes, on))
            continue
        (analyte,) = analytes
        match _lab_or_refusal(analyte, result, config, on):
            case Lab() as lab:
                valid.setdefault(analyte, []).append(lab)
                if (doubt := _half_read(lab, result, config.limits)) is not None:
                    refused.add(Rejected(doubt, LAB, result.evidence, on=result.on, about=analyte))
            case Rejected() as rejection:
                refused.add(rejection)
    found = tuple([lab for analyte in sorted(valid) for lab in undecided(valid[analyte])])
    refused.update([it for one in unlisted for it in _unlisted(one, found, config.limits, on)])
    return found, tuple(refused)


def lost_labs(chart: Compartment) -> Iterator[Rejected]:
    """Unreadable content of a laboratory report or panel, which may have been any of the checks."""
    for report in (*chart.of("DiagnosticReport"), *chart.of("Observation")):
        lost = lost_with(report)
        for analyte in lost if lost and standing(report.body) is not Standing.WITHDRAWN else ():
            yield Rejected(
                Reason.MEMBER_MISSING, LAB, report.evidence, on=measured_on(report.body), about=analyte
            )


def _unlisted(
    result: Measurement, newest: Iterable[Lab], limits: ReadingLimits, on: date
) -> Iterator[Rejected]:
    """What a result of no listed code may have been; one without words is none of what its own day tells."""
    told = {lab.analyte for lab in newest if lab.on == result.on}
    # Seen in a vendor's samples: a number that has neither a unit nor the code of one.
    named = may_be(result) | (might_be_anything(result) - told) | _out_of_range(result)
    for analyte in named - _enough(result, limits) if named else ():
        reason = result.problem(on) or (Reason.UNKNOWN_CODE if result.code.written else Reason.UNCODED)
        yield Rejected(reason, LAB, result.evidence, on=result.on, about=analyte)


def _enough(result: Measurement, limits: ReadingLimits) -> frozenset[Analyte]:
    """Albumin whose number or mark is not low: it hides no calcium, whatever it is (C-76)."""
    value = amount(Analyte.ALBUMIN, result, limits)
    told = (
        value >= limits.albumin_below_g_l if isinstance(value, Decimal) else _mark(result) is LabMark.NORMAL
    )
    return frozenset({Analyte.ALBUMIN}) if told and _mark(result) is not LabMark.LOW else frozenset()


def _out_of_range(result: Measurement) -> frozenset[Analyte]:
    """Another fraction of calcium than ours, if the laboratory calls it out of range (C-67)."""
    named = ionised_calcium(result)
    if not named:
        return named
    value = number(obj(result.value[1]).get("value"))
    mark = _mark(result) or _between(value, *(_range(result) or _NO_LIMITS))
    return frozenset() if mark in {None, LabMark.NORMAL} else named


def _analytes(result: Measurement, config: ReadingConfig) -> frozenset[Analyte]:
    """What its codes say was measured; a number in a foreign system is known by name and not used."""
    return _listed(result, config) or _resembling(result.code)


def _listed(result: Measurement, config: ReadingConfig) -> frozenset[Analyte]:
    """By the codes of a value set and by those that the institution mapped."""
    own, coded = config.local_laboratory, _coded(result.code)
    return coded.union(own[it] for it in result.code.written if it in own) if own else coded


@lru_cache(CONCEPTS)
def _coded(code: Concept) -> frozenset[Analyte]:
    return frozenset(map(_analyte_of, code.names("lab")))


@lru_cache(CONCEPTS)
def _resembling(code: Concept) -> frozenset[Analyte]:
    return frozenset(map(_analyte_of, resembling(code, "lab")))


def _analyte_of(value_set: str) -> Analyte:
    return Analyte(value_set.replace("-", "_"))


def _disagreeing(result: Measurement, analytes: Iterable[Analyte], on: date) -> Iterator[Rejected]:
    """Of two codes that name two substances nobody can tell which one was measured."""
    reason = result.problem(on) or Reason.CODES_DISAGREE
    return (Rejected(reason, LAB, result.evidence, on=result.on, about=analyte) for analyte in analytes)


def _half_read(lab: Lab, result: Measurement, limits: ReadingLimits) -> Reason | None:
    """Why a number beside a readable mark cannot be used, or the reverse: it may say more (C-67)."""
    if lab.value is None:
        value = amount(lab.analyte, result, limits)
        return value if isinstance(value, Reason) and result.value[1] is not None else None
    unread = lab.mark is None and lab.analyte not in DECIDES_BY_NUMBER and _says_mark(result)
    return Reason.UNREADABLE if unread else None


def _lab_or_refusal(analyte: Analyte, result: Measurement, config: RecordReading, on: date) -> Lab | Rejected:
    reason = result.unusable(on)
    if not reason and not _listed(result, config):
        reason = Reason.UNKNOWN_CODE
    if not reason and not_of_blood(result):
        reason = Reason.CODES_DISAGREE
    value = amount(analyte, result, config.limits)
    reported = value if isinstance(value, Decimal) else None
    low, high = _limits(result, analyte, config)
    mark = _mark(result) or _between(reported, low, high)
    if not reason and isinstance(value, Reason) and mark is None:
        reason = value
    if reason or result.on is None:
        return Rejected(reason or Reason.NO_DATE, LAB, result.evidence, on=result.on, about=analyte)
    corrected = bool(result.code.names("calcium"))  # by the laboratory, for albumin
    return Lab(analyte, reported, mark, result.on, result.evidence, low, high, corrected=corrected)


def amount(analyte: Analyte, result: Measurement, limits: ReadingLimits) -> Decimal | Reason:
    """The value in the analyte's own unit (``LABORATORY``), if a living patient can have it (C-77)."""
    given = obj(result.value[1])
    reported = number(given.get("value"))
    if reported is None:
        return Reason.NO_VALUE
    factor = _factor(analyte, result)
    if factor is None:
        return Reason.UNIT_MISMATCH
    value = reported * factor
    # One that makes kidneys look better would let a drug through: 0.9 of mg/dL written as µmol/L is a
    # clearance of thousands.
    if not LABORATORY[analyte].believes(value):
        return Reason.IMPLAUSIBLE
    return value if _usable(analyte, given.get("comparator"), value, limits) else Reason.COMPARATOR


def _factor(analyte: Analyte, result: Measurement) -> Decimal | None:
    return unit_factor(analyte.replace("_", "-"), result.unit)


def _usable(analyte: Analyte, comparator: JsonValue, value: Decimal, limits: ReadingLimits) -> bool:
    """Laboratories give kidney function as a bound (">90"), usable if it decides as a number would."""
    match text(comparator) or comparator:
        case None | "":
            return True
        case ">" | ">=":  # more of what harms by its lack is no worse
            return analyte in _RENAL or analyte is Analyte.VITAMIN_D_25OH
        case "<" | "<=":
            return analyte in _RENAL and value < limits.lowest_renal_ml_min
        case _:
            return False


def _mark(result: Measurement) -> LabMark | None:
    """What the laboratory itself says; two marks that differ say nothing."""
    said = result.body.get("interpretation")
    if not said:
        return None
    # Systems from before R4 send one interpretation and no list; `concepts` takes both.
    marks = frozenset().union(*(meanings(concept, "lab-marks") for concept in concepts(said)))
    return LabMark(*marks) if len(marks) == 1 else None


def _says_mark(result: Measurement) -> bool:
    """Whether it has an interpretation that nobody can read; "nothing known" is no interpretation."""
    said = result.body.get("interpretation")
    return any(
        not says_nothing(it) and not meanings(concept_of(it), "lab-marks") for it in (objs(said) or (said,))
    )


def _limits(result: Measurement, analyte: Analyte, config: ReadingConfig) -> Limits:
    """The laboratory's own in the analyte's unit, else the institution's."""
    if (found := _range(result)) and (factor := _factor(analyte, result)) is not None:
        low, high = (None if bound is None else bound * factor for bound in found)
        return low, high
    return config.lab_limits.get(analyte, _NO_LIMITS)


def _range(result: Measurement) -> Limits | None:
    """The one reference range that is for everybody and in the unit of the value."""
    if "referenceRange" not in result.body:
        return None
    value = obj(result.value[1])
    ranges = [r for r in objs(result.body["referenceRange"]) if r.get("low") or r.get("high")]
    # R4 allows a range for each age and population; only one without both is for everybody.
    if len(ranges) != 1 or value.get("comparator") or ranges[0].get("appliesTo") or ranges[0].get("age"):
        return None
    low, high = obj(ranges[0].get("low")), obj(ranges[0].get("high"))
    if any(unit_of(bound) not in {result.unit, ""} for bound in (low, high)):
        return None
    return number(low.get("value")), number(high.get("value"))


def _between(value: Decimal | None, low: Decimal | None, high: Decimal | None) -> LabMark | None:
    """Outside of one limit or between both; only the core knows what one limit tells of an analyte."""
    if value is None:
        return None
    if low is not None and value < low:
        return LabMark.LOW
    if high is not None and value > high:
        return LabMark.HIGH
    return None if low is None or high is None else LabMark.NORMAL
