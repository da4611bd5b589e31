"""How much of a medicine, by which route, when and for how long: as recorded, nothing computed beyond it."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from adapter.clinical.model import MedicineKind
from adapter.input.wire_json import JsonValue, ReadOnlyJson
from mappings.inbound.resources.codings import Concept, concept_of, within
from mappings.inbound.resources.datatypes import choice, number, obj, objs, text
from mappings.inbound.resources.dates import first_day
from mappings.valuesets import concept_map

_ORAL = frozenset({MedicineKind.ALENDRONATE, MedicineKind.RISEDRONATE, MedicineKind.RALOXIFENE})
NOT_ORAL = frozenset(
    {MedicineKind.ZOLEDRONATE, MedicineKind.DENOSUMAB, MedicineKind.TERIPARATIDE, MedicineKind.ROMOSOZUMAB}
)
_DAYS = {"h": Decimal(1) / 24, "d": Decimal(1), "wk": Decimal(7), "mo": Decimal(30), "a": Decimal(365)}
_DOSAGE = frozenset({
    "text", "timing", "doseAndRate", "dose", "route", "asNeededBoolean", "asNeededCodeableConcept", "additionalInstruction",
    "patientInstruction", "maxDosePerPeriod", "method", "site", "rateRatio", "rateQuantity", "sequence",
})  # fmt: skip
_DAYS_OF_USE = (
    *("effectiveDateTime", "effectivePeriod", "authoredOn", "whenHandedOver"),
    *("performedDateTime", "performedPeriod", "occurrenceDateTime", "occurrencePeriod"),
)
Dosages = Sequence[ReadOnlyJson]
Timings = Sequence[ReadOnlyJson]
_LONGEST_SUPPLY = 3660  # days; more is a slip of the pen


def dosages_of(body: ReadOnlyJson) -> Dosages:
    """The dosages of a statement, an order, a dispense or an administration, which has one."""
    listed = objs(body.get("dosage")) or objs(body.get("dosageInstruction"))
    single = obj(body.get("dosage"))
    return listed or ([single] if single else [])


def described(dosages: Dosages) -> str:
    """The dosage in the words of the record, else its amount and unit."""
    return "; ".join(filter(None, map(_described, dosages)))


def spoilt(body: ReadOnlyJson) -> bool:
    """Whether its dosage or days say nothing readable: a dose may then have been lost with them."""
    held = body.get("dosage", body.get("dosageInstruction"))
    listed = held if isinstance(held, list) else [held]
    unread = held is not None and any(not _DOSAGE.intersection(obj(dosage)) for dosage in listed)
    return unread or any(name in body and not _dated(body[name]) for name in _DAYS_OF_USE)


def _dated(value: object) -> bool:
    return first_day(value, obj(value).get("start"), obj(value).get("end")) is not None


def oral(dosages: Dosages, kinds: frozenset[MedicineKind]) -> bool | None:
    """The coded route, else the only route that the substance has."""
    routes = [dosage["route"] for dosage in dosages if "route" in dosage]
    if routes and any(within(route, "route-oral") for route in routes):
        return True
    if routes and any(within(route, "route-not-oral") for route in routes):
        return False
    return False if kinds & NOT_ORAL else True if kinds & _ORAL else None


def timings_of(dosages: Dosages) -> Timings:
    """When each of them is given, as far as it is said."""
    return [obj(dosage["timing"]) for dosage in dosages if "timing" in dosage] if dosages else ()


def doses(timings: Timings, on: date) -> list[date]:
    """The days of single doses up to ``on``."""
    events = [event for timing in timings for event in _list(timing.get("event"))] if timings else ()
    return [day for event in events if (day := first_day(event)) and day <= on] if events else []


def bounds(timings: Timings) -> ReadOnlyJson:
    """The period within which the dosage holds."""
    for timing in timings:
        if period := obj(obj(timing.get("repeat")).get("boundsPeriod")):
            return period
    return {}


def supplied_until(body: ReadOnlyJson, day: date | None) -> date | None:
    """The day on which what was dispensed is used up, where the record says for how long it is."""
    days = number(obj(body.get("daysSupply")).get("value"))
    if day is None or days is None or not 0 < days < _LONGEST_SUPPLY:
        return None
    return day + timedelta(days=int(days))


def prednisone_mg_per_day(said: Concept, dosages: Dosages) -> Decimal | None:
    """A glucocorticoid as prednisone; nothing where substance, amount or rhythm are not known for sure."""
    factors = {
        Decimal(target.also["factor"])
        for c in said.codes
        if (target := concept_map("prednisone-equivalents").get((c.system, c.key)))
    }
    daily = [_milligrams_per_day(dosage) for dosage in dosages]
    known = [amount for amount in daily if amount is not None]
    if len(factors) != 1 or not known or len(known) != len(daily):
        return None
    return sum(known, Decimal()) * factors.pop()


def _milligrams_per_day(dosage: ReadOnlyJson) -> Decimal | None:
    repeat = obj(obj(dosage.get("timing")).get("repeat"))
    frequency, period = number(repeat.get("frequency", 1)), number(repeat.get("period"))
    days = _DAYS.get(text(repeat.get("periodUnit")))
    amount = next(_milligrams(dosage), None)
    # R4 Timing: `frequency` times in `period` of `periodUnit`, with frequency 1 where only a period is given.
    # Anything else (a range of periods, a code such as BID, "as needed") gives no daily amount to rely on.
    if amount is None or not frequency or not period or days is None or period < 0:
        return None
    return amount * frequency / (period * days)


def _milligrams(dosage: ReadOnlyJson) -> Iterator[Decimal]:
    """The highest single dose, in milligrams."""
    for quantity in _quantities(dosage):
        value = number(quantity.get("value"))
        # Tablets, drops and puffs have no strength here. Half a dose would come out
        # under the limit, and reassure.
        if value is not None and "mg" in (quantity.get("code"), quantity.get("unit")):
            yield value


def _quantities(dosage: ReadOnlyJson) -> Iterator[ReadOnlyJson]:
    for rate in objs(dosage.get("doseAndRate")):
        kind, amount = choice(rate, "dose")
        yield obj(obj(amount).get("high")) if kind == "Range" else obj(amount)
    yield obj(dosage.get("dose"))  # of an administration


def _described(dosage: ReadOnlyJson) -> str:
    said, amount = text(dosage.get("text")), next(_amounts(dosage), "")
    if said:  # "one tablet a week" hides the strength that stands beside it
        return said if not amount or amount.split()[0] in said else f"{amount}, {said}"
    return " ".join(filter(None, (amount, _rhythm(dosage))))


def _amounts(dosage: ReadOnlyJson) -> Iterator[str]:
    for quantity in _quantities(dosage):
        if (value := number(quantity.get("value"))) is not None:
            unit = text(quantity.get("unit")) or text(quantity.get("code"))
            yield " ".join(filter(None, (f"{value.normalize():f}", unit)))


def _rhythm(dosage: ReadOnlyJson) -> str:
    """How often, as the record words it."""
    timing = obj(dosage.get("timing"))
    return concept_of(timing.get("code")).label


def _list(value: object) -> list[JsonValue]:
    return value if isinstance(value, list) else []
