"""The listener on loopback, with senders of every kind at once. What it is given is kept by a list."""

import contextlib
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.intake.listening import Listening, asked, connected, heard
from workers.intake.mllp_frames import END, START


@pytest.fixture
def listening() -> Iterator[Listening]:
    with Listening() as found:
        yield found


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def is_closed(line: socket.socket) -> bool:
    line.settimeout(0.01)
    try:
        return line.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def test_messages_are_answered_one_after_the_other_on_one_line(listening: Listening) -> None:
    with connected(listening) as line:
        assert [asked(line, it) for it in (b"abc", b"def")] == [b"cba", b"fed"]


def test_messages_sent_without_waiting_are_kept_together(listening: Listening) -> None:
    with connected(listening) as line:
        line.sendall(b"".join(START + b"%02d" % it + END + b"\r" for it in range(20)))
        answers = b""
        while answers.count(END) < 20:
            answers += line.recv(65536)

    assert answers.split(END + b"\r")[0] == START + b"00"
    assert sum(listening.batches) == 20
    assert max(listening.batches) > 1


def test_whoever_wants_no_answer_gets_none(listening: Listening) -> None:
    with connected(listening) as line:
        line.sendall(START + b"quiet" + END + b"\r")

        assert asked(line, b"abc") == b"cba"


def test_a_slow_sender_is_let_go_and_an_idle_one_is_not(listening: Listening) -> None:
    with connected(listening) as idle, connected(listening) as slow:
        slow.sendall(START)

        def let_go() -> bool:
            try:
                slow.sendall(b"x")
            except OSError:
                return True
            time.sleep(0.05)
            return False

        until(let_go)
        assert asked(idle, b"abc") == b"cba"


def test_what_is_too_large_is_refused_with_a_reason(listening: Listening) -> None:
    with connected(listening) as large:
        large.sendall(
            START + b"x" * 10_001
        )  # no more: what is unread when it closes would take the answer along

        assert b"larger" in heard(large)


def test_what_has_begun_everywhere_is_bounded() -> None:
    with Listening(frame_seconds=30) as listening, contextlib.ExitStack() as held:
        lines = [held.enter_context(connected(listening)) for _ in range(20)]
        for line in lines:
            line.sendall(START + b"x" * 9_000)
        sound = held.enter_context(connected(listening))
        assert asked(sound, b"abc") == b"cba"
        closed = set[int]()

        def enough() -> bool:
            closed.update(
                number for number, line in enumerate(lines) if number not in closed and is_closed(line)
            )
            return len(closed) >= 8

        until(enough)
    assert len(closed) < 20


def test_a_fault_of_ours_is_no_acknowledgement_and_no_end(listening: Listening) -> None:
    listening.faults = 1
    with connected(listening) as line:
        line.sendall(START + b"abc" + END)
        until(lambda: listening.faults == 0)

        assert asked(line, b"def") == b"fed"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a self-signed certificate for 127.0.0.1, in one file."""
    both = tmp_path_factory.mktemp("tls") / "both.pem"
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", both, "-out", both.with_name("cert.pem")],
        capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("TLS over MLLP is not tested: openssl is not on the PATH")
    both.write_text(both.read_text() + both.with_name("cert.pem").read_text())
    return both


@pytest.mark.parametrize("shown", [True, False])
def test_with_client_ca_only_a_sender_with_a_certificate_is_heard(certificate: Path, shown: bool) -> None:
    context = ssl.create_default_context(cafile=certificate)
    if shown:
        context.load_cert_chain(certificate)
    tls = {"tls_cert": certificate, "tls_key": certificate, "client_ca": certificate}
    with Listening(**tls) as listening, connected(listening) as plain:
        heard_of = b""
        with contextlib.suppress(OSError), context.wrap_socket(plain, server_hostname="127.0.0.1") as line:
            heard_of = asked(line, b"abc")

        assert heard_of == (b"cba" if shown else b"")
        assert listening.batches == ([1] if shown else [])


def test_a_sender_in_the_clear_is_not_heard_where_tls_is_spoken(certificate: Path) -> None:
    with Listening(tls_cert=certificate, tls_key=certificate) as listening, connected(listening) as plain:
        heard_of = b""
        with contextlib.suppress(OSError):
            heard_of = asked(plain, b"abc")

    assert heard_of == b""
    assert listening.batches == []
