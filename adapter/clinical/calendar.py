"""Calendar arithmetic that a letter can promise: months later, clamped to the end of a shorter month (ANT-29)."""

from calendar import monthrange
from datetime import MAXYEAR, date
from decimal import Decimal


def add_months(day: date, months: int | Decimal) -> date:
    """``months`` calendar months after ``day``; 30 November + 3 is the last of February.

    Beyond the end of the calendar it is the calendar's last day: an absurd date must not stop a decision.
    """
    years, month = divmod(day.month - 1 + int(months), 12)
    year = day.year + years
    if year > MAXYEAR:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
