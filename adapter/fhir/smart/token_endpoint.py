"""One request for a token: where to ask, the signed statement, and what an answer or a refusal means.

A refusal is told with the words of the authorisation server, since only it knows which claim it disliked;
anything in them that could be a token or a signature is left out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from adapter.errors import ConfigurationFault, OsteoHandoverError, TryAgainLater, VersionConflict
from adapter.fhir.exchange.http_options import HttpOptions
from adapter.fhir.http import FORM, RawAnswer, Wire
from adapter.fhir.origin import Base, beyond_this_machine
from adapter.fhir.smart.client_keys import ClientKey
from adapter.fhir.statuses import Asked, Purpose, fault_of_status, http_date, retry_after
from adapter.input.outside_text import shown
from adapter.input.wire_json import Json, Unparsable, parse

CONFIGURATION = ".well-known/smart-configuration"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME = timedelta(minutes=4)  # of our statement; five minutes are allowed, by the clock of the server
CLOCKS_APART = timedelta(seconds=30)
_SECRET = re.compile(r"[A-Za-z0-9_\-.=+]{32,}")
_LONGEST_REASON = 200
_ASKED = Asked("POST", "token")
_DISCOVERY = Asked("GET", "smart-configuration", Purpose.SYSTEM)

WHAT_TO_DO: Mapping[str, str] = {
    "invalid_client": "Compare client_id, the registered public keys (`osteo-handover smart jwks`) and both clocks.",
    "invalid_scope": "Ask for what is registered (scopes, scope_style), or have it registered.",
    "unauthorized_client": "Have this client registered for backend services (client_credentials).",
    "unsupported_grant_type": "The server offers no backend services (client_credentials) at this address.",
    "invalid_grant": "Compare token_url, which our statement names as its audience, and both clocks.",
    "invalid_request": "Compare token_url and what the server asks of a client with a private key.",
}


class ClientRefused(ConfigurationFault):
    """The authorisation server does not know this key, or this client: another key of ours may do."""


@dataclass(frozen=True, slots=True)
class ClientLogin:
    """Who we are to an authorisation server, and where our private key lies."""

    client_id: str
    key: Path
    key_id: str | None = None
    token_url: str | None = None  # else the server's SMART configuration says
    jwks_url: str | None = None
    allow_plain: bool = False  # a token over http to another machine


@dataclass(frozen=True, slots=True)
class TokenServer:
    """Where tokens are given, and what is said about that."""

    url: str
    capabilities: tuple[str, ...] = ()
    algorithms: tuple[str, ...] = ()  # empty: it does not say


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token that was given: for how long, and for what."""

    value: str = field(repr=False)
    seconds: float
    scope: str


def discover(base_url: str, login: ClientLogin, http: HttpOptions) -> TokenServer:
    """The token endpoint of this FHIR server: as set, else as the server itself says."""
    if login.token_url:
        return _allowed(TokenServer(login.token_url), login)
    base = Base.parse(base_url)
    answer = _ask(base, _DISCOVERY, base.url(CONFIGURATION), http)
    _raise_what_passes(_DISCOVERY, answer)
    told = _object(answer) if answer.status == 200 else {}
    url = told.get("token_endpoint")
    if not isinstance(url, str):
        raise ConfigurationFault(
            f"{_DISCOVERY}: HTTP {answer.status}, and no token_endpoint in it. Check fhir_base_url, or set token_url.",
            status=answer.status,
        )
    methods = told.get("token_endpoint_auth_methods_supported")
    if isinstance(methods, list) and "private_key_jwt" not in methods:
        raise ConfigurationFault(
            "The authorisation server knows no clients with a private key (private_key_jwt)."
        )
    algorithms = _words(told.get("token_endpoint_auth_signing_alg_values_supported"))
    return _allowed(TokenServer(url, _words(told.get("capabilities")), algorithms), login)


