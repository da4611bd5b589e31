"""From rules that fired to outputs: one output per code, with every rule and all evidence behind it.

Several rules may want the same thing. They are merged, never listed twice: the higher of two minimum goals, the
lower of two limits, all rule ids in the order of the pathway.
"""

import itertools
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from adapter.clinical.calendar import add_months
from adapter.clinical.case import Facts
from adapter.clinical.logic import Expression
from adapter.clinical.outcome import Activity, Flag, FollowUp, Goal, Why
from adapter.clinical.pathway import Pathway
from adapter.clinical.program import Held
from adapter.clinical.rules import Fired, Mode, Stage

ANSWERS = 4096  # kept of each question about rules alone; patients differ far less in which rules hold than in facts

GUARD, OFFER = Stage.GUARD, Stage.OFFER
Value = Callable[[Any], Any]  # an attribute, worked out
T = TypeVar("T")


class Grounds(NamedTuple):
    """What stands behind an output: the rules, each once and in order, and the facts that they ask for."""

    rules: tuple[str, ...]
    asks: frozenset[str]


class Firing:
    """The facts of one case and the pathway's rules over them."""

    def __init__(self, pathway: Pathway, facts: Facts) -> None:
        self.pathway = pathway
        self.facts = facts
        self.acting: list[int] = []  # places of the rules that held
        self.guarding: list[int] = []  # of those that guard
        self.offering = False

    def fire(self, stage: Stage) -> Held:
        """Effects of this stage, by kind, whose rule holds: true, not merely unknown."""
        places = self.guarding if stage is GUARD else self.acting
        held = self.pathway.stages[stage](self.facts.values, places)
        self.offering |= stage is OFFER and any(held.values())
        return held

    def trace(self) -> tuple[str, ...]:
        """Ids of all rules that held, in the pathway's order; a guard held only where there was something to guard."""
        places, rules = set(self.acting), self.pathway.rules
        if self.offering or not self.pathway.minding.isdisjoint(places):
            places.update(self.guarding)
        return tuple([rules[place].id for place in sorted(places)])

    def why(self, fired: tuple[Fired, ...]) -> Why:
        """Rule ids in order, and the evidence behind every fact their conditions name."""
        behind = grounds(fired)
        return Why(behind.rules, self.facts.behind(behind.asks))

    def of(self, fired: tuple[Fired, ...], ask: Callable[[tuple[Fired, ...], Value], T]) -> T:
        """What the attributes of effects come to; where none of them names a fact, the same for every patient."""
        return _same_for_all(fired, ask) if _plain(fired) else ask(fired, self.value)

    def value(self, attribute: Any) -> Any:
        """An attribute's value: plain data, or an expression evaluated now."""
        return attribute.evaluate(self.facts.values) if isinstance(attribute, Expression) else attribute


@lru_cache(ANSWERS)
def _plain(fired: tuple[Fired, ...]) -> bool:
    given = [value for f in fired for value in f.effect.attributes.values()]
    inner = [value for table in given if isinstance(table, Mapping) for value in table.values()]
    return not any(isinstance(value, Expression) for value in (*given, *inner))


@lru_cache(ANSWERS)
def _same_for_all(fired: tuple[Fired, ...], ask: Callable[[tuple[Fired, ...], Value], T]) -> T:
    return ask(fired, lambda plain: plain)


@lru_cache(ANSWERS)
def grounds(fired: tuple[Fired, ...]) -> Grounds:
    """What stands behind effects that fired together."""
    rules = {f.rule.id: f.rule.asks for f in fired}
    return Grounds(tuple(rules), frozenset[str]().union(*rules.values()))


@lru_cache(ANSWERS)
def grouped(fired: tuple[Fired, ...]) -> Mapping[str, tuple[Fired, ...]]:
    """Fired effects by code, in order of first appearance."""
    return _by(fired, lambda f: f.effect.code)


def _by(fired: Iterable[Fired], key: Callable[[Fired], Any]) -> dict[Any, tuple[Fired, ...]]:
    groups: dict[Any, tuple[Fired, ...]] = {}
    for one in fired:
        name = key(one)
        groups[name] = (*groups.get(name, ()), one)
    return groups


