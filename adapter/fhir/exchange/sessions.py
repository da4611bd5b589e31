"""The connections to a server that stay open; threads come and go."""

from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, LifoQueue

import requests
from requests.structures import CaseInsensitiveDict

from adapter.fhir.exchange.deadline import WatchedSession
from adapter.fhir.exchange.http_options import HttpOptions
from adapter.software_version import software_version


class Sessions:
    """As many as were ever needed at once. Threads share them; no two have the same one."""

    def __init__(self, options: HttpOptions) -> None:
        self._options = options
        self._all: list[requests.Session] = []
        self._idle: LifoQueue[requests.Session] = LifoQueue()

    @contextmanager
    def idle(self) -> Iterator[requests.Session]:
        """One that serves nobody else meanwhile: the idle one used last, so that few stay open."""
        try:
            session = self._idle.get_nowait()
        except Empty:
            session = _new_session(self._options)
            self._all.append(session)
        try:
            yield session
        finally:
            self._idle.put(session)

    def close(self) -> None:
        """Closes all connections; a later request makes a new one."""
        for session in self._all:
            session.close()


def _new_session(options: HttpOptions) -> requests.Session:
    session = WatchedSession()
    session.trust_env = False  # netrc would add credentials, and a proxy of the environment would read along
    session.headers = CaseInsensitiveDict(
        {"Accept-Encoding": "gzip", "User-Agent": f"osteo-handover/{software_version()}"}
    )
    session.proxies = dict(options.proxies)
    session.verify = options.ca_bundle or True
    session.cert = options.client_cert
    session.watch(pool_size=1)
    return session
