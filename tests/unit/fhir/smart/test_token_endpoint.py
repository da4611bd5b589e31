"""A token for a signed statement; every wrong claim is refused, and said in one line that holds no secret."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from adapter.errors import ConfigurationFault
from adapter.fhir.exchange.http_options import DEFAULT_HTTP
from adapter.fhir.smart import ClientLogin, SmartAuth, load_keys
from adapter.fhir.smart.token_endpoint import AccessToken, TokenServer, request_token
from adapter.input.wire_json import Json, JsonValue
from tests.servers.authorisation import CLIENT, AuthorisationServer, authorising
from tests.unit.fhir.server import Answer, FakeServer
from tests.unit.fhir.smart.login import WISH, auth_for, made, now


def another(key: Path) -> Path:
    """A file with a key that nobody knows, under the name of the one that is known."""
    (old,) = load_keys(key)
    stranger = key.with_name("stranger.json")
    (theirs,) = json.loads(made(old.algorithm, "a stranger"))["keys"]
    stranger.write_text(json.dumps({"keys": [{**theirs, "kid": old.kid}]}))
    return stranger


def unknown(key: Path) -> Path:
    stranger = key.with_name("unknown.json")
    stranger.write_text(made(load_keys(key)[0].algorithm, "nobody"))
    return stranger


Wrong = Callable[[AuthorisationServer, Path], SmartAuth]


def wrong_client(authority: AuthorisationServer, key: Path) -> SmartAuth:
    return auth_for(authority, key, client="somebody-else")


def wrong_subject(authority: AuthorisationServer, key: Path) -> SmartAuth:
    authority.subject = "somebody-else"
    return auth_for(authority, key)


def wrong_audience(authority: AuthorisationServer, key: Path) -> SmartAuth:
    authority.audience = "https://another.example/token"
    return auth_for(authority, key)


def expired(authority: AuthorisationServer, key: Path) -> SmartAuth:
    return auth_for(authority, key, clock=lambda: now() - timedelta(hours=1))


def wrong_algorithm(authority: AuthorisationServer, key: Path) -> SmartAuth:
    authority.algorithms = ("RS256",)
    return auth_for(authority, key)


def wrong_signature(authority: AuthorisationServer, key: Path) -> SmartAuth:
    return auth_for(authority, another(key))


def wrong_kid(authority: AuthorisationServer, key: Path) -> SmartAuth:
    return auth_for(authority, unknown(key))


def wrong_scope(authority: AuthorisationServer, key: Path) -> SmartAuth:
    authority.refuses = "Task"
    return auth_for(authority, key)


WRONG_CLAIMS: list[tuple[Wrong, str]] = [
    (wrong_client, "issuer"),
    (wrong_subject, "subject"),
    (wrong_audience, "Audience"),
    (expired, "expired"),
    (wrong_scope, "invalid_scope"),
]
WRONG_KEYS: list[tuple[Wrong, str]] = [
    (wrong_algorithm, "alg"),
    (wrong_signature, "Signature"),
    (wrong_kid, "kid is unknown"),
]
REFUSALS = [
    *(("ES384", *it) for it in (*WRONG_CLAIMS, *WRONG_KEYS)),
    *(("RS384", *it) for it in WRONG_KEYS),  # a claim is the same under either key
]


@pytest.mark.parametrize(("key", "wrong", "says"), REFUSALS, indirect=["key"])
def test_each_wrong_claim_is_refused_and_said_in_one_line(
    authority: AuthorisationServer, key: Path, wrong: Wrong, says: str
) -> None:
    auth = wrong(authority, key)

    with pytest.raises(ConfigurationFault) as caught:
        auth.headers()

    line = str(caught.value)
    assert says.lower() in line.lower()
    assert "\n" not in line
    assertion = authority.asked[-1]["client_assertion"]
    assert not any(part in line for part in assertion.split("."))


def test_clocks_that_differ_are_named(authority: AuthorisationServer, key: Path) -> None:
    with pytest.raises(ConfigurationFault, match=r"clock and ours are 3[56]\d\d s apart"):
        expired(authority, key).headers()


def test_a_statement_is_never_used_twice(authority: AuthorisationServer, key: Path) -> None:
    auth = auth_for(authority, key)
    for _ in range(3):
        auth.headers()
        auth.renew()

    assert len(authority.seen) == 3


class EveryJti(set[str]):
    """Of a server whose memory is at fault."""

    def __contains__(self, _: object) -> bool:
        return True


def test_a_statement_that_the_server_takes_for_an_old_one_is_named(
    authority: AuthorisationServer, key: Path
) -> None:
    authority.seen = EveryJti()

    with pytest.raises(ConfigurationFault, match="jti was used before"):
        auth_for(authority, key).headers()


def discovering(server: FakeServer, key: Path) -> SmartAuth:
    return SmartAuth(server.base, ClientLogin(CLIENT, key), WISH, now)


def test_the_token_endpoint_is_found_at_the_server(server: FakeServer, key: Path) -> None:
    (held,) = load_keys(key)
    with authorising(held) as authority:
        server.will_answer(Answer(body=authority.configuration, content_type="application/json"))

        assert discovering(server, key).headers()

    assert server.paths == ["/r4/.well-known/smart-configuration"]


@pytest.mark.parametrize(
    ("status", "told", "says"),
    [
        (404, {}, "no token_endpoint"),
        (200, {}, "no token_endpoint"),
        (200, {"token_endpoint": "http://elsewhere.example/token"}, "not https"),
        (
            200,
            {"token_endpoint": "http://127.0.0.1:1/t", "token_endpoint_auth_methods_supported": ["client_secret_basic"]},
            "private_key_jwt",
        ),
        (
            200,
            {"token_endpoint": "http://127.0.0.1:1/t", "token_endpoint_auth_signing_alg_values_supported": ["PS256"]},
            "does not take",
        ),
    ],
)  # fmt: skip
def test_a_server_that_cannot_be_asked_is_named(
    server: FakeServer, key: Path, status: int, told: Json, says: str
) -> None:
    server.will_answer(Answer(status, body=told, content_type="application/json"))

    with pytest.raises(ConfigurationFault, match=says):
        discovering(server, key).headers()


BEARER = {"access_token": "abc", "token_type": "Bearer"}


def asked_of(server: FakeServer, key: Path, answer: Answer) -> AccessToken:
    (held,) = load_keys(key)
    server.will_answer(answer)
    login = ClientLogin(CLIENT, key, allow_plain=True)
    return request_token(
        TokenServer(f"{server.root}/token"), login, held, "system/Task.rs", now(), DEFAULT_HTTP
    )


@pytest.mark.parametrize(
    ("told", "seconds", "scope"),
    [
        ({"expires_in": 60}, 60.0, "system/Task.rs"),
        ({"expires_in": "60"}, 60.0, "system/Task.rs"),
        ({"expires_in": "soon"}, 0.0, "system/Task.rs"),
        ({}, 300.0, "system/Task.rs"),
        ({"scope": "system/Task.r"}, 300.0, "system/Task.r"),
        ({"scope": 7}, 300.0, "system/Task.rs"),
    ],
)
def test_a_token_lasts_as_long_and_for_what_the_server_says(
    server: FakeServer, key: Path, told: Json, seconds: float, scope: str
) -> None:
    token = asked_of(server, key, Answer(200, {**BEARER, **told}, "application/json"))

    assert (token.value, token.seconds, token.scope) == ("abc", seconds, scope)
    assert "abc" not in repr(token)


@pytest.mark.parametrize(
    "body",
    [
        {**BEARER, "token_type": "mac"},
        {**BEARER, "access_token": ""},
        {**BEARER, "access_token": 7},
        {**BEARER, "expires_in": True},
        {**BEARER, "expires_in": []},
        {},
        b"<html>",
    ],
)
def test_an_answer_without_a_bearer_token_is_for_the_operator(
    server: FakeServer, key: Path, body: JsonValue | bytes
) -> None:
    with pytest.raises(ConfigurationFault, match="no bearer token"):
        asked_of(server, key, Answer(200, body, "application/json"))


def test_a_refusal_that_says_nothing_names_what_to_check(server: FakeServer, key: Path) -> None:
    with pytest.raises(ConfigurationFault, match="Check token_url and client_id"):
        asked_of(server, key, Answer(400, b"", "application/json", headers={"Date": ""}))
