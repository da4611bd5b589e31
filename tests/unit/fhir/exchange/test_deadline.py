"""A request ends in time as a whole, however slowly its answer comes."""

import socket
import threading
import time
from contextlib import suppress

import pytest

from adapter.errors import (
    AnswerTooLate,
)
from adapter.fhir import FhirClient, HttpOptions
from adapter.fhir.exchange.deadline import Stopwatch, time_limit
from tests.unit.fhir.server import PATIENT, Answer, FakeServer, caught_from

DRIPS = {
    "head": b"HTTP/1.1 200 OK\r\nX-Slow: ",
    "body": b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: 9999\r\n\r\n{",
    "body without end": b"HTTP/1.0 200 OK\r\nContent-Type: application/fhir+json\r\n\r\n",
    "redirect": b"HTTP/1.1 302 Found\r\nLocation: /r4/x\r\nContent-Length: 9999\r\n\r\n",
}


@pytest.mark.slow  # each waits until time is up
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("part", DRIPS)
def test_an_answer_that_drips_ends_when_its_time_is_up(part: str, scheme: str) -> None:
    """Over https, it is the handshake that drips."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            with suppress(OSError):
                line, _ = listener.accept()
                with line:
                    line.sendall(DRIPS[part] if scheme == "http" else b"\x16\x03\x03\x40\x00\x02")
                    while True:
                        line.sendall(b" ")
                        time.sleep(0.05)

        threading.Thread(target=drip, daemon=True).start()
        base, began = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}", time.monotonic()
        with FhirClient(base, http=HttpOptions(total_timeout=0.4)) as client:
            assert type(caught_from(client)) is AnswerTooLate

    assert time.monotonic() - began < 3


def test_a_line_that_was_kept_open_is_watched_again(server: FakeServer) -> None:
    given_up = threading.Event()

    def late(_: object) -> Answer:
        given_up.wait(60)
        return Answer(200, PATIENT)

    server.will_answer(Answer(200, PATIENT), late)
    with FhirClient(server.base, http=HttpOptions(total_timeout=0.4)) as client:
        client.read("Patient", "p1")
        assert type(caught_from(client)) is AnswerTooLate
        given_up.set()


def a_line() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair()


def test_a_line_that_is_cut_ends_whoever_waits_for_it() -> None:
    ours, theirs = a_line()
    stopwatch = Stopwatch()
    with ours, theirs:
        stopwatch.watch(ours)
        stopwatch.cut()

        assert ours.recv(1) == b""
    assert stopwatch.over
    stopwatch.close()


def test_a_line_that_comes_after_its_time_is_refused() -> None:
    ours, theirs = a_line()
    stopwatch = Stopwatch()
    stopwatch.cut()

    with ours, theirs, pytest.raises(TimeoutError):
        stopwatch.watch(ours)
    stopwatch.close()


def test_a_request_that_ended_in_time_is_not_cut() -> None:
    ours, theirs = a_line()
    stopwatch = Stopwatch()
    with ours, theirs:
        with time_limit(60, stopwatch):
            stopwatch.watch(ours)
        theirs.sendall(b"x")

        assert (ours.recv(1), stopwatch.over) == (b"x", False)


def test_through_a_proxy_the_time_is_limited_as_well(server: FakeServer) -> None:
    given_up = threading.Event()

    def late(_: object) -> Answer:
        given_up.wait(60)
        return Answer(200, PATIENT)

    server.will_answer(Answer(200, PATIENT), late)
    options = HttpOptions(total_timeout=0.2, proxies={"http": server.root})
    with FhirClient("http://ehr.invalid/r4", http=options) as client:
        assert client.read("Patient", "p1") == PATIENT
        assert type(caught_from(client)) is AnswerTooLate
        given_up.set()

    assert server.paths[0] == "http://ehr.invalid/r4/Patient/p1"
