"""One patient, everything that may happen, and what must hold all the while.

A sequence is a hospital of its own: a server, a ledger, and a worker that may die at any write, be overtaken
between reading and writing, get its message twice or never, or come back late with what it decided long ago.
Our clock and the server's may be wrong. Once all that is over and the sweeps went by, without anybody asking
for this patient, the newest plan says what the scores say.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from adapter.fhir.bundles import Entry, EntryResult
from adapter.fhir.capabilities import Capabilities
from adapter.fhir.write_result import Written
from adapter.input.wire_json import Json
from mappings.handover.propose import Proposal
from mappings.handover.release.release_codes import code_in
from mappings.handover.release.release_task import ASKS_RELEASE
from tests.made_resources import a_gp, a_patient, a_t_score
from tests.server_patients import a_runtime
from tests.servers.without_http import BASE, LocalServer, SetClock, StraightClient
from workers.ledger import open_ledger, outbox, reviews
from workers.queue.runtime import Runtime
from workers.review.write import write

CLASSES = {-3.2: "osteoporosis", -2.6: "osteoporosis", -1.8: "osteopenia", -0.4: "normal"}
WITHOUT_SCORES = {"indeterminate", None}  # all of them were retracted: a plan that says so, or none
SITES = {"spine": "38267-1", "neck": "80946-7"}
CRASHES = 2  # after more of them nobody tries again, as it should be
ROUNDS = 2  # of sweep and work after the last fault
CURRENT = ("draft", "active", "on-hold")
VALUES, PLACES = st.sampled_from(sorted(CLASSES)), st.sampled_from(sorted(SITES))
DOCTOR = {"resourceType": "Practitioner", "id": "doctor", "name": [{"text": "Dr A. Vermeer"}]}


class CrashError(BaseException):
    """The process is gone: nobody may catch it, and nothing is written down."""


class MortalClient(StraightClient):
    """A connection that a human may come ahead of, and that dies with its process at the n-th write."""

    at_once = True  # whether the server offers transactions
    careless = False  # whether it does not know `If-None-Match` on a PUT
    dies_at: int | None = None
    answered = True  # whether that write is done before the death
    meanwhile: Any = None

    def capabilities(self) -> Capabilities:
        known = super().capabilities()
        return known if self.at_once else replace(known, system_interactions=frozenset({"batch"}))

    def transaction(self, entries: Sequence[Entry], **how: Any) -> list[EntryResult]:
        with self._writing():
            kept = [replace(it, if_none_match=it.if_none_match and not self.careless) for it in entries]
            return super().transaction(kept, **how)

    def update(self, resource: Json, *, if_none_match: bool = False, **how: Any) -> Written:
        with self._writing():
            return super().update(resource, if_none_match=if_none_match and not self.careless, **how)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()
        if not self.answered:
            self._count_down()
        yield
        if self.answered:
            self._count_down()

    def _count_down(self) -> None:
        if self.dies_at is None:
            return
        self.dies_at -= 1
        if self.dies_at < 0:
            self.dies_at = None
            raise CrashError


@cache
def _furnished() -> Runtime:
    """What all runtimes have in common and none of them changes."""
    return a_runtime(
        BASE,
        write_mode="put",
        pathway="antonius",
        delivery='{"channel": "fhir"}',
        sweep_types="Patient,Observation,Task,CarePlan",
    )


class Lifetime(RuleBasedStateMachine):
    """The rules are what may happen, the invariants what must hold after each of them."""

    def __init__(self) -> None:
        super().__init__()
        self.time, self.wrong = SetClock(), timedelta(0)
        self.server = LocalServer(self.time)
        self.server.load(a_gp(), DOCTOR, a_patient("p"))
        self.client = MortalClient(self.server)
        furnished = _furnished()
        self.runtime = replace(
            furnished,
            client=self.client,
            ledger=open_ledger("sqlite://", furnished.ledger.scope),
            clock=self._our_clock,
        )
        self.scores: dict[str, float] = {}
        self.edits: dict[str, set[str]] = {}  # what a human wrote, by plan
        self.approved: set[str] = set()  # plans that a human set to active
        self.late: Proposal | None = None
        self.crashes = 0

    def _our_clock(self) -> datetime:
        return self.time.now + self.wrong

    def teardown(self) -> None:
        try:
            self._all_is_over()
        finally:
            self.client.close()
            self.runtime.ledger.close()
            self.server.store.close()

    # What the hospital does.

    @initialize(site=PLACES, value=VALUES, careless=st.booleans())
    def first_measured(self, site: str, value: float, careless: bool) -> None:
        self.client.careless = careless
        self.measured(site, value)

    @rule(site=PLACES, value=VALUES)
    def measured(self, site: str, value: float) -> None:
        """New, or an amendment of what was there."""
        self._score(site, value, "amended" if site in self.scores else "final")
        self.scores[site] = value

    @precondition(lambda self: self.scores)
    @rule(data=st.data())
    def retracted(self, data: st.DataObject) -> None:
        self.retracted_from(data.draw(st.sampled_from(sorted(self.scores))))

    def retracted_from(self, site: str) -> None:
        self._score(site, self.scores.pop(site), "entered-in-error")

    def _score(self, site: str, value: float, status: str) -> None:
        code = {"coding": [{"system": "http://loinc.org", "code": SITES[site]}]}
        self._put(a_t_score("p", value, id=f"p-{site}", code=code, status=status))

    def _put(self, resource: Json, **changes: Any) -> None:
        """What any FHIR client does: PUT what was read, with something changed."""
        self.time.move(seconds=20)
        self.server.load(resource | changes)

    @rule(words=st.sampled_from(["Seen by me", "Not this way"]))
    def noted(self, words: str) -> None:
        self._noted(words)

    def _noted(self, words: str) -> None:
        for plan in self._current()[:1]:
            self._put(plan, note=[*plan.get("note", ()), {"text": words}])
            self.edits.setdefault(plan["id"], set()).add(words)

    @rule()
    def approved_by_hand(self) -> None:
        for plan in self._current()[:1]:
            self._put(plan, status="active")
            self.approved.add(plan["id"])

    @rule()
    def released(self) -> None:
        """A clinician answers each question by which a letter may go."""
        for task in self.server.all("Task"):
            if task["status"] == "requested" and code_in(task["code"]) in ASKS_RELEASE:
                self._put(task, status="completed", owner={"reference": "Practitioner/doctor"})

    @rule()
    def arrived(self) -> None:
        moment = "2026-11-20T13:00:00Z"
        for letter in self.server.all("Communication"):
            if letter["status"] == "in-progress":
                self._put(letter, status="completed", sent=moment, received=moment)

    # What the worker does, and what becomes of it.

    @rule(deliveries=st.integers(1, 2))
    def reviewed(self, deliveries: int) -> None:
        """One message, which the broker may bring twice."""
        self._review(deliveries)

    def _review(self, deliveries: int = 1) -> None:
        self.time.move(seconds=20)
        reviews.request_reviews(self.runtime.ledger, ["p"], self.runtime.clock())
        for _ in range(deliveries):
            self.runtime.review(["p"])

    @rule()
    def swept(self) -> None:
        self.time.move(seconds=20)
        self.runtime.sweep()
        self._work()

    @rule()
    def swept_and_message_lost(self) -> None:
        self.runtime.sweep()
        self.runtime.claim(10)

    def _work(self) -> None:
        runtime = self.runtime
        while claimed := runtime.claim(10):
            runtime.review(claimed)

    @precondition(lambda self: self.crashes < CRASHES)
    @rule(write_number=st.integers(0, 4), answered=st.booleans(), at_once=st.booleans())
    def crashed(self, write_number: int, answered: bool, at_once: bool) -> None:
        self.client.dies_at, self.client.answered, self.client.at_once = write_number, answered, at_once
        try:
            self._review()
        except CrashError:
            self.crashes += 1
        finally:
            self.client.dies_at, self.client.at_once = None, True

    @rule()
    def overtaken_by_a_human(self) -> None:
        self.client.meanwhile = lambda: self._noted("Written while you were thinking")
        self._review()
        self.client.meanwhile = None

    @rule()
    def overtaken_by_a_successor(self) -> None:
        """What was decided is written only after a successor has reviewed and a human has looked."""
        late, _ = self.runtime.proposal_of("p")
        self._review()
        self._noted("Seen before it was written again")
        write([late], self.client, self.runtime.institution)

    @rule()
    def stalled(self) -> None:
        self.late, _ = self.runtime.proposal_of("p")

    @precondition(lambda self: self.late is not None)
    @rule()
    def came_back_late(self) -> None:
        write([self.late] if self.late else [], self.client, self.runtime.institution)
        self.late = None

    @rule(hours=st.sampled_from([-3, -1, 0, 1, 3]), whose=st.sampled_from(["ours", "the server's"]))
    def clock_stepped(self, hours: int, whose: str) -> None:
        if whose == "ours":
            self.wrong = timedelta(hours=hours)
        else:
            self.time.wrong = timedelta(hours=hours)

    # What holds.

    def _current(self) -> list[Json]:
        """Plans that count: the proposal first."""
        plans = [it for it in self.server.all("CarePlan") if it["status"] in CURRENT]
        return sorted(plans, key=lambda it: CURRENT.index(it["status"]))

    @invariant()
    def nothing_stands_twice(self) -> None:
        letters = [
            it for it in self.server.all("Communication") if it["status"] in ("preparation", "in-progress")
        ]
        tasks = [it for it in self.server.all("Task") if it["status"] == "requested"]
        queued = outbox.deliveries_in_state(self.runtime.ledger, outbox.DeliveryState.QUEUED)
        for counted in (
            Counter(it["status"] for it in self._current() if it["id"] not in self.approved),  # a human may
            Counter((it["code"]["coding"][0]["code"], it["focus"]["reference"]) for it in tasks),
            Counter(it.communication for it in queued),
        ):
            assert set(counted.values()) <= {1}, counted
        assert Counter(code_in(it["category"]) for it in letters)["gp_retraction_letter"] <= 1

    @invariant()
    def no_word_of_a_human_is_overwritten(self) -> None:
        plans = {it["id"]: it for it in self.server.all("CarePlan")}
        for place, words in self.edits.items():
            assert words <= {it.get("text") for it in plans[place].get("note", ())}
        for place in self.approved:
            assert plans[place]["status"] != "draft"

    def _all_is_over(self) -> None:
        self.wrong = self.time.wrong = timedelta(0)
        for _ in range(ROUNDS):
            self._round()
        self._nothing_is_lost()
        self._round(full=True)
        self._nothing_is_lost()
        before = len(self.server.recorder.writes)
        self._review()
        assert self.server.recorder.writes[before:] == []

    def _round(self, *, full: bool = False) -> None:
        self.time.move(minutes=10)
        self.runtime.sweep(full=full)
        self._work()
        self.nothing_stands_twice()
        self.no_word_of_a_human_is_overwritten()

    def _nothing_is_lost(self) -> None:
        assert not reviews.count_unsettled(self.runtime.ledger)
        expected = {CLASSES[min(self.scores.values())]} if self.scores else WITHOUT_SCORES
        newest = next(iter(self._current()), None)
        found = _class_in(newest) if newest else None
        if newest and newest["id"] in self.edits.keys() | self.approved:
            asked = any(it["status"] == "requested" for it in self.server.all("Task"))
            assert asked or found in expected, found
        else:
            assert found in expected, found
        if newest and newest["status"] == "draft":
            self._a_letter_that_went_out_is_corrected(newest)

    def _a_letter_that_went_out_is_corrected(self, newest: Json) -> None:
        before = {it["reference"] for it in newest.get("replaces", ())}
        letters = self.server.all("Communication")
        gone = [it for it in letters if before & _about(it) and it["status"] in ("in-progress", "completed")]
        corrections = [it for it in letters if it["status"] == "preparation" and it.get("partOf")]
        assert corrections or not gone


def _about(letter: Json) -> set[str]:
    return {it["reference"] for it in letter.get("about", ())}


def _class_in(plan: Json) -> str | None:
    """The class that a plan rests on, for programs."""
    parts = (part for whole in plan.get("extension", ()) for part in whole.get("extension", ()))
    return next((it["valueString"] for it in parts if it["url"] == "category"), None)
