"""When everybody is looked at again: after an interval, and only within the hours that the institution gave.

Only what is due by time alone waits for these hours. What nobody may wait for does not: a first pass, a
changed ruleset (to which no earlier pass belongs), and the repetition of one that may have missed somebody.
And none waits until twice the interval is over, counted from the begin of the last one: what only a full
pass finds would come too late.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never
from zoneinfo import ZoneInfo

from workers.host.daily_hours import ANY_TIME, DailyHours
from workers.settings.all_settings import Settings

# A full pass in which something may have been missed is repeated after such a part of its interval.
REPEATED = 24
LATEST = 2  # intervals after the last one, when it begins at any hour


class FullPassState(StrEnum):
    """Whether a full pass is to begin by itself."""

    NOT_DUE = "not due"
    UNCERTAIN = "uncertain"  # whether the last one saw everybody
    DUE = "due"
    WAITS = "waits"  # for the hours
    TOO_LATE = "too late"  # to wait any longer

    @property
    def begins(self) -> bool:
        """Whether it begins now."""
        match self:
            case FullPassState.UNCERTAIN | FullPassState.DUE | FullPassState.TOO_LATE:
                return True
            case FullPassState.NOT_DUE | FullPassState.WAITS:
                return False
            case unreachable:
                assert_never(unreachable)


@dataclass(frozen=True, slots=True)
class FullPassRule:
    """How often everybody is looked at, and within which hours a pass for that begins."""

    interval: timedelta
    hours: DailyHours = ANY_TIME

    def state(self, last: datetime | None, partial: datetime | None, now: datetime) -> FullPassState:
        """By when the last whole full pass began, and the last one that may have missed somebody."""
        tried_lately = partial is not None and now - partial < self.interval / REPEATED
        if tried_lately or (last is not None and now - last < self.interval):
            return FullPassState.NOT_DUE
        if last is None or (partial is not None and partial > last):
            return FullPassState.UNCERTAIN
        if self.hours.hold(now):
            return FullPassState.DUE
        return FullPassState.WAITS if now < last + LATEST * self.interval else FullPassState.TOO_LATE

    def waiting(
        self, last: datetime | None, partial: datetime | None, now: datetime
    ) -> tuple[datetime, datetime] | None:
        """Since when one is due and until when it waits, in UTC if ``last`` is; None: none waits."""
        if last is None or self.state(last, partial, now) is not FullPassState.WAITS:
            return None
        return last + self.interval, min(self.hours.next_within(now), last + LATEST * self.interval)


def full_pass_rule_of(settings: Settings) -> FullPassRule:
    """As these settings say, in the zone of the institution."""
    hours = DailyHours.of_text(settings.full_sweep_hours, ZoneInfo(settings.timezone))
    return FullPassRule(timedelta(seconds=settings.full_sweep_interval), hours)
