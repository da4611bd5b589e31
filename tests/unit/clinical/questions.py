"""Ask one name of the vocabulary about one record, as a rule would; and small records to ask about."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from adapter.clinical.case import PatientOnDay, TermValues
from adapter.clinical.core_parameters import CoreParameters
from adapter.clinical.model import (
    BoneRecord,
    Condition,
    Fracture,
    FractureSite,
    Listing,
    Medicine,
    MedicineKind,
    Site,
    StandardDeviations,
    TScore,
)
from adapter.clinical.terms import VOCABULARY
from adapter.clinical.value_kinds import FactValue, ParameterValue, fits, misfits
from mappings.pathways import load
from tests.factories import STUDY_DAY, TODAY

T = TypeVar("T")


@cache
def general_parameters() -> CoreParameters:
    """The parameters of the general rules."""
    return load("core").core


def parameters(**others: ParameterValue) -> CoreParameters:
    """The general parameters with others in place of some."""
    held = {**general_parameters(), **others}
    assert fits(held, CoreParameters), misfits(held, CoreParameters)
    return held


def a_case(record: BoneRecord, on: date = TODAY, **others: ParameterValue) -> PatientOnDay:
    """The record under the general parameters, or others."""
    return PatientOnDay(record, parameters(**others), on)


def facts_of(case: PatientOnDay) -> TermValues:
    """What a pathway that asks for everything would work out."""
    return TermValues(case, VOCABULARY)


def ask(name: str, record: BoneRecord, on: date = TODAY, **others: ParameterValue) -> FactValue:
    """The value of a term; ``None`` is unknown."""
    return VOCABULARY[name].value(a_case(record, on, **others))


def cites(name: str, record: BoneRecord, on: date = TODAY, **others: ParameterValue) -> tuple[str, ...]:
    """The references behind a term."""
    return tuple(VOCABULARY[name].evidence(a_case(record, on, **others)))


# --- records of one thing -----------------------------------------------------------------------------------

NOBODY = BoneRecord()
NONE_KNOWN: Listing[Any] = Listing((), complete=True, on=STUDY_DAY)


def whole(items: Iterable[T]) -> Listing[T]:
    """These and no others, as somebody said on the usual day (C-59)."""
    return Listing(tuple(items), complete=True, on=STUDY_DAY)


def days(text: str) -> date:
    """A day from its ISO form."""
    return date.fromisoformat(text)


def number(text: str | None) -> Decimal | None:
    """A decimal, or unknown."""
    return None if text is None else Decimal(text)


def of_conditions(*conditions: Condition) -> BoneRecord:
    """Somebody with these problems and no others."""
    return BoneRecord(conditions=whole(conditions))


def of_fractures(*fractures: Fracture, **more: Any) -> BoneRecord:
    """Somebody with these broken bones."""
    return BoneRecord(fractures=whole(fractures), **more)


def of_medicines(*medicines: Medicine, **more: Any) -> BoneRecord:
    """Somebody with these medicines."""
    return BoneRecord(medicines=whole(medicines), **more)


def drug(*kinds: MedicineKind, **more: Any) -> Medicine:
    """A medicine that is taken."""
    return Medicine(frozenset(kinds), **{"evidence": "M/1"} | more)


def score(site: Site, value: str, **more: Any) -> TScore:
    """A T-score of the usual day."""
    given: dict[str, Any] = {"on": STUDY_DAY, "evidence": f"O/{site}"} | more
    return TScore(site, StandardDeviations(value), **given)


def scan(*scores: TScore, **more: Any) -> BoneRecord:
    """Somebody with these T-scores."""
    return BoneRecord(t_scores=scores, **more)


HIP = Fracture(FractureSite.HIP, days("2026-09-15"), low_energy=True, evidence="F/hip")
TOE = replace(HIP, site=FractureSite.TOE, evidence="F/toe")
VERTEBRA = replace(HIP, site=FractureSite.VERTEBRA, evidence="F/vertebra")
WRIST = replace(HIP, site=FractureSite.WRIST, evidence="F/wrist")
