"""Targets as Goals contained in the plan, in UCUM units."""

from decimal import Decimal
from types import MappingProxyType

from adapter.clinical.decision import Goal
from adapter.wire_json import Json
from mappings.codes import UCUM
from mappings.outbound.designations import Wording
from mappings.outbound.labels import label
from mappings.valuesets import concept_map

UCUM_OF = MappingProxyType({unit: target.code for (_, unit), target in concept_map("goal-units").items()})


def goal_id(goal: Goal, index: int) -> str:
    """The id inside the plan; the index tells two goals of one code apart (a dose in two units)."""
    return f"goal-{index}-{goal.code.replace('_', '-')}"


def contained_goal(goal: Goal, index: int, patient: Json, wording: Wording) -> Json:
    """A proposed goal; ``measure`` comes with ``detail`` (gol-1)."""
    target = {"measure": wording.concept(goal.code), **_detail(goal)}
    return {
        "resourceType": "Goal",
        "id": goal_id(goal, index),
        "lifecycleStatus": "proposed",
        "description": {"text": goal_sentence(goal, wording)},
        "subject": patient,
        **({"target": [target]} if _detail(goal) else {}),
    }


def goal_sentence(goal: Goal, wording: Wording) -> str:
    """``Calcium intake per day: at least 1000 mg/d``."""
    return f"{wording.words(goal.code)}{_amount(goal, wording.language)}"


def _amount(goal: Goal, language: str) -> str:
    if goal.low is None and goal.high is None:
        return ""
    if goal.low is None or goal.high is None:
        bound = label("at_most" if goal.low is None else "at_least", language)
        return f": {bound} {goal.high if goal.low is None else goal.low} {goal.unit}"
    return f": {goal.low} {goal.unit}" if goal.low == goal.high else f": {goal.low}-{goal.high} {goal.unit}"


def _detail(goal: Goal) -> Json:
    low = None if goal.low is None else _quantity(goal.low, goal.unit)
    high = None if goal.high is None else _quantity(goal.high, goal.unit)
    if low and high and goal.low != goal.high:
        return {"detailRange": {"low": low, "high": high}}
    if low and high:
        return {"detailQuantity": low}
    bounds = [
        {"value": it["value"], "comparator": sign} | it for sign, it in ((">=", low), ("<=", high)) if it
    ]
    return {"detailQuantity": bounds[0]} if bounds else {}


def _quantity(value: Decimal, unit: str) -> Json:
    number = int(value) if value == value.to_integral_value() else float(value)
    coded = {"system": UCUM, "code": UCUM_OF[unit]} if unit in UCUM_OF else {}
    return {"value": number, "unit": unit, **coded}
