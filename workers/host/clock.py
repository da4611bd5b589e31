"""The one place that asks for the time; everything else is told."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def today(clock: Clock, timezone: str) -> date:
    """The date where the institution is: a review at half past midnight in Tilburg is not yesterday's."""
    return clock().astimezone(ZoneInfo(timezone)).date()
