"""A login with a key of ours at the authorisation server of the tests."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from adapter.fhir.smart import ClientLogin, ScopeWish, SmartAuth, with_new_key
from tests.servers.authorisation import CLIENT, AuthorisationServer

WISH = ScopeWish(("Patient", "Observation"), ("Task",))


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the library that checks asks the real clock


@cache
def made(algorithm: str, whose: str) -> str:
    """A key file; an RSA key takes longer to find than all that a test does with it."""
    return with_new_key(None, algorithm)


def auth_for(authority: AuthorisationServer, key: Path, **changes: Any) -> SmartAuth:
    login = ClientLogin(changes.pop("client", CLIENT), key, token_url=authority.url)
    return SmartAuth("http://127.0.0.1:1/fhir", login, WISH, changes.pop("clock", now))
