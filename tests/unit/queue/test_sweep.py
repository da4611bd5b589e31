from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapter.errors import TryAgainLater
from adapter.fhir.capabilities import Capabilities
from adapter.fhir.search import SearchResult
from workers.ledger import Ledger, ReviewResult, ReviewState, open_ledger, passes, reviews
from workers.queue.sweep import SweepPolicy, SweepTarget, sweep

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
AGENDA = SweepPolicy(
    "rules-1",
    (SweepTarget("Observation", (("code", "x"),)), SweepTarget("AllergyIntolerance")),
    overlap=10 * MINUTE,
    margin=2 * MINUTE,
    full_interval=timedelta(days=1),
    lease=MINUTE,
)


@dataclass
class Server:
    """A server with pages to give; one entry that is an exception is raised in its place."""

    pages: dict[str, list[Any]] = field(default_factory=dict)
    params: frozenset[str] = frozenset({"_lastUpdated", "patient"})
    time: datetime = NOON
    ignored: tuple[str, ...] = ()
    asked: list[tuple[str, tuple[tuple[str, str], ...]]] = field(default_factory=list)

    def capabilities(self) -> Capabilities:
        names = [{"name": name} for name in sorted(self.params)]
        types = [
            {"type": kind, "searchParam": names} for kind in ("Observation", "AllergyIntolerance", "Patient")
        ]
        return Capabilities.parse({"fhirVersion": "4.0.1", "rest": [{"mode": "server", "resource": types}]})

    def search_pages(
        self, resource_type: str, params: Any = (), *, accept: Any = None
    ) -> Iterator[SearchResult]:
        assert accept is None
        self.asked.append((resource_type, tuple(params)))
        for page in self.pages.get(resource_type, [[]]):
            if isinstance(page, Exception):
                raise page
            yield SearchResult(page, [], [], self.ignored, self.time.isoformat())


@pytest.fixture(params=["memory", pytest.param("postgresql", marks=pytest.mark.postgres)])
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    in_memory = request.param == "memory"
    opened = open_ledger("sqlite://" if in_memory else request.getfixturevalue("postgres_ledger"), "scope")
    yield opened
    opened.close()


def an_observation(key: str, patient: Any, version: str = "1") -> dict[str, Any]:
    meta = {"versionId": version, "lastUpdated": NOON.isoformat()}
    return {"resourceType": "Observation", "id": key, "meta": meta, "subject": {"reference": patient}}


def a_patient(key: str) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": key}


def due(ledger: Ledger, now: datetime = NOON) -> set[str]:
    """Everybody who is due, and settled by being asked for."""
    found: set[str] = set()
    while claim := reviews.claim(ledger, now, MINUTE, 100):
        tickets = reviews.begin(ledger, claim.patients, now, MINUTE, 5)
        reviews.settle(ledger, [ReviewResult(it, ReviewState.DONE) for it in tickets], now)
        found |= {it.patient for it in tickets}
    passes.advance(ledger, AGENDA.ruleset)
    return found


def first_pass(ledger: Ledger) -> None:
    sweep(Server({"Patient": [[a_patient("a"), a_patient("b")]]}), ledger, AGENDA, lambda: NOON)
    due(ledger)


def test_the_first_pass_reads_every_patient(ledger: Ledger) -> None:
    server = Server({"Patient": [[a_patient("a")], [a_patient("b")]]})

    result = sweep(server, ledger, AGENDA, lambda: NOON)

    assert result.full
    assert server.asked == [("Patient", (("_elements", "id"),))]
    assert due(ledger) == {"a", "b"}


def test_a_later_pass_asks_from_the_servers_own_time_with_margin_and_overlap(ledger: Ledger) -> None:
    first_pass(ledger)
    server = Server()

    sweep(server, ledger, AGENDA, lambda: NOON + timedelta(hours=5))

    since = ("_lastUpdated", "ge2026-01-05T11:48:00.000+00:00")
    assert server.asked == [
        ("Observation", (("code", "x"), since, ("_sort", "_lastUpdated"), ("_elements", "subject"))),
        ("AllergyIntolerance", (since, ("_sort", "_lastUpdated"), ("_elements", "patient"))),
    ]


