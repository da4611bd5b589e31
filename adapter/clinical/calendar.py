"""Calendar arithmetic: days and months later; a day past the end of the month becomes its last day (ANT-29).

It also finds until when a decision holds. Nobody lists the rules that look at an age, a window or a due day:
they get a `ReviewDay` in place of a date, and it notes when each comparison will come out otherwise.
"""

from calendar import monthrange
from collections.abc import Callable
from datetime import MAXYEAR, date, timedelta
from decimal import Decimal
from math import ceil
from operator import eq, ge, gt, le, lt, ne
from types import GetSetDescriptorType, MethodDescriptorType, WrapperDescriptorType

SHORTEST_MONTH = 28  # days


def add_months(day: date, months: int | Decimal) -> date:
    """``months`` calendar months after ``day``; 30 November + 3 is the last of February.

    Beyond the end of the calendar it is the calendar's last day: an absurd date must not stop a decision.
    """
    years, month = divmod(day.month - 1 + int(months), 12)
    year = day.year + years
    if year > MAXYEAR:
        return date.max
    last = monthrange(year, month + 1)[1] if day.day > SHORTEST_MONTH else SHORTEST_MONTH
    return date(year, month + 1, min(day.day, last))


def add_days(day: date, days: int | Decimal) -> date:
    """The first day that lies so many days after ``day``, or the last of the calendar."""
    try:
        return day + timedelta(days=ceil(days))
    except OverflowError:
        return date.max


class ReviewDay(date):
    """A day whose `until` is the first later day on which a question that it was asked has another answer.

    That can be told of comparisons. Whatever else is asked of it has another answer tomorrow.
    """

    _next_change = date.max.toordinal()

    @classmethod
    def of(cls, day: date) -> "ReviewDay":
        """A review day to which no question was put yet."""
        return cls.fromordinal(date.toordinal(day))

    @property
    def until(self) -> date:
        """The end of the calendar where nothing that was asked so far ever has another answer."""
        return date.fromordinal(self._next_change)

    def plain(self) -> date:
        """The same day for whoever needs more than comparisons."""
        today = date.toordinal(self)
        self._next_change = min(self._next_change, today + 1)
        return date.fromordinal(today)

    def _compared(self, holds: Callable[..., bool], other: object, *changes: int) -> bool:
        """The answer changes so many days after the other day, where that is still to come."""
        if type(other) is date:
            today, theirs = date.toordinal(self), date.toordinal(other)
            self._next_change = min(
                [self._next_change, *(theirs + change for change in changes if theirs + change > today)]
            )
            return holds(today, theirs)
        if other is self:
            return holds(0, 0)
        return holds(self.plain(), other) if isinstance(other, date) else NotImplemented

    def __lt__(self, other: object) -> bool:
        return self._compared(lt, other, 0)

    def __ge__(self, other: object) -> bool:
        return self._compared(ge, other, 0)

    def __le__(self, other: object) -> bool:
        return self._compared(le, other, 1)

    def __gt__(self, other: object) -> bool:
        return self._compared(gt, other, 1)

    def __eq__(self, other: object) -> bool:
        return self._compared(eq, other, 0, 1)

    def __ne__(self, other: object) -> bool:
        return self._compared(ne, other, 0, 1)

    __hash__ = date.__hash__  # replaced below, as everything else of a date


COMPARISONS = frozenset({"__lt__", "__ge__", "__le__", "__gt__", "__eq__", "__ne__"})
MADE_BY = frozenset({"__new__", "__getattribute__"})


def _method(name: str) -> Callable[..., object]:
    def answer(day: ReviewDay, *given: object, **named: object) -> object:
        return getattr(day.plain(), name)(*given, **named)

    return answer


def _part(name: str) -> property:
    return property(lambda day: getattr(day.plain(), name))


# Each of them by what Python has, so that none is forgotten, and none that a later Python adds.
for _name, _held in vars(date).items():
    if isinstance(_held, GetSetDescriptorType):
        setattr(ReviewDay, _name, _part(_name))
    elif (
        isinstance(_held, MethodDescriptorType | WrapperDescriptorType) and _name not in COMPARISONS | MADE_BY
    ):
        setattr(ReviewDay, _name, _method(_name))
