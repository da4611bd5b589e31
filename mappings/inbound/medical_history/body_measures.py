"""Weight and body mass index, the newest valid ones."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from adapter.clinical.model import Standing
from mappings.inbound.intake.intake_answers import IntakeAnswer, unit_of
from mappings.inbound.resources.datatypes import number, obj
from mappings.inbound.resources.observations import Measurement
from mappings.valuesets import table, unit_factors

_FIELD = {"weight": "weight_kg", "bmi": "bmi"}
_MEASURE = {field: measure for measure, field in _FIELD.items()}
# Outside of it is a slip of the pen.
_RANGE = {"weight_kg": (Decimal(2), Decimal(500)), "bmi": (Decimal(5), Decimal(150))}


def body_measures(measured: Iterable[Measurement], on: date) -> dict[str, IntakeAnswer]:
    """By field: ``weight_kg`` and ``bmi`` (kg/m2)."""
    newest: dict[str, tuple[date, str, Decimal]] = {}
    for one in measured:
        names = {name for c in one.code.codes for name in table("body").names(c)}
        if len(names) != 1 or one.problem(on) or one.standing is not Standing.VALID or one.on is None:
            continue
        name = _FIELD[names.pop()]
        value = _value(name, one)
        if value is not None:
            found = (one.on, one.evidence, value)
            newest[name] = max(newest.get(name, found), found)
    return {name: IntakeAnswer(value, day, evidence) for name, (day, evidence, value) in newest.items()}


def _value(name: str, one: Measurement) -> Decimal | None:
    quantity = obj(one.value[1])
    value, factor = number(quantity.get("value")), unit_factors(_MEASURE[name]).get(unit_of(quantity))
    if value is None or factor is None or quantity.get("comparator"):
        return None
    low, high = _RANGE[name]
    return value * factor if low <= value * factor <= high else None
