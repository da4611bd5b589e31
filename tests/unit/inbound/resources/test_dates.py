"""Which days a FHIR date can mean, and which counts: of a measurement the first, of a fracture the last."""

from datetime import UTC, date
from zoneinfo import ZoneInfo

import pytest

from adapter.input.wire_json import Json
from mappings.inbound.resources.dates import (
    PossibleDays,
    began_on,
    effective,
    first_day,
    last_day,
    measured_on,
    performed,
    stated,
)
from tests.unit.clinical.questions import days

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def span(text: str | None) -> PossibleDays | None:
    """``2026-11-01/30`` is the whole of November."""
    if text is None:
        return None
    first, _, last = text.partition("/")
    return PossibleDays(days(first), days(first[: -len(last)] + last if last else first))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-10", "2026-11-10"),
        (" 2026-11-10 ", "2026-11-10"),
        ("2026-11", "2026-11-01/30"),
        ("2024-02", "2024-02-01/29"),
        ("2026", "2026-01-01/12-31"),
        ("2026-13", None),
        ("2026-06-31", None),
        ("10-11-2026", None),
        ("soon", None),
        ("", None),
        (None, None),
        (20261110, None),
        # What systems write for want of a day.
        ("1900-12-31", None),
        ("0001-01-01T00:00:00Z", None),
        ("1901-01-01", "1901-01-01"),
        ("1970-01-01T00:00:00Z", None),
        ("1970-01-01T01:00:00+01:00", None),
        ("1970-01-01", "1970-01-01"),  # people were born on that day
        ("1970-01-01T00:00:01Z", "1970-01-01"),
        # The day on which it was written, where no zone is given.
        ("2026-11-09T23:30:00Z", "2026-11-09"),
        ("2026-11-10T00:30:00+01:00", "2026-11-10"),
        ("2026-11-10T25:00:00Z", "2026-11-10"),
        ("2026-11-10T", "2026-11-10"),
    ],
)
def test_the_days_that_a_date_can_mean(written: object, meant: str | None) -> None:
    assert stated(written) == span(meant)
    assert first_day(written) == (found.first if (found := span(meant)) else None)
    assert last_day(written) == (found.last if (found := span(meant)) else None)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-09T23:30:00Z", "2026-11-10"),
        ("2026-11-10T00:30:00+02:00", "2026-11-09"),
        ("2026-11-10T12:00:00", "2026-11-10"),  # a clock on some wall
        ("2026-11-10", "2026-11-10"),
        ("2026-11", "2026-11-01/30"),
        ("9999-12-31T23:59:59Z", "9999-12-31"),
        ("9998-12-31T23:59:59Z", "9999-01-01"),
        ("1970-01-01T00:00:00Z", None),
    ],
)
def test_a_moment_counts_on_its_day_where_the_institution_is(written: str, meant: str | None) -> None:
    assert stated(written, AMSTERDAM) == span(meant)


@pytest.mark.parametrize(
    ("measured", "meant"),
    [
        ({"effectiveDateTime": "2026-11-10"}, "2026-11-10"),
        ({"effectiveInstant": "2026-11-09T23:30:00Z"}, "2026-11-10"),
        ({"effectivePeriod": {"start": "2026-11-09", "end": "2026-11-10"}}, "2026-11-09/10"),
        ({"effectivePeriod": {"start": "2026-11-09"}}, "2026-11-09"),
        ({"effectivePeriod": {"end": "2026-11-10"}}, "2026-11-10"),
        ({"effectivePeriod": {"end": "2026-11-09T23:30:00Z"}}, "2026-11-10"),
        ({"effectivePeriod": {"start": "2026-11-10", "end": "2026-11"}}, "2026-11-01/30"),
        ({"effectivePeriod": {}}, None),
        ({"effectivePeriod": "2026-11-10"}, None),
        ({"effectiveTiming": {"event": ["2026-11-10", "2026-11-02", "soon"]}}, "2026-11-02/10"),
        ({"effectiveTiming": {"event": ["2026-11-09T23:30:00Z"]}}, "2026-11-10"),
        ({"effectiveTiming": {"event": "2026-11-10"}}, None),
        ({"effectiveTiming": {}}, None),
        # Nothing was measured on the zero of Unix.
        ({"effectiveDateTime": "1970-01-01"}, None),
        ({"effectiveDateTime": "1970-01-02"}, "1970-01-02"),
        ({"effectivePeriod": {"start": "1970-01-01", "end": "2026-11-10"}}, "2026-11-10"),
        ({"issued": "2026-11-10"}, None),
        ({}, None),
    ],
)
def test_the_days_on_which_it_can_have_been_measured(measured: Json, meant: str | None) -> None:
    assert effective(measured, AMSTERDAM) == span(meant)


