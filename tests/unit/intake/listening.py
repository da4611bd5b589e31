"""A listener of HL7 v2 on loopback, and a sender."""

import asyncio
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any, Self

from workers.intake.mllp_frames import END, START
from workers.intake.mllp_listener import MllpListener
from workers.settings.intake_settings import IntakeSettings

Answered = Callable[[Sequence[bytes]], list[bytes | None]]


def turned_around(frames: Sequence[bytes]) -> list[bytes | None]:
    return [None if it == b"quiet" else it[::-1] for it in frames]


class Listening:
    """A listener in a thread; each message gets its own bytes in reverse, or what `answered` gives."""

    def __init__(self, **changes: Any) -> None:
        self.answered: Answered = turned_around
        self.batches: list[int] = []
        self.faults = 0  # of ours, still to come
        self.port = 0
        self._settings = IntakeSettings.model_validate(
            {"port": 0, "max_bytes": 10_000, "frame_seconds": 0.4, "connections": 50} | changes
        )
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def take(self, frames: Sequence[bytes]) -> list[bytes | None]:
        self.batches.append(len(frames))
        if self.faults:
            self.faults -= 1
            raise ValueError("a fault of ours")
        return self.answered(frames)

    async def _run(self) -> None:
        self._stop, self._loop = asyncio.Event(), asyncio.get_running_loop()
        listener = MllpListener(self._settings, self.take, lambda _, why: why.encode())
        await listener.listen(self._on_ready, self._stop)

    def _on_ready(self, _: str, port: int) -> None:
        self.port = port
        self._ready.set()

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        assert not self._thread.is_alive()


def connected(listening: Listening) -> socket.socket:
    return socket.create_connection(("127.0.0.1", listening.port), 10)


def asked(line: socket.socket, content: bytes) -> bytes:
    """The answer to one message; empty when the other side closes."""
    line.sendall(START + content + END + b"\r")
    return heard(line)


def heard(line: socket.socket) -> bytes:
    line.settimeout(20)
    held = b""
    while END not in held:
        try:
            some = line.recv(65536)
        except ConnectionResetError:
            return b""
        if not some:
            return b""
        held += some
    return held.partition(START)[2].partition(END)[0]
