"""Days later, and months later as a letter can promise them."""

from datetime import date
from decimal import Decimal

import pytest

from adapter.clinical.calendar import add_days, add_months


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2026-12-01", 3, "2027-03-01"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2027-11-30", 3, "2028-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 60, "2029-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-03-31", 1, "2026-04-30"),
        ("2026-11-15", 1, "2026-12-15"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-12-31", 12, "2027-12-31"),
        ("2026-05-20", 6, "2026-11-20"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2026-05-20", 0, "2026-05-20"),
        ("2026-01-15", 11, "2026-12-15"),
        ("2026-01-15", 23, "2027-12-15"),
        ("9999-06-30", 6, "9999-12-30"),
        ("9999-12-31", 1, "9999-12-31"),
        ("9999-07-01", 6, "9999-12-31"),
        ("9998-12-31", 12, "9999-12-31"),
    ],
)
def test_months_later_is_the_same_day_or_the_last_of_a_shorter_month(
    day: str, months: int, later: str
) -> None:
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(later)


@pytest.mark.parametrize(
    ("day", "days", "later"),
    [
        ("2026-12-31", 1, "2027-01-01"),
        ("2024-02-28", Decimal("0.5"), "2024-02-29"),
        ("2026-05-20", 0, "2026-05-20"),
        ("9999-12-30", 1, "9999-12-31"),
        ("9999-12-31", 1, "9999-12-31"),
        ("2026-05-20", 10**10, "9999-12-31"),
    ],
)
def test_days_later_is_the_first_whole_day_and_never_past_the_calendar(
    day: str, days: int | Decimal, later: str
) -> None:
    assert add_days(date.fromisoformat(day), days) == date.fromisoformat(later)
