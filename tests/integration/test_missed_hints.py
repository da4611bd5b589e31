"""Nobody is missed and nothing is written twice, however a server mistreats its hints.

It loses a third of them, sends others late, in any order and more than once, and shows changes long after
their stamp. The clock is simulated; server, ledger, hints, sweep and reviews are not.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from adapter.errors import TryAgainLater
from adapter.fhir.http import RawAnswer
from adapter.fhir.paging import SearchOptions
from adapter.input.wire_json import Json, write
from tests.examples import size
from tests.integration.outage import told
from tests.made_resources import a_gp, a_patient, a_t_score
from tests.server_patients import a_runtime
from tests.servers.without_http import BASE, LocalServer, SetClock, StraightClient
from tests.unit.server.notifications import event, topic
from workers.ledger import Ledger, ReviewResult, ReviewState, open_ledger, passes, reviews
from workers.queue.runtime import Runtime
from workers.server.admission import Admission
from workers.server.hint_receiver import HintReceiver

pytestmark = [pytest.mark.slow, pytest.mark.drill]

REVIEWED = size(few=40, full=60, many=1_000)  # changes, each reviewed and written about
CLAIMED = size(few=100, full=200, many=20_000)  # changes of whom it is only seen that they are work
PER_PATIENT, MINUTES = 4, size(few=12, full=15, many=60)
PAGE = size(few=10, full=10, many=100)  # resources
DROPPED, REPEATED, EXPIRED = 0.3, 0.3, 0.1
LATEST = 120  # seconds between the stamp of a change and the moment at which a search finds it
SLOWEST = 300  # seconds that a hint is under way
AS_INSTALLED = {"clock_margin": "122", "sweep_overlap": "600"}
EVERY = 5  # minutes between two sweeps
VALUES = (-0.4, -1.8, -2.6, -3.2)


class LateServer(LocalServer):
    """Stamps its changes when they begin and shows them when committed; its next links may expire."""

    def __init__(self, clock: SetClock, chance: random.Random) -> None:
        super().__init__(clock)
        self.time, self.chance = clock, chance

    def commit(self, resource: Json, begun: datetime) -> None:
        """Seen from now on, and stamped with that moment."""
        self.store.load([resource], begun)

    def answer(self, method: str, url: str, headers: dict[str, str], body: bytes | None) -> RawAnswer:
        if "_page=" in url and self.chance.random() < EXPIRED:
            return RawAnswer(410, {"Content-Type": "application/fhir+json"}, b"")
        return super().answer(method, url, headers, body)


class StandingLedger(Ledger):
    """The one in memory, which whoever closes it must not lose."""

    def close(self) -> None:
        pass


@dataclass
class Storm:
    """What is under way between the server and us."""

    runtime: Runtime
    server: LateServer
    hints: HintReceiver
    sweeps: bool
    chance: random.Random
    size: int  # changes in all
    look: Callable[["Storm", Sequence[str]], Iterable[str]]  # gives who was looked at
    newest: dict[str, float] = field(default_factory=dict)
    seen: dict[str, float] = field(default_factory=dict)  # the newest value when somebody last looked
    changes: Counter[str] = field(default_factory=Counter)
    unseen: dict[str, datetime] = field(default_factory=dict)  # the oldest stamp of a change nobody looked at
    overtaken: set[str] = field(
        default_factory=set
    )  # of whom a change lies behind the watermark, and nobody looked
    under_way: list[tuple[datetime, bytes]] = field(default_factory=list)
    events: int = 0

    @property
    def now(self) -> datetime:
        return self.server.time.now

    def change(self) -> None:
        """A result, or a correction; the server says so, perhaps."""
        patient = f"p{self.chance.randrange(self.size // PER_PATIENT)}"
        value = self.chance.choice([it for it in VALUES if it != self.newest.get(patient)])
        status = "amended" if patient in self.newest else "final"
        begun = self.now - timedelta(seconds=self.chance.randrange(LATEST + 1))
        score = a_t_score(patient, value, status=status)
        self.server.commit(score, begun)
        self.newest[patient] = value
        self.changes[patient] += 1
        self.unseen.setdefault(patient, begun)
        self._said(score)

    def _said(self, score: Json) -> None:
        self.events += 1
        if self.chance.random() < DROPPED:
            return
        named = topic("event-notification", self.events, event(self.events, f"{BASE}/Observation/{score['id']}"), resources=[score])  # fmt: skip
        body = self.chance.choices([write(score), named, b""], [10, 10, 1])[0]
        for _ in range(1 + (self.chance.random() < REPEATED) + (self.chance.random() < REPEATED)):
            after = timedelta(seconds=self.chance.randrange(SLOWEST))
            self.under_way.append((self.now + after, body))

    def arrive(self) -> None:
        """The hints whose time has come, in any order; one that asks for a sweep gets it."""
        come = [body for at, body in self.under_way if at <= self.now]
        self.under_way = [(at, body) for at, body in self.under_way if at > self.now]
        self.chance.shuffle(come)
        asked_for = [self.hints.take_hint(body) for body in come]
        if any(asked_for):
            self.sweep()

    def sweep(self) -> None:
        """As a worker does it: one that must stop is gone on with by the next."""
        if self.sweeps:
            with suppress(TryAgainLater):
                self.runtime.sweep()

    def work(self) -> None:
        runtime = self.runtime
        while claim := runtime.claim(50):
            for it in self.look(self, claim):
                self.unseen.pop(it, None)
                self.seen[it] = self.newest.get(it, 0.0)
        reached = passes.watermark_value(runtime.ledger, runtime.ruleset)
        assert reached
        self.overtaken |= {patient for patient, at in self.unseen.items() if at < reached}

    def last(self) -> None:
        """Until everything that was said has arrived, and as many sweeps as may still find something."""
        for _ in range(4):
            self.server.time.move(minutes=EVERY)
            self.arrive()
            self.sweep()
            self.work()

    def missed(self) -> set[str]:
        """Of whom something changed since somebody looked."""
        return {it for it, value in self.newest.items() if self.seen.get(it) != value}

    def misinformed(self) -> set[str]:
        """Whose newest letter does not say the newest value."""
        letters = {
            it["subject"]["reference"].rpartition("/")[2]: str(it["payload"])
            for it in self.server.all("Communication")
        }
        return {it for it, value in self.newest.items() if f"{value}" not in letters.get(it, "")}


def reviewed(held: Storm, claimed: Sequence[str]) -> Iterator[str]:
    for it in held.runtime.review(claimed):
        assert it.fault is None or isinstance(it.fault, TryAgainLater)  # a page expired: it comes again
        if it.fault is None:
            yield it.patient


def settled(held: Storm, claimed: Sequence[str]) -> Iterator[str]:
    """Without reading and writing: for as many changes as a whole hospital has."""
    runtime, now = held.runtime, held.now
    begun = reviews.begin_reviews(runtime.ledger, claimed, now, runtime.lease, 5)
    reviews.settle_reviews(runtime.ledger, [ReviewResult(it, ReviewState.DONE) for it in begun], now)
    passes.advance_watermark(runtime.ledger, runtime.ruleset)
    yield from (it.patient for it in begun)


@contextmanager
def storm(
    changes: int,
    look: Callable[[Storm, Sequence[str]], Iterable[str]],
    *,
    sweeps: bool = True,
    **given: str,
) -> Iterator[Storm]:
    clock, chance = SetClock(), random.Random(7)  # noqa: S311 - a drill, and the same one each time
    server = LateServer(clock, chance)
    crowd = [f"p{it}" for it in range(changes // PER_PATIENT)]
    server.load(a_gp())
    for it in crowd:  # each with a stamp of its own, as patients are admitted
        server.load(a_patient(it))
    with a_runtime(BASE, clock, write_mode="put", **AS_INSTALLED | given) as furnished:
        scope = furnished.ledger.scope
        client = StraightClient(server, SearchOptions(page_size=PAGE))
        with replace(furnished, client=client, ledger=open_ledger("sqlite://", scope)) as runtime:
            hints = HintReceiver(
                Admission({}, 0, 0),
                lambda: StandingLedger(runtime.ledger.engine, scope),
                clock,
                BASE,
                lambda _: None,
            )
            runtime.sweep()
            held = Storm(runtime, server, hints, sweeps, chance, changes, look)
            held.work()
            clock.move(minutes=EVERY)
            yield held
    server.store.close()


def raged(held: Storm) -> None:
    each = max(5, held.size // MINUTES)
    for minute in range(1, held.size // each + 1):
        for _ in range(each):
            held.server.time.move(seconds=60 / each)
            held.change()
        held.arrive()
        if minute % EVERY == 0:
            held.sweep()
        held.work()
    held.last()


def test_of_all_that_change_nobody_is_missed() -> None:
    with storm(CLAIMED, settled) as held:
        raged(held)

        told(f"{CLAIMED} changes of {len(held.newest)} patients: {len(held.missed())} missed")
        assert held.missed() == held.overtaken == set()


def test_nobody_is_misinformed_and_nothing_is_written_twice() -> None:
    with storm(REVIEWED, reviewed) as held:
        raged(held)
        written = held.server.recorder.writes
        times = {
            kind: Counter(it.id for it in written if it.type == kind)
            for kind in ("CarePlan", "Communication")
        }
        owners = {
            it["id"]: it["subject"]["reference"].rpartition("/")[2]
            for kind in times
            for it in held.server.all(kind)
        }
        before = len(written)
        for patient, value in held.newest.items():
            held.hints.take_hint(write(a_t_score(patient, value)))
        held.last()

        told(f"{REVIEWED} changes of {len(held.newest)} patients: {len(held.misinformed())} misinformed")
        assert held.misinformed() == held.missed() == held.overtaken == set()
        assert len(held.server.recorder.writes) == before
    for kind, counted in times.items():
        assert Counter(owners[it] for it in counted) == Counter(held.newest.keys()), kind
        # Each change makes one version at most, whatever hinted at it.
        assert {it for it, count in counted.items() if count > held.changes[owners[it]]} == set(), kind


def test_without_the_sweep_somebody_is_missed() -> None:
    """So that a drill which sees nothing would be noticed."""
    with storm(CLAIMED, settled, sweeps=False) as held:
        raged(held)

        assert held.missed()


def test_without_margin_and_overlap_the_watermark_passes_somebody() -> None:
    with storm(CLAIMED, settled, clock_margin="0", sweep_overlap="0") as held:
        raged(held)

        assert held.overtaken
