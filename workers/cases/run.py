"""Run a case the whole way: facts -> record -> read -> decide -> letter -> drafts, by the code that serves patients."""

from dataclasses import dataclass
from enum import StrEnum

from adapter.errors import OsteoHandoverError
from workers.cases.case_review import Visit
from workers.cases.case_table import NotCovered, WorkedCase
from workers.cases.expectations.case_outcome import Seen
from workers.cases.expectations.comparison import compare
from workers.cases.expectations.differences import Difference, Gap
from workers.cases.expectations.draft_checks import broken, rewritten, unstable
from workers.review.review_outcome import BUGS

EVERYTHING: frozenset[str] = frozenset()


class CaseStatus(StrEnum):
    """How a case ended; what is not covered never counts as passed."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_COVERED = "not_covered"


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case with every difference, in the order of its expectations, and the trace of its decision."""

    id: str
    profile: str
    status: CaseStatus
    differences: tuple[Difference, ...] = ()
    fired: tuple[str, ...] = ()


def run(case: WorkedCase, only: frozenset[str] = EVERYTHING) -> CaseResult:
    """The result of one case, compared in the keys of ``only`` or in all. A crash is a failed case, never an end."""
    fired: tuple[str, ...] = ()
    try:
        fired, found = _looked_at(case, only)
    except NotCovered as gap:
        found = tuple(map(Gap, gap.names))
    except (OsteoHandoverError, *BUGS) as fault:  # one case that cannot be run must not hide the others
        found = (f"{type(fault).__name__}: {fault}",)
    return CaseResult(case.id, case.profile, _status(found), tuple(map(str, found)), fired)


def _looked_at(case: WorkedCase, only: frozenset[str]) -> tuple[tuple[str, ...], tuple[Difference, ...]]:
    visit = Visit.of(case)
    first = visit.proposal()
    seen = Seen.of(first)
    held = (
        *broken(seen),
        *unstable(seen, Seen.of(visit.proposal(turned=True))),
        *rewritten(visit.proposal(existing=seen.drafts)),
    )
    return seen.decision.rules_fired, (*held, *compare(case.expect, seen, only))


def _status(found: tuple[Difference, ...]) -> CaseStatus:
    if any(not isinstance(one, Gap) for one in found):
        return CaseStatus.FAILED
    return CaseStatus.NOT_COVERED if found else CaseStatus.PASSED
