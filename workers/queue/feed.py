"""From the ledger to the queue: hand out what is due, and never more than the queue has room for.

A short queue is what makes lost messages cheap: what was handed out and not begun is due again after its lease, and
would otherwise pile up a second time behind a long queue.
"""

import logging
from collections.abc import Callable

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
    """How many chunks were handed out. Does nothing while broker or server are away; the next feed finds the same again."""
    passes.advance(runtime.ledger, runtime.ruleset)
    handed = 0
    if runtime.left_alone_until:
        return handed
    try:
        room = depth - waiting()
        while handed < room and (claim := runtime.claim(runtime.settings.chunk_size)):
            try:
                publish(claim)
            except ConnectionError:
                reviews.release(runtime.ledger, claim, runtime.clock())
                raise
            handed += 1
    except ConnectionError:
        log.warning("the broker does not answer; what is due stays in the ledger")
    return handed
