"""From rules that fired to outputs: one output per code, with every rule and all evidence behind it.

Several rules may want the same thing. They are merged, never listed twice: the higher of two minimum goals, the
lower of two limits, all rule ids in the order of the pathway.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from adapter.clinical.calendar import add_months
from adapter.clinical.case import Facts
from adapter.clinical.logic import Expression
from adapter.clinical.outcome import Activity, Flag, FollowUp, Goal, Why
from adapter.clinical.pathway import Pathway
from adapter.clinical.rules import Fired, Mode, Stage

NOTHING: Mapping[str, Any] = {}
Held = dict[str, list[Fired]]  # effect kind -> what fired, in the order of the pathway


class Firing:
    """The facts of one case and the pathway's rules over them."""

    def __init__(self, pathway: Pathway, facts: Facts) -> None:
        self.pathway = pathway
        self.facts = facts
        self.held: set[str] = set()

    def fire(self, stage: Stage) -> Held:
        """Effects of this stage, by kind, whose rule holds: true, not merely unknown."""
        facts = self.facts
        held: Held = {}
        for evaluate, effects in self.pathway.stages[stage]:
            if evaluate(facts) is True:
                for fired in effects:
                    only_if = fired.effect.only_if
                    if only_if is None or only_if.evaluate(facts) is True:
                        held.setdefault(fired.effect.kind, []).append(fired)
                        self.held.add(fired.rule.id)
        return held

    def trace(self) -> tuple[str, ...]:
        """Ids of all rules that held so far, in the pathway's order."""
        return tuple(sorted(self.held, key=self.pathway.order.__getitem__))

    def why(self, fired: Sequence[Fired]) -> Why:
        """Rule ids in order, and the evidence behind every fact their conditions name."""
        if len(fired) == 1:
            rule = fired[0].rule
            return Why((rule.id,), self.facts.behind(rule.id, rule.asks))
        rules = {f.rule.id: f.rule for f in fired}
        found = {reference for rule in rules.values() for reference in self.facts.behind(rule.id, rule.asks)}
        return Why(tuple(rules), tuple(sorted(found)))

    def value(self, attribute: Any) -> Any:
        """An attribute's value: plain data, or an expression evaluated now."""
        return attribute.evaluate(self.facts) if isinstance(attribute, Expression) else attribute


def grouped(fired: Iterable[Fired], key: Callable[[Fired], Any]) -> dict[Any, list[Fired]]:
    """Fired effects by key, in order of first appearance."""
    groups: dict[Any, list[Fired]] = {}
    for one in fired:
        groups.setdefault(key(one), []).append(one)
    return groups


def goals(firing: Firing, held: Held) -> tuple[Goal, ...]:
    """One goal per code: the highest minimum and the lowest maximum asked for."""
    groups = grouped(held.get("goal", ()), lambda f: f.effect.code)
    return tuple(_goal(firing, code, group) for code, group in groups.items())


def _goal(firing: Firing, code: str, group: list[Fired]) -> Goal:
    low, high = _bounds(firing, group, "low"), _bounds(firing, group, "high")
    unit = group[0].effect.attributes.get("unit", "1")
    return Goal(code, unit, firing.why(group), max(low, default=None), min(high, default=None))


def _bounds(firing: Firing, group: list[Fired], name: str) -> list[Decimal]:
    given = (firing.value(f.effect.attributes[name]) for f in group if name in f.effect.attributes)
    return [value if isinstance(value, Decimal) else Decimal(value) for value in given if value is not None]


def activities(firing: Firing, held: Held) -> tuple[Activity, ...]:
    """One activity per code; it is clinical as soon as one rule behind it is a proposal."""
    groups = grouped(held.get("activity", ()), lambda f: f.effect.code)
    return tuple(
        Activity(
            code,
            firing.why(group),
            clinical=any(f.rule.mode is Mode.PROPOSE for f in group),
            details=_details(firing, group),
        )
        for code, group in groups.items()
    )


def _details(firing: Firing, group: Iterable[Fired]) -> tuple[tuple[str, str], ...]:
    """Attributes that were decided, as text; what is unknown is left out."""
    found: dict[str, str] = {}
    for fired in group:
        for name, raw in (fired.effect.attributes.get("details") or NOTHING).items():
            value = firing.value(raw)
            if value is not None:
                found[name] = str(value)
    return tuple(sorted(found.items())) if found else ()


def follow_ups(firing: Firing, held: Held) -> tuple[FollowUp, ...]:
    """One per code, date, event and interval: two drugs with different review dates stay two."""
    resolved = [(f, _times(firing, f)) for f in held.get("follow_up", ())]
    groups: dict[tuple[Any, ...], list[Fired]] = {}
    for one, times in resolved:
        groups.setdefault((one.effect.code, *times), []).append(one)
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
    groups = grouped(
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
