"""Times of HL7 v2 (TS, DTM) as FHIR writes them: as exact as they are, and no more."""

import re
from datetime import datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_TIME = re.compile(
    r"(?P<year>\d{4})(?:(?P<month>\d{2})(?:(?P<day>\d{2})"
    r"(?:(?P<hour>\d{2})(?P<minute>\d{2})?(?P<second>\d{2})?(?:\.\d{1,6})?)?)?)?(?P<offset>[+-]\d{4})?"
)


def known_zone(name: str) -> str:
    """The name of a time zone; raises ValueError."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is not a known time zone") from None
    return name


@cache
def zone_of(name: str) -> ZoneInfo:
    """Looked up once: every time of every message asks for it."""
    return ZoneInfo(name)


@lru_cache(256)  # the segments of one message mostly bear the same times
def fhir_time(written: str, zone: str) -> str | None:
    """A date, or a moment with the offset of the message, else of the zone; None if it is no time."""
    found = _TIME.fullmatch(written.strip())
    if not found:
        return None
    year, month, day, hour = found["year"], found["month"], found["day"], found["hour"]
    try:
        whole = datetime(int(year), int(month or 1), int(day or 1), int(hour or 0), int(found["minute"] or 0), int(found["second"] or 0))  # noqa: DTZ001 - its zone follows  # fmt: skip
    except ValueError:
        return None
    if hour is None:
        return "-".join(it for it in (year, month, day) if it)
    if found["offset"]:
        return f"{whole.isoformat()}{found['offset'][:3]}:{found['offset'][3:]}"
    local = whole.replace(tzinfo=zone_of(zone))
    # Until the middle of the last century clocks ran by the sun of a place, and FHIR has no
    # offset of minutes and seconds.
    even = (local.utcoffset() or timedelta()) % timedelta(minutes=1) == timedelta()
    return local.isoformat() if even else local.date().isoformat()


def moment_of(written: str, zone: str) -> str:
    """The same where it says an hour; empty for a day, which is no moment, and for what is no time."""
    found = fhir_time(written, zone) or ""
    return found if "T" in found else ""


def day_of(moment: str | None) -> str:
    """The day as it is written, or as much of it as is known."""
    return (moment or "")[:10]
