"""From rules that fired to outputs: one output per code, with every rule and all evidence behind it.

Several rules may want the same thing. They are merged, never listed twice: the higher of two minimum goals, the
lower of two limits, all rule ids in the order of the pathway.
"""

import itertools
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any

from adapter.clinical.calendar import add_months
from adapter.clinical.case import Facts
from adapter.clinical.logic import Expression
from adapter.clinical.outcome import Activity, Flag, FollowUp, Goal, Why
from adapter.clinical.pathway import Pathway
from adapter.clinical.program import Held
from adapter.clinical.rules import Fired, Mode, Stage

ANSWERS = 4096  # kept of each question about rules alone; patients differ far less in which rules hold than in facts


class Firing:
    """The facts of one case and the pathway's rules over them."""

    def __init__(self, pathway: Pathway, facts: Facts) -> None:
        self.pathway = pathway
        self.facts = facts
        self.held: dict[Stage, Held] = {}

    def fire(self, stage: Stage) -> Held:
        """Effects of this stage, by kind, whose rule holds: true, not merely unknown."""
        held = self.held[stage] = self.pathway.stages[stage](self.facts.values)
        return held

    def trace(self) -> tuple[str, ...]:
        """Ids of all rules that held, in the pathway's order; a guard held only where there was something to guard."""
        ids = {stage: [grounds(fired)[0] for fired in held.values()] for stage, held in self.held.items()}
        guards = ids.pop(Stage.GUARD, [])
        acting = set[str]().union(*itertools.chain.from_iterable(ids.values()))
        if any(ids.get(Stage.OFFER, ())) or not self.pathway.minding.isdisjoint(acting):
            acting.update(*guards)
        return tuple(sorted(acting, key=self.pathway.order.__getitem__))

    def why(self, fired: tuple[Fired, ...]) -> Why:
        """Rule ids in order, and the evidence behind every fact their conditions name."""
        rules, asks = grounds(fired)
        return Why(rules, self.facts.behind(asks))

    def value(self, attribute: Any) -> Any:
        """An attribute's value: plain data, or an expression evaluated now."""
        return attribute.evaluate(self.facts.values) if isinstance(attribute, Expression) else attribute


@lru_cache(ANSWERS)
def grouped(fired: tuple[Fired, ...]) -> Mapping[str, tuple[Fired, ...]]:
    """Fired effects by code, in order of first appearance; the same for all of whom the same rules hold."""
    return by(fired, attrgetter("effect.code"))


@lru_cache(ANSWERS)
def grounds(fired: tuple[Fired, ...]) -> tuple[tuple[str, ...], frozenset[str]]:
    """The rules behind an output, each once and in order, and all the facts that they ask for."""
    return tuple(dict.fromkeys(f.rule.id for f in fired)), frozenset[str]().union(
        *(f.rule.asks for f in fired)
    )


def by(fired: Iterable[Fired], key: Callable[[Fired], Any]) -> Mapping[Any, tuple[Fired, ...]]:
    """Fired effects by key, in order of first appearance."""
    groups: dict[Any, tuple[Fired, ...]] = {}
    for one in fired:
        name = key(one)
        groups[name] = (*groups.get(name, ()), one)
    return groups


def goals(firing: Firing, held: Held) -> tuple[Goal, ...]:
    """One goal per code: the highest minimum and the lowest maximum asked for."""
    return tuple(_goal(firing, code, group) for code, group in grouped(held.get("goal", ())).items())


def _goal(firing: Firing, code: str, group: tuple[Fired, ...]) -> Goal:
    low, high = _bounds(firing, group, "low"), _bounds(firing, group, "high")
    unit = group[0].effect.attributes.get("unit", "1")
    return Goal(code, unit, firing.why(group), max(low) if low else None, min(high) if high else None)


def _bounds(firing: Firing, group: tuple[Fired, ...], name: str) -> list[Decimal]:
    given = [firing.value(raw) for raw in _given(group, name)]
    return [value if isinstance(value, Decimal) else Decimal(value) for value in given if value is not None]


def activities(firing: Firing, held: Held) -> tuple[Activity, ...]:
    """One activity per code; it is clinical as soon as one rule behind it is a proposal."""
    return tuple(
        Activity(code, firing.why(group), _proposed(group), _details(firing, group))
        for code, group in grouped(held.get("activity", ())).items()
    )


@lru_cache(ANSWERS)
def _proposed(group: tuple[Fired, ...]) -> bool:
    return any(f.rule.mode is Mode.PROPOSE for f in group)


def _details(firing: Firing, group: tuple[Fired, ...]) -> tuple[tuple[str, str], ...]:
    """Attributes that were decided, as text; what is unknown is left out."""
    given = _given(group, "details")
    if not given:
        return ()
    worked_out = [(name, firing.value(raw)) for details in given for name, raw in details.items()]
    return tuple(sorted({name: str(value) for name, value in worked_out if value is not None}.items()))


@lru_cache(ANSWERS)
def _given(group: tuple[Fired, ...], name: str) -> tuple[Any, ...]:
    """An attribute of all effects that have it."""
    return tuple(f.effect.attributes[name] for f in group if f.effect.attributes.get(name) is not None)


def follow_ups(firing: Firing, held: Held) -> tuple[FollowUp, ...]:
    """One per code, date, event and interval: two drugs with different review dates stay two."""
    groups = by(held.get("follow_up", ()), lambda f: (f.effect.code, *_times(firing, f)))
    return tuple(
        FollowUp(code, firing.why(group), due, trigger, interval, _details(firing, group))
        for (code, due, trigger, interval), group in groups.items()
    )


def _times(firing: Firing, fired: Fired) -> tuple[date | None, str | None, str | None]:
    attributes = fired.effect.attributes
    start = firing.value(attributes.get("from"))
    months = firing.value(attributes.get("months"))
    due = start if months is None or start is None else add_months(start, int(months))
    return due, firing.value(attributes.get("trigger")), firing.value(attributes.get("interval"))


def flags(firing: Firing, held: Held) -> tuple[Flag, ...]:
    """One per code and detail."""
    groups = by(
        held.get("flag", ()), lambda f: (f.effect.code, firing.value(f.effect.attributes.get("detail")))
    )
    return tuple(
        Flag(code, firing.why(group), None if detail is None else str(detail))
        for (code, detail), group in groups.items()
    )


def statements(firing: Firing, held: Held) -> tuple[tuple[str, str], ...]:
    """What the letter must say beyond the outputs, each once."""
    said = (
        (f.effect.code, firing.value(f.effect.attributes.get("detail"))) for f in held.get("statement", ())
    )
    return tuple(dict.fromkeys((code, "" if detail is None else str(detail)) for code, detail in said))


def computed(firing: Firing, held: Held) -> tuple[tuple[str, Decimal], ...]:
    """Figures that a rule worked out from the record."""
    values = (
        (f.effect.code, firing.value(f.effect.attributes.get("value"))) for f in held.get("computed", ())
    )
    return tuple((code, Decimal(value)) for code, value in values if value is not None)
