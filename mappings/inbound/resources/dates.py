"""FHIR dates: whole, in part, or not at all.

A day without a time counts as written. A moment counts on its day in the institution's time zone where one is
given (22:00Z may be the midnight after), else in the zone it was written in. Of a partial date the careful
end is taken, which differs by what is dated: a measurement or a start counts from the first possible day; a
fracture and a birth from the last (an older patient at the fracture, a younger one at the scan).
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from adapter.clinical.calendar import add_months
from adapter.input.wire_json import Json, ReadOnlyJson
from mappings.inbound.resources.datatypes import choice, number, obj, text

# So many are remembered, about the days of twenty years: patients have their days in common, and a
# date means the same each time.
DATES = 8192
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(T.*)?)?)?")
# Systems write the first day that they can count for one that nobody knows: 0001-01-01 (.NET), 1753-01-01
# (SQL Server), 1899-12-30 (spreadsheets), 1900-01-01. Nobody alive was born by then.
_NO_YEAR = 1900
# The zero of Unix, as a moment and as a day. People were born and fell ill on that day, but
# no measurement was made on it.
_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH = _ZERO.date()


@dataclass(frozen=True, slots=True)
class PossibleDays:
    """The first and last day that a stated date can mean."""

    first: date
    last: date


def stated(value: object, zone: tzinfo | None = None) -> PossibleDays | None:
    """A FHIR date, dateTime or instant, whole or in part; what a system writes for want of one is none."""
    return _stated(value.strip(), zone) if isinstance(value, str) else None


@lru_cache(DATES)
def _stated(written: str, zone: tzinfo | None) -> PossibleDays | None:
    found = _DATE.fullmatch(written)
    if not found or int(found[1]) <= _NO_YEAR:
        return None
    moment = _moment(written) if found[4] else None
    if moment == _ZERO:
        return None
    if zone and moment:
        local = moment.astimezone(zone).date()
        return PossibleDays(local, local)
    year, month, day = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    try:
        first = date(year, month or 1, day or 1)
        last = first if day else date(year, month or 12, calendar.monthrange(year, month or 12)[1])
    except ValueError:  # month 13, day 31 of June
        return None
    return PossibleDays(first, last)


def _moment(written: str) -> datetime | None:
    """A moment with its offset; one without is no moment but a clock on some wall."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:  # hour 25, offset +99:00
        return None
    # A zone away from the end of the calendar.
    return moment if moment.tzinfo and moment.year < 9999 else None


def first_day(*values: object) -> date | None:
    """The first day of the first of these that is a date."""
    for value in values:
        if found := stated(value):
            return found.first
    return None


def last_day(*values: object) -> date | None:
    """The last day of the first of these that is a date."""
    for value in values:
        if found := stated(value):
            return found.last
    return None


def measured_on(observation: ReadOnlyJson) -> date | None:
    """When an Observation or report is about: effective[x], else when it was issued."""
    days = effective(observation) or stated(observation.get("issued"))
    return days.first if days else None


def effective(observation: ReadOnlyJson, zone: tzinfo | None = None) -> PossibleDays | None:
    """The days that effective[x] can mean."""
    kind, value = choice(observation, "effective")
    match kind:
        case "Period":
            ends = [stated(obj(value).get(name), zone) for name in ("start", "end")]
        case "Timing":
            events = obj(value).get("event")
            ends = [stated(e, zone) for e in events] if isinstance(events, list) else []
        case _:
            return _unless_zero(stated(value, zone))
    known = [days for days in map(_unless_zero, ends) if days]
    if not known:
        return None
    first = min(days.first for days in known)
    return PossibleDays(first, max(days.last for days in known))


def _unless_zero(days: PossibleDays | None) -> PossibleDays | None:
    return None if days and days.last == _EPOCH else days


def performed(procedure: ReadOnlyJson) -> date | None:
    """The first day on which a Procedure can have been done, where that is said by a day or a period."""
    kind, value = choice(procedure, "performed")
    return first_day(obj(value).get("start") or obj(value).get("end") if kind == "Period" else value)


def began_on(condition: ReadOnlyJson, born: date | None, on: date) -> date | None:
    """When a Condition began, at the latest, not after ``on``; else its recordedDate."""
    kind, value = choice(condition, "onset")
    match kind:
        case "DateTime":
            began = stated(value)
        case "Period":
            began = stated(obj(value).get("start") or obj(value).get("end"))
        case "Age":
            began = _year_of_life(born, obj(value))
        case _:  # a Range or a text is not interpreted
            began = None
    began = began or stated(condition.get("recordedDate"))
    if began is None:
        return None
    # A year alone can reach beyond today, and nothing on record begins tomorrow.
    return min(on, began.last) if began.first <= on else began.last


def _year_of_life(born: date | None, age: Json) -> PossibleDays | None:
    """The days at which somebody was as old as that: from one birthday to the day before the next."""
    years = number(age.get("value"))
    # R4 wants a UCUM code of time beside an Age (invariant age-1). Without one the number is read as years;
    # months or weeks are not converted, for nobody knows from a number whether it is rounded.
    if born is None or years is None or text(age.get("code")) not in {"a", ""} or not 0 <= years <= 130:
        return None
    first, after = (add_months(born, 12 * (int(years) + more)) for more in (0, 1))
    return PossibleDays(first, after - timedelta(days=1))
