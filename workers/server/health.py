"""Whether the work gets done: how far the server was read, and whether it is left alone just now. No patient, no id."""

from collections.abc import Callable
from dataclasses import dataclass, field

from adapter.errors import OsteoHandoverError
from adapter.wire_json import Json
from workers.clock import Clock
from workers.ledger import Ledger, circuits, passes

LATE = 3  # intervals without a sweep that came to its end


@dataclass(frozen=True, slots=True)
class Health:
    """The ledger, opened anew for each look: one that came or went is seen."""

    opened: Callable[[], Ledger] = field(repr=False)
    ruleset: str
    server: str = field(repr=False)
    interval: int
    clock: Clock = field(repr=False)

    def told(self) -> tuple[bool, Json]:
        """Whether all is well, and what lags."""
        try:
            ledger = self.opened()
        except OsteoHandoverError as fault:
            return False, {"ledger": str(fault)}
        try:
            return self._told(ledger)
        except OsteoHandoverError as fault:
            return False, {"ledger": str(fault)}
        finally:
            ledger.close()

    def _told(self, ledger: Ledger) -> tuple[bool, Json]:
        now = self.clock()
        cursor = passes.cursor(ledger, self.ruleset)
        behind = None if cursor is None else max(0, round((now - cursor).total_seconds()))
        until = circuits.stands(ledger, self.server, now).open_until
        alone = until is not None and until > now
        late = behind is None or behind > LATE * self.interval
        well = not late and not alone
        told = {"ledger": "opened", "read_until_seconds_ago": behind, "server_left_alone": alone}
        return well, {**told, "types_not_there": list(passes.passed_over(ledger, self.ruleset))}
