"""Weight and body mass index, the newest valid ones; a measured one that is unusable is refused by name."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache

from adapter.clinical.model import Reason, Rejected
from adapter.clinical.quantities import BMI, WEIGHT
from mappings.inbound.medical_history.screening import words_of
from mappings.inbound.questionnaire.patient_answers import PatientAnswer
from mappings.inbound.resources.codings import CONCEPTS, Concept, resembles, resembling
from mappings.inbound.resources.datatypes import number, obj
from mappings.inbound.resources.measurement_kind import MeasurementKind
from mappings.inbound.resources.observations import Measurement
from mappings.inbound.resources.plain_words import plain
from mappings.inbound.resources.refusals import BODY_MEASURE
from mappings.valuesets import unit_factor

_FIELD = {"weight": "weight_kg", "bmi": "bmi"}
_MEASURE = {field: measure for measure, field in _FIELD.items()}
VITAL_SIGNS = "vital-signs"  # of observation-category
_WORDS = {
    "weight": re.compile(r"weight|gewicht|poids"),
    "bmi": re.compile(r"\bbmi\b|body mass|quetelet|indice de masse|\bimc\b|korpermasse"),
}
_HELD = {"weight_kg": WEIGHT, "bmi": BMI}


def may_be_body_measure(kind: MeasurementKind) -> bool:
    """Whether its code, or as a vital sign its words or the want of any, may mean one."""
    if resembles(kind.code, "body"):
        return True
    unlisted = VITAL_SIGNS in kind.categories and not kind.code.names("body")
    return unlisted and bool(not words_of(kind.code) or _measures_by_words(kind.code))


def body_measures(
    measured: Iterable[Measurement], on: date
) -> tuple[dict[str, PatientAnswer], tuple[Rejected, ...]]:
    """By field, ``weight_kg`` and ``bmi`` (kg/m2), and what was refused."""
    found: dict[str, list[tuple[date, str, Decimal]]] = {}
    refused: set[Rejected] = set()
    for one, name in [(result, name) for result in measured for name in _fields(result)]:
        value = _value_or_reason(name, one, on)
        if isinstance(value, Reason) or one.on is None:
            reason = value if isinstance(value, Reason) else Reason.NO_DATE
            refused.add(Rejected(reason, BODY_MEASURE, one.evidence, on=one.on, about=name))
        else:
            found.setdefault(name, []).append((one.on, one.evidence, value))
    newest = {name: max(several, key=_recency) for name, several in found.items()}
    read = {name: PatientAnswer(value, day, evidence) for name, (day, evidence, value) in newest.items()}
    return read, tuple(refused)


def _recency(found: tuple[date, str, Decimal]) -> tuple[date, Decimal, str]:
    """The later counts; of one day the lower, by which the kidneys do less and the body is lighter."""
    day, evidence, value = found
    return day, -value, evidence


def _fields(result: Measurement) -> list[str]:
    """What it measures; under a foreign code its spelling, words or unit tell, and it is not used."""
    return [_FIELD[name] for name in sorted(resembling(result.code, "body") or _unlisted(result))]


def _unlisted(result: Measurement) -> frozenset[str]:
    """The measures that a vital sign of no listed code may be: what it is called, else what has its unit."""
    if VITAL_SIGNS not in result.categories or result.code.names("body"):
        return frozenset()
    if words_of(result.code):
        return _measures_by_words(result.code)
    return frozenset(name for name in _FIELD if unit_factor(name, result.unit) is not None)


@lru_cache(CONCEPTS)
def _measures_by_words(code: Concept) -> frozenset[str]:
    said = plain(words_of(code))
    return frozenset(name for name, words in _WORDS.items() if words.search(said))


def _value_or_reason(name: str, result: Measurement, on: date) -> Decimal | Reason:
    if reason := result.unusable(on):
        return reason
    coded = result.code.names("body")
    if len(coded) != 1:
        return Reason.CODES_DISAGREE if coded else Reason.UNKNOWN_CODE
    return _value(name, result)


def _value(name: str, result: Measurement) -> Decimal | Reason:
    quantity = obj(result.value[1])
    value, factor = number(quantity.get("value")), unit_factor(_MEASURE[name], result.unit)
    if value is None:
        return Reason.NO_VALUE
    if quantity.get("comparator"):
        return Reason.COMPARATOR
    if factor is None:
        return Reason.UNIT_MISMATCH
    return value * factor if _HELD[name].believes(value * factor) else Reason.IMPLAUSIBLE
