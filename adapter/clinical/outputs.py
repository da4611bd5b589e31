"""From rules that fired to outputs: one output per code, with every rule and all evidence behind it.

Several rules may want the same thing. They are merged, never listed twice: the higher of two minimum goals, the
lower of two limits, all rule ids in the order of the pathway.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from adapter.clinical.calendar import add_months
from adapter.clinical.case import Facts, by_key
from adapter.clinical.decision import Activity, Flag, FollowUp, Goal, Why
from adapter.clinical.language.logic import Expression
from adapter.clinical.language.pathway import Pathway
from adapter.clinical.language.program import Held
from adapter.clinical.language.rules import Effect, Fired, Mode, Stage

ANSWERS = 4096  # kept of each question about rules alone; patients differ far less in which rules hold than in facts

GUARD, OFFER = Stage.GUARD, Stage.OFFER
Fires = tuple[Fired, ...]
Value = Callable[[Any], Any]  # an attribute, worked out


class Grounds(NamedTuple):
    """What stands behind an output: the rules, each once and in order, and the facts that they ask for."""

    rules: tuple[str, ...]
    asks: frozenset[str]


Outlines = list[tuple[Grounds, tuple[Any, ...]]]  # outputs without their evidence
Draw = Callable[[Fires, Value], Outlines]  # from the effects of one code


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
        if stage is OFFER:
            self.offering = any(held.values())
        return held

    def trace(self) -> tuple[str, ...]:
        """Ids of all rules that held, in the pathway's order; a guard held only where there was something to guard."""
        places = set(self.acting)
        if self.offering or not self.pathway.minding.isdisjoint(places):
            places.update(self.guarding)
        rules = self.pathway.rules
        return tuple([rules[place].id for place in sorted(places)])

    def why(self, fired: Fires) -> Why:
        """Rule ids in order, and the evidence behind every fact their conditions name."""
        return self.because(grounds(fired))

    def because(self, behind: Grounds) -> Why:
        """The same, of grounds that are known."""
        return Why(behind.rules, self.facts.behind(behind.asks))

    def outlines(self, fired: Fires, draw: Draw) -> Outlines:
        """Outputs without their evidence; where no attribute names a fact, they are the same for every patient."""
        settled, open_groups = _drawn(fired, draw)
        if not open_groups:
            return settled
        lines = settled.copy()
        for place, group in open_groups:  # from the last to the first
            lines[place:place] = draw(group, self.value)
        return lines

    def value(self, attribute: Any) -> Any:
        """An attribute's value: plain data, or an expression evaluated now."""
        return attribute.evaluate(self.facts.values) if isinstance(attribute, Expression) else attribute


@lru_cache(ANSWERS)
def _drawn(fired: Fires, draw: Draw) -> tuple[Outlines, list[tuple[int, Fires]]]:
    """What is the same for every patient, and the groups that are not, with their place among it, the last first."""
    settled: Outlines = []
    open_groups: list[tuple[int, Fires]] = []
    for group in grouped(fired).values():
        if all(_plain(f.effect) for f in group):
            settled += draw(group, lambda plain: plain)
        else:
            open_groups.insert(0, (len(settled), group))
    return settled, open_groups


def _plain(effect: Effect) -> bool:
    given = list(effect.attributes.values())
    inner = [value for table in given if isinstance(table, Mapping) for value in table.values()]
    return not any(isinstance(value, Expression) for value in (*given, *inner))


@lru_cache(ANSWERS)
def grounds(fired: tuple[Fired, ...]) -> Grounds:
    """What stands behind effects that fired together."""
    rules = {f.rule.id: f.rule.asks for f in fired}
    return Grounds(tuple(rules), frozenset[str]().union(*rules.values()))


@lru_cache(ANSWERS)
def grouped(fired: tuple[Fired, ...]) -> Mapping[str, tuple[Fired, ...]]:
    """Fired effects by code, in order of first appearance."""
    return by_key((f.effect.code, f) for f in fired)


