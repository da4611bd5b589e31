"""Whether the work gets done: how far the server was read, and whether it is left alone just now.

No patient, no id.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NotRequired

from typing_extensions import TypedDict

from adapter.errors import OsteoHandoverError
from workers.host.clock import Clock
from workers.ledger import Ledger, circuits, passes
from workers.queue.full_passes import waiting_note
from workers.settings.full_pass_rule import FullPassRule

LATE = 3  # intervals without a sweep that came to its end


class Lags(TypedDict):
    """What `/health/ready` tells; of a ledger that does not open only that."""

    ledger: str
    read_until_seconds_ago: NotRequired[int | None]
    server_left_alone: NotRequired[bool]
    types_not_there: NotRequired[list[str]]
    full_pass_waits: NotRequired[str | None]


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the work gets done, and what lags."""

    well: bool
    lags: Lags


@dataclass(frozen=True, slots=True)
class Health:
    """The ledger, opened anew for each look: one that came or went is seen."""

    opened: Callable[[], Ledger] = field(repr=False)
    ruleset: str
    server: str = field(repr=False)
    interval: int
    full_pass: FullPassRule
    clock: Clock = field(repr=False)

    def readiness(self) -> Readiness:
        """Whether all is well, and what lags; a ledger that does not open is a fault of its own."""
        try:
            ledger = self.opened()
        except OsteoHandoverError as fault:
            return Readiness(well=False, lags={"ledger": str(fault)})
        try:
            return self._by_ledger(ledger)
        except OsteoHandoverError as fault:
            return Readiness(well=False, lags={"ledger": str(fault)})
        finally:
            ledger.close()

    def _by_ledger(self, ledger: Ledger) -> Readiness:
        now = self.clock()
        cursor = passes.cursor(ledger, self.ruleset)
        behind = None if cursor is None else max(0, round((now - cursor).total_seconds()))
        until = circuits.circuit_of(ledger, self.server, now).open_until
        alone = until is not None and until > now
        late = behind is None or behind > LATE * self.interval
        lags: Lags = {
            "ledger": "opened",
            "read_until_seconds_ago": behind,
            "server_left_alone": alone,
            "types_not_there": list(passes.passed_over_types(ledger, self.ruleset)),
            "full_pass_waits": waiting_note(ledger, self.ruleset, self.full_pass, now),
        }
        return Readiness(not late and not alone, lags)
