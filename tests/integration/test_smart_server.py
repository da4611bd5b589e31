"""The whole loop against servers that give nothing without a token; a key changes in the middle of it."""

import json
import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from adapter.fhir.smart import load_keys, with_new_key
from tests.made_resources import a_gp, a_patient, a_t_score
from tests.server_patients import a_runtime, settings_for
from tests.servers.authorisation import CLIENT, AuthorisationServer, authorising
from workers.delivery import read_delivery_settings
from workers.delivery.service import RecipientConnections
from workers.doctor.examination import examine
from workers.doctor.findings import FindingState
from workers.host.clock import system_clock
from workers.queue.sweep_run import work_here
from workers.sandbox import Sandbox
from workers.sandbox.http_endpoint import TokenGate

PATIENTS = [f"p{number}" for number in range(6)]


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "keys.json"
    file.write_text(with_new_key(None, "ES384"))
    return file


@pytest.fixture
def authority(key: Path) -> Iterator[AuthorisationServer]:
    with authorising(*load_keys(key)) as server:
        yield server


@pytest.fixture
def hospital(authority: AuthorisationServer) -> Iterator[Sandbox]:
    gate = TokenGate(authority.configuration, authority.admits)
    with Sandbox(gate=gate) as server:
        server.load([a_gp(), *map(a_patient, PATIENTS), *map(a_t_score, PATIENTS)])
        yield server


def login(key: Path, client: str = CLIENT) -> str:
    return json.dumps({"client_id": client, "key": str(key)})


def test_a_key_that_is_exchanged_in_the_middle_of_a_sweep_costs_nothing(
    hospital: Sandbox, authority: AuthorisationServer, key: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def exchanging_clock() -> datetime:
        """It is asked before and after each patient."""
        planned = [it for it in hospital.recorder.writes if it.type == "CarePlan"]
        if len(planned) == 2 and not revoked:
            key.write_text(with_new_key(key.read_text(), "RS384"))
            authority.jwks = {"keys": [load_keys(key)[0].public()]}
            revoked.update(authority.tokens)
            authority.tokens.clear()
        return system_clock()

    revoked: set[str] = set()
    base = hospital.base_url
    with (
        caplog.at_level(logging.DEBUG),
        a_runtime(base, exchanging_clock, fhir_auth="smart", smart=login(key), batch_size=1) as runtime,
    ):
        first = work_here(runtime, lambda _: None, full=True)
        again = work_here(runtime, lambda _: None, full=True)

    assert revoked
    assert authority.tokens
    assert first.outcomes == {"planned:osteoporosis": len(PATIENTS)}
    assert not first.troubles
    assert not again.written
    assert not any(token in caplog.text for token in revoked | authority.tokens)


def test_the_doctor_says_what_a_token_is_good_for(
    hospital: Sandbox, authority: AuthorisationServer, key: Path
) -> None:
    authority.grants = "system/*.rs"
    settings = settings_for(hospital.base_url, fhir_auth="smart", smart=login(key))

    found = {it.what: it for it in examine(settings, quick=True)}

    assert found["access token"].state is FindingState.LIMITED
    assert "Task: create, update" in found["access token"].says
    assert found["FHIR server"].state is FindingState.WORKS


def test_the_doctor_says_why_there_is_no_token(hospital: Sandbox, key: Path) -> None:
    settings = settings_for(hospital.base_url, fhir_auth="smart", smart=login(key, "nobody"))

    found = {it.what: it for it in examine(settings, quick=True)}

    assert found["access token"].state is FindingState.BROKEN
    assert "invalid_client" in found["access token"].says
    assert found["FHIR server"].state is FindingState.BROKEN


def test_a_server_of_a_gp_gets_the_token_that_was_got_for_it(
    hospital: Sandbox, authority: AuthorisationServer, key: Path
) -> None:
    settings = read_delivery_settings(
        {"channel": "fhir", "fhir_smart": {hospital.base_url: json.loads(login(key))}}
    )
    connections = RecipientConnections(settings)

    client = connections.client_to(hospital.base_url)

    assert client is not None
    assert client.read("Patient", "p0")["id"] == "p0"
    assert "system/Task.cruds" in authority.asked[0]["scope"]
    connections.close()
