"""FHIR dates as half-open ranges of milliseconds, and what each search prefix asks of two ranges.

`2024-03` is the whole of March: [2024-03-01, 2024-04-01). An open end of a period is FOREVER away.
"""

import re
from datetime import datetime, timedelta

from adapter.input.wire_json import Json
from workers.sandbox.wire import RequestRefused, milliseconds

FOREVER = 2**62

_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?", re.ASCII
)

# R4 3.1.1.4.1 and 3.1.1.5.4; {lo} and {hi} are the resource's range, {since} and {until} the searched one.
_CONTAINED = "({lo} >= {since} AND {hi} <= {until})"
PREFIXES = {
    "eq": _CONTAINED,
    "ne": f"NOT {_CONTAINED}",
    "gt": "{hi} > {until}",
    "lt": "{lo} < {since}",
    "ge": f"({{hi}} > {{until}} OR {_CONTAINED})",
    "le": f"({{lo}} < {{since}} OR {_CONTAINED})",
    "sa": "{lo} >= {until}",
    "eb": "{hi} <= {since}",
}


def date_span(text: object) -> tuple[int, int] | None:
    """The range a date, dateTime or instant covers, or None when it is none; without a zone it is UTC."""
    found = _DATE.fullmatch(text) if isinstance(text, str) else None
    if not found:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    ms = int(((fraction or "") + "000")[:3])
    clock = f"{hour or '00'}:{minute or '00'}:{second or '00'}.{ms:03d}"
    try:
        start = datetime.fromisoformat(f"{year}-{month or '01'}-{day or '01'}T{clock}{zone or '+00:00'}")
    except ValueError:
        return None
    return milliseconds(start), _end_of(start, found.groups())


def _end_of(start: datetime, parts: tuple[str | None, ...]) -> int:
    _, month, day, hour, _, second, fraction, _ = parts
    try:
        if month is None:
            return milliseconds(start.replace(year=start.year + 1))
        if day is None:
            return milliseconds(
                start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
            )
    except ValueError:  # the year after 9999
        return FOREVER
    if hour is None:
        width = timedelta(days=1)
    elif second is None:
        width = timedelta(minutes=1)
    else:
        width = timedelta(seconds=1) if fraction is None else timedelta(milliseconds=1)
    return milliseconds(start) + width // timedelta(milliseconds=1)


def period_span(element: Json) -> tuple[int, int] | None:
    """The range of a Period; None when it has no bound, or one that is no date."""
    start, end = element.get("start"), element.get("end")
    first, last = date_span(start), date_span(end)
    if (start is not None and not first) or (end is not None and not last) or not (first or last):
        return None
    return (first[0] if first else -FOREVER), (last[1] if last else FOREVER)


def date_condition(value: str, lo: str, hi: str) -> str:
    """One date search value, e.g. `ge2024-03`, as SQL over the columns `lo` and `hi`."""
    prefix, date = (value[:2], value[2:]) if value[:2].isalpha() else ("eq", value)
    # An unescaped `+` in a URL arrives as a space.
    found = date_span(date.replace(" ", "+"))
    if prefix not in PREFIXES or not found:
        raise RequestRefused(400, "value", "A date parameter has a prefix or a date that is not understood.")
    return PREFIXES[prefix].format(lo=lo, hi=hi, since=found[0], until=found[1])
