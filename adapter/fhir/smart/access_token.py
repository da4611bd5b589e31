"""A token in hand: fetched by one thread for all, renewed before its end and after a refusal."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from adapter.errors import ConfigurationFault, OsteoHandoverError
from adapter.fhir.exchange.http_options import DEFAULT_HTTP, HttpOptions
from adapter.fhir.smart.client_keys import ClientKey, load_keys
from adapter.fhir.smart.smart_scopes import ScopeWish, not_granted
from adapter.fhir.smart.token_endpoint import (
    AccessToken,
    ClientLogin,
    ClientRefused,
    TokenServer,
    discover,
    request_token,
)

log = logging.getLogger(__name__)

EARLY = 60.0  # seconds before its end at which a token is renewed; of a short one, a fifth of its life


@dataclass(slots=True)
class SmartAuth:
    """Credentials by SMART Backend Services.

    The key file is read for every token, so a new key needs no restart.
    """

    base_url: str
    login: ClientLogin
    wish: ScopeWish
    clock: Callable[[], datetime]
    http: HttpOptions = DEFAULT_HTTP
    granted: str | None = field(default=None, init=False)
    asked: str = field(default="", init=False)
    _token: AccessToken | None = field(default=None, init=False, repr=False)
    _until: float = field(default=0.0, init=False, repr=False)
    _server: TokenServer | None = field(default=None, init=False, repr=False)
    _failed: tuple[float, OsteoHandoverError] | None = field(default=None, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)
    _mine: threading.local = field(default_factory=threading.local, init=False, repr=False)

    def headers(self) -> Mapping[str, str]:
        """With a token that lasts; whoever waited while another thread asked in vain shares its answer."""
        came = time.monotonic()
        with self._lock:
            if self._token is None or time.monotonic() >= self._until:
                if self._failed and self._failed[0] >= came:
                    raise self._failed[1]
                self._fetch()
            self._mine.token = self._token
            return {"Authorization": f"Bearer {self._token.value}"} if self._token else {}

    def renew(self) -> bool:
        """The server refused: forget the token, unless another thread has fetched a new one meanwhile."""
        with self._lock:
            if getattr(self._mine, "token", None) is self._token:
                self._token = None
        return True

    @property
    def missing(self) -> tuple[str, ...]:
        """The rights that were asked for and not given with the last token."""
        return not_granted(self.asked, self.granted) if self.granted is not None else ()

    def _fetch(self) -> None:
        try:
            if self._server is None:
                self._server = discover(self.base_url, self.login, self.http)
            self._hold(self._asked_with_each_key(self._server))
        except OsteoHandoverError as fault:
            self._token, self._server = None, None  # it may have moved
            self._failed = (time.monotonic(), fault)
            raise

    def _hold(self, token: AccessToken) -> None:
        before, self.granted = self.granted, token.scope
        self._token = token
        self._until = time.monotonic() + token.seconds - min(EARLY, token.seconds / 5)
        if self.missing and before != self.granted:
            log.warning("the authorisation server did not grant %s", "; ".join(self.missing))

    def _asked_with_each_key(self, server: TokenServer) -> AccessToken:
        """While a key is exchanged, the server may know the old one, the new one or both."""
        self.asked = self.wish.spelt(server.capabilities)
        *others, last = self._keys(server)
        for key in others:
            try:
                return self._asked_with(server, key)
            except ClientRefused:
                log.info("the authorisation server refuses a key of ours; the next one is tried")
        return self._asked_with(server, last)

    def _asked_with(self, server: TokenServer, key: ClientKey) -> AccessToken:
        return request_token(server, self.login, key, self.asked, self.clock(), self.http)

    def _keys(self, server: TokenServer) -> list[ClientKey]:
        keys = load_keys(self.login.key, self.login.key_id)
        fitting = [key for key in keys if not server.algorithms or key.algorithm in server.algorithms]
        if not fitting:
            raise ConfigurationFault(
                f"Our key signs by {keys[0].algorithm}, which this authorisation server does not take."
            )
        return fitting
