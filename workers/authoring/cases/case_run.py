"""Runs a case the whole way, record -> read -> decide -> letter -> drafts, by the code for patients."""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from enum import StrEnum

from adapter.errors import OsteoHandoverError
from workers.authoring.cases.case_review import CaseReview
from workers.authoring.cases.case_server import CaseServer, run_case_server
from workers.authoring.cases.case_table import UncoveredCase, WorkedCase
from workers.authoring.cases.expectations.case_outcome import CaseProposal
from workers.authoring.cases.expectations.comparison import compare_proposal
from workers.authoring.cases.expectations.differences import CaseDifference, UnjudgedExpectation
from workers.authoring.cases.expectations.draft_checks import (
    broken_invariants,
    rewritten_drafts,
    unstable_ids,
)
from workers.review.review_outcome import BUGS

EVERYTHING: frozenset[str] = frozenset()


class CaseStatus(StrEnum):
    """How a case ended; what is not covered never counts as passed."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_COVERED = "not_covered"


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case with all differences, in the order of its expectations, and what came out, if anything."""

    id: str
    pathway: str
    status: CaseStatus
    differences: tuple[CaseDifference, ...] = ()
    proposal: CaseProposal | None = field(default=None, repr=False)

    @property
    def fired(self) -> tuple[str, ...]:
        """The trace of the decision."""
        return self.proposal.decision.rules_fired if self.proposal else ()


def run_cases(cases: Sequence[WorkedCase], only: frozenset[str] = EVERYTHING) -> Iterator[CaseResult]:
    """All of them in order, with one server for those that come as a record."""
    records = [case for case in cases if case.resources]
    with run_case_server(records) if records else nullcontext() as server:
        for case in cases:
            yield run_case(case, only, server)


def run_case(
    case: WorkedCase,
    only: frozenset[str] = EVERYTHING,
    server: CaseServer | None = None,
    *,
    again: bool = True,
) -> CaseResult:
    """The result of one case, compared in the keys of ``only`` or in all.

    A crash is a failed case, never an end.

    A case that comes as a record is read from ``server``; without one it gets a server of its own.
    Without ``again`` it is not asked whether another order or a second run gives anything else,
    which is two thirds of the work.
    """
    if case.resources and server is None:
        with run_case_server([case]) as own:
            return run_case(case, only, own, again=again)
    proposal: CaseProposal | None = None
    try:
        review = CaseReview.of(case, server)
        proposal = CaseProposal.of(review.proposal(), review.language)
        repeated = tuple(_differences_when_repeated(review, proposal)) if again else ()
        found = (*broken_invariants(proposal), *repeated, *compare_proposal(case.expect, proposal, only))
    except UncoveredCase as gap:
        found = tuple(map(UnjudgedExpectation, gap.names))
    except (OsteoHandoverError, *BUGS) as fault:  # one case that cannot be run must not hide the others
        found = (f"{type(fault).__name__}: {fault}",)
    return CaseResult(case.id, case.pathway, _status_of(found), tuple(map(str, found)), proposal)


def _differences_when_repeated(review: CaseReview, proposal: CaseProposal) -> Iterator[CaseDifference]:
    yield from unstable_ids(proposal, CaseProposal.of(review.proposal(turned=True), review.language))
    yield from rewritten_drafts(review.proposal(existing=proposal.drafts))


def _status_of(found: tuple[CaseDifference, ...]) -> CaseStatus:
    if any(not isinstance(difference, UnjudgedExpectation) for difference in found):
        return CaseStatus.FAILED
    return CaseStatus.NOT_COVERED if found else CaseStatus.PASSED