def goals(firing: Firing, held: Held) -> tuple[Goal, ...]:
    """One goal per code: the highest minimum and the lowest maximum asked for."""
    drawn = firing.outlines(held.get("goal", ()), _goal)
    return tuple([Goal(code, unit, firing.because(of), low, high) for of, (code, unit, low, high) in drawn])


def _goal(group: Fires, value: Value) -> Outlines:
    first = group[0].effect
    low, high = _numbers(group, value, "low"), _numbers(group, value, "high")
    limits = max(low, default=None), min(high, default=None)
    return [(grounds(group), (first.code, first.attributes.get("unit", "1"), *limits))]


def _numbers(group: Fires, value: Value, name: str) -> list[Decimal]:
    given = (value(f.effect.attributes.get(name)) for f in group)
    return [Decimal(it) for it in given if it is not None]


def activities(firing: Firing, held: Held) -> tuple[Activity, ...]:
    """One activity per code; it is clinical as soon as one rule behind it is a proposal."""
    drawn = firing.outlines(held.get("activity", ()), _activity)
    return tuple([Activity(code, firing.because(of), clinical, more) for of, (code, clinical, more) in drawn])


def _activity(group: Fires, value: Value) -> Outlines:
    clinical = any(f.rule.mode is Mode.PROPOSE for f in group)
    return [(grounds(group), (group[0].effect.code, clinical, _details(group, value)))]


def _details(group: Fires, value: Value) -> tuple[tuple[str, str], ...]:
    """Attributes that were decided, as text; what is unknown is left out."""
    asked = _detailed(group)
    if not asked:
        return ()
    return tuple(
        sorted({name: str(found) for name, raw in asked if (found := value(raw)) is not None}.items())
    )


@lru_cache(ANSWERS)
def _detailed(group: Fires) -> tuple[tuple[str, Any], ...]:
    given = [f.effect.attributes.get("details") or {} for f in group]
    return tuple((name, raw) for details in given for name, raw in details.items())


def follow_ups(firing: Firing, held: Held) -> tuple[FollowUp, ...]:
    """One per code, date, event and interval: two drugs with different review dates stay two."""
    drawn = firing.outlines(held.get("follow_up", ()), _follow_ups)
    return tuple(
        [
            FollowUp(code, firing.because(of), due, trigger, interval, details)
            for of, (code, due, trigger, interval, details) in drawn
        ]
    )


def _follow_ups(group: Fires, value: Value) -> Outlines:
    same = by_key(((f.effect.code, *_times(f.effect.attributes, value)), f) for f in group)
    return [(grounds(of), (*times, _details(of, value))) for times, of in same.items()]


def _times(attributes: Mapping[str, Any], value: Value) -> tuple[date | None, str | None, str | None]:
    start, months = value(attributes.get("from")), value(attributes.get("months"))
    due = start if months is None or start is None else add_months(start, int(months))
    return due, value(attributes.get("trigger")), value(attributes.get("interval"))


def flags(firing: Firing, held: Held) -> tuple[Flag, ...]:
    """One per code and detail."""
    drawn = firing.outlines(held.get("flag", ()), _with_details)
    return tuple([Flag(code, firing.because(of), detail) for of, (code, detail) in drawn])


def statements(firing: Firing, held: Held) -> tuple[tuple[str, str], ...]:
    """What the letter must say beyond the outputs, each once."""
    drawn = firing.outlines(held.get("statement", ()), _with_details)
    return tuple([(code, detail or "") for _, (code, detail) in drawn])


def _with_details(group: Fires, value: Value) -> Outlines:
    same = by_key(((f.effect.code, _detail(f.effect, value)), f) for f in group)
    return [(grounds(of), given) for given, of in same.items()]


def _detail(effect: Effect, value: Value) -> str | None:
    detail = value(effect.attributes.get("detail"))
    return None if detail is None else str(detail)


def computed(firing: Firing, held: Held) -> tuple[tuple[str, Decimal], ...]:
    """Figures that a rule worked out from the record."""
    values = [
        (f.effect.code, firing.value(f.effect.attributes.get("value"))) for f in held.get("computed", ())
    ]
    return tuple([(code, Decimal(value)) for code, value in values if value is not None])
