"""How old evidence may be before it is history: each kind has its months in the pathway (C-60)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from adapter.clinical.calendar import add_months


def is_recent(day: date | None, on: date, kind: str, parameters: Mapping[str, Any]) -> bool:
    """Whether evidence of this kind from that day still tells about ``on``; without a day it never does."""
    months = int(parameters["max_age_months"][kind])
    return day is not None and add_months(day, months) >= on
