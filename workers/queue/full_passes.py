"""Why a full pass begins by itself just now, and until when one waits, by what the ledger holds."""

from datetime import datetime
from typing import assert_never

from workers.ledger import Ledger, passes
from workers.settings.full_pass_rule import FullPassRule, FullPassState


def why_full_pass(ledger: Ledger, ruleset: str, rule: FullPassRule, now: datetime) -> str | None:
    """Why a full pass under this ruleset begins now, for whoever watches; None: it does not."""
    match rule.state(*_begins(ledger, ruleset), now):
        case FullPassState.NOT_DUE | FullPassState.WAITS:
            return None
        case FullPassState.DUE:
            return "the last full pass is too long ago"
        case FullPassState.UNCERTAIN:
            return "the last full pass may have missed somebody"
        case FullPassState.TOO_LATE:
            return "the last full pass is too long ago to wait for full_sweep_hours"
        case unreachable:
            assert_never(unreachable)


def waiting_note(ledger: Ledger, ruleset: str, rule: FullPassRule, now: datetime) -> str | None:
    """Since when a full pass is due and until when it waits, in the zone of the hours; None: none waits."""
    waiting = rule.waiting(*_begins(ledger, ruleset), now)
    if waiting is None:
        return None
    since, until = (f"{it.astimezone(rule.hours.zone):%Y-%m-%d %H:%M}" for it in waiting)
    return f"a full pass is due since {since}, and waits for full_sweep_hours until {until}"


def _begins(ledger: Ledger, ruleset: str) -> tuple[datetime | None, datetime | None]:
    """Of the last whole full pass, and of the last that may have missed somebody."""
    return passes.last_full_pass(ledger, ruleset), passes.last_full_pass(ledger, ruleset, partial=True)
