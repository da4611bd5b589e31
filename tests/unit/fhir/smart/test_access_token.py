"""A token is kept, renewed before its end, and asked for once by many threads."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adapter.errors import TryAgainLater
from adapter.fhir.smart import load_keys, with_new_key
from tests.servers.authorisation import AuthorisationServer
from tests.unit.fhir.smart.login import auth_for


@pytest.mark.parametrize("key", ["ES384", "RS384"], indirect=True)
def test_a_token_is_given_and_kept(authority: AuthorisationServer, key: Path) -> None:
    auth = auth_for(authority, key)

    first, second = auth.headers(), auth.headers()

    assert first == second
    assert authority.admits(first["Authorization"].removeprefix("Bearer "))
    assert len(authority.asked) == 1
    assert authority.asked[0]["scope"] == "system/Patient.rs system/Observation.rs system/Task.cruds"


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