def request_token(
    server: TokenServer, login: ClientLogin, key: ClientKey, scope: str, now: datetime, http: HttpOptions
) -> AccessToken:
    """A token. Each request carries a statement of its own: one that was seen before is refused."""
    claims = {
        "iss": login.client_id,
        "sub": login.client_id,
        "aud": server.url,
        "exp": int((now + LIFETIME).timestamp()),
        "jti": str(uuid4()),
    }
    form = {
        "grant_type": "client_credentials",
        "scope": scope,
        "client_assertion_type": ASSERTION,
        "client_assertion": key.signed(claims, login.jwks_url),
    }
    parts = urlsplit(server.url)
    body = urlencode(form).encode()
    answer = _ask(Base.parse(f"{parts.scheme}://{parts.netloc}"), _ASKED, server.url, http, body)
    if answer.status in (200, 201):
        return _token(answer, scope)
    _raise_what_passes(_ASKED, answer)
    raise _refusal(answer, now)


def _token(answer: RawAnswer, scope: str) -> AccessToken:
    told = _object(answer)
    value, kind, seconds = told.get("access_token"), told.get("token_type"), told.get("expires_in", 300)
    usable = isinstance(value, str) and value and str(kind).lower() == "bearer"
    if not usable or isinstance(seconds, bool) or not isinstance(seconds, int | float | Decimal | str):
        raise ConfigurationFault(f"{_ASKED}: the answer holds no bearer token. Check token_url.")
    try:
        lasts = float(seconds)
    except ValueError:
        lasts = 0.0
    granted = told.get("scope")
    return AccessToken(str(value), lasts, granted if isinstance(granted, str) else scope)


def _raise_what_passes(asked: Asked, answer: RawAnswer) -> None:
    """A server that is busy has said nothing about the login yet."""
    fault = fault_of_status(asked, answer.status, retry_after=retry_after(answer.headers))
    if isinstance(fault, TryAgainLater) and not isinstance(fault, VersionConflict):
        raise fault


def _refusal(answer: RawAnswer, now: datetime) -> OsteoHandoverError:
    told = _object(answer)
    code = _without_secrets(told.get("error"))
    reason = _without_secrets(told.get("error_description"))
    words = [f"{_ASKED}: HTTP {answer.status}{f' {code}' if code else ''}."]
    if reason:
        words.append(f"The authorisation server says: {reason.rstrip('.')}.")
    words.append(WHAT_TO_DO.get(code, "Check token_url and client_id."))
    theirs = http_date(answer.headers.get("Date", ""))
    if theirs and abs(theirs - now) > CLOCKS_APART:
        words.append(f"Its clock and ours are {abs(theirs - now).total_seconds():.0f} s apart.")
    kind = ClientRefused if code == "invalid_client" else ConfigurationFault
    return kind(" ".join(words), status=answer.status)


def _without_secrets(text: object) -> str:
    """Their words without anything that could be a token, a key or a signature."""
    return shown(_SECRET.sub("...", text))[:_LONGEST_REASON] if isinstance(text, str) else ""


def _ask(base: Base, asked: Asked, url: str, http: HttpOptions, body: bytes | None = None) -> RawAnswer:
    wire = Wire(base, options=replace(http, headers={}))  # headers of the FHIR server may be a key to it
    headers = {"Accept": "application/json", **({"Content-Type": FORM} if body is not None else {})}
    try:
        return wire.answer(asked, url, body=body, headers=headers)
    finally:
        wire.close()


def _object(answer: RawAnswer) -> Json:
    try:
        return parse(answer.body)
    except Unparsable:
        return {}


def _words(value: object) -> tuple[str, ...]:
    return tuple(part for part in value if isinstance(part, str)) if isinstance(value, list) else ()


def _allowed(server: TokenServer, login: ClientLogin) -> TokenServer:
    parts = urlsplit(server.url)
    if parts.scheme != "https" and not login.allow_plain and beyond_this_machine(parts.hostname):
        raise ConfigurationFault(
            "The token endpoint is on another machine and not https: nothing was sent. Use https, or say "
            "allow_unprotected=fhir where nobody else is on the network."
        )
    return server
