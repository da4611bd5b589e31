"""Only a system of the settings calls, with a token that it signed for this address, for now, and once."""

import json
from datetime import UTC, datetime
from pathlib import Path

import jwt
import pytest

from adapter.errors import ConfigurationFault
from adapter.fhir.smart import ClientKey, key_set, load_keys, with_new_key
from adapter.input.wire_json import Json, JsonValue, ReadOnlyJson
from workers.server.admission import NotAdmitted
from workers.server.cds_clients import CdsClients, clients_of
from workers.settings.serve_settings import CdsClient, ServeSettings

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
HERE, PATH = "https://adapter.example", "/cds-services/bone-health"
GOOD = {"iss": "https://ehr.example", "aud": HERE + PATH, "iat": NOW.timestamp(), "exp": NOW.timestamp() + 300, "jti": "1"}  # fmt: skip


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> ClientKey:
    return new_key(tmp_path_factory.mktemp("ehr"))


def new_key(folder: Path) -> ClientKey:
    (folder / "private.json").write_text(with_new_key(None, "ES384"))
    return load_keys(folder / "private.json")[0]


@pytest.fixture
def clients(tmp_path: Path, key: ClientKey) -> CdsClients:
    (tmp_path / "ehr.json").write_text(json.dumps(key_set([key])))
    client = CdsClient(issuer="https://ehr.example", keys=tmp_path / "ehr.json")
    found = clients_of(ServeSettings(public_url=HERE, cds_clients={"ehr": client}), lambda: NOW)
    assert found
    return found


def claims(**changes: JsonValue) -> Json:
    return {name: value for name, value in (GOOD | changes).items() if value is not None}


def test_a_token_of_a_known_system_is_good_once(clients: CdsClients, key: ClientKey) -> None:
    token = f"Bearer {key.signed(claims())}"

    assert clients.admit_client(token, PATH) == "ehr"
    with pytest.raises(NotAdmitted, match="used before"):
        clients.admit_client(token, PATH)
    assert clients.admit_client(f"bearer {key.signed(claims(jti='2'))}", PATH) == "ehr"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://stranger.example"},
        {"iss": None},
        {"aud": HERE},
        {"aud": f"{HERE}/cds-services/bone-drug"},
        {"aud": None},
        {"exp": NOW.timestamp() - 60},
        {"exp": NOW.timestamp() + 7200},
        {"exp": "tomorrow"},
        {"exp": None},
        {"iat": NOW.timestamp() + 600},
        {"iat": None},
        {"jti": None},
    ],
    ids=str,
)
def test_each_wrong_claim_is_refused(clients: CdsClients, key: ClientKey, changes: ReadOnlyJson) -> None:
    with pytest.raises(NotAdmitted) as refusal:
        clients.admit_client(f"Bearer {key.signed(claims(**changes))}", PATH)

    assert refusal.value.status == 401
    assert "ehr.example" not in str(refusal.value)


def test_a_slash_at_the_end_of_our_address_changes_nothing(tmp_path: Path, key: ClientKey) -> None:
    (tmp_path / "ehr.json").write_text(json.dumps(key_set([key])))
    client = CdsClient(issuer="https://ehr.example", keys=tmp_path / "ehr.json")
    clients = clients_of(ServeSettings(public_url=HERE + "/", cds_clients={"ehr": client}), lambda: NOW)

    assert clients
    assert clients.admit_client(f"Bearer {key.signed(claims())}", PATH) == "ehr"


def test_another_key_or_no_signature_is_refused(clients: CdsClients, tmp_path: Path, key: ClientKey) -> None:
    other = new_key(tmp_path)
    same_name = ClientKey(key.kid, key.algorithm, other.private)
    forged = [
        "",
        "Basic abc",
        "Bearer ",
        "Bearer not.a.token",
        f"Bearer {other.signed(claims())}",
        f"Bearer {same_name.signed(claims())}",
        f"Bearer {jwt.encode(claims(), '', algorithm='none', headers={'kid': key.kid})}",
        f"Bearer {jwt.encode(claims(), 'x' * 32, algorithm='HS256', headers={'kid': key.kid})}",
    ]
    for authorization in forged:
        with pytest.raises(NotAdmitted):
            clients.admit_client(authorization, PATH)


def test_an_exchanged_key_needs_no_restart(clients: CdsClients, tmp_path: Path, key: ClientKey) -> None:
    newer = new_key(tmp_path)
    (tmp_path / "ehr.json").write_text(json.dumps(key_set([newer, key])))

    assert clients.admit_client(f"Bearer {newer.signed(claims())}", PATH) == "ehr"
    assert clients.admit_client(f"Bearer {key.signed(claims(jti='2'))}", PATH) == "ehr"


@pytest.mark.parametrize("content", ["", "{}", '{"keys": []}', "not json"])
def test_keys_that_are_none_are_found_at_the_start(tmp_path: Path, content: str) -> None:
    (tmp_path / "keys").write_text(content)
    client = CdsClient(issuer="https://ehr.example", keys=tmp_path / "keys")

    with pytest.raises(ConfigurationFault, match="keys of ehr"):
        clients_of(ServeSettings(public_url=HERE, cds_clients={"ehr": client}), lambda: NOW)


def test_callers_need_the_address_that_they_sign_for(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("{}")

    with pytest.raises(ValueError, match="public_url"):
        ServeSettings(cds_clients={"ehr": CdsClient(issuer="i", keys=tmp_path / "keys")})
