"""Who works keeps the lease, for as long as the work lasts."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from workers.ledger import open_ledger, reviews
from workers.queue.heartbeat import renewed

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
LEASE = timedelta(milliseconds=30)
HOUR = timedelta(hours=1)


def beating() -> bool:
    return any(it.name == "heartbeat" for it in threading.enumerate())


def test_a_lease_is_renewed_while_the_work_lasts_and_no_longer(tmp_path: Path) -> None:
    beaten = threading.Event()

    def clock() -> datetime:
        beaten.set()
        return NOON + HOUR

    ledger = open_ledger(f"sqlite:///{tmp_path}/ledger.sqlite", "scope")
    reviews.request_reviews(ledger, ["a"], NOON)
    held = reviews.begin_reviews(ledger, ["a"], NOON, LEASE, 5)

    with renewed(ledger, held, LEASE, clock):
        assert beaten.wait(60)
    assert not beating()

    assert reviews.claim_patients(ledger, NOON + HOUR, LEASE, 5, 5) == ()
    assert reviews.claim_patients(ledger, NOON + 2 * HOUR, LEASE, 5, 5) == ("a",)
    ledger.close()


def test_a_ledger_in_memory_has_nobody_to_renew_it_for() -> None:
    ledger = open_ledger("sqlite://", "scope")

    with renewed(ledger, (), LEASE, lambda: NOON):
        assert not beating()
    ledger.close()
