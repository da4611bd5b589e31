"""Many in groups: as large as one request or one transaction takes, and as are done in time."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice
from threading import Lock
from typing import TypeVar

Item = TypeVar("Item")
PATIENTS = 50  # read together, where no setting says otherwise
TOO_LONG = timedelta(seconds=30)  # a third of what a task has, which holds several batches


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items in order, at most `size` at a time."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


class BatchSize:
    """At most ``most`` patients; half as many after a batch that took too long, one more after each other.

    A server may be too slow for fifty at once, for an hour or for good. Asked for ever in the same way it
    would never come to an end. Threads share it.
    """

    def __init__(self, most: int) -> None:
        self._most = self.now = most
        self._lock = Lock()

    def learn(self, patients: int, took: timedelta) -> None:
        """So many were done, or given up, after so long."""
        with self._lock:
            if took > TOO_LONG:  # those of the same size that were under way with it say the same once
                self.now = min(self.now, max(1, patients // 2))
            elif patients == self.now:
                self.now = min(self._most, self.now + 1)