def test_everybody_with_news_is_due_once(ledger: Ledger) -> None:
    first_pass(ledger)
    pages = [
        [an_observation("1", "Patient/a"), an_observation("2", "Patient/a")],
        [an_observation("3", "Patient/b")],
    ]

    sweep(Server({"Observation": pages}), ledger, AGENDA, lambda: NOON)
    assert due(ledger) == {"a", "b"}

    sweep(Server({"Observation": pages}), ledger, AGENDA, lambda: NOON)
    assert due(ledger) == set()


def test_a_pass_that_breaks_off_moves_nothing_and_is_read_again(ledger: Ledger) -> None:
    first_pass(ledger)
    before = passes.reached(ledger, AGENDA.ruleset)
    broken = Server(
        {"Observation": [[an_observation("1", "Patient/a")], TryAgainLater("gone")]}, time=NOON + MINUTE
    )

    with pytest.raises(TryAgainLater):
        sweep(broken, ledger, AGENDA, lambda: NOON)

    assert due(ledger) == {"a"}
    assert passes.reached(ledger, AGENDA.ruleset) == before
    assert passes.cursor(ledger, AGENDA.ruleset) == before


@pytest.mark.parametrize(
    ("reference", "patient"),
    [
        ("Patient/a", {"a"}),
        ("http://server/fhir/Patient/a", {"a"}),
        ("Patient/a/_history/3", {"a"}),
        ("Group/a", set()),
        ("#a", set()),
        (None, set()),
        (7, set()),
    ],
)
def test_whose_a_resource_is(ledger: Ledger, reference: Any, patient: set[str]) -> None:
    first_pass(ledger)

    result = sweep(Server({"Observation": [[an_observation("1", reference)]]}), ledger, AGENDA, lambda: NOON)

    assert due(ledger) == patient
    assert result.without_patient == (0 if patient else 1)


def test_a_server_without_last_updated_is_read_in_full_and_the_reason_is_told(ledger: Ledger) -> None:
    first_pass(ledger)

    result = sweep(Server(params=frozenset({"patient"})), ledger, AGENDA, lambda: NOON)

    assert result.full
    assert "_lastUpdated" in result.notes[0]


def test_a_server_that_ignores_last_updated_is_told_of(ledger: Ledger) -> None:
    first_pass(ledger)

    result = sweep(Server(ignored=("_lastUpdated",)), ledger, AGENDA, lambda: NOON)

    assert any("ignores _lastUpdated" in note for note in result.notes)


def test_everybody_is_looked_at_again_when_the_last_full_pass_is_long_ago(ledger: Ledger) -> None:
    first_pass(ledger)

    assert sweep(Server(), ledger, AGENDA, lambda: NOON + timedelta(days=2)).full


def test_two_sweeps_do_not_read_side_by_side(ledger: Ledger) -> None:
    assert passes.start(ledger, AGENDA.ruleset, NOON, MINUTE, full=True)

    result = sweep(Server(), ledger, AGENDA, lambda: NOON)

    assert result.this is None
    assert result.notes == ("another sweep is reading just now",)


def test_a_sweep_that_was_taken_for_dead_stops(ledger: Ledger) -> None:
    @dataclass
    class Slow(Server):
        def search_pages(self, *_: Any, **__: Any) -> Iterator[SearchResult]:
            passes.start(ledger, AGENDA.ruleset, NOON + 2 * MINUTE, MINUTE, full=True)
            yield SearchResult([a_patient("a")], [], [], (), NOON.isoformat())

    with pytest.raises(TryAgainLater):
        sweep(Slow(), ledger, AGENDA, lambda: NOON)
