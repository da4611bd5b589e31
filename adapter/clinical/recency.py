"""How old evidence may be before it is history: each kind has its months in the pathway (C-60)."""

from datetime import date

from adapter.clinical.calendar import add_months
from adapter.clinical.core_parameters import CoreParameters


def is_recent(day: date | None, on: date, kind: str, parameters: CoreParameters) -> bool:
    """Whether evidence of this kind from that day still tells about ``on``; without a day it never does."""
    return day is not None and add_months(day, parameters["max_age_months"][kind]) >= on
