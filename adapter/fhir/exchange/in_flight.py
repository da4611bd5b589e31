"""How many requests may be under way at one server: as many as it bears.

Each process finds that out for itself, as TCP does: from a few it goes up as long as the server serves, and
down by half when the server says that it has too much to do, takes very long, or does not answer. So a server
that is small, or busy with the people of its house, is left room, and nobody has to say how much it bears.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition

log = logging.getLogger(__name__)

BEGIN = 2  # a process that starts must not be the one too many
TOO_MUCH = frozenset({429, 503})


@dataclass(slots=True)
class RequestSlot:
    """One request under way. Whoever has it says that the server took it; silence means that it did not."""

    since: int  # how often the limit had been lowered when it began
    taken: bool = False


class InFlight:
    """At most ``most`` requests at once, and fewer while the server cannot take them. Threads share it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._limit = float(min(BEGIN, most))
        self._lowered = 0
        self._under_way = 0
        self._changed = Condition()

    @property
    def limit(self) -> int:
        """How many may be under way now."""
        return int(self._limit)

    @contextmanager
    def slot(self) -> Iterator[RequestSlot]:
        """Waits until there is room for one more."""
        with self._changed:
            self._changed.wait_for(lambda: self._under_way < self.limit)
            self._under_way += 1
            slot = RequestSlot(self._lowered)
        try:
            yield slot
        finally:
            with self._changed:
                self._under_way -= 1
                self._learn(slot)
                self._changed.notify_all()

    def _learn(self, ended: RequestSlot) -> None:
        if ended.taken:
            # One more for each answer; once the server had enough, one more for each round of answers.
            self._limit = min(float(self._most), self._limit + (1 / self._limit if self._lowered else 1))
        elif ended.since == self._lowered:  # those who were under way together say the same once
            before = self.limit
            self._limit, self._lowered = max(1.0, self._limit / 2), self._lowered + 1
            if self.limit < before:  # of a server that is away this is told once, and not for each try
                log.info(
                    "the server has too much to do, or is away: requests at once for now: %d", self.limit
                )
