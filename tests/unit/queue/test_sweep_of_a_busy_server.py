"""A sweep over a hundred pages, of whose requests a fifth are refused: it reads each page about once."""

import random
from collections import Counter
from datetime import timedelta

from adapter.fhir.paging import SearchOptions
from tests.made_resources import a_patient, a_t_score
from tests.servers.without_http import LocalServer, SetClock, StraightClient
from workers.ledger import open_ledger, pass_counts, passes
from workers.queue.sweep import sweep
from workers.queue.sweep_pages.page_reader import PageRetry, SweepPolicy, SweepTarget
from workers.settings.full_pass_rule import FullPassRule

PAGES, PAGE = 100, 5
POLICY = SweepPolicy(
    "rules-1",
    (SweepTarget("Observation"),),
    overlap=timedelta(minutes=10),
    margin=timedelta(minutes=2),
    full_pass=FullPassRule(timedelta(days=1)),
    lease=timedelta(minutes=2),
    retry=PageRetry(sleep=lambda _: None),
)


def test_a_hundred_pages_are_read_about_once_while_a_fifth_is_refused() -> None:
    clock, said, chance = SetClock(), Counter[int | None](), random.Random(11)  # noqa: S311 - a drill
    ids = [f"p{number:03}" for number in range(PAGES * PAGE)]

    def busy() -> int | None:
        status = 503 if chance.random() < 0.2 else None
        said[status] += 1
        return status

    server = LocalServer(clock)
    client = StraightClient(server, SearchOptions(page_size=PAGE))
    ledger = open_ledger("sqlite://", "scope")
    sweep(client, ledger, POLICY, clock)
    clock.move(minutes=5)
    server.load(*map(a_patient, ids), *map(a_t_score, ids))
    server.busy = busy

    result = sweep(client, ledger, POLICY, clock)

    assert (result.full, result.whole, result.resources) == (False, True, len(ids))
    assert result.current is not None
    assert pass_counts.pass_progress(ledger, result.current).found == len(ids)
    assert said[None] <= PAGES + 2
    assert said[503] > PAGES / 10
    assert passes.cursor(ledger, POLICY.ruleset) is not None
