import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from adapter.errors import ConfigurationFault, Issue, OsteoHandoverError, StartAgain, TryAgainLater
from adapter.fhir import Gap
from adapter.fhir.capabilities import Capabilities
from adapter.fhir.search import Page, SearchResult
from adapter.fhir.statuses import Asked, Purpose, fault_of_status
from adapter.input.wire_json import Json, JsonValue
from tests.examples import sample, size
from workers.host.daily_hours import DailyHours
from workers.ledger import Ledger, ReviewResult, ReviewState, open_ledger, passes, reviews
from workers.ledger.positions import NOWHERE
from workers.queue.sweep import sweep
from workers.queue.sweep_pages.page_reader import TRIES, PageRetry, SweepPolicy, SweepTarget, pages
from workers.settings.full_pass_rule import FullPassRule

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
AGENDA = SweepPolicy(
    "rules-1",
    (SweepTarget("Observation", (("code", "x"),)), SweepTarget("AllergyIntolerance")),
    overlap=10 * MINUTE,
    margin=2 * MINUTE,
    full_pass=FullPassRule(timedelta(days=1)),
    lease=MINUTE,
    retry=PageRetry(sleep=lambda _: None, draw=lambda _, high: high),
)


@dataclass
class Server:
    """A server with pages to give."""

    pages: dict[str, list[JsonValue]] = field(default_factory=dict)
    params: frozenset[str] = frozenset({"_lastUpdated", "patient"})
    time: datetime = NOON
    ignored: tuple[str, ...] = ()
    asked: list[tuple[str, tuple[tuple[str, str], ...]]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    trouble: list[Exception | None] = field(default_factory=list)  # of the next requests, in order
    gaps: frozenset[Gap] = frozenset()
    total: int = 0
    absent: dict[str, Exception | None] = field(
        default_factory=dict
    )  # and how it refuses a type that it declares

    def capabilities(self) -> Capabilities:
        names = [{"name": name} for name in sorted(self.params)]
        declared = {"Observation", "AllergyIntolerance", "Patient"} - {
            kind for kind, fault in self.absent.items() if fault is None
        }
        types = [{"type": kind, "searchParam": names} for kind in sorted(declared)]
        return Capabilities.parse({"fhirVersion": "4.0.1", "rest": [{"mode": "server", "resource": types}]})

    def search_page(self, resource_type: str, params: Any = (), *, link: str | None = None) -> Page:
        """The next of the pages; a link says which one it was."""
        number = int(link or 0)
        if fault := self.absent.get(resource_type):
            raise fault
        if link is None:
            self.asked.append((resource_type, tuple(params)))
        self.links.append(f"{resource_type} {number}")
        held = self.pages.get(resource_type, [[]])
        if self.trouble and (trouble := self.trouble.pop(0)):
            raise trouble
        result = SearchResult(held[number], [], [], self.ignored, self.time.isoformat(), self.gaps)
        names = frozenset(str(it["id"]) for it in held[number])
        return Page(result, str(number + 1) if number + 1 < len(held) else None, self.total, names)

    def first_pages(self, searches: Sequence[Any]) -> list[Page | None]:
        """It takes no batches."""
        return [None] * len(searches)


@pytest.fixture(params=["memory", pytest.param("postgresql", marks=pytest.mark.postgres)])
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    in_memory = request.param == "memory"
    opened = open_ledger("sqlite://" if in_memory else request.getfixturevalue("postgres_ledger"), "scope")
    yield opened
    opened.close()


def an_observation(key: str, patient: object, version: str = "1", at: datetime = NOON) -> Json:
    meta = {"versionId": version, "lastUpdated": at.isoformat()}
    return {"resourceType": "Observation", "id": key, "meta": meta, "subject": {"reference": patient}}


def a_patient(key: str) -> Json:
    return {"resourceType": "Patient", "id": key}


def due(ledger: Ledger, now: datetime = NOON) -> set[str]:
    """Everybody who is due, and settled by being asked for."""
    found: set[str] = set()
    while claim := reviews.claim_patients(ledger, now, MINUTE, 100, 5):
        leases = reviews.begin_reviews(ledger, claim, now, MINUTE, 5)
        reviews.settle_reviews(ledger, [ReviewResult(it, ReviewState.DONE) for it in leases], now)
        found |= {it.patient for it in leases}
    passes.advance_watermark(ledger, AGENDA.ruleset)
    return found


def first_pass(ledger: Ledger) -> None:
    sweep(Server({"Patient": [[a_patient("a"), a_patient("b")]]}), ledger, AGENDA, lambda: NOON)
    due(ledger)


def test_the_first_pass_reads_every_patient(ledger: Ledger) -> None:
    server = Server({"Patient": [[a_patient("a")], [a_patient("b")]]})

    result = sweep(server, ledger, AGENDA, lambda: NOON)

    assert result.full
    assert server.asked == [("Patient", (("_sort", "_lastUpdated"), ("_elements", "id")))]
    assert due(ledger) == {"a", "b"}


def test_a_later_pass_asks_from_the_servers_own_time_with_margin_and_overlap(ledger: Ledger) -> None:
    first_pass(ledger)
    server = Server(time=NOON + timedelta(hours=5))

    sweep(server, ledger, AGENDA, lambda: NOON + timedelta(hours=5))

    since = ("_lastUpdated", "ge2026-01-05T11:48:00.000+00:00")
    assert server.asked == [
        ("Observation", (("code", "x"), since, ("_sort", "_lastUpdated"), ("_elements", "subject"))),
        ("AllergyIntolerance", (since, ("_sort", "_lastUpdated"), ("_elements", "patient"))),
    ]


def test_everybody_with_news_is_due_once(ledger: Ledger) -> None:
    first_pass(ledger)
    held = [
        [an_observation("1", "Patient/a"), an_observation("2", "Patient/a")],
        [an_observation("3", "Patient/b")],
    ]

    sweep(Server({"Observation": held}), ledger, AGENDA, lambda: NOON)
    assert due(ledger) == {"a", "b"}

    sweep(Server({"Observation": held}), ledger, AGENDA, lambda: NOON)
    assert due(ledger) == set()


BUSY = TryAgainLater("busy", status=503)


def many_pages(count: int) -> list[list[Json]]:
    return [[an_observation(f"{it}", f"Patient/p{it}", at=NOON + it * SECOND)] for it in range(count)]


def test_a_page_that_a_busy_server_refuses_is_asked_again_and_the_others_are_not(ledger: Ledger) -> None:
    first_pass(ledger)
    server = Server({"Observation": many_pages(5)}, trouble=[None, None, BUSY, BUSY, None, BUSY])

    sweep(server, ledger, AGENDA, lambda: NOON)

    assert due(ledger) == {f"p{it}" for it in range(5)}
    asked = [it for it in server.links if it.startswith("Observation")]
    assert asked == [f"Observation {it}" for it in (0, 1, 2, 2, 2, 3, 3, 4)]


def test_the_next_sweep_goes_on_from_the_last_page_that_was_kept(ledger: Ledger) -> None:
    first_pass(ledger)
    before = passes.watermark_value(ledger, AGENDA.ruleset)
    server = Server({"Observation": many_pages(5)}, trouble=[None, None, None, *[BUSY] * TRIES])

    with pytest.raises(TryAgainLater):
        sweep(server, ledger, AGENDA, lambda: NOON)
    assert due(ledger) == {"p0", "p1", "p2"}, "what was read stays read"
    assert passes.watermark_value(ledger, AGENDA.ruleset) == passes.cursor(ledger, AGENDA.ruleset) == before

    server.links.clear()
    sweep(server, ledger, AGENDA, lambda: NOON + 5 * MINUTE)

    assert server.links == ["Observation 3", "Observation 4", "AllergyIntolerance 0"]
    assert due(ledger, NOON + 5 * MINUTE) == {"p3", "p4"}


def test_a_full_pass_is_gone_on_with_and_not_begun_again(ledger: Ledger) -> None:
    held = [[a_patient(f"p{it}")] for it in range(4)]
    server = Server({"Patient": held}, trouble=[None, None, *[BUSY] * TRIES])

    with pytest.raises(TryAgainLater):
        sweep(server, ledger, AGENDA, lambda: NOON)
    server.links.clear()
    result = sweep(server, ledger, AGENDA, lambda: NOON + MINUTE)

    assert result.full
    assert server.links == ["Patient 2", "Patient 3"]


def test_a_full_pass_that_began_within_its_hours_goes_on_after_them(ledger: Ledger) -> None:
    first_pass(ledger)
    morning = DailyHours.of_text("05:00-12:30", ZoneInfo("UTC"))
    agenda = replace(AGENDA, full_pass=FullPassRule(timedelta(days=1), morning))
    held = [[a_patient(f"p{it}")] for it in range(4)]
    server = Server({"Patient": held}, trouble=[None, None, *[BUSY] * TRIES])

    with pytest.raises(TryAgainLater):
        sweep(server, ledger, agenda, lambda: NOON + timedelta(days=1, minutes=29))
    server.links.clear()
    result = sweep(server, ledger, agenda, lambda: NOON + timedelta(days=1, minutes=31))

    assert result.full
    assert server.links == ["Patient 2", "Patient 3"]


def test_a_link_that_expired_is_replaced_by_a_search_from_the_last_change_that_was_seen(
    ledger: Ledger,
) -> None:
    first_pass(ledger)
    expired = StartAgain("expired", status=410)
    server = Server({"Observation": many_pages(4)}, trouble=[None, None, expired])

    sweep(server, ledger, AGENDA, lambda: NOON)

    assert ("_lastUpdated", "ge2026-01-05T12:00:01.000+00:00") in server.asked[1][1]
    assert due(ledger) == {f"p{it}" for it in range(4)}


def test_links_that_always_expire_end_the_sweep(ledger: Ledger) -> None:
    first_pass(ledger)
    server = Server({"Observation": many_pages(2)}, trouble=[None, *[StartAgain("x", status=410), None] * 9])

    with pytest.raises(TryAgainLater):
        sweep(server, ledger, AGENDA, lambda: NOON)
    assert len(server.links) < 8


def test_a_hundred_pages_of_a_server_that_refuses_a_fifth_of_all_requests_are_read_about_once(
    ledger: Ledger,
) -> None:
    first_pass(ledger)
    rolled = random.Random(7)  # noqa: S311 - a drill
    server = Server({"Observation": many_pages(100)})
    server.trouble = [BUSY if rolled.random() < 0.2 else None for _ in range(1000)]

    for _ in range(3):
        with suppress(TryAgainLater):
            sweep(server, ledger, AGENDA, lambda: NOON)
            break

    assert due(ledger) == {f"p{it}" for it in range(100)}
    assert len(server.links) < 150


def test_a_pass_has_no_greatest_number_of_pages() -> None:
    server = Server({"Observation": [[] for _ in range(10_100)]})
    targets = (SweepTarget("Observation"),)

    assert sum(1 for _ in pages(server, lambda _: targets, NOWHERE, PageRetry())) == 10_100


GAPS = [({"gaps": frozenset({gap})}, gap is Gap.SUPPRESSED) for gap in Gap] + [({"total": 2}, False)]


@pytest.mark.parametrize(("lacking", "moves"), GAPS)
def test_the_watermark_stays_where_something_may_be_missing(
    ledger: Ledger, lacking: Json, moves: bool
) -> None:
    first_pass(ledger)
    before = passes.cursor(ledger, AGENDA.ruleset)
    later = NOON + timedelta(hours=1)
    news = [[an_observation("1", "Patient/a", at=later - 10 * MINUTE)]]

    result = sweep(Server({"Observation": news}, time=later, **lacking), ledger, AGENDA, lambda: later)

    assert due(ledger, later) == {"a"}, "what came is worked on"
    assert (passes.cursor(ledger, AGENDA.ruleset) != before, result.whole) == (moves, moves)
    assert "may lack something" in result.notes[-1]


def test_a_full_pass_that_may_have_missed_somebody_is_repeated_within_the_hour(ledger: Ledger) -> None:
    short = Server({"Patient": [[a_patient("a")]]}, total=102)
    assert not sweep(short, ledger, AGENDA, lambda: NOON).whole

    assert not sweep(Server(), ledger, AGENDA, lambda: NOON + 5 * MINUTE).full
    assert sweep(Server(), ledger, AGENDA, lambda: NOON + timedelta(hours=1, minutes=1)).full


HOUR = timedelta(hours=1)
CHANGES = size(few=30, full=300, many=1000)  # with each of the clocks


@pytest.mark.drill
@pytest.mark.parametrize(
    "offsets",
    [
        [HOUR, timedelta(0), timedelta(0)],
        [-HOUR, timedelta(0), timedelta(0)],
        [HOUR, -HOUR, HOUR, timedelta(0)],
        [-HOUR, -HOUR, timedelta(0), timedelta(0)],
        [3 * HOUR, 2 * HOUR, HOUR, timedelta(0)],
        [timedelta(0), -2 * HOUR, timedelta(0), HOUR, timedelta(0)],
    ],
)
def test_no_change_is_missed_whatever_the_servers_clock_does(
    ledger: Ledger, offsets: list[timedelta]
) -> None:
    """Sweeps come five minutes apart, and the changes in between bear the server's stamps."""
    first_pass(ledger)
    each = CHANGES // len(offsets) + 1
    held: list[Json] = []
    missed: list[str] = []
    for number, offset in enumerate(offsets, start=1):
        now = NOON + 5 * number * MINUTE
        written = [
            an_observation(
                f"{number}-{it}", f"Patient/{number}-{it}", at=now + offset - it * 5 * MINUTE / each
            )
            for it in range(each)
        ]
        held += written
        sweep(Stamped(held, time=now + offset), ledger, AGENDA, lambda now=now: now)  # type: ignore[misc] # bound now
        found = due(ledger, now)
        missed += [
            it["subject"]["reference"] for it in written if it["subject"]["reference"][8:] not in found
        ]

    assert missed == []


@dataclass
class Stamped(Server):
    """A server that searches by its stamps."""

    held: list[Json] = field(default_factory=list)

    def __init__(self, held: list[Json], time: datetime) -> None:
        super().__init__(time=time)
        self.held = held

    def search_page(self, resource_type: str, params: Any = (), *, link: str | None = None) -> Page:
        since = datetime.fromisoformat(dict(params)["_lastUpdated"][2:])
        fits = [it for it in self.held if datetime.fromisoformat(it["meta"]["lastUpdated"]) >= since]
        self.pages = {"Observation": [fits]}
        return super().search_page(resource_type, params, link=link)


def test_the_watermark_is_ahead_of_neither_clock(ledger: Ledger) -> None:
    first_pass(ledger)
    for theirs, ours in ((HOUR, timedelta(0)), (timedelta(0), HOUR)):
        news = [[an_observation("1", "Patient/a", at=NOON + theirs, version=str(theirs))]]
        server = Server({"Observation": news}, time=NOON + theirs)
        sweep(server, ledger, AGENDA, lambda ours=ours: NOON + ours)  # type: ignore[misc] # bound now

        cursor = passes.cursor(ledger, AGENDA.ruleset)
        assert cursor is not None
        assert cursor <= NOON


def test_a_reader_that_died_with_a_wrong_clock_holds_nobody_up(ledger: Ledger) -> None:
    passes.start_pass(ledger, AGENDA.ruleset, NOON + timedelta(days=1), MINUTE, full=True)

    assert sweep(Server(), ledger, AGENDA, lambda: NOON).current is not None


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
def test_whose_a_resource_is(ledger: Ledger, reference: object, patient: set[str]) -> None:
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
    assert passes.start_pass(ledger, AGENDA.ruleset, NOON, MINUTE, full=True)

    result = sweep(Server(), ledger, AGENDA, lambda: NOON)

    assert result.current is None
    assert result.notes == ("another sweep is reading just now",)


def test_a_sweep_that_was_taken_for_dead_stops(ledger: Ledger) -> None:
    @dataclass
    class Slow(Server):
        def search_page(self, *asked: Any, **how: Any) -> Page:
            passes.start_pass(ledger, AGENDA.ruleset, NOON + 2 * MINUTE, MINUTE, full=True)
            return super().search_page(*asked, **how)

    with pytest.raises(TryAgainLater):
        sweep(Slow(), ledger, AGENDA, lambda: NOON)


def refusal(status: int, *codes: str) -> OsteoHandoverError:
    """How the wire tells of a search that was refused."""
    issues = tuple(Issue("error", code) for code in codes)
    return fault_of_status(Asked("GET", "AllergyIntolerance", Purpose.SEARCH), status, issues)


NOT_THERE = [None, refusal(404, "not-supported"), refusal(405, "not-supported")]


@pytest.mark.parametrize("how", NOT_THERE, ids=["undeclared", "404", "405"])
def test_a_type_that_the_server_does_not_have_is_passed_over_by_name_and_the_rest_is_read(
    ledger: Ledger, how: Exception | None
) -> None:
    first_pass(ledger)
    news = [[an_observation("o1", "Patient/a", at=NOON + MINUTE)]]

    result = sweep(
        Server({"Observation": news}, absent={"AllergyIntolerance": how}),
        ledger,
        AGENDA,
        lambda: NOON + MINUTE,
    )

    assert result.whole
    assert "this server does not have AllergyIntolerance: nothing was looked for there" in result.notes
    assert due(ledger, NOON + MINUTE) == {"a"}
    assert passes.passed_over_types(ledger, AGENDA.ruleset) == ("AllergyIntolerance",)


TROUBLE = [
    (status, codes)
    for status in (400, 401, 403, 404, 405, 407, 408, 410, 422, 429, *range(500, 506), 599)
    for codes in ((), ("not-found",), ("processing",), ("not-supported",))
    if status not in (404, 405) or codes != ("not-supported",)
]


@pytest.mark.parametrize(("status", "codes"), sample(TROUBLE))
def test_trouble_is_never_taken_for_a_type_that_is_not_there(
    ledger: Ledger, status: int, codes: tuple[str, ...]
) -> None:
    first_pass(ledger)
    before = passes.cursor(ledger, AGENDA.ruleset)

    with pytest.raises(OsteoHandoverError):
        sweep(Server(absent={"AllergyIntolerance": refusal(status, *codes)}), ledger, AGENDA, lambda: NOON)

    assert passes.cursor(ledger, AGENDA.ruleset) == before


@pytest.mark.parametrize("how", NOT_THERE, ids=["undeclared", "404", "405"])
def test_a_type_without_which_there_is_nothing_to_do_is_not_passed_over(
    ledger: Ledger, how: Exception | None
) -> None:
    first_pass(ledger)
    server = Server(absent={"Observation": how or refusal(404)})

    with pytest.raises(ConfigurationFault):
        sweep(server, ledger, AGENDA, lambda: NOON)
