"""Credentials. The wire asks for headers with every request and offers one chance to renew after a 401.

SMART Backend Services (a signed statement for a token of five minutes) is one more class, with a room of its
own: ``adapter.fhir.smart``.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol

from adapter.errors import ConfigurationFault


class Auth(Protocol):
    """How a request proves who is asking. Shared by threads."""

    def headers(self) -> Mapping[str, str]:
        """The headers for one request."""
        ...

    def renew(self) -> bool:
        """Called once after a 401; True when another try may do better."""
        ...


@dataclass(frozen=True, slots=True)
class NoAuth:
    """For servers inside the own network that ask for nothing."""

    def headers(self) -> Mapping[str, str]:
        return {}

    def renew(self) -> bool:
        return False


NO_AUTH = NoAuth()


@dataclass(frozen=True, slots=True)
class BasicAuth:
    """User name and password, in UTF-8 (RFC 7617)."""

    username: str
    password: str = field(repr=False)

    def headers(self) -> Mapping[str, str]:
        pair = f"{self.username}:{self.password}".encode()
        return {"Authorization": f"Basic {b64encode(pair).decode('ascii')}"}

    def renew(self) -> bool:
        return False


@dataclass(slots=True)
class BearerAuth:
    """A token, or a callable that fetches one; it stays in memory until the server refuses it."""

    token: str | Callable[[], str] = field(repr=False)
    _held: str | None = field(default=None, init=False, repr=False)
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)

    def headers(self) -> Mapping[str, str]:
        with self._lock:
            if self._held is None:
                self._held = _usable_token(self.token() if callable(self.token) else self.token)
            return {"Authorization": f"Bearer {self._held}"}

    def renew(self) -> bool:
        with self._lock:
            self._held = None
        return callable(self.token)


def _usable_token(token: str) -> str:
    """Refuses a line break, as a secret file may have: the HTTP library would quote the whole token."""
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigurationFault("The bearer token is empty or holds characters that no token has.")
    return token
