"""How much is handed out at once: a few chunks per process, and of small ones as many as make a whole."""

from datetime import timedelta

import pytest

from tests.server_patients import a_runtime
from workers.broker.broker_fault import BrokerAway
from workers.ledger import reviews
from workers.ledger.ledger_faults import LedgerBusy
from workers.queue.feed import feed_queue
from workers.queue.runtime import Runtime
from workers.sandbox import Sandbox

DEPTH = 4


def handed_out(runtime: Runtime, waiting: int = 0) -> list[int]:
    """The sizes of the chunks that one feed hands out."""
    chunks: list[int] = []
    feed_queue(runtime, DEPTH, lambda: waiting, lambda some: chunks.append(len(some)))
    return chunks


@pytest.mark.parametrize(
    ("deaths", "waiting", "chunks"),
    [
        (0, 0, [20, 20, 20, 20]),
        (0, 3, [20]),
        (0, 4, []),
        (1, 0, [4, 4, 4, 4, 4]),
        (3, 0, [1] * 20),
        (3, 3, [1] * 20),
        (3, 4, []),
    ],
)
def test_chunks_that_shrank_after_a_death_are_handed_out_by_what_they_hold(
    sandbox: Sandbox, deaths: int, waiting: int, chunks: list[int]
) -> None:
    with a_runtime(sandbox.base_url, chunk_size=20) as runtime:
        patients = [f"p{number:03}" for number in range(100)]
        now = runtime.clock()
        reviews.request_reviews(runtime.ledger, patients, now)
        for _ in range(deaths):
            reviews.begin_reviews(
                runtime.ledger, patients, now, timedelta(seconds=-1), runtime.settings.max_attempts
            )

        assert handed_out(runtime, waiting) == chunks


def test_what_a_broker_that_is_away_did_not_take_is_due_again(sandbox: Sandbox) -> None:
    def away(_: tuple[str, ...]) -> None:
        raise BrokerAway("The broker does not answer.")

    with a_runtime(sandbox.base_url, chunk_size=20) as runtime:
        reviews.request_reviews(runtime.ledger, ["p1"], runtime.clock())

        assert feed_queue(runtime, DEPTH, lambda: 0, away) == 0
        assert handed_out(runtime) == [1]


def test_a_ledger_that_is_busy_is_not_told_as_a_broker_that_is_away(sandbox: Sandbox) -> None:
    def locked(_: tuple[str, ...]) -> None:
        raise LedgerBusy("The ledger is locked.")

    with a_runtime(sandbox.base_url, chunk_size=20) as runtime:
        reviews.request_reviews(runtime.ledger, ["p1"], runtime.clock())

        with pytest.raises(LedgerBusy):
            feed_queue(runtime, DEPTH, lambda: 0, locked)
