"""CDS Hooks as a client sees it: `serve` as its own process, a FHIR server, signed calls over HTTP."""

import json
import re
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
import requests

from adapter.fhir.smart import ClientKey, key_set, load_keys, with_new_key
from adapter.input.wire_json import Json, JsonValue
from tests.made_resources import a_gp, a_patient, a_t_score
from workers.host.clock import system_clock
from workers.sandbox import Sandbox
from workers.settings.serve_settings import CdsClient, ServeSettings
from workers.settings.setting_variables import variable_name

HERE, ISSUER = "https://adapter.example", "https://ehr.example"
ORIGIN = "https://pages.ehr.example"
numbers = count()


@dataclass(frozen=True)
class Client:
    """A system that calls, the process that it calls, and how to run a command with the same settings."""

    url: str
    key: ClientKey
    environment: dict[str, str]

    def post(self, path: str, body: object, **headers: str) -> requests.Response:
        now = system_clock().timestamp()
        claims = {"iss": ISSUER, "aud": HERE + path, "iat": now, "exp": now + 300, "jti": str(next(numbers))}
        sent = {"Authorization": f"Bearer {self.key.signed(claims)}", **headers}
        return requests.post(self.url + path, json=body, headers=sent, timeout=30)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("cds")
    (folder / "private.json").write_text(with_new_key(None, "RS384"))
    key = load_keys(folder / "private.json")[0]
    (folder / "ehr.json").write_text(json.dumps(key_set([key])))
    section = {
        "port": 0,
        "public_url": HERE,
        "cds_origins": [ORIGIN],
        "cds_clients": {"ehr": {"issuer": ISSUER, "keys": str(folder / "ehr.json")}},
    }
    with Sandbox() as server:
        server.load([a_gp(), a_patient("p1"), a_t_score("p1")])
        loaded = len(server.recorder.writes)
        values = {
            "fhir_base_url": server.base_url,
            "ledger_url": f"sqlite:///{folder / 'ledger.sqlite'}",
            "language": "en",
            "serve": json.dumps(section),
        }
        environment = {variable_name(name): value for name, value in values.items()} | {
            "PYTHONPATH": str(Path.cwd())
        }
        running = subprocess.Popen(
            [sys.executable, "-m", "workers", "serve"], env=environment, stdout=subprocess.PIPE, text=True
        )
        assert running.stdout
        line = running.stdout.readline()
        assert line.startswith("READY ")
        yield Client(line.split()[1], key, environment)
        running.send_signal(signal.SIGTERM)
        assert running.wait(20) == 0
        running.stdout.close()
        assert len(server.recorder.writes) == loaded


def a_call(hook: str = "patient-view", **more: JsonValue) -> Json:
    context = {"userId": "Practitioner/1", "patientId": "p1", "encounterId": "1"}
    return {"hook": hook, "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea", "context": context, **more}


def test_the_services_are_listed_for_anybody(client: Client) -> None:
    answer = requests.get(f"{client.url}/cds-services", timeout=30)

    assert answer.status_code == 200
    assert {it["id"] for it in answer.json()["services"]} == {"bone-health", "bone-drug", "bone-health-discharge"}  # fmt: skip


def test_a_signed_call_is_answered_with_a_card_and_its_feedback_is_counted(client: Client) -> None:
    answer = client.post("/cds-services/bone-health", a_call())

    assert answer.status_code == 200, answer.text
    (card,) = answer.json()["cards"]
    assert "Osteoporosis" in card["summary"]
    told = {"feedback": [{"card": card["uuid"], "outcome": "accepted"}]}
    assert client.post("/cds-services/bone-health/feedback", told).status_code == 200

    shown = subprocess.run(
        [sys.executable, "-m", "workers", "feedback", "--json"],
        env=client.environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    rules = json.loads(shown.stdout)["rules"]
    assert rules
    assert all(it["shown"] == it["accepted"] == 1 and it["says"] for it in rules)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/cds-services/unknown", a_call(), 404),
        ("/cds-services/bone-drug", a_call(), 400),
        ("/cds-services/bone-health", a_call(fhirServer="https://elsewhere.example/r4"), 412),
        ("/cds-services/bone-health", a_call() | {"context": {"patientId": "nobody"}}, 412),
        ("/cds-services/bone-health", [], 400),
    ],
)
def test_what_cannot_be_answered_says_why(client: Client, path: str, body: object, status: int) -> None:
    answer = client.post(path, body)

    assert (answer.status_code, answer.json().keys()) == (status, {"error"})


def test_without_a_token_nobody_learns_anything(client: Client) -> None:
    answer = requests.post(f"{client.url}/cds-services/bone-health", json=a_call(), timeout=30)

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_only_pages_of_the_settings_may_call_in_a_browser(client: Client) -> None:
    def allowed(origin: str) -> str | None:
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}  # fmt: skip
        answer = requests.options(f"{client.url}/cds-services/bone-health", headers=headers, timeout=30)
        return answer.headers.get("Access-Control-Allow-Origin")

    assert (allowed(ORIGIN), allowed("https://evil.example")) == (ORIGIN, None)


def test_the_settings_of_the_page_are_settings() -> None:
    page = (Path(__file__).parents[2] / "docs" / "connect" / "cds-hooks.md").read_text("utf-8")

    (block,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    given = tomllib.loads(block)

    assert (
        {"public_url", "cds_clients", "cds_origins"}
        <= given["serve"].keys()
        <= ServeSettings.model_fields.keys()
    )
    assert given["serve"]["cds_clients"]["ehr"].keys() == CdsClient.model_fields.keys()
