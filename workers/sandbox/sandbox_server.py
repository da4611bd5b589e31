"""Start and stop: the sandbox in a thread of this process, or in the foreground for the command line."""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import Scope

from adapter.input.wire_json import Json, JsonValue
from workers.host.clock import Clock, system_clock
from workers.host.private_files import prepare_private
from workers.sandbox import transactions
from workers.sandbox.faults import Faults, Recorder
from workers.sandbox.http_endpoint import BASE_PATH, HttpEndpoint, TokenGate
from workers.sandbox.resource_store import ResourceStore

_START_SECONDS, _GRACE_SECONDS, _LOOK_SECONDS = 10, 1, 0.002


class Sandbox:
    """A FHIR server on loopback, from `start` (or `with`) to `stop`.

    `port=0` takes a free one; `path` is an SQLite file or `:memory:`; `clock` gives the server's time; next
    links live for `page_ttl` seconds; `admin_key` opens `/_faults` to requests that send it as
    `X-Sandbox-Key`; `gate` demands a token.
    """

    def __init__(  # noqa: PLR0913 - all by name, all with defaults
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        path: str = ":memory:",
        clock: Clock = system_clock,
        page_ttl: float = 3600.0,
        check_references: bool = False,
        admin_key: str | None = None,
        gate: TokenGate | None = None,
    ) -> None:
        self.faults, self.recorder = Faults(), Recorder()
        self._socket = socket.create_server((host, port))
        # Inherited by each connection; without it every answer waits 40 ms for the client's acknowledgement.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.base_url = f"http://{host}:{self._socket.getsockname()[1]}{BASE_PATH}"
        if not path.startswith(":"):
            prepare_private(Path(path))
        self._store = ResourceStore(path, clock, self.base_url, check_references=check_references)
        interactions = transactions.interactions_of(self._store, self.faults, self.recorder, page_ttl)
        door = HttpEndpoint(interactions, self.recorder, self._abort, admin_key, gate)
        self._server = _StoppableServer(
            uvicorn.Config(
                door.app(),
                lifespan="off",
                log_config=None,
                log_level="critical",
                access_log=False,
                date_header=False,  # the app sends the date of its own clock
                server_header=False,
            )
        )
        self._thread = threading.Thread(target=self._serve, name="fhir-sandbox", daemon=True)
        self._stopping = threading.Event()

    def start(self) -> Self:
        """Serve from a daemon thread; returns when connections are accepted."""
        self._thread.start()
        if not self._server.ready.wait(_START_SECONDS):
            raise RuntimeError("The sandbox did not start.")
        return self

    def stop(self) -> None:
        """Finish the requests under way, close everything. A second call does nothing."""
        self._stopping.set()
        self._server.stop()
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()
        self._store.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def load(self, resources: Iterable[JsonValue]) -> int:
        """Store resources under their ids, without HTTP, all or nothing; returns how many were new."""
        return self._store.load(resources)

    def current_resources(self, type_: str) -> list[Json]:
        """Everything of a type as it stands, past HTTP and its faults."""
        return self._store.current_resources(type_)

    @classmethod
    def serve_forever(
        cls,
        host: str = "127.0.0.1",
        port: int = 8080,
        path: str = ":memory:",
        *,
        admin_key: str | None = None,
        on_ready: Callable[["Sandbox"], None] = lambda _: None,
    ) -> None:
        """Serve until SIGTERM or SIGINT, then return; only from the main thread. Prints nothing."""
        server = cls(host=host, port=port, path=path, admin_key=admin_key)
        before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
        for number in before:
            signal.signal(number, lambda *_: server._stopping.set())
        try:
            with server:
                on_ready(server)
                server._stopping.wait()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _serve(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))

    def _abort(self, scope: Scope) -> None:
        """Cut the client's connection; uvicorn offers no way, so look for its transport."""
        for connection in list(self._server.server_state.connections):
            if getattr(connection, "client", None) == scope.get("client"):
                connection.transport.abort()


class _StoppableServer(uvicorn.Server):
    """Says when it is ready and stops when told; uvicorn checks each 0.1 s and waits 1 s more."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._told = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def stop(self) -> None:
        """From any thread; returns at once."""
        self.should_exit = True  # where it is only about to start
        with contextlib.suppress(RuntimeError):  # it has stopped already
            if self._loop:
                self._loop.call_soon_threadsafe(self._told.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()
        self.ready.set()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self._told.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        state = self.server_state
        for listening in (*self.servers, *(sockets or ())):
            listening.close()
        for connection in list(state.connections):
            connection.shutdown()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GRACE_SECONDS):
                while state.connections or state.tasks:  # noqa: ASYNC110 - uvicorn has no event for that
                    await asyncio.sleep(_LOOK_SECONDS)
        for task in state.tasks:
            task.cancel()
