"""Work a chunk: try counted, review, result written down.

The one place that decides about trying a review again.

While the circuit of the server is open nobody is begun: whoever was handed out goes back as they were.
"""

import logging
import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import assert_never

from adapter.errors import ConfigurationFault, VersionConflict, who_must_act
from workers.host.clock import Clock
from workers.ledger import Ledger, ReviewLease, ReviewResult, ReviewState, circuits, leases, reviews
from workers.ledger.circuits import Draw
from workers.ledger.tables import LONGEST_WAIT
from workers.queue.heartbeat import renewed
from workers.review.batches import BatchSize, batches
from workers.review.review_outcome import OutcomeCode, ReviewOutcome, concerns_everybody

log = logging.getLogger(__name__)

# Until the next look: at a server in trouble, whose circuit says more, and at settings
# that somebody has to change.
SERVER_DOWN = timedelta(seconds=10)
SETTINGS_WRONG = timedelta(minutes=1)
CIRCUIT_OPEN = timedelta(seconds=5)
SHORTEST = 1.0  # seconds
# Batches beside those that wait for the server: what came is worked off while it has the next ones.
# Of many at once half as many are ahead: with 2 beside 16 the server was idle for up to a tenth of the time.
AHEAD = 2

Review = Callable[[Sequence[ReviewLease]], Sequence[ReviewOutcome]]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and after which delays a failed patient is tried again."""

    max_attempts: int
    delays: tuple[timedelta, ...]
    lease: timedelta
    batch_size: BatchSize
    threads: int
    draw: Draw = random.uniform  # of the seconds to wait: those who failed together do not come back together

    @property
    def side_by_side(self) -> int:
        """How many batches are under way at once: more than `threads`, unless everything goes one by one."""
        return 1 if self.threads == 1 else self.threads + max(AHEAD, self.threads // 2)

    def drawn(self, longest: timedelta) -> timedelta:
        """A wait of at most so long (full jitter)."""
        return timedelta(seconds=self.draw(SHORTEST, max(SHORTEST, longest.total_seconds())))


def work_chunk(
    ids: Sequence[str], ledger: Ledger, policy: RetryPolicy, clock: Clock, review: Review, server: str = ""
) -> list[ReviewOutcome]:
    """Review these patients, who are on this server, as far as they are still work.

    A second call finds nothing left to do.

    Batches run side by side: while some wait for the server, which has `threads` requests at once, others are
    decided. Killed half-way, the patients under way are due again when their lease is over, in ever smaller
    chunks, and at last each of them alone.
    """

    def one_batch(ids: list[str]) -> list[ReviewOutcome]:
        if not circuits.claim_passage(ledger, server, clock()).may_ask:
            why = str(circuits.circuit_of(ledger, server, clock()))
            until = clock() + policy.drawn(CIRCUIT_OPEN)
            reviews.postpone_reviews(ledger, until, why, now=clock(), patients=ids)
            return []
        outcomes = _batch(ids, ledger, policy, clock, review)
        _tell_circuit(ledger, server, outcomes, clock, policy)
        return outcomes

    some = list(batches(ids, policy.batch_size.now))
    if policy.side_by_side == 1 or len(some) == 1:
        return [outcome for batch in some for outcome in one_batch(batch)]
    pool = ThreadPoolExecutor(policy.side_by_side, thread_name_prefix="round")
    try:
        return [outcome for outcomes in pool.map(one_batch, some) for outcome in outcomes]
    finally:  # also when a time limit ends it: what was not begun is not begun any more
        pool.shutdown(cancel_futures=True)


def _batch(
    ids: list[str], ledger: Ledger, policy: RetryPolicy, clock: Clock, review: Review
) -> list[ReviewOutcome]:
    begun = reviews.begin_reviews(ledger, ids, clock(), policy.lease, policy.max_attempts)
    if not begun:
        return []
    since = clock()
    try:
        with renewed(ledger, begun, policy.lease, clock):
            outcomes = list(review(begun))
    finally:  # also when a time limit ends it
        policy.batch_size.learn(len(begun), clock() - since)
    by_patient = {it.patient: it for it in begun}
    late = _late(ledger, [by_patient[outcome.patient] for outcome in outcomes if outcome.written])
    reviews.settle_reviews(
        ledger, [result_of(by_patient[outcome.patient], outcome, policy) for outcome in outcomes], clock()
    )
    if late:
        log.warning("%d patients were written late, after their turn: they are looked at again", len(late))
        reviews.request_reviews(ledger, late, clock())
    _report(outcomes)
    return outcomes


def _late(ledger: Ledger, written: Sequence[ReviewLease]) -> list[str]:
    """Those of them whose turn is over."""
    if not written:
        return []
    return sorted({write.patient for write in written} - leases.held_patients(ledger, written))


def _tell_circuit(
    ledger: Ledger, server: str, outcomes: Sequence[ReviewOutcome], clock: Clock, policy: RetryPolicy
) -> None:
    """Whether the server served anybody; a wait that it asked for holds for all, whoever else it served."""
    passing = [
        outcome
        for outcome in outcomes
        if outcome.fault
        and concerns_everybody(outcome.fault)
        and not isinstance(outcome.fault, VersionConflict)
    ]
    told = max([wait for it in passing if (wait := _told_to_wait(it))], default=None)
    if passing and (told or len(passing) == len(outcomes)):
        circuits.record_failure(ledger, server, clock(), str(passing[0].fault), told=told, draw=policy.draw)
    elif outcomes:
        circuits.record_success(ledger, server)


def result_of(lease: ReviewLease, outcome: ReviewOutcome, policy: RetryPolicy) -> ReviewResult:
    """What an outcome means for the ledger.

    | fault                                 | what happens                                                   |
    | ------------------------------------- | -------------------------------------------------------------- |
    | none                                  | done                                                           |
    | the server or its settings            | waits; not counted, since no patient is to blame               |
    | may pass (conflict, 500 for this one) | waits, as the server says or longer each time; quarantined in  |
    |                                       | the end                                                        |
    | this record, or our own mistake       | quarantined at once: it would fail again in the same way       |
    """
    fault = outcome.fault
    if fault is None:
        done = ReviewResult(lease, ReviewState.DONE, tallies=tallies_of(outcome))
        return replace(done, basis=outcome.basis, written=outcome.written)
    told = ReviewResult(lease, ReviewState.WAITING, error_class=who_must_act(fault), reason=str(fault))
    if concerns_everybody(fault):
        longest = SETTINGS_WRONG if isinstance(fault, ConfigurationFault) else SERVER_DOWN
        return replace(told, after=_told_to_wait(outcome) or policy.drawn(longest), counts=False)
    if _may_pass(outcome.code) and lease.attempts < policy.max_attempts:
        delay = policy.delays[min(lease.attempts, len(policy.delays)) - 1]
        return replace(told, after=_told_to_wait(outcome) or policy.drawn(delay))
    return replace(told, state=ReviewState.QUARANTINED, tallies=tallies_of(outcome))


def _may_pass(code: OutcomeCode) -> bool:
    """Whether a review that ended so with a fault may succeed without anything being put right."""
    match code:
        case OutcomeCode.RETRY:
            return True
        case OutcomeCode.FAILED:
            return False
        case (
            OutcomeCode.PLANNED
            | OutcomeCode.UNCHANGED
            | OutcomeCode.AS_BEFORE
            | OutcomeCode.NOTHING_TO_PROPOSE
            | OutcomeCode.DECEASED
            | OutcomeCode.MERGED
            | OutcomeCode.INACTIVE
            | OutcomeCode.TEST_DATA
            | OutcomeCode.RESPECTED
        ):
            return False  # none of them comes with a fault; if one did, a human has to look
        case unreachable:
            assert_never(unreachable)


def tallies_of(outcome: ReviewOutcome) -> tuple[str, ...]:
    """The names under which a pass counts an outcome: totals, so nobody's class is in them."""
    return (
        f"outcome:{outcome.code}:{outcome.category or '-'}",
        *(f"rejected:{reason}" for reason in outcome.rejected),
        *(f"alarm:{alarm}" for alarm in outcome.alarms),
        *(f"written:{what}" for what in outcome.proposed),
    )


def _told_to_wait(outcome: ReviewOutcome) -> timedelta | None:
    """Servers say silly things: never negative, never longer than we would wait ourselves."""
    if outcome.retry_after is None:
        return None
    return min(max(timedelta(seconds=outcome.retry_after), timedelta(seconds=1)), LONGEST_WAIT)


def _report(outcomes: Sequence[ReviewOutcome]) -> None:
    counts = Counter(outcome.code.value for outcome in outcomes)
    log.info("reviewed %s", ", ".join(f"{name}: {count}" for name, count in sorted(counts.items())))
    for fault in {str(outcome.fault): outcome.fault for outcome in outcomes if outcome.fault}.values():
        log.warning("%s: %s", type(fault).__name__, fault)
