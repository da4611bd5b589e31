"""Keep the one who cannot be helped apart from those who can."""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from adapter.errors import OsteoHandoverError, VersionConflict
from workers.review.review_outcome import BUGS, ReviewOutcome, everybodys, failed

log = logging.getLogger(__name__)


class _OfPatient(Protocol):
    @property
    def patient(self) -> str: ...


Item = TypeVar("Item", bound=str | _OfPatient)
Result = TypeVar("Result")


def isolated(
    items: Sequence[Item], action: Callable[[Sequence[Item]], Iterable[Result]]
) -> tuple[list[Result], list[ReviewOutcome]]:
    """Do it for all at once; when one of them makes it fail, do it for each half, down to that one.

    The action must be all or nothing. A fault that hits everybody alike is not tried on the halves.
    """
    if not items:
        return [], []
    try:
        return list(action(items)), []
    except OsteoHandoverError as fault:
        if everybodys(fault) and not isinstance(fault, VersionConflict):
            return [], [failed(_patient(item), fault) for item in items]
        raised: Exception = fault
    except BUGS as bug:
        if len(items) == 1:
            log.exception("a mistake in our own code")
        raised = bug
    if len(items) == 1:
        return [], [failed(_patient(items[0]), raised)]
    middle = len(items) // 2
    first, second = isolated(items[:middle], action), isolated(items[middle:], action)
    return [*first[0], *second[0]], [*first[1], *second[1]]


def _patient(item: str | _OfPatient) -> str:
    return item if isinstance(item, str) else item.patient
