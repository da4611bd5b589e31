"""A day that notes until when its answers hold answers as any other day, and never holds for too long."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from operator import attrgetter, eq, ge, gt, le, lt, methodcaller, ne
from typing import Any

import pytest

from adapter.clinical.calendar import ReviewDay

TODAY = date(2026, 11, 20)
TOMORROW = TODAY + timedelta(days=1)
DAYS = [TODAY + timedelta(days=it) for it in range(-3, 8)]
FAR = [date.min, date.max]
Comparison = Callable[[Any, Any], bool]


@pytest.mark.parametrize("other", [*DAYS, *FAR])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("compare", [lt, le, gt, ge, eq, ne])
def test_a_comparison_holds_until_the_first_day_that_answers_otherwise(
    compare: Comparison, turned: bool, other: date
) -> None:
    def asked(day: date) -> bool:
        return compare(other, day) if turned else compare(day, other)

    day = ReviewDay.of(TODAY)

    assert asked(day) is asked(TODAY)
    later = (TODAY + timedelta(days=it) for it in range(1, 20))
    assert day.until == next((it for it in later if asked(it) is not asked(TODAY)), date.max)


def test_the_earliest_of_several_counts() -> None:
    day = ReviewDay.of(TODAY)

    assert (day < DAYS[-1], day < DAYS[-2], day < DAYS[0]) == (True, True, False)
    assert day.until == DAYS[-2]


OTHERWISE: dict[str, Callable[[Any], Any]] = {
    **{name: attrgetter(name) for name in ("year", "month", "day")},
    **{
        name: methodcaller(name)
        for name in (
            *("ctime", "isocalendar", "isoformat", "isoweekday", "replace", "timetuple", "toordinal", "weekday"),
            "__reduce__",
        )
    },
    "strftime": lambda day: day.strftime("%d %m"),
    "__format__": lambda day: f"{day:%Y}",
    "__str__": str,
    "__repr__": repr,
    "__hash__": hash,
    "__add__": lambda day: day + timedelta(days=3),
    "__radd__": lambda day: timedelta(days=3) + day,
    "__sub__": lambda day: (day - timedelta(days=3), day - DAYS[0]),
    "__rsub__": lambda day: DAYS[0] - day,
}  # fmt: skip
SAME_FOR_ALL_DAYS = {
    *("__new__", "__getattribute__", "__doc__", "min", "max", "resolution"),
    *("today", "fromtimestamp", "fromordinal", "fromisoformat", "fromisocalendar"),
}
COMPARED = {"__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__"}


def test_everything_that_a_date_can_be_asked_is_in_a_row_here() -> None:
    assert OTHERWISE.keys() | SAME_FOR_ALL_DAYS | COMPARED >= vars(date).keys()


@pytest.mark.parametrize("name", sorted(OTHERWISE))
def test_whatever_else_is_asked_holds_for_the_day_alone(name: str) -> None:
    day = ReviewDay.of(TODAY)

    assert OTHERWISE[name](day) == OTHERWISE[name](TODAY)
    assert day.until == TOMORROW


@pytest.mark.parametrize("other", [None, "2026-11-20", 3])
def test_what_is_no_day_is_never_the_same(other: object) -> None:
    day = ReviewDay.of(TODAY)

    assert (day == other, day != other) == (False, True)
    assert day.until == date.max


def test_a_day_is_itself_on_every_day() -> None:
    day = ReviewDay.of(TODAY)
    same = day

    assert (day == same, day <= same, day < same) == (True, True, False)
    assert day.until == date.max


def test_another_kind_of_day_is_compared_as_ever() -> None:
    day, moment = ReviewDay.of(TODAY), datetime(2026, 11, 20)  # noqa: DTZ001 - of no place

    with pytest.raises(TypeError):
        assert day < moment
    assert day != moment
    assert ReviewDay.of(TODAY) == ReviewDay.of(TODAY)


def test_the_last_day_of_the_calendar_has_no_tomorrow() -> None:
    day = ReviewDay.of(date.max)

    assert (day <= date.max, str(day)) == (True, "9999-12-31")
    assert day.until == date.max
