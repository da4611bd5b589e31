"""From rules that fired to outputs: one output per code, with every rule and all evidence behind it.

Several rules may want the same thing. They are merged, never listed twice: the higher of two minimum goals, the
lower of two limits, all rule ids in the order of the pathway.
"""

from datetime import date
from decimal import Decimal

from adapter.clinical.calendar import add_months
from adapter.clinical.case import by_key
from adapter.clinical.decision import Activity, Flag, FollowUp, Goal
from adapter.clinical.language.program import Held
from adapter.clinical.language.rules import Effect, Mode
from adapter.clinical.stages import Fires, Firing, grouped


def goals(firing: Firing, held: Held) -> tuple[Goal, ...]:
    """One goal per code: the highest minimum and the lowest maximum asked for."""
    return tuple(_goal(firing, code, group) for code, group in grouped(held.get("goal", ())).items())


def _goal(firing: Firing, code: str, group: Fires) -> Goal:
    low, high = _numbers(firing, group, "low"), _numbers(firing, group, "high")
    unit = group[0].effect.attributes.get("unit", "1")
    return Goal(code, unit, firing.why(group), max(low, default=None), min(high, default=None))


def _numbers(firing: Firing, group: Fires, name: str) -> list[Decimal]:
    given = (firing.value(f.effect.attributes.get(name)) for f in group)
    return [Decimal(it) for it in given if it is not None]


def activities(firing: Firing, held: Held) -> tuple[Activity, ...]:
    """One activity per code; it is clinical as soon as one rule behind it is a proposal."""
    return tuple(
        Activity(
            code, firing.why(group), any(f.rule.mode is Mode.PROPOSE for f in group), _details(firing, group)
        )
        for code, group in grouped(held.get("activity", ())).items()
    )


def _details(firing: Firing, group: Fires) -> tuple[tuple[str, str], ...]:
    """Attributes that were decided, as text; what is unknown is left out."""
    given = (item for f in group for item in (f.effect.attributes.get("details") or {}).items())
    decided = {name: firing.value(raw) for name, raw in given}
    return tuple(sorted((name, str(value)) for name, value in decided.items() if value is not None))


def follow_ups(firing: Firing, held: Held) -> tuple[FollowUp, ...]:
    """One per code, date, event and interval: two drugs with different review dates stay two."""
    return tuple(
        FollowUp(code, firing.why(same), *times, _details(firing, same))
        for code, group in grouped(held.get("follow_up", ())).items()
        for times, same in by_key((_times(firing, f.effect), f) for f in group).items()
    )


def _times(firing: Firing, effect: Effect) -> tuple[date | None, str | None, str | None]:
    """When it is due, which event it waits for, and how often it comes back."""
    names = ("from", "months", "trigger", "interval")
    start, months, trigger, interval = (firing.value(effect.attributes.get(name)) for name in names)
    due = start if months is None or start is None else add_months(start, int(months))
    return due, trigger, interval


def flags(firing: Firing, held: Held) -> tuple[Flag, ...]:
    """One per code and detail."""
    return tuple(
        Flag(code, firing.why(same), detail) for code, detail, same in _detailed(firing, held, "flag")
    )


def statements(firing: Firing, held: Held) -> tuple[tuple[str, str], ...]:
    """What the letter must say beyond the outputs, each once."""
    return tuple((code, detail or "") for code, detail, _ in _detailed(firing, held, "statement"))


def _detailed(firing: Firing, held: Held, kind: str) -> list[tuple[str, str | None, Fires]]:
    return [
        (code, detail, same)
        for code, group in grouped(held.get(kind, ())).items()
        for detail, same in by_key((_detail(firing, f.effect), f) for f in group).items()
    ]


def _detail(firing: Firing, effect: Effect) -> str | None:
    detail = firing.value(effect.attributes.get("detail"))
    return None if detail is None else str(detail)


def computed(firing: Firing, held: Held) -> tuple[tuple[str, Decimal], ...]:
    """Figures that a rule worked out from the record."""
    given = (
        (f.effect.code, firing.value(f.effect.attributes.get("value"))) for f in held.get("computed", ())
    )
    return tuple((code, Decimal(value)) for code, value in given if value is not None)
