"""From the ledger to the queue, and never more than it has room for; or to the threads of this process.

A short queue is what makes lost messages cheap: what was handed out and not begun is due again after its
lease, and would otherwise pile up a second time behind a long queue.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from threading import Lock

from workers.broker.broker_fault import BrokerAway
from workers.ledger import passes, reviews
from workers.queue.runtime import Runtime

log = logging.getLogger(__name__)


LOOK = 1.0  # seconds between two looks at how far it is: a look counts all patients of a pass
CHUNKS_PER_PROCESS = 4  # that wait in the queue: enough to keep it busy, few enough to know what is lost


def depth_of(runtime: Runtime) -> int:
    """How many chunks may wait."""
    return CHUNKS_PER_PROCESS * runtime.settings.concurrency


def feed_queue(
    runtime: Runtime, depth: int, waiting: Callable[[], int], publish: Callable[[tuple[str, ...]], None]
) -> int:
    """How many chunks were handed out.

    Does nothing while broker or server are away; the next feed finds the same again.

    Chunks that shrank after a death count for what they hold: by their number alone workers
    would wait for the next feed.
    """
    passes.advance_watermark(runtime.ledger, runtime.ruleset)
    size, handed, patients = runtime.settings.chunk_size, 0, 0
    if runtime.left_alone_until:
        return handed
    try:
        room = depth - waiting()
        while handed < room or (room > 0 and patients < size):
            if not (claim := runtime.claim(size)):
                break
            try:
                publish(claim)
            except BrokerAway:
                reviews.return_claims(runtime.ledger, claim, runtime.clock())
                raise
            handed, patients = handed + 1, patients + len(claim)
    except BrokerAway:
        log.warning("the broker does not answer; what is due stays in the ledger")
    return handed


class DueBatches:
    """The batches of those who are due, for threads that each take the next one; empty: nobody is due.

    They are claimed a chunk at a time, since a claim looks at everybody who is due.
    """

    def __init__(self, claim: Callable[[], Sequence[str]], size: Callable[[], int]) -> None:
        self._claim, self._size = claim, size
        self._claimed, self._lock = deque[str](), Lock()

    def take(self) -> list[str]:
        """The next batch, which nobody else gets."""
        with self._lock:
            if not self._claimed:
                self._claimed.extend(self._claim())
            return [self._claimed.popleft() for _ in range(min(self._size(), len(self._claimed)))]


def review_all_due(runtime: Runtime, tell: Callable[[], object]) -> None:
    """Returns when nobody is due any more; `tell` is called while it lasts, and at its end."""
    due = DueBatches(lambda: runtime.claim(runtime.settings.chunk_size), lambda: runtime.batch_size.now)

    def look() -> None:
        passes.advance_watermark(runtime.ledger, runtime.ruleset)
        tell()

    until_none_is_left(lambda: _work_batch(runtime, due.take()), runtime.retry_policy.side_by_side, look)


def _work_batch(runtime: Runtime, ids: Sequence[str]) -> bool:
    """Whether there was anybody; while the server is left alone, nobody else is due either."""
    if ids:
        outcomes = runtime.work(ids)
        served = outcomes and not any(outcome.fault for outcome in outcomes)
        if not served and (until := runtime.left_alone_until):
            reviews.postpone_reviews(runtime.ledger, until, runtime.why_left_alone, now=runtime.clock())
    return bool(ids)


def until_none_is_left(work_one: Callable[[], bool], side_by_side: int, look: Callable[[], object]) -> None:
    """Work, until nothing is there to be taken; nobody waits for the slowest of several.

    Raises what a piece of work raises: what was begun is ended first, and nothing more is taken.
    """
    seldom = _at_most_each(LOOK, look)
    if side_by_side == 1:
        while work_one():
            seldom()
    else:
        pool = ThreadPoolExecutor(side_by_side, thread_name_prefix="batch")
        try:
            under_way = {pool.submit(work_one) for _ in range(side_by_side)}
            while under_way:
                done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                under_way |= {pool.submit(work_one) for future in done if future.result()}
                seldom()
        finally:
            pool.shutdown(cancel_futures=True)
    look()


def _at_most_each(seconds: float, look: Callable[[], object]) -> Callable[[], None]:
    looked = time.monotonic()

    def seldom() -> None:
        nonlocal looked
        if time.monotonic() - looked >= seconds:
            look()
            looked = time.monotonic()

    return seldom