def goals(firing: Firing, held: Held) -> tuple[Goal, ...]:
    """One goal per code: the highest minimum and the lowest maximum asked for."""
    return tuple(
        Goal(code, group[0].effect.attributes.get("unit", "1"), firing.why(group), *firing.of(group, _limits))
        for code, group in grouped(held.get("goal", ())).items()
    )


def _limits(group: tuple[Fired, ...], value: Value) -> tuple[Decimal | None, Decimal | None]:
    low, high = _numbers(group, value, "low"), _numbers(group, value, "high")
    return max(low, default=None), min(high, default=None)


def _numbers(group: tuple[Fired, ...], value: Value, name: str) -> list[Decimal]:
    given = (value(f.effect.attributes.get(name)) for f in group)
    return [Decimal(it) for it in given if it is not None]


def activities(firing: Firing, held: Held) -> tuple[Activity, ...]:
    """One activity per code; it is clinical as soon as one rule behind it is a proposal."""
    return tuple(
        Activity(code, firing.why(group), _proposed(group), firing.of(group, _details))
        for code, group in grouped(held.get("activity", ())).items()
    )


@lru_cache(ANSWERS)
def _proposed(group: tuple[Fired, ...]) -> bool:
    return any(f.rule.mode is Mode.PROPOSE for f in group)


def _details(group: tuple[Fired, ...], value: Value) -> tuple[tuple[str, str], ...]:
    """Attributes that were decided, as text; what is unknown is left out."""
    given = [details.items() for f in group if (details := f.effect.attributes.get("details"))]
    worked_out = [(name, value(raw)) for name, raw in itertools.chain.from_iterable(given)]
    return tuple(sorted({name: str(found) for name, found in worked_out if found is not None}.items()))


def follow_ups(firing: Firing, held: Held) -> tuple[FollowUp, ...]:
    """One per code, date, event and interval: two drugs with different review dates stay two."""
    groups = firing.of(held.get("follow_up", ()), _by_times)
    return tuple(
        FollowUp(code, firing.why(group), due, trigger, interval, firing.of(group, _details))
        for (code, due, trigger, interval), group in groups.items()
    )


def _by_times(fired: tuple[Fired, ...], value: Value) -> Mapping[Any, tuple[Fired, ...]]:
    return _by(fired, lambda f: (f.effect.code, *_times(f.effect.attributes, value)))


def _times(attributes: Mapping[str, Any], value: Value) -> tuple[date | None, str | None, str | None]:
    start, months = value(attributes.get("from")), value(attributes.get("months"))
    due = start if months is None or start is None else add_months(start, int(months))
    return due, value(attributes.get("trigger")), value(attributes.get("interval"))


def flags(firing: Firing, held: Held) -> tuple[Flag, ...]:
    """One per code and detail."""
    groups = firing.of(held.get("flag", ()), _by_detail)
    return tuple(
        Flag(code, firing.why(group), None if detail is None else str(detail))
        for (code, detail), group in groups.items()
    )


def _by_detail(fired: tuple[Fired, ...], value: Value) -> Mapping[Any, tuple[Fired, ...]]:
    return _by(fired, lambda f: (f.effect.code, value(f.effect.attributes.get("detail"))))


def statements(firing: Firing, held: Held) -> tuple[tuple[str, str], ...]:
    """What the letter must say beyond the outputs, each once."""
    return firing.of(held.get("statement", ()), _said)


def _said(fired: tuple[Fired, ...], value: Value) -> tuple[tuple[str, str], ...]:
    said = _by_detail(fired, value)
    return tuple(dict.fromkeys((code, "" if detail is None else str(detail)) for code, detail in said))


def computed(firing: Firing, held: Held) -> tuple[tuple[str, Decimal], ...]:
    """Figures that a rule worked out from the record."""
    values = (
        (f.effect.code, firing.value(f.effect.attributes.get("value"))) for f in held.get("computed", ())
    )
    return tuple((code, Decimal(value)) for code, value in values if value is not None)
