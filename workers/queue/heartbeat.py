"""Short leases, so that a dead worker's patients are taken up within seconds; who works renews them."""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from adapter.errors import OsteoHandoverError
from workers.host.clock import Clock
from workers.ledger import Ledger, ReviewLease, leases

log = logging.getLogger(__name__)

BEATS = 3  # in one lease


@contextmanager
def renewed(ledger: Ledger, held: Sequence[ReviewLease], lease: timedelta, clock: Clock) -> Iterator[None]:
    """The leases hold as long as the block lasts, and as long as this process lives."""
    if not ledger.takes_threads:  # a ledger in memory: nobody else is there to take anything
        yield
        return
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(lease.total_seconds() / BEATS):
            try:
                leases.renew_leases(ledger, held, clock() + lease)
            except OsteoHandoverError as fault:  # the next beat may come through; else another takes over
                log.warning("leases could not be renewed: %s", fault)

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
