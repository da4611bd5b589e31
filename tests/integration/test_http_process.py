"""`serve` as its clients see it: a process of its own, asked over HTTP."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import requests

from adapter.fhir.smart import with_new_key
from adapter.input.wire_json import Json
from osteo_handover import assess
from tests.made_resources import a_gp, a_patient, a_t_score
from tests.server_patients import settings_for
from workers.server.http_process import routes_of
from workers.settings.setting_variables import variable_name
from workers.settings.settings_loader import SettingsFault

SECRET = "a secret of more than sixteen"
HINTS = "another secret of a server"
ON = "2026-11-20"


def a_bundle(*resources: object) -> Json:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": it} for it in resources]}


RECORD = a_bundle(a_gp(), a_patient("p1"), a_t_score("p1"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("serve")


@pytest.fixture(scope="module")
def process(folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    (folder / "secret").write_text(SECRET + "\n")
    (folder / "hints").write_text(HINTS)
    (folder / "keys.json").write_text(with_new_key(None, "ES384"))
    section = {
        "port": 0,
        "clients": {"portal": str(folder / "secret")},
        "servers": {"fhir": str(folder / "hints")},
        "max_bytes": 20_000,
        "per_minute": 30,
    }
    values = {
        "fhir_base_url": "http://127.0.0.1:1/fhir",
        "ledger_url": f"sqlite:///{folder / 'ledger.sqlite'}",
        "language": "en",
        "serve": json.dumps(section),
        "smart": json.dumps({"client_id": "c", "key": str(folder / "keys.json")}),
    }
    log = (folder / "log").open("w")
    running = subprocess.Popen(
        [sys.executable, "-m", "workers", "serve"],
        env={variable_name(name): value for name, value in values.items()} | {"PYTHONPATH": str(Path.cwd())},
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    log.close()
    assert running.stdout
    line = running.stdout.readline()
    assert line.startswith("READY "), (folder / "log").read_text()
    yield line.split()[1], running
    running.send_signal(signal.SIGTERM)
    assert running.wait(20) == 0
    running.stdout.close()
    said = (folder / "log").read_text()
    assert not any(private in said for private in (SECRET, HINTS, "p1", "1957", "-2.7"))


def ask(process: tuple[str, object], body: object = RECORD, **headers: str) -> requests.Response:
    sent = {
        "Content-Type": "application/fhir+json; charset=utf-8",
        "Authorization": f"Bearer {SECRET}",
        **headers,
    }
    data = body if isinstance(body, bytes) else json.dumps(body)
    return requests.post(f"{process[0]}/assess?on={ON}", data=data, headers=sent, timeout=30)


def test_a_record_is_assessed_as_by_the_python_interface(process: tuple[str, object]) -> None:
    answer = ask(process, **{"X-Request-ID": "mine-1"})
    same = assess([RECORD], "core", on=date.fromisoformat(ON), language="en")

    told = answer.json()
    assert (answer.status_code, told["outcome"], told["patient"]) == (200, "planned", "p1")
    assert told["decision"]["classification"]["category"] == "osteoporosis"
    assert [it["resourceType"] for it in told["resources"]] == [it["resourceType"] for it in same.resources]
    assert told["letter"]
    assert answer.headers["X-Request-ID"] == "mine-1"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_request_stands_in_the_log_under_the_id_of_its_client(
    process: tuple[str, object], folder: Path
) -> None:
    ask(process, **{"X-Request-ID": "mine-2"})
    (line,) = (it for it in (folder / "log").read_text().splitlines() if "mine-2" in it)

    assert "POST /assess 200" in line
    assert "request mine-2" in line


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (RECORD, {"Authorization": ""}, 401),
        (RECORD, {"Authorization": "Bearer something else entirely"}, 401),
        (RECORD, {"Content-Type": "text/plain"}, 415),
        (b"x" * 20_001, {}, 413),
        (b"{", {}, 422),
        (b'{"resourceType": "Bundle"}', {}, 422),
        (a_bundle(a_patient("geheim"), a_patient("other")), {}, 422),
        (b"[]", {}, 422),
        (b'{"resourceType": "Bundle", "entry": [7]}', {}, 422),
        (b'{"resourceType": "Bundle", "entry": {"a": 7}}', {}, 422),
        (b'{"resourceType": "Bundle", "entry": [{"resource": 7}]}', {}, 422),
    ],
)
def test_what_cannot_be_used_is_refused_and_not_quoted(
    process: tuple[str, object], body: object, headers: dict[str, str], status: int
) -> None:
    answer = ask(process, body, **headers)

    assert answer.status_code == status
    assert answer.json().keys() == {"error"}
    assert "geheim" not in answer.text


def public(process: tuple[str, object], path: str) -> requests.Response:
    """What anybody gets who names no secret."""
    return requests.get(f"{process[0]}{path}", timeout=9)


def test_a_process_that_answers_is_alive(process: tuple[str, object]) -> None:
    assert public(process, "/health/live").status_code == 200


def test_it_is_not_ready_before_the_server_was_read(process: tuple[str, object]) -> None:
    lagging = public(process, "/health/ready")

    assert lagging.status_code == 503
    assert (lagging.json()["read_until_seconds_ago"], lagging.json()["types_not_there"]) == (None, [])


def test_only_the_public_half_of_a_key_is_shown(process: tuple[str, object]) -> None:
    (key,) = public(process, "/.well-known/jwks.json").json()["keys"]

    assert "d" not in key


def test_the_description_of_the_interface_is_public(process: tuple[str, object]) -> None:
    assert "/assess" in public(process, "/openapi.json").json()["paths"]


def test_a_client_that_asks_too_often_waits(process: tuple[str, object]) -> None:
    answers = [ask(process, b"{") for _ in range(40)]

    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0


@pytest.mark.parametrize("section", [{"host": "0.0.0.0"}, {"tls_key": __file__}])  # noqa: S104 - is refused
def test_nothing_is_served_to_others_in_the_clear(section: dict[str, str]) -> None:
    with pytest.raises(SettingsFault):
        settings_for("http://127.0.0.1:1/fhir", serve=json.dumps(section))


def test_a_secret_that_is_easily_guessed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("geheim")
    settings = settings_for(
        "http://127.0.0.1:1/fhir", serve=json.dumps({"clients": {"a": str(tmp_path / "s")}})
    )

    with pytest.raises(Exception, match="at least 16") as caught:
        routes_of(settings)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_hint_of_a_server_is_kept_and_its_secret_is_no_other(
    process: tuple[str, object], method: str
) -> None:
    url = f"{process[0]}/hints/Observation/p1-spine"
    body = json.dumps(a_t_score("p1"))

    def send(secret: str) -> int:
        headers = {"Authorization": f"Bearer {secret}"}
        return requests.request(method, url, data=body, headers=headers, timeout=9).status_code

    assert (send(HINTS), send(SECRET), send("")) == (200, 401, 401)
    assert ask(process, Authorization=f"Bearer {HINTS}").status_code == 401


def test_an_exchanged_key_is_told_without_a_restart(tmp_path: Path) -> None:
    key = tmp_path / "keys.json"
    key.write_text(with_new_key(None, "ES384"))
    routes = routes_of(
        settings_for(
            "http://127.0.0.1:1/fhir",
            ledger_url=f"sqlite:///{tmp_path / 'ledger.sqlite'}",
            smart=json.dumps({"client_id": "c", "key": str(key)}),
        )
    )
    assert routes.public_keys
    (before,) = routes.public_keys()["keys"]

    key.write_text(with_new_key(key.read_text(), "ES384"))

    new, old = routes.public_keys()["keys"]
    assert old == before
    assert new["kid"] != before["kid"]
