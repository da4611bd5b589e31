"""FRAX: ten-year probabilities in percent, read and never computed (HVRT-23)."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from adapter.clinical.model import Frax, Percent, Reason, Rejected
from adapter.clinical.quantities import PROBABILITY
from adapter.input.wire_json import Json, JsonValue
from mappings.inbound.resources.codings import concept_of
from mappings.inbound.resources.compartment import Compartment
from mappings.inbound.resources.datatypes import choice, number, obj, objs, text
from mappings.inbound.resources.dates import measured_on
from mappings.inbound.resources.observations import Measurement
from mappings.inbound.resources.refusals import FRAX

_STATUSES = frozenset({"final", "amended", "corrected"})
_Found = tuple[date, str, Percent]


def frax(
    measured: Iterable[Measurement], chart: Compartment, on: date
) -> tuple[Frax | None, tuple[str, ...], tuple[Rejected, ...]]:
    """The newest probabilities, the sources of both, and what was refused."""
    newest: dict[str, _Found] = {}
    refused: set[Rejected] = set()
    for name, day, evidence, value in (*_observed(measured, on), *_assessed(chart, on)):
        if isinstance(value, Reason):
            refused.add(Rejected(value, FRAX, evidence, on=day))
        elif day is not None:
            found = (day, evidence, value)
            # of one day the higher, since nobody can tell which is right
            newest[name] = max(newest.get(name, found), found, key=lambda it: (it[0], it[2], it[1]))
    sources = tuple(sorted({evidence for _, evidence, _ in newest.values()}))
    if not newest:
        return None, (), tuple(refused)
    mof, hip = newest.get("major-osteoporotic"), newest.get("hip")
    both = Frax(mof[2] if mof else None, hip[2] if hip else None, (mof or hip or (on, "", Decimal()))[1])
    return both, sources, tuple(refused)


def _observed(
    measured: Iterable[Measurement], on: date
) -> Iterable[tuple[str, date | None, str, Percent | Reason]]:
    for result in measured:
        for name in sorted(result.code.names("frax")):
            reason = result.unusable(on)
            yield name, result.on, result.evidence, reason or _percent(result.value[1])


def _assessed(chart: Compartment, on: date) -> Iterable[tuple[str, date | None, str, Percent | Reason]]:
    """RiskAssessment.prediction: probabilityDecimal is a percentage by its definition."""
    for entry in chart.of("RiskAssessment"):
        day = measured_on({**entry.body, **_occurrence(entry.body)})
        usable = text(entry.body.get("status")) in _STATUSES and not entry.body.get("modifierExtension")
        for prediction in objs(entry.body.get("prediction")):
            for name in sorted(concept_of(prediction.get("outcome")).names("frax")):
                value = number(prediction.get("probabilityDecimal"))
                yield name, day, entry.evidence, _value_or_reason(value, usable=usable, day=day, on=on)


def _occurrence(body: JsonValue) -> Json:
    kind, value = choice(body, "occurrence")
    return {f"effective{kind}": value} if kind else {}


def _percent(quantity: object) -> Percent | Reason:
    """A probability without the unit % could be a fraction, so the unit must say it."""
    if obj(quantity).get("comparator"):
        return Reason.COMPARATOR
    if "%" not in (obj(quantity).get("code"), obj(quantity).get("unit")):
        return Reason.UNIT_MISMATCH
    return _in_range(number(obj(quantity).get("value")))


def _value_or_reason(value: Decimal | None, *, usable: bool, day: date | None, on: date) -> Percent | Reason:
    if not usable:
        return Reason.STATUS_UNUSABLE
    if day is None:
        return Reason.NO_DATE
    return Reason.FUTURE_DATE if day > on else _in_range(value)


def _in_range(value: Decimal | None) -> Percent | Reason:
    if value is None:
        return Reason.NO_VALUE
    return Percent(value) if PROBABILITY.believes(value) else Reason.IMPLAUSIBLE
