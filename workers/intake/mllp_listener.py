"""Listen for HL7 v2 over MLLP. One slow, broken or hostile sender costs no other one more than a moment.

Messages of all connections wait in one line; whatever is there when the line is
looked at is kept by one commit.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from adapter.errors import ConfigurationFault
from workers.intake.mllp_frames import END, START, FrameReader, FrameTooLarge
from workers.settings.intake_settings import IntakeSettings

log = logging.getLogger(__name__)

TakeMessages = Callable[[Sequence[bytes]], list[bytes | None]]
_AT_ONCE = 64  # messages of one commit
_READ = 64 * 1024
_HANDSHAKE = 10.0
# Times the largest message: what all connections together may hold of messages that have not ended.
_UNDER_WAY = 8


@dataclass(eq=False, slots=True)
class _SenderLine:
    """One connection."""

    writer: asyncio.StreamWriter
    frames: FrameReader
    last: float
    began: float | None = None
    heard: bool = False  # a whole message came by it


@dataclass(slots=True)
class MllpListener:
    """`take` answers messages that came together, in a thread of its own; `refuse` one that is too large."""

    settings: IntakeSettings
    take: TakeMessages = field(repr=False)
    refuse: Callable[[bytes, str], bytes | None] = field(repr=False)
    _lines: set[_SenderLine] = field(default_factory=set, init=False, repr=False)
    _waiting: "asyncio.Queue[tuple[bytes, asyncio.Future[bytes | None]]] | None" = field(
        default=None, init=False, repr=False
    )

    async def listen(self, on_ready: Callable[[str, int], None], stop: asyncio.Event) -> None:
        """Until `stop`; raises ConfigurationFault when the address cannot be taken."""
        self._waiting = asyncio.Queue()
        asked = self.settings
        try:
            server = await asyncio.start_server(
                self._serve_line, asked.host, asked.port, limit=_READ, ssl=_tls_context(asked),
                ssl_handshake_timeout=_HANDSHAKE if asked.tls_cert else None,
            )  # fmt: skip
        except OSError as error:
            raise ConfigurationFault(
                f"Cannot listen on {asked.host}:{asked.port} ({error.strerror})."
            ) from error
        keeping = asyncio.create_task(self._keep_waiting())
        on_ready(asked.host, server.sockets[0].getsockname()[1])
        try:
            await stop.wait()
        finally:
            server.close()
            for line in list(self._lines):
                line.writer.close()
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping

    async def _serve_line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = _SenderLine(writer, FrameReader(self.settings.max_bytes), asyncio.get_running_loop().time())
        self._make_room()
        self._lines.add(line)
        try:
            while received := await self._read_some(reader, line):
                await self._handle_bytes(line, received)
        except FrameTooLarge as fault:
            await self._write_acknowledgements(
                line, [self.refuse(fault.beginning, "The message is larger than this listener takes.")]
            )
        except (TimeoutError, OSError):
            pass  # slow, or gone: what was not acknowledged is sent again
        finally:
            self._lines.discard(line)
            writer.close()

    async def _read_some(self, reader: asyncio.StreamReader, line: _SenderLine) -> bytes:
        """Whoever has begun a message must end it in time; whoever says nothing may wait."""
        if line.began is None:
            return await reader.read(_READ)
        async with asyncio.timeout_at(line.began + self.settings.frame_seconds):
            return await reader.read(_READ)

    async def _handle_bytes(self, line: _SenderLine, received: bytes) -> None:
        loop = asyncio.get_running_loop()
        found = list(line.frames.feed_bytes(received))
        line.last, line.heard = loop.time(), line.heard or bool(found)
        line.began = (
            (line.began if line.began and not found else line.last) if line.frames.is_inside_frame else None
        )
        self._limit_memory()
        if found:
            await self._write_acknowledgements(
                line, await asyncio.gather(*map(self._acknowledgement_of, found))
            )

    def _acknowledgement_of(self, frame: bytes) -> "asyncio.Future[bytes | None]":
        assert self._waiting  # noqa: S101 - made before anybody is listened to
        answer: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((frame, answer))
        return answer

    async def _write_acknowledgements(self, line: _SenderLine, answers: Sequence[bytes | None]) -> None:
        """What came together is answered together."""
        line.writer.write(b"".join(START + answer + END + b"\r" for answer in answers if answer is not None))
        async with asyncio.timeout(self.settings.frame_seconds):
            await line.writer.drain()

    async def _keep_waiting(self) -> None:
        """The line: whatever waits, kept together."""
        assert self._waiting  # noqa: S101 - as above
        while True:
            waiting = [await self._waiting.get()]
            while len(waiting) < _AT_ONCE and not self._waiting.empty():
                waiting.append(self._waiting.get_nowait())
            try:
                answers = await asyncio.to_thread(self.take, [frame for frame, _ in waiting])
            except Exception as fault:  # noqa: BLE001 - a fault of ours must not stop the line; its text may quote a patient
                log.error("messages were not taken, so they are not acknowledged: %s", type(fault).__name__)  # noqa: TRY400 - as above
                answers = [None] * len(waiting)
            for (_, future), answer in zip(waiting, answers, strict=True):
                if not future.done():
                    future.set_result(answer)

    def _make_room(self) -> None:
        """Whoever only connects takes no place from a sender."""
        if len(self._lines) >= self.settings.connections:
            idlest = min(self._lines, key=lambda line: (line.heard, line.last))
            self._drop_line(idlest, "too many connections: the idlest was closed")

    def _limit_memory(self) -> None:
        """Limits memory to a few of the largest messages: gives up the largest unfinished one."""
        if sum(line.frames.held_bytes for line in self._lines) > _UNDER_WAY * self.settings.max_bytes:
            self._drop_line(
                max(self._lines, key=lambda line: line.frames.held_bytes),
                "too much has begun and not ended: one was closed",
            )

    def _drop_line(self, line: _SenderLine, why: str) -> None:
        log.warning("%s", why)
        self._lines.discard(line)
        line.writer.transport.abort()


def _tls_context(asked: IntakeSettings) -> ssl.SSLContext | None:
    if not asked.tls_cert:
        return None
    try:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=asked.client_ca)
        context.load_cert_chain(asked.tls_cert, asked.tls_key)
    except OSError as error:
        raise ConfigurationFault("intake: a certificate or its key cannot be read.") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED if asked.client_ca else ssl.CERT_NONE
    return context
