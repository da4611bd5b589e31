"""docker-compose.yml keeps its promises; read as text, since nothing here can run it."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from adapter.input.wire_json import Json
from workers.settings.setting_variables import PREFIX
from workers.settings.settings_loader import load_settings

ROOT = Path(__file__).parents[2]
COMPOSE: Json = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Json] = COMPOSE["services"]
EXAMPLE = dict(re.findall(r"^(\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
OUR_IMAGE = COMPOSE["x-adapter"]["image"]

every_service = pytest.mark.parametrize("name", SERVICES)


@every_service
def test_a_service_restarts_by_itself(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"


@every_service
def test_a_service_cannot_write_to_its_image_nor_gain_rights(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]


@every_service
def test_a_service_does_not_run_as_root(name: str) -> None:
    user, _, group = SERVICES[name]["user"].partition(":")

    assert int(user) > 0
    assert int(group) > 0


@every_service
def test_an_image_is_pinned_to_a_version(name: str) -> None:
    assert re.fullmatch(r"[\w/-]+:v?\d+\.?\d*[\w.-]*", SERVICES[name]["image"])


@every_service
def test_a_port_is_published_on_the_loopback_only(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


@every_service
def test_somebody_watches_the_health_of_a_service(name: str) -> None:
    watched_by_another = f"{name}-health" in SERVICES  # HAPI's image has nothing to ask with
    watched_by_the_image = (
        SERVICES[name]["image"] == OUR_IMAGE and "HEALTHCHECK" in (ROOT / "Dockerfile").read_text()
    )

    assert "healthcheck" in SERVICES[name] or watched_by_another or watched_by_the_image


@every_service
def test_a_service_waits_for_the_health_of_what_it_needs(name: str) -> None:
    needs = SERVICES[name].get("depends_on", {})
    started_only = {other for other, how in needs.items() if how["condition"] == "service_started"}

    assert started_only == ({"hapi"} if name == "hapi-health" else set())


def test_the_broker_loses_no_message_that_it_has_taken() -> None:
    lines = COMPOSE["configs"]["redis"]["content"].splitlines()

    assert {"appendonly yes", "appendfsync always", "maxmemory-policy noeviction"} <= set(lines)
    assert any(line.startswith("requirepass ${REDIS_PASSWORD") for line in lines)


def test_the_example_environment_has_what_compose_asks_for() -> None:
    required = set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text()))

    assert required
    assert required <= EXAMPLE.keys()


def test_the_example_environment_is_one_that_the_program_accepts() -> None:
    ours = {key: value for key, value in EXAMPLE.items() if key.startswith(PREFIX)}

    settings = load_settings({**ours, f"{PREFIX}FHIR_BASE_URL": "http://hapi:8080/fhir"})

    assert settings.pathway == "core"


def test_the_image_holds_every_package_of_the_wheel() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]

    copied = re.findall(r"^COPY (\w+) \./\1$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)

    assert sorted(copied) == sorted(packages)


def test_the_image_runs_as_somebody_and_checks_its_own_health() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()

    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", dockerfile, re.MULTILINE)
    assert '["osteo-handover", "doctor", "--quick"]' in dockerfile
