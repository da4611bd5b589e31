"""Who may ask, how much and how often. Decided before anything of a request is understood."""

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from starlette.requests import Request

from adapter.errors import ConfigurationFault
from workers.settings.serve_settings import ServeSettings

_SHORTEST, _HINTS_PER_MINUTE = 16, 6000


class NotAdmitted(Exception):
    """A request that is not looked at: the status, why, and in how many seconds it may come again."""

    def __init__(self, status: int, why: str, after: int | None = None) -> None:
        super().__init__(why)
        self.status, self.after = status, after


@dataclass(slots=True)
class Admission:
    """The clients by their secrets, and what each has left of this minute."""

    secrets: Mapping[str, bytes] = field(repr=False)
    max_bytes: int
    per_minute: int
    _left: dict[str, tuple[float, float]] = field(default_factory=dict, init=False)

    def admit_client(self, request: Request) -> str:
        """The name of the client; raises NotAdmitted."""
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        given = secret.strip().encode() if scheme.lower() == "bearer" else b""
        # Every secret is compared in full, so that the time tells nothing.
        found = [name for name, held in self.secrets.items() if hmac.compare_digest(held, given)]
        if not found:
            raise NotAdmitted(401, "A bearer secret of a known client is required.")
        self.count_request(found[0])
        return found[0]

    async def read_body(self, request: Request) -> bytes:
        """The whole body; raises NotAdmitted as soon as it is too large."""
        content = bytearray()
        async for piece in request.stream():
            content += piece
            if len(content) > self.max_bytes:
                raise NotAdmitted(413, f"More than {self.max_bytes} bytes are not taken.")
        return bytes(content)

    def count_request(self, client: str) -> None:
        """One more request; raises NotAdmitted when this minute has had its number.

        A bucket that fills evenly: a minute's worth may come at once, and then one after the other.
        """
        now = time.monotonic()
        left, before = self._left.get(client, (float(self.per_minute), now))
        left = min(self.per_minute, left + (now - before) * self.per_minute / 60)
        if left < 1:
            raise NotAdmitted(429, "Too many requests in this minute.", 1 + 60 // self.per_minute)
        self._left[client] = (left - 1, now)


def hints_admission_of(settings: ServeSettings) -> Admission:
    """Servers that send hints: they may send one for every change, and each costs little."""
    secrets = {name: secret_of(name, file) for name, file in settings.servers.items()}
    return Admission(secrets, settings.max_bytes, _HINTS_PER_MINUTE)


def admission_of(settings: ServeSettings) -> Admission:
    """By the settings; raises ConfigurationFault for a secret that cannot be read or is easily guessed."""
    secrets = {name: secret_of(name, file) for name, file in settings.clients.items()}
    return Admission(secrets, settings.max_bytes, settings.per_minute)


def secret_of(name: str, file: Path) -> bytes:
    """The secret in a file; raises ConfigurationFault when there is none, or one that is easily guessed."""
    try:
        held = file.read_text("utf-8").strip().encode()
    except (OSError, UnicodeDecodeError):
        held = b""
    if len(held) < _SHORTEST:
        raise ConfigurationFault(
            f"serve: the secret of {name} is no file with at least {_SHORTEST} characters."
        )
    return held
