"""How much is handed out at once: a few chunks per process, and of small ones as many as make a whole.

In one process: as many requests are under way as its settings say, and it ends when nobody is left.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier, current_thread

import pytest

from adapter.errors import SoftwareFault
from adapter.fhir import FhirClient
from tests.made_resources import a_gp, a_patient, a_t_score
from tests.server_patients import a_runtime, admitted
from workers.broker.broker_fault import BrokerAway
from workers.ledger import reviews
from workers.ledger.ledger_faults import LedgerBusy
from workers.queue.feed import DueBatches, feed_queue, review_all_due, until_none_is_left
from workers.queue.runtime import Runtime
from workers.sandbox import Sandbox

DEPTH = 4
AT_ONCE = 3
LONGEST = 20.0  # seconds until a thread that waits alone gives up


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


@pytest.fixture
def threaded(tmp_path: Path) -> Iterator[Runtime]:
    ledger = f"sqlite:///{tmp_path}/ledger.sqlite"
    with Sandbox() as server:
        admitted(server.base_url, [a_gp()])
        for patient in ("p1", "p2", "p3", "p4"):
            admitted(server.base_url, [a_patient(patient), a_t_score(patient)])
        with a_runtime(server.base_url, threads=AT_ONCE, batch_size=1, ledger_url=ledger) as runtime:
            yield runtime


class MeetingAuth:
    """The first request of a thread goes when those of the others are about to go too."""

    def __init__(self) -> None:
        self._together = Barrier(AT_ONCE, timeout=LONGEST)
        self._met: set[str] = set()

    def headers(self) -> Mapping[str, str]:
        if current_thread().name not in self._met and len(self._met) < AT_ONCE:
            self._met.add(current_thread().name)
            self._together.wait()
        return {}

    def renew(self) -> bool:
        return False


def test_a_run_has_as_many_requests_under_way_as_it_may(threaded: Runtime) -> None:
    told, client = list[int](), FhirClient(threaded.server, auth=MeetingAuth())
    reviews.request_reviews(threaded.ledger, ["p1", "p2", "p3", "p4"], threaded.clock())

    with client:
        review_all_due(
            replace(threaded, client=client), lambda: told.append(reviews.count_unsettled(threaded.ledger))
        )

    assert told[-1] == 0
    assert reviews.unsettled_reviews(threaded.ledger) == ()


@pytest.mark.parametrize("side_by_side", [1, AT_ONCE])
def test_each_piece_of_work_is_taken_once_and_the_last_look_comes_after_all(side_by_side: int) -> None:
    left, done, told = iter(range(20)), list[int](), list[int]()

    def work_one() -> bool:
        number = next(left, None)
        if number is not None:
            done.append(number)
        return number is not None

    until_none_is_left(work_one, side_by_side, lambda: told.append(len(done)))

    assert sorted(done) == list(range(20))
    assert told[-1] == 20


@pytest.mark.parametrize("side_by_side", [1, AT_ONCE])
def test_what_breaks_a_batch_ends_the_run_and_no_more_is_taken(side_by_side: int) -> None:
    taken = list[None]()

    def work_one() -> bool:
        taken.append(None)
        raise SoftwareFault("the ledger has gone")

    with pytest.raises(SoftwareFault, match="has gone"):
        until_none_is_left(work_one, side_by_side, lambda: None)

    assert len(taken) <= side_by_side


def test_a_claim_is_handed_out_in_batches_and_the_next_one_made_when_it_is_used_up() -> None:
    claims = iter([["a", "b", "c"], ["d"]])
    due = DueBatches(lambda: next(claims, []), size=lambda: 2)

    assert [due.take() for _ in range(5)] == [["a", "b"], ["c"], ["d"], [], []]
