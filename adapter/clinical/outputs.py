"""From rules that fired to outputs: one output per code, with every rule and all evidence behind it.

Several rules may want the same thing. They are merged, never listed twice: the higher of two minimum goals,
the lower of two limits, all rule ids in the order of the pathway.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Final, Literal, TypeVar

from adapter.clinical.calendar import add_months
from adapter.clinical.decision import Activity, Flag, FollowUp, Goal
from adapter.clinical.pathway.evaluation import Evaluation, FiredEffects, grouped
from adapter.clinical.pathway.logic import Expression
from adapter.clinical.pathway.program import FiredByKind
from adapter.clinical.pathway.rules import Effect, Fired, Mode
from adapter.clinical.value_kinds import FactValue, Number

K = TypeVar("K")


def goals(evaluation: Evaluation, held: FiredByKind) -> tuple[Goal, ...]:
    """One goal per code: the highest minimum and the lowest maximum asked for."""
    return tuple([_goal(evaluation, code, group) for code, group in grouped(held.get("goal", ())).items()])


def _goal(evaluation: Evaluation, code: str, group: FiredEffects) -> Goal:
    low, high = _bound(evaluation, group, "low", max), _bound(evaluation, group, "high", min)
    return Goal(code, group[0].effect.attributes.get("unit", "1"), evaluation.why(group), low, high)


def _bound(
    evaluation: Evaluation,
    group: FiredEffects,
    name: Literal["low", "high"],
    stricter: Callable[[Decimal, Decimal], Decimal],
) -> Decimal | None:
    """The strictest of the numbers that are known."""
    bound = None
    for f in group:
        value = evaluation.value(f.effect.attributes.get(name))
        if isinstance(value, Number):
            bound = stricter(bound, Decimal(value)) if bound is not None else Decimal(value)
    return bound


PROPOSE: Final = Mode.PROPOSE  # asked of each activity, and looked up slowly in its enumeration
_mode: Callable[[Fired], Mode] = attrgetter("rule.mode")


def activities(evaluation: Evaluation, held: FiredByKind) -> tuple[Activity, ...]:
    """One activity per code; it is clinical as soon as one rule behind it is a proposal."""
    return tuple(
        [
            Activity(
                code,
                evaluation.why(group),
                PROPOSE in map(_mode, group),
                _details(evaluation, group),
            )
            for code, group in grouped(held.get("activity", ())).items()
        ]
    )


def _details(evaluation: Evaluation, group: FiredEffects) -> tuple[tuple[str, str], ...]:
    """Attributes that were decided, as text; what is unknown is left out."""
    decided: dict[str, FactValue] = {}
    for f in group:
        for name, raw in (f.effect.attributes.get("details") or {}).items():
            decided[name] = evaluation.value(raw)
    if not decided:
        return ()
    return tuple(sorted([(name, str(value)) for name, value in decided.items() if value is not None]))


def follow_ups(evaluation: Evaluation, held: FiredByKind) -> tuple[FollowUp, ...]:
    """One per code, date, event and interval: two drugs with different review dates stay two."""
    return tuple(
        [
            FollowUp(code, evaluation.why(same), *times, _details(evaluation, same))
            for code, times, same in _grouped_by(_times, evaluation, held.get("follow_up", ()))
        ]
    )


def _grouped_by(
    key: Callable[[Evaluation, Effect], K], evaluation: Evaluation, fired: FiredEffects
) -> list[tuple[str, K, FiredEffects]]:
    """By code and, of one code, by another key, both in order of first appearance."""
    groups: dict[str, dict[K, list[Fired]]] = {}
    for one in fired:
        of_code = groups.setdefault(one.effect.code, {})
        of_code.setdefault(key(evaluation, one.effect), []).append(one)
    return [(code, told, same) for code, of_code in groups.items() for told, same in of_code.items()]


def _times(evaluation: Evaluation, effect: Effect) -> tuple[date | None, str | None, str | None]:
    """When it is due, which event it waits for, and how often it comes back."""
    given = effect.attributes
    start, months = evaluation.value(given.get("from")), evaluation.value(given.get("months"))
    day = start if isinstance(start, date) else None
    due = add_months(day, int(months)) if day and isinstance(months, Number) else day
    return due, _text(evaluation, given.get("trigger")), _text(evaluation, given.get("interval"))


def _text(evaluation: Evaluation, attribute: FactValue | Expression) -> str | None:
    value = evaluation.value(attribute)
    return None if value is None else str(value)


def flags(evaluation: Evaluation, held: FiredByKind) -> tuple[Flag, ...]:
    """One per code and detail."""
    found = _grouped_by(_detail, evaluation, held.get("flag", ()))
    return tuple([Flag(code, evaluation.why(same), detail) for code, detail, same in found])


def statements(evaluation: Evaluation, held: FiredByKind) -> tuple[tuple[str, str], ...]:
    """What the letter must say beyond the outputs, each once."""
    found = _grouped_by(_detail, evaluation, held.get("statement", ()))
    return tuple([(code, detail or "") for code, detail, _ in found])


def _detail(evaluation: Evaluation, effect: Effect) -> str | None:
    return _text(evaluation, effect.attributes.get("detail"))


def computed(evaluation: Evaluation, held: FiredByKind) -> tuple[tuple[str, Decimal], ...]:
    """Figures that a rule worked out from the record."""
    given = (
        (f.effect.code, evaluation.value(f.effect.attributes.get("value"))) for f in held.get("computed", ())
    )
    return tuple((code, Decimal(value)) for code, value in given if isinstance(value, Number))
