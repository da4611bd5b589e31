"""As many requests at once as the server bears: up while it serves, down by half when it does not."""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.errors import OsteoHandoverError
from adapter.fhir import FhirClient, HttpOptions
from adapter.fhir.exchange.in_flight import InFlight
from adapter.fhir.http import Wire
from adapter.fhir.origin import Base
from adapter.fhir.statuses import Asked
from tests.unit.fhir.server import PATIENT, Answer, FakeServer

# + served, - not; one after the other. What may be under way after each, of 16 at most.
STORIES = [
    ("a server that serves", "++++", [3, 4, 5, 6]),
    ("and goes on, up to the most", "+" * 20, [*range(3, 17), *[16] * 6]),
    ("one that has too much to do", "++++-", [3, 4, 5, 6, 3]),
    ("then one more for each round of answers", "++++-+++" + "++++", [3, 4, 5, 6, 3, 3, 3, 3, 4, 4, 4, 4]),
    ("one that is away is asked by one at a time", "+++----+", [3, 4, 5, 2, 1, 1, 1, 2]),
]


def after(in_flight: InFlight, *, taken: bool) -> int:
    with in_flight.slot() as slot:
        slot.taken = taken
    return in_flight.limit


@pytest.mark.parametrize(("answers", "limits"), [it[1:] for it in STORIES], ids=[it[0] for it in STORIES])
def test_the_limit_follows_the_answers(answers: str, limits: list[int]) -> None:
    in_flight = InFlight(16)

    assert [after(in_flight, taken=answer == "+") for answer in answers] == limits


def test_a_server_that_stays_away_is_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    in_flight = InFlight(16)

    with caplog.at_level(logging.INFO, "adapter.fhir.exchange.in_flight"):
        for _ in range(5):
            after(in_flight, taken=False)

    assert caplog.text.count("requests at once for now: 1") == 1


@pytest.mark.parametrize(("most", "begin"), [(1, 1), (2, 2), (32, 2)])
def test_it_begins_with_few_and_with_no_more_than_are_allowed(most: int, begin: int) -> None:
    assert InFlight(most).limit == begin


def test_those_who_were_under_way_together_say_the_same_once() -> None:
    in_flight = InFlight(16)
    for _ in range(14):
        after(in_flight, taken=True)

    with ExitStack() as stack:
        for _ in range(16):
            stack.enter_context(in_flight.slot())

    assert in_flight.limit == 8


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 32))
def test_whatever_a_server_does_there_is_one_and_never_more_than_allowed(
    answers: list[bool], most: int
) -> None:
    in_flight = InFlight(most)

    limits = [after(in_flight, taken=answer) for answer in answers]

    assert all(1 <= it <= most for it in limits)


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 32))
def test_a_server_that_serves_again_is_used_as_before(answers: list[bool], most: int) -> None:
    in_flight = InFlight(most)
    for answer in answers:
        after(in_flight, taken=answer)

    for _ in range(most * most):
        after(in_flight, taken=True)

    assert in_flight.limit == most


def test_who_comes_when_there_is_no_room_waits_for_it() -> None:
    in_flight, entered = InFlight(1), threading.Event()

    def enter() -> None:
        with in_flight.slot() as slot:
            entered.set()
            slot.taken = True

    with in_flight.slot() as first:
        waiting = threading.Thread(target=enter)
        waiting.start()
        assert not entered.wait(0.05)
        first.taken = True
    waiting.join(5)

    assert entered.is_set()


def test_no_more_requests_are_under_way_than_are_allowed(server: FakeServer) -> None:
    under_way, most = list[None](), 0

    def answered(_: object) -> Answer:
        nonlocal most
        under_way.append(None)
        most = max(most, len(under_way))
        time.sleep(0.02)
        under_way.pop()
        return Answer(200, PATIENT)

    server.will_answer(*[answered] * 12)
    with FhirClient(server.base, http=HttpOptions(at_once=2)) as client, ThreadPoolExecutor(6) as pool:
        assert len(list(pool.map(lambda _: client.read("Patient", "p1"), range(12)))) == 12

    assert most == 2


def ask(wire: Wire) -> None:
    with suppress(OsteoHandoverError):
        wire.send(Asked("GET", "Patient"), wire.base.url("Patient/p1"))


# What was answered, and how many may be under way after that, where there were two.
ANSWERS = [
    ("served", Answer(200, PATIENT), 3),
    ("not there: the server does its work", Answer(404), 3),
    ("stumbled over this request", Answer(500), 3),
    ("too many requests", Answer(429, headers={"Retry-After": "1"}), 1),
    ("too much to do", Answer(503), 1),
    ("half an answer: it was taken", Answer(200, PATIENT, promised=900), 3),
]


@pytest.mark.parametrize(("answer", "limit"), [it[1:] for it in ANSWERS], ids=[it[0] for it in ANSWERS])
def test_what_an_answer_says_of_the_server(server: FakeServer, answer: Answer, limit: int) -> None:
    server.will_answer(answer)
    wire = Wire(Base.parse(server.base))

    ask(wire)

    assert wire.in_flight.limit == limit


def test_an_answer_that_begins_late_says_that_there_was_too_much_to_do(server: FakeServer) -> None:
    server.will_answer(Answer(200, PATIENT))
    wire = Wire(Base.parse(server.base), options=HttpOptions(slow_answer=0))

    ask(wire)

    assert wire.in_flight.limit == 1


def test_no_answer_at_all_says_so_too() -> None:
    wire = Wire(Base.parse("http://127.0.0.1:9/r4"))

    ask(wire)

    assert wire.in_flight.limit == 1
