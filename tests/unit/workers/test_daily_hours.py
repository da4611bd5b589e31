"""Hours of the day are what the clock on the wall shows, also on the two days on which it is changed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from workers.host.daily_hours import ANY_TIME, MINUTE, OF_A_DAY, DailyHours

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NIGHT, LUNCH_TOO = "22:00-06:00", "12:00-13:00,22:00-06:00"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# Hours, a moment in UTC, and when they hold next (the same moment: they hold then). In winter Amsterdam is
# an hour ahead of UTC. Its clock goes from 02:00 to 03:00 on 2026-03-29 (01:00 UTC), and from 03:00 back to
# 02:00 on 2026-10-25 (01:00 UTC).
NEXT = [
    ("", "2026-01-05 09:00", "2026-01-05 09:00"),
    (NIGHT, "2026-01-05 20:59", "2026-01-05 21:00"),
    (NIGHT, "2026-01-05 21:00", "2026-01-05 21:00"),
    (NIGHT, "2026-01-05 23:30", "2026-01-05 23:30"),  # after midnight
    (NIGHT, "2026-01-05 04:59", "2026-01-05 04:59"),
    (NIGHT, "2026-01-05 05:00", "2026-01-05 21:00"),  # the end is outside
    (NIGHT, "2026-07-06 04:30", "2026-07-06 20:00"),  # in summer the same on the wall
    (LUNCH_TOO, "2026-01-05 09:00", "2026-01-05 11:00"),
    (LUNCH_TOO, "2026-01-05 12:00", "2026-01-05 21:00"),
    (" 12:00-13:00 , 22:00-06:00 ", "2026-01-05 09:00", "2026-01-05 11:00"),
    ("12:00-14:00,13:00-15:00", "2026-01-05 13:30", "2026-01-05 13:30"),  # two that overlap are one
    ("00:00-06:00", "2026-01-05 05:00", "2026-01-05 23:00"),
    ("22:00-00:00", "2026-01-05 22:59", "2026-01-05 22:59"),
    ("22:00-00:00", "2026-01-05 23:00", "2026-01-06 21:00"),
    # the clock goes forward
    (NIGHT, "2026-03-29 03:59", "2026-03-29 03:59"),  # 05:59
    (NIGHT, "2026-03-29 04:00", "2026-03-29 20:00"),  # 06:00 to 22:00
    ("02:30-05:00", "2026-03-29 00:30", "2026-03-29 01:00"),  # 01:30, and the next minute within is 03:00
    ("01:00-02:30", "2026-03-29 00:59", "2026-03-29 00:59"),
    ("01:00-02:30", "2026-03-29 01:00", "2026-03-29 23:00"),  # 03:00: the end was skipped, and is over
    ("02:00-03:00", "2026-03-29 00:30", "2026-03-30 00:00"),  # skipped as a whole: the next night
    ("02:00-03:00", "2026-03-28 02:00", "2026-03-30 00:00"),
    # the clock goes back
    (NIGHT, "2026-10-25 04:59", "2026-10-25 04:59"),  # 05:59
    (NIGHT, "2026-10-25 05:00", "2026-10-25 21:00"),
    ("02:15-02:45", "2026-10-25 00:00", "2026-10-25 00:15"),
    ("02:15-02:45", "2026-10-25 00:45", "2026-10-25 01:15"),  # a second time
    ("22:00-02:30", "2026-10-25 00:30", "2026-10-25 01:00"),  # from 02:30 to the second 02:00
    ("22:00-02:30", "2026-10-25 01:30", "2026-10-25 21:00"),
]


@pytest.mark.parametrize(("text", "moment", "expected"), NEXT)
def test_hours_begin_when_the_clock_on_the_wall_shows_it(text: str, moment: str, expected: str) -> None:
    hours = DailyHours.of_text(text, AMSTERDAM)

    assert hours.next_within(utc(moment)) == utc(expected)
    assert hours.hold(utc(moment)) is (moment == expected)


def test_a_day_that_the_clock_skipped_is_passed_over() -> None:
    """Samoa had no 2011-12-30."""
    noon = DailyHours.of_text("12:00-12:30", ZoneInfo("Pacific/Apia"))

    assert noon.next_within(utc("2011-12-29 22:30")) == utc("2011-12-30 22:00")
    assert f"{noon.next_within(utc('2011-12-29 22:30')).astimezone(noon.zone):%d %H:%M}" == "31 12:00"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("22:00-22:00", "two different times"),
        ("12:00-13:00,00:00-00:00", "two different times"),
        ("22-06", "no window"),
        ("22:00", "no window"),
        ("22:00-24:00", "midnight as 00:00"),
        ("7:00-8:00", "no window"),
        ("22:00-06:60", "no window"),
        ("22:00-06:00,", "no window"),
        ("22:00-06:00;12:00-13:00", "no window"),
        ("٢٢:00-06:00", "no window"),
        ("night", "no window"),
    ],
)
def test_what_is_no_window_is_refused_with_what_to_write(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told) as refused:
        DailyHours.of_text(text, AMSTERDAM)

    assert "22:00-06:00" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "hours"), [("", 0), (NIGHT, 16), (LUNCH_TOO, 9), ("00:00-23:00", 1), ("22:00-00:00", 22)]
)
def test_the_longest_break_is_from_an_end_to_the_next_begin(text: str, hours: int) -> None:
    assert DailyHours.of_text(text, AMSTERDAM).longest_break == timedelta(hours=hours)


def test_any_time_is_every_minute() -> None:
    assert ANY_TIME.minutes == frozenset(range(OF_A_DAY))


clock = st.tuples(st.integers(0, 23), st.integers(0, 59))
windows = st.lists(st.tuples(clock, clock).filter(lambda it: it[0] != it[1]), min_size=1, max_size=3)
ZONES = ("Europe/Amsterdam", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu")


@given(
    windows,
    st.sampled_from(ZONES),
    st.integers(int(utc("2011-01-01").timestamp()), int(utc("2030-01-01").timestamp())),
)
@settings(max_examples=examples(300), deadline=None)
def test_they_hold_at_their_next_begin_and_at_no_minute_before_it(
    found: list[tuple[tuple[int, int], tuple[int, int]]], zone: str, seconds: int
) -> None:
    """Whether they hold is told here by comparing what the clock shows, as text, with each window."""
    parts = [f"{a:02}:{b:02}-{c:02}:{d:02}" for (a, b), (c, d) in found]
    hours, moment = DailyHours.of_text(",".join(parts), ZoneInfo(zone)), datetime.fromtimestamp(seconds, UTC)

    def shown_within(at: datetime) -> bool:
        shown = f"{at.astimezone(ZoneInfo(zone)):%H:%M}"
        spans = (part.split("-") for part in parts)
        return any(
            begin <= shown < end if begin < end else shown >= begin or shown < end for begin, end in spans
        )

    begins = hours.next_within(moment)
    minute = moment.replace(second=0, microsecond=0)
    before = [minute + it * MINUTE for it in range((begins - minute) // MINUTE if begins > moment else 0)]

    assert shown_within(begins)
    assert hours.hold(begins)
    assert [it for it in before if shown_within(it) or hours.hold(it)] == []
    assert hours.hold(moment) is shown_within(moment) is (begins == moment)
