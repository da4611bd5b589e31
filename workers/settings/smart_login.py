"""The section `smart` of the settings: who we are to an authorisation server.

Opens no file and asks nobody.
"""

from collections.abc import Callable
from datetime import datetime

from pydantic import Field

from adapter.fhir.exchange.http_options import HttpOptions
from adapter.fhir.smart import ClientLogin, ScopeStyle, ScopeWish, SmartAuth
from workers.settings.setting_kinds import File, Names, Section, Url


class SmartLogin(Section):
    """A client of SMART Backend Services. The key is given as a file, never as text."""

    client_id: str = Field(min_length=1, description="the name under which we are registered")
    key: File = Field(description="a file with our private key: PEM, JWK or JWKS; RSA or EC P-384")
    key_id: str | None = Field(
        default=None, description="the kid of our key; else as the file says, or its thumbprint"
    )
    token_url: Url | None = Field(default=None, description="else found by .well-known/smart-configuration")
    jwks_url: Url | None = Field(
        default=None, description="where our public keys can be fetched, if anywhere"
    )
    scope_style: ScopeStyle = Field(default=ScopeStyle.AUTO, description="auto, v1 or v2")
    scopes: Names = Field((), description="the scopes to ask for; else what the program needs")


def smart_auth(  # noqa: PLR0913 - all by name
    login: SmartLogin,
    base_url: str,
    *,
    read: tuple[str, ...],
    write: tuple[str, ...],
    http: HttpOptions,
    clock: Callable[[], datetime],
    allow_plain: bool,
) -> SmartAuth:
    """Credentials for the FHIR server at this address."""
    client = ClientLogin(
        login.client_id, login.key, login.key_id, login.token_url, login.jwks_url, allow_plain=allow_plain
    )
    wish = ScopeWish(read, write, login.scope_style, login.scopes)
    return SmartAuth(base_url, client, wish, clock, http)
