"""What the doctor says of a Redis that answers, of one that gives things away, and of a silent one."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.server_patients import settings_for
from workers.doctor.examination import check_broker
from workers.doctor.findings import FindingState


@contextmanager
def redis_with(policy: bytes) -> Iterator[str]:
    """The address of something that agrees to everything and answers this when it is asked for a setting."""

    def answer(listener: socket.socket) -> None:
        line, _ = listener.accept()
        with line:
            while said := line.recv(4096):
                if b"CONFIG" not in said:
                    line.sendall(b"+OK\r\n" * said.count(b"*"))  # one for each command
                elif policy:
                    line.sendall(policy)
                else:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=answer, args=[listener], daemon=True).start()
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0?protocol=2"  # in which the answers below are


def reply_with(policy: str) -> bytes:
    return f"*2\r\n$16\r\nmaxmemory-policy\r\n${len(policy)}\r\n{policy}\r\n".encode()


@pytest.mark.parametrize(
    ("answer", "state", "says"),
    [
        (reply_with("noeviction"), FindingState.WORKS, "Redis answers"),
        (reply_with("allkeys-lru"), FindingState.LIMITED, "Redis answers; maxmemory-policy is allkeys-lru"),
        (b"-ERR unknown command\r\n", FindingState.WORKS, "Redis answers; its settings may not be read"),
        (b"", FindingState.BROKEN, "Redis answered once and then no more (ConnectionError)"),
    ],
)
def test_each_answer_of_a_broker_is_a_finding(answer: bytes, state: FindingState, says: str) -> None:
    with redis_with(answer) as address:
        found = check_broker(settings_for("http://127.0.0.1:9/fhir", broker_url=address))

    assert (found.state, found.says) == (state, says)


def test_a_broker_that_is_not_there_is_a_finding_with_what_to_do() -> None:
    found = check_broker(settings_for("http://127.0.0.1:9/fhir", broker_url="redis://127.0.0.1:9/0"))

    assert (found.state, "start it" in found.do) == (FindingState.BROKEN, True)
