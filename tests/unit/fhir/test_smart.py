"""A token for a signed statement; every wrong claim is refused, and said in one line that holds no secret."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import jwt
import pytest

from adapter.errors import ConfigurationFault, TryAgainLater
from adapter.fhir.smart import ClientLogin, ScopeStyle, ScopeWish, SmartAuth, load_keys, with_new_key
from adapter.fhir.smart.smart_scopes import not_granted
from tests.servers.authorisation import CLIENT, AuthorisationServer, authorising
from tests.unit.fhir.server import Answer, FakeServer

WISH = ScopeWish(("Patient", "Observation"), ("Task",))


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the library that checks asks the real clock


@cache
def made(algorithm: str, whose: str) -> str:
    """A key file; an RSA key takes longer to find than all that a test does with it."""
    return with_new_key(None, algorithm)


@pytest.fixture
def key(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    file = tmp_path / "keys.json"
    file.write_text(made(getattr(request, "param", "ES384"), "ours"))
    return file


@pytest.fixture
def authority(key: Path) -> Iterator[AuthorisationServer]:
    with authorising(*load_keys(key)) as server:
        yield server


def auth_for(authority: AuthorisationServer, key: Path, **changes: Any) -> SmartAuth:
    login = ClientLogin(changes.pop("client", CLIENT), key, token_url=authority.url)
    return SmartAuth("http://127.0.0.1:1/fhir", login, WISH, changes.pop("clock", now))


@pytest.mark.parametrize("key", ["ES384", "RS384"], indirect=True)
def test_a_token_is_given_and_kept(authority: AuthorisationServer, key: Path) -> None:
    auth = auth_for(authority, key)

    first, second = auth.headers(), auth.headers()

    assert first == second
    assert authority.admits(first["Authorization"].removeprefix("Bearer "))
    assert len(authority.asked) == 1
    assert authority.asked[0]["scope"] == "system/Patient.rs system/Observation.rs system/Task.cruds"


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


def test_many_threads_ask_for_one_token(authority: AuthorisationServer, key: Path) -> None:
    auth = auth_for(authority, key)

    with ThreadPoolExecutor(8) as pool:
        found = {it["Authorization"] for it in pool.map(lambda _: auth.headers(), range(40))}

    assert len(found) == len(authority.asked) == 1


def test_a_refusal_of_an_old_token_does_not_cost_the_new_one(
    authority: AuthorisationServer, key: Path
) -> None:
    auth = auth_for(authority, key)
    with ThreadPoolExecutor(1) as slow, ThreadPoolExecutor(1) as quick:
        for thread in (slow, quick):
            thread.submit(auth.headers).result()
        for thread in (quick, slow):  # both were refused; the slow one says so when there is a new token
            thread.submit(auth.renew).result()
            thread.submit(auth.headers).result()

    assert len(authority.asked) == 2


def test_a_token_is_renewed_before_its_end(authority: AuthorisationServer, key: Path) -> None:
    authority.seconds = 0.5
    auth = auth_for(authority, key)
    first = auth.headers()
    time.sleep(0.42)

    assert auth.headers() != first


def test_a_server_that_is_busy_is_no_fault_of_the_settings(authority: AuthorisationServer, key: Path) -> None:
    authority.fails = 1
    auth = auth_for(authority, key)

    with pytest.raises(TryAgainLater):
        auth.headers()
    assert auth.headers()


def test_whichever_of_two_keys_the_server_knows_is_used(authority: AuthorisationServer, key: Path) -> None:
    auth = auth_for(authority, key)
    key.write_text(with_new_key(key.read_text(), "ES384"))  # the server knows the former one only
    assert auth.headers()

    authority.jwks = {"keys": [load_keys(key)[0].public()]}  # and now the new one only
    auth.renew()
    assert auth.headers()


def test_what_was_not_granted_is_said(
    authority: AuthorisationServer, key: Path, caplog: pytest.LogCaptureFixture
) -> None:
    authority.grants = "system/*.rs system/Task.cu?status=draft"
    auth = auth_for(authority, key)

    with caplog.at_level(logging.WARNING):
        value = auth.headers()["Authorization"].removeprefix("Bearer ")

    assert auth.missing == ("Task: create, update, delete",)
    assert "did not grant Task: create, update, delete" in caplog.text
    assert value not in caplog.text + repr(auth)


@pytest.mark.parametrize(
    ("style", "capabilities", "spelt"),
    [
        (ScopeStyle.AUTO, [], "system/Patient.rs system/Task.cruds"),
        (ScopeStyle.AUTO, ["permission-v1"], "system/Patient.read system/Task.read system/Task.write"),
        (ScopeStyle.AUTO, ["permission-v1", "permission-v2"], "system/Patient.rs system/Task.cruds"),
        (ScopeStyle.V1, ["permission-v2"], "system/Patient.read system/Task.read system/Task.write"),
        (ScopeStyle.V2, ["permission-v1"], "system/Patient.rs system/Task.cruds"),
    ],
)
def test_scopes_are_spelt_as_the_server_knows_them(
    style: ScopeStyle, capabilities: list[str], spelt: str
) -> None:
    assert ScopeWish(("Patient", "Task"), ("Task",), style).spelt(capabilities) == spelt


@pytest.mark.parametrize(
    ("asked", "granted", "missing"),
    [
        ("system/Task.cruds", "system/Task.*", ()),
        ("system/Task.cruds", "system/Task.read system/Task.write", ()),
        ("system/Task.read", "system/*.rs", ()),
        ("system/Task.rs", "user/Task.rs patient/Task.rs", ("Task: read, search",)),
        ("system/Task.rs", "", ("Task: read, search",)),
    ],
)
def test_both_spellings_are_compared(asked: str, granted: str, missing: tuple[str, ...]) -> None:
    assert not_granted(asked, granted) == missing


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
    server: FakeServer, key: Path, status: int, told: dict[str, Any], says: str
) -> None:
    server.will_answer(Answer(status, body=told, content_type="application/json"))

    with pytest.raises(ConfigurationFault, match=says):
        discovering(server, key).headers()


@pytest.mark.parametrize("content", ["", "geheim", '{"keys": []}', '{"kty": "oct", "k": "geheim", "d": "x"}'])
def test_a_file_without_a_key_is_refused_and_not_quoted(tmp_path: Path, content: str) -> None:
    file = tmp_path / "key"
    file.write_text(content)

    with pytest.raises(ConfigurationFault) as caught:
        load_keys(file)

    assert "geheim" not in str(caught.value)


def test_the_public_set_holds_nothing_private(key: Path) -> None:
    (held,) = load_keys(key)

    assert not {"d", "p", "q", "dp", "dq", "qi"} & held.public().keys()
    assert jwt.PyJWK(held.public()).key_id == held.kid
