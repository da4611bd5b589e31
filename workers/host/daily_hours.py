"""Hours of each day by the clock on the wall of a time zone, and when they begin next.

What the clock shows counts: one that goes forward skips some of them, one that goes back has some twice.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, pairwise
from typing import Self
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
OF_A_DAY = 24 * 60  # minutes
# Where a clock that goes forward skips a short window, the next one is two days after the last.
LOOKED_AHEAD = 3 * OF_A_DAY
_TIME = "([01][0-9]|2[0-3]):([0-5][0-9])"
_WINDOW = re.compile(f"{_TIME}-{_TIME}")


@dataclass(frozen=True, slots=True)
class DailyHours:
    """Which minutes of a day (0 is midnight, 1439 the last one) are within these hours, in this zone."""

    zone: ZoneInfo
    minutes: frozenset[int]

    @classmethod
    def of_text(cls, text: str, zone: ZoneInfo) -> Self:
        """`12:00-13:00,22:00-06:00`, each without its end; nothing is any time. Raises ValueError."""
        if not text.strip():
            return cls(zone, frozenset(range(OF_A_DAY)))
        return cls(
            zone, frozenset(minute for part in text.split(",") for minute in _minutes_of(part.strip()))
        )

    def hold(self, moment: datetime) -> bool:
        """Whether this moment is within them."""
        wall = moment.astimezone(self.zone)
        return wall.hour * 60 + wall.minute in self.minutes

    def next_within(self, moment: datetime) -> datetime:
        """This moment where it is within them, else the one at which they begin next; in UTC.

        Not in their zone, since Python compares moments of one zone by what its clock shows.
        """
        at = moment.astimezone(UTC)
        minute = at.replace(second=0, microsecond=0)
        later = (minute + ahead * MINUTE for ahead in range(1, LOOKED_AHEAD))
        return next(it for it in chain([at], later) if self.hold(it))

    @property
    def longest_break(self) -> timedelta:
        """The longest time from their end to their next begin, on days without a change of the clock."""
        within = sorted(self.minutes)
        return max(after - before - 1 for before, after in pairwise([*within, within[0] + OF_A_DAY])) * MINUTE


def _minutes_of(window: str) -> list[int]:
    """An end before the begin is one of the next day."""
    found = _WINDOW.fullmatch(window)
    if not found:
        raise ValueError(
            "has a part that is no window: write begin and end as in 22:00-06:00, midnight as 00:00, and commas between windows"
        )
    begin_hour, begin_minute, end_hour, end_minute = map(int, found.groups())
    begin, end = begin_hour * 60 + begin_minute, end_hour * 60 + end_minute
    if begin == end:
        raise ValueError(
            "has a window that ends when it begins: write two different times as in 22:00-06:00, or leave it empty for any time"
        )
    return [minute % OF_A_DAY for minute in range(begin, end if begin < end else end + OF_A_DAY)]


ANY_TIME = DailyHours.of_text("", ZoneInfo("UTC"))
