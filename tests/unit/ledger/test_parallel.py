"""Many workers settle and count at once: nobody waits for one who waits for them, and nothing is lost."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest

from tests.servers.postgres import deadlocks
from workers.ledger import (
    Ledger,
    ReviewResult,
    ReviewState,
    SeenVersion,
    due_dates,
    open_ledger,
    outbox,
    pass_counts,
    passes,
    reviews,
)
from workers.ledger.leases import renew_leases

pytestmark = pytest.mark.slow

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
LEASE = timedelta(hours=1)
WORKERS = 8
ROUNDS = 15
CHUNK = 12
OUTCOMES = [f"outcome:{kind}" for kind in ("planned", "unchanged", "respected", "nothing", "failed")]


@pytest.fixture(params=["file", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "file":
        yield f"sqlite:///{tmp_path}/ledger.sqlite"
        return
    server, ledger = (str(request.getfixturevalue(f"postgres_{it}")) for it in ("server", "ledger"))
    before = deadlocks(server)
    yield ledger
    assert deadlocks(server) == before


def at_once(url: str, work: Callable[[Ledger, random.Random], None]) -> None:
    """The same work in several threads, each with connections of its own, as processes have them."""

    def one(seed: int) -> None:
        ledger = open_ledger(url, "scope")
        work(ledger, random.Random(seed))  # noqa: S311 - the same order in every run
        ledger.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(one, range(WORKERS)))


def shuffled(chance: random.Random, items: Sequence[str]) -> list[str]:
    return chance.sample(items, len(items))


def test_every_review_settles_once_and_is_counted_once(url: str) -> None:
    patients = [f"patient-{number:04}" for number in range(WORKERS * ROUNDS * CHUNK)]
    ledger = open_ledger(url, "scope")
    started = passes.start_pass(ledger, "rules", NOON, LEASE, full=True)
    assert started is not None
    passes.add_patients(ledger, started, [SeenVersion(it, f"Patient/{it}") for it in patients], NOON, LEASE)
    passes.finish_pass(ledger, started, NOON)

    def work(mine: Ledger, chance: random.Random) -> None:
        while chunk := reviews.claim_patients(mine, NOON, LEASE, CHUNK, 5):
            leases = reviews.begin_reviews(mine, shuffled(chance, chunk), NOON, LEASE, max_attempts=3)
            results = [
                ReviewResult(it, ReviewState.DONE, tallies=tuple(shuffled(chance, OUTCOMES)[:3]))
                for it in chance.sample(leases, len(leases))
            ]
            reviews.settle_reviews(mine, results, NOON)

    at_once(url, work)

    assert pass_counts.pass_progress(ledger, started).settled == len(patients)
    assert sum(pass_counts.pass_tallies(ledger, started).values()) == 3 * len(patients)
    assert passes.advance_watermark(ledger, "rules") == NOON
    ledger.close()


def test_whoever_touches_many_patients_takes_them_in_one_order(url: str) -> None:
    patients = [f"patient-{number:02}" for number in range(40)]
    ledger = open_ledger(url, "scope")
    reviews.request_reviews(ledger, patients, NOON)

    def work(mine: Ledger, chance: random.Random) -> None:
        for _ in range(ROUNDS):
            some = shuffled(chance, patients)[:25]
            reviews.request_reviews(mine, some, NOON)
            due_dates.note_due_days(mine, dict.fromkeys(some, NOON.date()))
            reviews.postpone_reviews(
                mine, NOON, "the server rests", now=NOON, patients=chance.sample(some, 20)
            )
            reviews.return_claims(mine, some, NOON)
            leases = reviews.begin_reviews(mine, some, NOON, timedelta(0), max_attempts=10**6)
            renew_leases(mine, chance.sample(leases, len(leases)), NOON)
            due_dates.mark_queued(mine, tuple(some), NOON.date())
            reviews.settle_reviews(mine, [ReviewResult(it, ReviewState.DONE) for it in leases], NOON)

    at_once(url, work)

    assert Counter(due_dates.due_patients(ledger)) == Counter(patients)
    ledger.close()


def test_one_process_reads_and_one_version_goes_out(url: str) -> None:
    ledger = open_ledger(url, "scope")
    begun: list[bool] = []

    def work(mine: Ledger, chance: random.Random) -> None:
        begun.append(passes.start_pass(mine, "rules", NOON, LEASE, full=False) is not None)
        outbox.enqueue_letter(mine, outbox.DeliveryOrder(f"m{chance.random()}", "d1", "c1", "folder"), NOON)

    at_once(url, work)

    assert begun.count(True) == 1
    assert outbox.count_states(ledger)[outbox.DeliveryState.QUEUED] == 1
    ledger.close()


def test_many_may_open_a_ledger_that_is_not_there_yet(tmp_path: Path) -> None:
    for number in range(ROUNDS):
        start, new = Barrier(WORKERS), f"sqlite:///{tmp_path}/new-{number}.sqlite"

        def opened(_: int, start: Barrier = start, new: str = new) -> None:
            start.wait()
            open_ledger(new, "site").close()

        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(opened, range(WORKERS)))
