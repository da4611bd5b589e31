"""How much is handed out at once: a few chunks for each process,
and of small ones as many as make a whole one.
"""

from datetime import timedelta

import pytest

from tests.wards import a_runtime
from workers.ledger import reviews
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
        reviews.request(runtime.ledger, patients, now)
        for _ in range(deaths):
            reviews.begin(runtime.ledger, patients, now, timedelta(seconds=-1), runtime.settings.max_attempts)

        assert handed_out(runtime, waiting) == chunks
