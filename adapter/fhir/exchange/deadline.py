"""A request ends in time as a whole, however slowly its answer drips.

The time-out of a socket starts anew with every byte, so a server that sends one byte a second would hold
a request, and everybody who waits behind it, for days. Here a clock runs beside the request and cuts its
line when the time is up: the line below everything, so that neither a handshake nor a header nor a
packed body can hide from it.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection


class Stopwatch:
    """The time of one request. ``over`` tells an answer that was cut from one that ended by itself."""

    def __init__(self) -> None:
        self.over = False
        self._line: socket.socket | None = None
        self._lock = threading.Lock()

    def watch(self, line: socket.socket) -> None:
        """This is the line that the request goes over; raises TimeoutError when it comes too late for that.

        A handle of its own: the connection lets go of its line when the body has
        no length, and still reads on.
        """
        self.close()
        with self._lock:
            self._line = line.dup()
        if self.over:
            raise TimeoutError

    def cut(self) -> None:
        """End whatever waits for this line."""
        with self._lock:
            self.over = True
            if self._line is not None:
                with suppress(OSError):  # it ended at this very moment
                    self._line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """The request has ended."""
        with self._lock:
            line, self._line = self._line, None
        if line is not None:
            line.close()


_of_thread = threading.local()


@contextmanager
def time_limit(seconds: float, stopwatch: Stopwatch) -> Iterator[None]:
    """Ends this thread's requests in the block after `seconds`; the stopwatch tells whether it cut one."""
    _of_thread.stopwatch = stopwatch
    timer = threading.Timer(seconds, stopwatch.cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        _of_thread.stopwatch = None
        stopwatch.close()


def _watch(line: socket.socket | None) -> None:
    stopwatch: Stopwatch | None = getattr(_of_thread, "stopwatch", None)
    if stopwatch and line is not None:
        stopwatch.watch(line)


class _Connection(HTTPConnection):
    """Keeps a second handle to the line below: TLS takes the first one away for itself."""

    _below: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        line = super()._new_conn()
        self._below = line.dup()
        _watch(self._below)
        return line

    # Handed on to urllib3 as it came, here and below.
    def request(self, *parts: Any, **options: Any) -> None:
        _watch(self._below)  # a line that was kept open from an earlier request
        super().request(*parts, **options)

    def close(self) -> None:
        below, self._below = self._below, None
        if below is not None:
            below.close()
        super().close()


class _TlsConnection(_Connection, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class WatchedAdapter(HTTPAdapter):
    """Connections whose time can be limited, straight or through a proxy."""

    def init_poolmanager(self, *parts: Any, **options: Any) -> None:
        """As its base, with our pools."""
        super().init_poolmanager(*parts, **options)
        _use_our_pools(self.poolmanager)

    def proxy_manager_for(self, *parts: Any, **options: Any) -> Any:
        """As its base, with our pools."""
        manager = super().proxy_manager_for(*parts, **options)
        _use_our_pools(manager)
        return manager


class WatchedSession(requests.Session):
    """Treats a redirect as an answer like any other.

    Even when told not to follow redirects, requests reads the whole body of one, of whatever size, and
    stumbles over a Location that is no address.
    """

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002 - the signature of requests
        return None

    def watch(self, pool_size: int) -> None:
        """Go by connections whose time can be limited."""
        adapter = WatchedAdapter(pool_connections=1, pool_maxsize=pool_size)
        self.mount("https://", adapter)
        self.mount("http://", adapter)


def _use_our_pools(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
