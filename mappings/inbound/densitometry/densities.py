"""Bone densities in g/cm2: they give no T-score, but may contradict one whose sign was lost.

A density that cannot be used is refused by name, since it may be the one that contradicts.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache

from adapter.clinical.model import BoneDensity, GramsPerCm2, Reason, Rejected, Side, Site, Standing
from mappings.codes import LOINC
from mappings.inbound.densitometry.sites import bmd_site, is_score_code, named_site
from mappings.inbound.resources.codings import CONCEPTS, Concept
from mappings.inbound.resources.datatypes import number, obj
from mappings.inbound.resources.measurement_kind import MeasurementKind
from mappings.inbound.resources.observations import Measurement
from mappings.inbound.resources.refusals import DENSITY
from mappings.valuesets import concept_map, unit_factor

_MEASURE = "bone-density"


def densities(measured: Iterable[Measurement]) -> tuple[tuple[BoneDensity, ...], tuple[Rejected, ...]]:
    """All that can be used, by day and site, and what was refused."""
    read = [_density_or_refusal(result) for result in measured if _is_density(result)]
    found = {it for it in read if isinstance(it, BoneDensity)}
    ranked = sorted(found, key=lambda it: (it.on, it.site, it.side or "", it.g_cm2, it.evidence))
    return tuple(ranked), tuple({it for it in read if isinstance(it, Rejected)})


def may_be_density(kind: MeasurementKind) -> bool:
    """By its code, under whatever system, or by a unit that nothing else has."""
    return _resembles_density(kind.code) or unit_factor(_MEASURE, kind.unit) is not None


def _is_density(result: Measurement) -> bool:
    """By its code, under whatever system, or by a unit that nothing else has; a panel of them is none."""
    if result.grouped and result.value[1] is None:
        return False
    if is_score_code(result.code) or result.code.names("score"):
        return False
    return _resembles_density(result.code) or _factor(result) is not None


@lru_cache(CONCEPTS)
def _resembles_density(code: Concept) -> bool:
    """Whether a code is one of density, or the number of one under another system, to be refused by name."""
    return any((LOINC, key) in concept_map("bmd-codes") for _, key in code.written)


@lru_cache(CONCEPTS)
def _is_coded(code: Concept) -> bool:
    return any((c.system, c.key) in concept_map("bmd-codes") for c in code.codes)


def _density_or_refusal(result: Measurement) -> BoneDensity | Rejected:
    site, side = _where(result)
    value = _problem(result) or _value(result)
    if isinstance(value, Reason) or result.on is None or site is None:
        reason = value if isinstance(value, Reason) else Reason.NO_SITE if result.on else Reason.NO_DATE
        return Rejected(reason, DENSITY, result.evidence, site, side, result.on)
    return BoneDensity(site, GramsPerCm2(value), result.on, side, result.evidence)


def _problem(result: Measurement) -> Reason | None:
    if reason := result.problem(result.on or date.max):
        return reason
    if result.standing is not Standing.VALID:
        return Reason.STATUS_UNUSABLE
    return None if _is_coded(result.code) else Reason.UNKNOWN_CODE


def _factor(result: Measurement) -> Decimal | None:
    return unit_factor(_MEASURE, result.unit)


def _value(result: Measurement) -> Decimal | Reason:
    quantity, factor = obj(result.value[1]), _factor(result)
    value = number(quantity.get("value"))
    if value is None:
        return Reason.NO_VALUE
    if quantity.get("comparator"):
        return Reason.COMPARATOR
    return value * factor if factor else Reason.UNIT_MISMATCH


def _where(result: Measurement) -> tuple[Site | None, Side | None]:
    """The site; of a femur whose part nobody says that it is of some part of it."""
    site, side = named_site(result)
    coded = bmd_site(result.code)
    return site or (coded.site if coded and coded.site is Site.FEMUR_REGION_UNKNOWN else None), side
