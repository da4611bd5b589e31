"""Calendar arithmetic that a letter can promise: months later, clamped to the end of a shorter month (ANT-29)."""

from calendar import monthrange
from datetime import date


def add_months(day: date, months: int) -> date:
    """``months`` calendar months after ``day``; 30 November + 3 is the last of February."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
