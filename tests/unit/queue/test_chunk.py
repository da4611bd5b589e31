from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapter.errors import (
    ConfigurationFault,
    OsteoHandoverError,
    Outage,
    RecordFault,
    ServerStumbled,
    SoftwareFault,
    TryAgainLater,
)
from workers.ledger import Ledger, ReviewLease, ReviewState, circuits, open_ledger, reviews
from workers.ledger.circuits import Passage
from workers.ledger.tables import LONGEST_WAIT
from workers.queue.chunk import SERVER_DOWN, SETTINGS_WRONG, RetryPolicy, result_of, work_chunk
from workers.review.batches import BatchSize
from workers.review.review_outcome import OutcomeCode, ReviewOutcome, failed

LEASE = ReviewLease("a", turn=1, wanted=1, attempts=1)
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
POLICY = RetryPolicy(
    max_attempts=3,
    delays=(MINUTE, 5 * MINUTE),
    lease=2 * MINUTE,
    batch_size=BatchSize(2),
    threads=1,
    draw=lambda _, longest: longest,
)
BROKEN_FOR_ONE = ServerStumbled("the server stumbled", status=500)


@pytest.fixture(params=["memory", pytest.param("postgresql", marks=pytest.mark.postgres)])
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    in_memory = request.param == "memory"
    opened = open_ledger("sqlite://" if in_memory else request.getfixturevalue("postgres_ledger"), "scope")
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("fault", "attempt", "state", "after", "counts"),
    [
        (None, 1, ReviewState.DONE, timedelta(0), True),
        (ConfigurationFault("no right"), 3, ReviewState.WAITING, SETTINGS_WRONG, False),
        (Outage("400 for everybody", status=400), 3, ReviewState.WAITING, SERVER_DOWN, False),
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
    lease = ReviewLease("a", turn=1, wanted=1, attempts=attempt)
    outcome = failed("a", fault) if fault else ReviewOutcome("a", OutcomeCode.PLANNED)

    result = result_of(lease, outcome, POLICY)

    assert (result.state, result.after, result.counts) == (state, after, counts)


def test_after_a_batch_that_took_too_long_the_next_ones_are_smaller(ledger: Ledger) -> None:
    reviews.request_reviews(ledger, list("abcdefgh"), NOON)
    now, seen = [NOON], list[int]()
    policy = replace(POLICY, batch_size=BatchSize(4))

    def review(leases: Sequence[ReviewLease]) -> list[ReviewOutcome]:
        seen.append(len(leases))
        now[0] += MINUTE if len(seen) == 1 else timedelta(0)
        return [ReviewOutcome(lease.patient, OutcomeCode.PLANNED) for lease in leases]

    for chunk in ("abcd", "efgh"):
        work_chunk(list(chunk), ledger, policy, lambda: now[0], review)

    assert seen == [4, 2, 2]


def test_a_batch_of_whom_nobody_is_due_tells_nothing(ledger: Ledger) -> None:
    policy = replace(POLICY, batch_size=BatchSize(4))
    policy.batch_size.learn(4, MINUTE)

    work_chunk(["a", "b"], ledger, policy, lambda: NOON, lambda _: [])

    assert policy.batch_size.now == 2


def test_a_batch_that_a_time_limit_ends_took_too_long(ledger: Ledger) -> None:
    reviews.request_reviews(ledger, ["a", "b"], NOON)
    now, policy = [NOON], replace(POLICY, batch_size=BatchSize(2))

    def review(_: Sequence[ReviewLease]) -> list[ReviewOutcome]:
        now[0] += 2 * MINUTE
        raise TimeoutError

    with pytest.raises(TimeoutError):
        work_chunk(["a", "b"], ledger, policy, lambda: now[0], review)

    assert policy.batch_size.now == 1


def test_a_round_leaves_nothing_undone_and_does_nothing_twice(ledger: Ledger) -> None:
    reviews.request_reviews(ledger, ["a", "b", "c"], NOON)
    seen: list[list[str]] = []

    def review(leases: Sequence[ReviewLease]) -> list[ReviewOutcome]:
        seen.append([lease.patient for lease in leases])
        return [ReviewOutcome(lease.patient, OutcomeCode.PLANNED) for lease in leases]

    for _ in range(2):
        work_chunk(["a", "b", "c"], ledger, POLICY, lambda: NOON, review)

    assert seen == [["a", "b"], ["c"]]
    assert reviews.count_unsettled(ledger) == 0


def test_a_patient_who_kills_every_worker_is_quarantined_and_the_others_are_done(ledger: Ledger) -> None:
    reviews.request_reviews(ledger, ["good", "poison"], NOON)
    clock = [NOON]

    def review(leases: Sequence[ReviewLease]) -> list[ReviewOutcome]:
        if any(lease.patient == "poison" for lease in leases):
            raise KeyboardInterrupt  # as good as kill -9: nothing is written down any more
        return [ReviewOutcome(lease.patient, OutcomeCode.PLANNED) for lease in leases]

    deaths = 0
    while claim := reviews.claim_patients(ledger, clock[0], POLICY.lease, 10, 5):
        try:
            work_chunk(claim, ledger, POLICY, lambda: clock[0], review)
        except KeyboardInterrupt:
            deaths += 1
        clock[0] += 3 * MINUTE

    assert deaths == POLICY.max_attempts
    assert [(it.patient, it.state) for it in reviews.unsettled_reviews(ledger)] == [
        ("poison", ReviewState.QUARANTINED)
    ]
    assert reviews.count_unsettled(ledger) == 0


def weather_for(leases: Sequence[ReviewLease]) -> list[ReviewOutcome]:
    return [failed(it.patient, TryAgainLater("503", status=503)) for it in leases]


def test_a_server_in_trouble_is_left_alone_and_asked_again_by_one_at_a_time(ledger: Ledger) -> None:
    patients = [f"{it:02}" for it in range(20)]
    reviews.request_reviews(ledger, patients, NOON)
    clock, asked, up = [NOON], [0], [False]

    def review(leases: Sequence[ReviewLease]) -> list[ReviewOutcome]:
        asked[0] += 1
        if not up[0]:
            return weather_for(leases)
        return [ReviewOutcome(it.patient, OutcomeCode.PLANNED) for it in leases]

    def a_minute() -> None:
        for _ in range(60):
            while claim := reviews.claim_patients(ledger, clock[0], POLICY.lease, 2, 5):
                work_chunk(claim, ledger, POLICY, lambda: clock[0], review, "http://x")
            clock[0] += timedelta(seconds=1)

    a_minute()
    during = asked[0]
    up[0] = True
    a_minute()

    assert during <= 3 + 60 / 12 + 1, "three in a row, and then a question now and again"
    assert reviews.count_unsettled(ledger) == 0
    assert reviews.unsettled_reviews(ledger) == ()


def test_a_wait_that_the_server_asks_for_holds_for_everybody(ledger: Ledger) -> None:
    circuits.record_failure(ledger, "http://x", NOON, "429", told=timedelta(seconds=90))

    late = NOON + timedelta(seconds=89)
    assert circuits.claim_passage(ledger, "http://x", late) is Passage.WAIT
    assert circuits.claim_passage(ledger, "http://other", late) is Passage.FREE
    passages = [circuits.claim_passage(ledger, "http://x", NOON + timedelta(seconds=91)) for _ in range(3)]
    assert passages == [Passage.PROBE, Passage.WAIT, Passage.WAIT]


def test_a_clock_that_was_wrong_does_not_keep_a_circuit_open(ledger: Ledger) -> None:
    circuits.record_failure(ledger, "http://x", NOON + timedelta(days=1), "429", told=timedelta(seconds=90))

    assert circuits.claim_passage(ledger, "http://x", NOON) is Passage.PROBE


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
