from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from adapter.errors import (
    ConfigurationFault,
    OsteoHandoverError,
    RecordFault,
    SoftwareFault,
    TryAgainLater,
    VersionConflict,
)
from workers.ledger import Ledger, ReviewLease, ReviewState, open_ledger, reviews
from workers.queue.chunk import LONGEST_WAIT, SERVER_DOWN, RetryPolicy, result_of, work_chunk
from workers.review.isolation import isolated
from workers.review.review_outcome import OutcomeCode, ReviewOutcome, failed

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PATIENCE = RetryPolicy(max_attempts=3, delays=(MINUTE, 5 * MINUTE), lease=2 * MINUTE, batch_size=2, threads=1)
CONFLICT = VersionConflict("somebody else was first", status=409)
BROKEN_FOR_ONE = TryAgainLater("the server stumbled", status=500)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    opened = open_ledger("sqlite://", "scope")
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("fault", "attempt", "state", "after", "counts"),
    [
        (None, 1, ReviewState.DONE, timedelta(0), True),
        (ConfigurationFault("no right"), 3, ReviewState.WAITING, SERVER_DOWN, False),
        (TryAgainLater("busy", status=503), 3, ReviewState.WAITING, SERVER_DOWN, False),
        (
            TryAgainLater("busy", status=503, retry_after=7),
            1,
            ReviewState.WAITING,
            timedelta(seconds=7),
            False,
        ),
        (
            TryAgainLater("busy", status=503, retry_after=-7),
            1,
            ReviewState.WAITING,
            timedelta(seconds=1),
            False,
        ),
        (TryAgainLater("busy", status=503, retry_after=1e9), 1, ReviewState.WAITING, LONGEST_WAIT, False),
        (BROKEN_FOR_ONE, 1, ReviewState.WAITING, MINUTE, True),
        (BROKEN_FOR_ONE, 2, ReviewState.WAITING, 5 * MINUTE, True),
        (BROKEN_FOR_ONE, 3, ReviewState.QUARANTINED, timedelta(0), True),
        (RecordFault("unreadable"), 1, ReviewState.QUARANTINED, timedelta(0), True),
        (SoftwareFault("ours"), 1, ReviewState.QUARANTINED, timedelta(0), True),
    ],
)
def test_what_a_fault_means_for_the_ledger(
    fault: OsteoHandoverError | None, attempt: int, state: ReviewState, after: timedelta, counts: bool
) -> None:
    ticket = ReviewLease("a", turn=1, wanted=1, attempts=attempt)
    outcome = failed("a", fault) if fault else ReviewOutcome("a", OutcomeCode.PLANNED)

    result = result_of(ticket, outcome, PATIENCE)

    assert (result.state, result.after, result.counts) == (state, after, counts)


def test_a_round_leaves_nothing_undone_and_does_nothing_twice(ledger: Ledger) -> None:
    reviews.request(ledger, ["a", "b", "c"], NOON)
    seen: list[list[str]] = []

    def review(tickets: Sequence[ReviewLease]) -> list[ReviewOutcome]:
        seen.append([ticket.patient for ticket in tickets])
        return [ReviewOutcome(ticket.patient, OutcomeCode.PLANNED) for ticket in tickets]

    for _ in range(2):
        work_chunk(["a", "b", "c"], ledger, PATIENCE, lambda: NOON, review)

    assert seen == [["a", "b"], ["c"]]
    assert reviews.unsettled(ledger) == 0


def test_a_patient_who_kills_every_worker_is_quarantined_and_the_others_are_done(ledger: Ledger) -> None:
    reviews.request(ledger, ["good", "poison"], NOON)
    clock = [NOON]

    def review(tickets: Sequence[ReviewLease]) -> list[ReviewOutcome]:
        if any(ticket.patient == "poison" for ticket in tickets):
            raise KeyboardInterrupt  # as good as kill -9: nothing is written down any more
        return [ReviewOutcome(ticket.patient, OutcomeCode.PLANNED) for ticket in tickets]

    deaths = 0
    while claim := reviews.claim(ledger, clock[0], PATIENCE.lease, 10):
        try:
            work_chunk(claim.patients, ledger, PATIENCE, lambda: clock[0], review)
        except KeyboardInterrupt:
            deaths += 1
        clock[0] += 3 * MINUTE

    assert deaths == PATIENCE.max_attempts
    assert [(it.patient, it.state) for it in reviews.troubles(ledger)] == [
        ("poison", ReviewState.QUARANTINED)
    ]
    assert reviews.unsettled(ledger) == 0


@pytest.mark.parametrize(
    "raised", [RecordFault("odd"), SoftwareFault("ours"), CONFLICT, BROKEN_FOR_ONE, KeyError("x")]
)
def test_one_who_fails_is_kept_apart(raised: Exception) -> None:
    def action(items: Sequence[str]) -> list[str]:
        if "bad" in items:
            raise raised
        return list(items)

    done, failures = isolated(["a", "b", "bad", "c", "d"], action)

    assert done == ["a", "b", "c", "d"]
    assert [it.patient for it in failures] == ["bad"]


@pytest.mark.parametrize(
    "raised", [ConfigurationFault("no right"), TryAgainLater("down"), TryAgainLater("x", status=503)]
)
def test_a_fault_that_hits_everybody_is_not_tried_again_on_each(raised: OsteoHandoverError) -> None:
    calls = []

    def action(items: Sequence[str]) -> list[str]:
        calls.append(items)
        raise raised

    _, failures = isolated(["a", "b", "c"], action)

    assert len(calls) == 1
    assert [it.patient for it in failures] == ["a", "b", "c"]


def test_a_mistake_of_ours_is_named_by_its_type_alone() -> None:
    outcome = failed("a", ValueError("invalid literal: 'Jansen'"))

    assert "Jansen" not in str(outcome.fault)
    assert "ValueError" in str(outcome.fault)


def test_an_outcome_does_not_show_what_the_patient_has() -> None:
    shown = repr(
        ReviewOutcome("a", OutcomeCode.PLANNED, category="osteoporosis", rejected=("unit_mismatch",))
    )

    assert "osteoporosis" not in shown
    assert "unit_mismatch" not in shown
