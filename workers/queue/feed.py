"""From the ledger to the queue: hand out what is due, and never more than the queue has room for.

A short queue is what makes lost messages cheap: what was handed out and not begun is due again after its
lease, and would otherwise pile up a second time behind a long queue.
"""

import logging
from collections.abc import Callable

from workers.broker.broker_fault import BrokerAway
from workers.ledger import passes, reviews
from workers.queue.runtime import Runtime

log = logging.getLogger(__name__)


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
