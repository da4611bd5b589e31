from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from adapter.errors import ConfigurationFault, OsteoHandoverError, RecordFault, TryAgainLater
from adapter.fhir.capabilities import Capabilities
from adapter.fhir.search import Page, Params, SearchResult
from tests.made_resources import a_patient, a_t_score
from tests.servers.without_http import LocalServer, SetClock, StraightClient
from workers.ledger import open_ledger
from workers.ledger.positions import Position
from workers.queue.sweep import sweep
from workers.queue.sweep_pages.first_pages import TOGETHER, FirstPages
from workers.queue.sweep_pages.page_reader import TRIES, PageRetry, SweepPolicy, SweepTarget, pages
from workers.settings.full_pass_rule import FullPassRule

TYPES = ("Patient", "Observation", "Condition", "Procedure", "Device")
SEARCHES = tuple(SweepTarget(kind, (("_lastUpdated", "ge2026"),)) for kind in TYPES)
RETRY = PageRetry(sleep=lambda _: None, draw=lambda _, high: high)
START = Position(since=datetime(2026, 1, 5, tzinfo=UTC))


@dataclass
class Server:
    """Notes each request: the types of a batch, or one type alone."""

    requests: list[tuple[str, ...]] = field(default_factory=list)
    offered: tuple[str, ...] = TYPES
    not_among_others: tuple[str, ...] = ()  # searches that fail in a batch
    faults: list[OsteoHandoverError | None] = field(default_factory=list)  # of the next requests
    second_pages: tuple[str, ...] = ()  # types that have one

    def capabilities(self) -> Capabilities:
        types = [{"type": kind} for kind in self.offered]
        return Capabilities.parse({"fhirVersion": "4.0.1", "rest": [{"mode": "server", "resource": types}]})

    def first_pages(self, searches: Sequence[tuple[str, Params]]) -> list[Page | None]:
        self._note(kind for kind, _ in searches)
        return [None if kind in self.not_among_others else self._page(kind, None) for kind, _ in searches]

    def search_page(
        self,
        resource_type: str,
        params: Params = (),  # noqa: ARG002 - the same for all
        *,
        link: str | None = None,
    ) -> Page:
        self._note([f"{resource_type} {link}" if link else resource_type])
        return self._page(resource_type, link)

    def _note(self, asked: Iterable[str]) -> None:
        self.requests.append(tuple(asked))
        if fault := self.faults.pop(0) if self.faults else None:
            raise fault

    def _page(self, kind: str, link: str | None) -> Page:
        found = SearchResult([{"resourceType": kind, "id": link or "first"}], [], [])
        return Page(found, "second" if kind in self.second_pages and not link else None)


def read_all(server: Server, position: Position = START) -> list[str]:
    """The resources of a pass, in the order of its searches."""
    together = FirstPages(server, SEARCHES)
    read = pages(together, lambda _: SEARCHES, position, RETRY)
    return [f"{it['resourceType']} {it['id']}" for page, _ in read for it in page.result.matches]


FIRST_OF_ALL = [f"{kind} first" for kind in TYPES]


def test_a_pass_without_much_news_is_one_request() -> None:
    server = Server()

    assert read_all(server) == FIRST_OF_ALL
    assert server.requests == [TYPES]


def test_the_other_pages_follow_their_links() -> None:
    server = Server(second_pages=("Observation",))

    assert read_all(server) == [*FIRST_OF_ALL[:2], "Observation second", *FIRST_OF_ALL[2:]]
    assert server.requests == [TYPES, ("Observation second",)]


def test_a_type_that_the_server_does_not_have_is_not_asked_for() -> None:
    server = Server(offered=("Patient", "Observation", "Condition", "Device"))

    read_all(server)

    assert server.requests == [("Patient", "Observation", "Condition", "Device")]


def test_a_search_that_fails_among_the_others_is_asked_for_alone() -> None:
    server = Server(not_among_others=("Condition",))

    assert read_all(server) == FIRST_OF_ALL
    assert server.requests == [TYPES, ("Condition",)]


@pytest.mark.parametrize(
    "fault",
    [TryAgainLater("no answer in time"), ConfigurationFault("not allowed"), RecordFault("not understood")],
    ids=["time-out", "forbidden", "refused"],
)
def test_where_the_request_for_all_fails_each_is_asked_for_alone(fault: OsteoHandoverError) -> None:
    server = Server(faults=[fault])

    assert read_all(server) == FIRST_OF_ALL
    assert server.requests == [TYPES, *((kind,) for kind in TYPES)]


def test_a_server_that_asks_for_time_gets_it_and_is_asked_for_all_again() -> None:
    server = Server(faults=[TryAgainLater("busy", retry_after=2.0)])

    assert read_all(server) == FIRST_OF_ALL
    assert server.requests == [TYPES, TYPES]


def test_a_server_that_goes_on_asking_for_time_is_left_alone_in_the_end() -> None:
    busy = [TryAgainLater("busy", retry_after=2.0) for _ in range(TRIES)]
    server = Server(faults=[*busy])

    with pytest.raises(TryAgainLater):
        read_all(server)

    assert server.requests == [TYPES] * TRIES


def test_a_pass_that_goes_on_half_way_asks_for_what_is_left() -> None:
    server = Server()

    assert read_all(server, Position(since=START.since, search=3)) == FIRST_OF_ALL[3:]
    assert server.requests == [("Procedure", "Device")]


def test_the_last_search_alone_is_no_batch() -> None:
    server = Server()

    read_all(server, Position(since=START.since, search=4))

    assert server.requests == [("Device",)]


def test_a_page_is_given_once_and_asked_for_anew_after_that() -> None:
    server = Server()
    together = FirstPages(server, SEARCHES)

    for _ in range(2):
        together.search_page("Patient", SEARCHES[0].params)

    assert server.requests == [TYPES, ("Patient",)]


def test_of_a_list_of_many_patients_some_searches_go_together() -> None:
    whose = [SweepTarget("Patient", (("_id", str(number)),)) for number in range(TOGETHER + 1)]
    server = Server()
    together = FirstPages(server, whose)

    for search in whose:
        together.search_page("Patient", search.params)

    assert [len(request) for request in server.requests] == [TOGETHER, 1]


def test_a_sweep_is_one_request_and_finds_who_has_news() -> None:
    clock = SetClock()
    server = LocalServer(clock)
    client = StraightClient(server)
    ledger = open_ledger("sqlite://", "scope")
    policy = SweepPolicy(
        "rules-1",
        (SweepTarget("Observation"), SweepTarget("Condition"), SweepTarget("Procedure")),
        overlap=timedelta(minutes=10),
        margin=timedelta(minutes=2),
        full_pass=FullPassRule(timedelta(days=1)),
        lease=timedelta(minutes=2),
    )
    server.load(a_patient("anna"))
    sweep(client, ledger, policy, clock)
    clock.move(hours=1)
    server.load(a_t_score("bea"))
    client.capabilities()
    before = server.asked

    result = sweep(client, ledger, policy, clock)

    assert (result.full, result.resources, result.patients) == (False, 1, 1)
    assert server.asked - before == 1
