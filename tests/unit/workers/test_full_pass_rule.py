"""A full pass by itself waits for its hours only where nobody is harmed by that, and never for ever."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.server_patients import settings_for
from workers.host.daily_hours import DailyHours
from workers.settings.full_pass_rule import LATEST, FullPassRule, FullPassState, full_pass_rule_of

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
NIGHT = DailyHours.of_text("22:00-06:00", ZoneInfo("UTC"))
TEN = datetime(2026, 11, 30, 10, tzinfo=UTC)  # in the morning
MIDNIGHT = datetime(2026, 11, 30, tzinfo=UTC)
S = FullPassState


# When it is, how long ago the last whole full pass began and the last that may have missed somebody, and what
# is to be done. Each day a full pass, from 22:00 to 06:00.
STATES = [
    (TEN, None, None, S.UNCERTAIN),  # nobody was ever looked at
    (TEN, None, 2 * HOUR, S.UNCERTAIN),  # or perhaps not everybody
    (TEN, None, 59 * MINUTE, S.NOT_DUE),  # which was tried just now
    (TEN, 23 * HOUR, None, S.NOT_DUE),
    (MIDNIGHT, 23 * HOUR, None, S.NOT_DUE),
    (TEN, DAY, None, S.WAITS),
    (MIDNIGHT, DAY, None, S.DUE),
    (TEN, 2 * DAY - MINUTE, None, S.WAITS),
    (TEN, 2 * DAY, None, S.TOO_LATE),  # no night was met
    (MIDNIGHT, 2 * DAY, None, S.DUE),
    (TEN, 30 * HOUR, 2 * HOUR, S.UNCERTAIN),  # the newest may have missed somebody
    (TEN, 30 * HOUR, 59 * MINUTE, S.NOT_DUE),
    (TEN, 30 * HOUR, 40 * HOUR, S.WAITS),  # a whole one came after it
    (TEN, -HOUR, None, S.NOT_DUE),  # begun by a clock that was fast
]


@pytest.mark.hazard("H20")
@pytest.mark.parametrize(("now", "last", "partial", "expected"), STATES)
def test_only_what_is_due_by_time_alone_waits(
    now: datetime, last: timedelta | None, partial: timedelta | None, expected: FullPassState
) -> None:
    whole, lacking = (None if it is None else now - it for it in (last, partial))

    assert FullPassRule(DAY, NIGHT).state(whole, lacking, now) is expected


@pytest.mark.parametrize("now", [TEN, MIDNIGHT])
def test_without_hours_nothing_waits(now: datetime) -> None:
    assert FullPassRule(DAY).state(now - DAY, None, now) is S.DUE


def test_only_what_is_due_or_uncertain_begins() -> None:
    assert {it for it in S if it.begins} == {S.UNCERTAIN, S.DUE, S.TOO_LATE}


def test_the_hours_are_those_of_the_institution() -> None:
    rule = full_pass_rule_of(
        settings_for("http://127.0.0.1/r4", full_sweep_hours="22:00-06:00", timezone="Europe/Amsterdam")
    )

    assert rule.interval == DAY
    assert rule.hours.hold(datetime(2026, 7, 6, 20, tzinfo=UTC))
    assert not rule.hours.hold(datetime(2026, 1, 5, 20, tzinfo=UTC))


@given(
    st.integers(0, 23),
    st.integers(1, 23),
    st.integers(12, 200),
    st.lists(st.integers(1, 90 * 60), min_size=5, max_size=60),
)
@settings(max_examples=examples(300), deadline=None)
def test_whoever_looks_now_and_then_never_leaves_a_full_pass_waiting_too_long(
    begin: int, length: int, interval: int, looks: list[int]
) -> None:
    """Looks come minutes or days apart; a pass that begins outside of the hours had waited for all it may."""
    hours = DailyHours.of_text(f"{begin:02}:00-{(begin + length) % 24:02}:00", ZoneInfo("Europe/Amsterdam"))
    rule = FullPassRule(interval * HOUR, hours)
    now = last = datetime(2026, 10, 20, tzinfo=UTC)
    for minutes in looks:
        now += minutes * MINUTE
        if rule.state(last, None, now).begins:
            assert now - last >= rule.interval
            assert hours.hold(now) or now - last >= LATEST * rule.interval
            last = now
        assert now - last < LATEST * rule.interval
        assert not (hours.hold(now) and now - last >= rule.interval)