@pytest.mark.parametrize(
    ("measured", "day"),
    [
        ({"effectiveDateTime": "2026-11", "issued": "2026-12-01"}, "2026-11-01"),
        ({"issued": "2026-12-01"}, "2026-12-01"),
        ({"effectiveDateTime": "1970-01-01", "issued": "2026-12-01"}, "2026-12-01"),
        ({}, None),
    ],
)
def test_a_measurement_counts_from_its_first_day_else_from_that_of_issue(
    measured: Json, day: str | None
) -> None:
    assert measured_on(measured) == (days(day) if day else None)


@pytest.mark.parametrize(
    ("procedure", "day"),
    [
        ({"performedDateTime": "2026-11"}, "2026-11-01"),
        ({"performedPeriod": {"start": "2026-11-10", "end": "2026-11-12"}}, "2026-11-10"),
        ({"performedPeriod": {"end": "2026-11-12"}}, "2026-11-12"),
        ({"performedPeriod": {}}, None),
        ({"performedString": "last year"}, None),
        ({}, None),
    ],
)
def test_an_operation_counts_from_its_first_day(procedure: Json, day: str | None) -> None:
    assert performed(procedure) == (days(day) if day else None)


BORN, TODAY = date(1956, 2, 29), date(2026, 11, 20)


@pytest.mark.parametrize(
    ("condition", "day"),
    [
        ({"onsetDateTime": "2020-05-06"}, "2020-05-06"),
        ({"onsetDateTime": "2020"}, "2020-12-31"),
        ({"onsetDateTime": "2026"}, "2026-11-20"),
        ({"onsetDateTime": "2026-11-20"}, "2026-11-20"),
        ({"onsetDateTime": "2026-12"}, "2026-12-31"),  # refused by who reads it
        ({"onsetPeriod": {"start": "2020-05", "end": "2020-07-01"}}, "2020-05-31"),
        ({"onsetPeriod": {"end": "2020-07"}}, "2020-07-31"),
        ({"onsetAge": {"value": 51, "code": "a"}}, "2008-02-28"),
        ({"onsetAge": {"value": 52}}, "2009-02-27"),
        ({"onsetAge": {"value": 70, "code": "a"}}, "2026-11-20"),
        ({"onsetAge": {"value": 0, "code": "a"}}, "1957-02-27"),
        ({"onsetAge": {"value": 130, "code": "a"}}, "2087-02-27"),
        # An age that nobody can read leaves the day of recording.
        ({"onsetAge": {"value": 131, "code": "a"}, "recordedDate": "2006-01"}, "2006-01-31"),
        ({"onsetAge": {"value": -1, "code": "a"}}, None),
        ({"onsetAge": {"value": 60, "code": "mo"}, "recordedDate": "2006-01-02"}, "2006-01-02"),
        ({"onsetAge": {"code": "a"}}, None),
        ({"onsetString": "long ago", "recordedDate": "2006-01-02"}, "2006-01-02"),
        ({"onsetDateTime": "?", "recordedDate": "2006"}, "2006-12-31"),
        ({"recordedDate": "2026-11"}, "2026-11-20"),
        ({}, None),
    ],
)
def test_a_condition_began_on_the_last_day_that_is_possible(condition: Json, day: str | None) -> None:
    assert began_on(condition, BORN, TODAY) == (days(day) if day else None)


@pytest.mark.parametrize(
    ("on", "day"), [("2026-11-01", "2026-11-01"), ("2026-11-30", "2026-11-30"), ("2026-10-31", "2026-11-30")]
)
def test_nothing_on_record_begins_tomorrow_if_it_can_have_begun_before(on: str, day: str) -> None:
    assert began_on({"onsetDateTime": "2026-11"}, BORN, days(on)) == days(day)


def test_an_age_without_a_birth_date_says_no_day() -> None:
    assert began_on({"onsetAge": {"value": 51, "code": "a"}}, None, TODAY) is None


def test_a_moment_counts_in_the_zone_that_is_given() -> None:
    assert stated("2026-11-10T00:30:00+01:00", UTC) == span("2026-11-09")
