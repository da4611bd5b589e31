"""A server says that something changed. That is a hint and no more: the sweep finds the same without it.

Nothing of what it sends is used but the ids of patients, who are looked at as always. What it does not say,
or did not send, is found by a sweep that is asked for earlier.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from adapter.errors import OsteoHandoverError
from workers.host.clock import Clock
from workers.ledger import Ledger, reviews
from workers.server.admission import Admission
from workers.server.notification import Notification, notification_of

log = logging.getLogger(__name__)

BETWEEN_SWEEPS = 10.0  # seconds, however many hints come


@dataclass(slots=True)
class HintReceiver:
    """Keeps the hints of servers in the ledger. `follow_up` has workers begin, with a sweep or without."""

    admission: Admission
    opened: Callable[[], Ledger] = field(repr=False)
    clock: Clock = field(repr=False)
    base_url: str = field(repr=False)
    follow_up: Callable[[bool], None] = field(repr=False)
    _numbers: dict[str, int] = field(default_factory=dict, init=False)
    _swept: float = field(default=float("-inf"), init=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)

    def take_hint(self, body: bytes) -> bool:
        """Keep it: these patients are work when this returns. True when a sweep should look for more."""
        notice = notification_of(body, self.base_url)
        if notice.patients:
            ledger = self.opened()
            try:
                reviews.request_reviews(ledger, notice.patients, self.clock())
            finally:
                ledger.close()
        return self._events_are_missing(notice) or notice.unnamed

    def begin_work(self, sweep: bool) -> None:
        """Have workers begin, after the answer.

        A broker that is away costs nothing: what was kept is found again.
        """
        with self._lock:
            sweep = sweep and time.monotonic() - self._swept >= BETWEEN_SWEEPS
            self._swept = time.monotonic() if sweep else self._swept
        try:
            self.follow_up(sweep)
        except OsteoHandoverError as fault:
            log.warning("a hint waits for the next sweep: %s", type(fault).__name__)

    def _events_are_missing(self, notice: Notification) -> bool:
        """Whether events are missing before these: a number was skipped, or this process is new."""
        if notice.number is None or notice.first is None:
            return False
        with self._lock:
            before = self._numbers.get(notice.subscription)
            self._numbers[notice.subscription] = max(notice.number, before or 0)
        return (before is None and notice.number > 0) or (before is not None and notice.first > before + 1)
