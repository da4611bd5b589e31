"""What is said of an unreachable Redis, and that one behind a file socket is asked as Celery asks it."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest

from adapter.errors import TryAgainLater
from workers.broker.connection_check import MUTE, SILENT, connect_redis

SOON = 0.3  # seconds


@contextmanager
def full_house() -> Iterator[int]:
    """A port whose queue is full: a further connection is neither taken nor refused."""
    with ExitStack() as held:
        listener = held.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


@contextmanager
def nobody_speaks() -> Iterator[int]:
    """A port that takes each connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@contextmanager
def nobody_there() -> Iterator[int]:
    """A port that was free just now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    yield port


@pytest.mark.parametrize("scheme", ["redis", "rediss"])
@pytest.mark.parametrize(
    ("port", "says"), [(full_house, SILENT), (nobody_there, SILENT), (nobody_speaks, MUTE)]
)
def test_only_who_took_the_connection_is_said_to_say_nothing(
    scheme: str, port: Callable[[], AbstractContextManager[int]], says: str
) -> None:
    with port() as number, pytest.raises(TryAgainLater) as raised:
        connect_redis(f"{scheme}://:geheim@127.0.0.1:{number}/0", {}, SOON)

    assert str(raised.value) == f"Redis at {scheme}://127.0.0.1:{number} {says}."


def test_a_socket_is_asked_as_celery_asks_it(tmp_path: Path) -> None:
    told = bytearray()

    def answer(listener: socket.socket) -> None:
        line, _ = listener.accept()
        with line:
            while said := line.recv(4096):
                told.extend(said)
                line.sendall(b"+OK\r\n" * said.count(b"*"))  # one for each command

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "redis.sock"))
        listener.listen()
        threading.Thread(target=answer, args=[listener], daemon=True).start()

        address = f"redis+socket://:geheim@{tmp_path}/redis.sock?virtual_host=3&protocol=2"
        connect_redis(address, {}, SOON).close()

    for words in (b"AUTH", b"geheim", b"SELECT", b"$1\r\n3", b"PING"):
        assert words in told


def test_a_socket_that_is_not_there_is_named_by_its_path(tmp_path: Path) -> None:
    with pytest.raises(TryAgainLater, match=f"redis\\+socket://{tmp_path}/none.sock {SILENT[:15]}") as raised:
        connect_redis(f"redis+socket://:geheim@{tmp_path}/none.sock", {}, SOON)

    assert "geheim" not in str(raised.value)
