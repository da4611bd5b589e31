"""A time of HL7 v2 becomes a date or a moment, as exact as it was written and no more."""

import pytest

from mappings.hl7v2.input.v2_times import day_of, fhir_time, known_zone, moment_of

HERE = "Europe/Amsterdam"


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("2026", "2026"),
        ("202611", "2026-11"),
        ("20261110", "2026-11-10"),
        ("2026111009", "2026-11-10T09:00:00+01:00"),
        ("202607100930", "2026-07-10T09:30:00+02:00"),  # in summer
        ("20261110093015.123", "2026-11-10T09:30:15+01:00"),
        ("202611100930+0500", "2026-11-10T09:30:00+05:00"),
        (" 20261110 ", "2026-11-10"),
        ("193701010900", "1937-01-01"),  # no offset of whole minutes then
        ("20261301", None),
        ("20260230", None),
        ("2026111025", None),
        ("10-11-2026", None),
        ("", None),
    ],
)
def test_a_time_is_as_exact_as_it_was_written(written: str, time: str | None) -> None:
    assert fhir_time(written, HERE) == time


@pytest.mark.parametrize(
    ("written", "moment"), [("202611100930", "2026-11-10T09:30:00+01:00"), ("20261110", ""), ("soon", "")]
)
def test_a_day_is_no_moment(written: str, moment: str) -> None:
    assert moment_of(written, HERE) == moment


@pytest.mark.parametrize(
    ("moment", "day"),
    [("2026-11-10T09:30:00+01:00", "2026-11-10"), ("2026-11", "2026-11"), ("", ""), (None, "")],
)
def test_of_a_moment_the_day_is_taken_as_it_was_written(moment: str | None, day: str) -> None:
    assert day_of(moment) == day


def test_a_zone_is_one_that_the_platform_knows() -> None:
    assert known_zone(HERE) == HERE
    for name in ("Mars/Olympus", "", "../etc/passwd"):
        with pytest.raises(ValueError, match="not a known time zone"):
            known_zone(name)
