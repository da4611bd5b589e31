"""Keep the one who cannot be helped apart from those who can, and the server's trouble apart from both.

Nobody is to blame for a fault unless the server serves others at the same time. So before anything is
tried on the halves, it is asked a question that has nothing to do with these patients (`serves`), where
there is such a question. Where there is none, three of them who fail alike while nobody succeeds bear
witness that it fails everybody.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from adapter.errors import AnswerTooLate, OsteoHandoverError, Outage, VersionConflict
from workers.review.review_outcome import BUGS, ReviewOutcome, concerns_everybody, failed

log = logging.getLogger(__name__)

WITNESSES = 3


class _OfPatient(Protocol):
    @property
    def patient(self) -> str: ...


Item = TypeVar("Item", bound=str | _OfPatient)
Result = TypeVar("Result")
Serves = Callable[[], bool]


def isolated(
    items: Sequence[Item],
    action: Callable[[Sequence[Item]], Iterable[Result]],
    serves: Serves | None = None,
    *,
    by_witness: bool = False,
) -> tuple[list[Result], list[ReviewOutcome]]:
    """Do it for all at once; when one of them makes it fail, do it for each half, down to that one.

    The action must be all or nothing. A fault that hits everybody alike is not tried on the halves.
    """
    halving: _Halving[Item, Result] = _Halving(action, by_witness=by_witness)
    return halving.of(items, serves) if items else ([], [])


@dataclass(slots=True)
class _Halving(Generic[Item, Result]):
    action: Callable[[Sequence[Item]], Iterable[Result]]
    by_witness: bool
    succeeded: bool = False
    alone: list[OsteoHandoverError] = field(default_factory=list)  # the faults of single ones

    def of(
        self, items: Sequence[Item], serves: Serves | None = None
    ) -> tuple[list[Result], list[ReviewOutcome]]:
        if self._shared():
            return [], _all_failed(items, Outage.behind(self.alone[0]))
        try:
            done = list(self.action(items))
        except OsteoHandoverError as fault:
            if shared := self._of_everybody(fault):
                return [], _all_failed(items, shared)
            raised: Exception = fault
        except BUGS as bug:
            if len(items) == 1:
                log.exception("a mistake in our own code")
            raised = bug
        else:
            self.succeeded = True
            return done, []
        if serves and not isinstance(raised, VersionConflict) and not serves():
            return [], _all_failed(items, Outage.behind(raised))
        return self._halves(items, raised)

    def _of_everybody(self, fault: OsteoHandoverError) -> OsteoHandoverError | None:
        """The fault that hits all alike, if this is one."""
        if self.by_witness and isinstance(fault, AnswerTooLate):  # three witnesses would take minutes
            return Outage.behind(fault)
        return fault if concerns_everybody(fault) and not isinstance(fault, VersionConflict) else None

    def _halves(self, items: Sequence[Item], raised: Exception) -> tuple[list[Result], list[ReviewOutcome]]:
        if len(items) == 1:
            if isinstance(raised, OsteoHandoverError) and not isinstance(raised, VersionConflict):
                self.alone.append(raised)
            return [], _all_failed(items, raised)
        middle = len(items) // 2
        first, second = self.of(items[:middle]), self.of(items[middle:])
        if self._shared():
            return [], _all_failed(items, Outage.behind(self.alone[0]))
        return [*first[0], *second[0]], [*first[1], *second[1]]

    def _shared(self) -> bool:
        kinds = {(type(fault), fault.status) for fault in self.alone}
        return self.by_witness and not self.succeeded and len(self.alone) >= WITNESSES and len(kinds) == 1


def _all_failed(items: Sequence[Item], fault: Exception) -> list[ReviewOutcome]:
    return [failed(item if isinstance(item, str) else item.patient, fault) for item in items]
