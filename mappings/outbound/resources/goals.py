"""Targets as Goals contained in the plan, in UCUM units."""

from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

from adapter.clinical.decision import Goal
from adapter.input.wire_json import Json
from mappings.codes import UCUM
from mappings.outbound.content import Fragment
from mappings.outbound.designations import Wording
from mappings.outbound.labels import label
from mappings.outbound.resources.citations import sentence
from mappings.valuesets import concept_map

UCUM_OF = MappingProxyType({unit: target.code for (_, unit), target in concept_map("goal-units").items()})

KEPT = 512  # pathways have some dozens of targets, with amounts that depend on age and sex


def goal_id(goal: Goal, index: int) -> str:
    """The id inside the plan; the index tells two goals of one code apart (a dose in two units)."""
    return f"goal-{index}-{goal.code.replace('_', '-')}"


def contained_goal(goal: Goal, index: int, patient: Json, wording: Wording) -> Json:
    """A proposed goal; ``measure`` comes with ``detail`` (gol-1)."""
    low, high = ("" if it is None else str(it) for it in (goal.low, goal.high))  # with the digits as they are
    return {
        "resourceType": "Goal",
        "id": goal_id(goal, index),
        "lifecycleStatus": "proposed",
        "description": sentence(goal_sentence(goal, wording)),
        "subject": patient,
        **({"target": [_target(goal.code, goal.unit, low, high, wording)]} if low or high else {}),
    }


@lru_cache(KEPT)
def _target(code: str, unit: str, low: str, high: str, wording: Wording) -> Json:
    return Fragment({"measure": wording.concept(code), **_detail(low, high, unit)})


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


def _detail(lowest: str, highest: str, unit: str) -> Json:
    low = _quantity(lowest, unit) if lowest else None
    high = _quantity(highest, unit) if highest else None
    if low and high and low != high:
        return {"detailRange": {"low": low, "high": high}}
    if low and high:
        return {"detailQuantity": low}
    ((sign, bound),) = ((sign, it) for sign, it in ((">=", low), ("<=", high)) if it)
    return {"detailQuantity": {"value": bound["value"], "comparator": sign} | bound}


def _quantity(digits: str, unit: str) -> Json:
    value = Decimal(digits)
    number = int(value) if value == value.to_integral_value() else float(value)
    coded = {"system": UCUM, "code": UCUM_OF[unit]} if unit in UCUM_OF else {}
    return {"value": number, "unit": unit, **coded}
