"""Whatever one sender does, the listener goes on and answers others, on old lines and on new ones."""

import contextlib
import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mappings.hl7v2 import read_ack
from tests.unit.hl7v2.messages import OBR, PID, msh, obx, sender, wire
from tests.unit.intake.listening import Listening, asked, connected
from workers.intake.inbox import ArrivalInbox
from workers.intake.inbox_cipher import cipher_of, new_key
from workers.intake.message_reception import MessageReception
from workers.intake.mllp_frames import END, START

NOW = datetime(2026, 6, 1, tzinfo=UTC)
WHOLE = wire(msh(control_id="OTHER"), PID, OBR, obx("TLS^T^L", "-2,8"))
Opened = Callable[[], socket.socket]


def sending(*parts: bytes) -> Callable[[Opened], None]:
    """And the line stays open."""

    def act(opened: Opened) -> None:
        line = opened()
        with contextlib.suppress(OSError):
            for part in parts:
                line.sendall(part)

    return act


def gone_in_the_middle(opened: Opened) -> None:
    line = opened()
    line.sendall(START + WHOLE[:50])
    line.setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
    )  # a reset instead of a farewell
    line.close()


def asking_without_listening(opened: Opened) -> None:
    line = opened()
    line.settimeout(0.2)
    with contextlib.suppress(OSError):
        for _ in range(60):
            line.sendall((START + b"noise" + END) * 200)


def a_thousand_connections(opened: Opened) -> None:
    for number in range(1000):
        line = opened()
        if number % 2:
            line.sendall(START + b"x")


def wrongly_spelt(charset: str, encoding: str) -> bytes:
    return (
        START + wire(msh(charset=charset), PID.replace("Jansen", "Jans\u00e9n"), OBR, encoding=encoding) + END
    )


HOSTILE: Mapping[str, Callable[[Opened], None]] = {
    "no end block": sending(START + WHOLE),
    "two starts": sending(START + WHOLE[:60] + START + WHOLE[:30] + START + b"x"),
    "ends only": sending(END * 10_000),
    "empty messages": sending((START + END + b"\r") * 1000),
    "50 megabytes": sending(START + b"x" * 50_000_000),
    "50 megabytes outside of a message": sending(b"x" * 50_000_000),
    "another character set than it says": sending(wrongly_spelt("UNICODE UTF-8", "latin-1")),
    "a character set that nobody knows": sending(wrongly_spelt("KLINGON", "utf-8")),
    "UTF-16": sending(START + WHOLE.decode().encode("utf-16") + END),
    "another protocol": sending(b"GET / HTTP/1.1\r\n\r\n" * 100),
    "TLS on a plain port": sending(b"\x16\x03\x01\x02\x00\x01" + b"\x00" * 512),
    "noise": sending(b"\x00\xff" * 5000, START + b"\x00\xff" * 2000 + END),
    "a slow sender": sending(START, b"M", b"S", b"H"),
    "gone in the middle": gone_in_the_middle,
    "asking without listening": asking_without_listening,
    "1,000 connections": a_thousand_connections,
}


@pytest.fixture
def reception(tmp_path: Path) -> Iterator[MessageReception]:
    (tmp_path / "key").write_bytes(new_key())
    inbox = ArrivalInbox(tmp_path / "inbox.sqlite", cipher_of(tmp_path / "key"))
    yield MessageReception(inbox, [sender()], lambda: NOW)
    inbox.close()


def answered(line: socket.socket, control_id: str) -> str:
    """What a sound sender is told, who sends a message of this number."""
    answer = read_ack(asked(line, wire(msh(control_id=control_id), PID, OBR, obx("TLS^T^L", "-2,8"))))
    return f"{answer.control_id} {answer.reason}"


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(act, id=name, marks=pytest.mark.slow if act is a_thousand_connections else ())
        for name, act in HOSTILE.items()
    ],
)
def test_whatever_one_sender_does_another_is_answered(
    reception: MessageReception, act: Callable[[Opened], None]
) -> None:
    with Listening(connections=50) as listening, contextlib.ExitStack() as lines:
        listening.answered = reception.take_frames
        before = lines.enter_context(connected(listening))
        assert answered(before, "A1") == "A1 AA"

        act(lambda: lines.enter_context(connected(listening)))

        assert answered(before, "A2") == "A2 AA"
        after = lines.enter_context(connected(listening))
        assert answered(after, "B1") == "B1 AA"
    kept = [it.control_id for it in reception.inbox.due_items(NOW, 9)]
    assert kept == ["A1", "A2", "B1"]
