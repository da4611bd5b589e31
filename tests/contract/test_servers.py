"""The servers that everything else is tested on are there, are what they say, and go away."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
import requests

from tests.servers.process import ServerFailedError, line_from, running


def test_a_fhir_server_says_that_it_speaks_r4(fhir_server: str) -> None:
    statement = requests.get(f"{fhir_server}/metadata", timeout=10).json()

    assert statement["resourceType"] == "CapabilityStatement"
    assert statement["fhirVersion"] == "4.0.1"


def test_a_patient_put_under_our_own_id_can_be_read_back(
    fhir_server: str, unique_id: Callable[[str], str]
) -> None:
    patient = {"resourceType": "Patient", "id": unique_id("patient"), "active": True}
    address = f"{fhir_server}/Patient/{patient['id']}"

    created = requests.put(
        address, json=patient, timeout=10, headers={"Content-Type": "application/fhir+json"}
    )

    assert created.status_code == 201
    assert requests.get(address, timeout=10).json().items() >= patient.items()


def test_redis_answers(redis_server: str) -> None:
    with redis.Redis.from_url(redis_server) as client:
        assert client.ping()


def test_unique_ids_differ(unique_id: Callable[[str], str]) -> None:
    assert len({unique_id("patient") for _ in range(10)}) == 10


def test_a_server_and_its_children_end_with_the_test(tmp_path: Path) -> None:
    script = "sleep 60 & echo $!; wait"

    with running(["sh", "-c", script], tmp_path / "log") as shell:
        child = int(line_from(shell, 5, tmp_path / "log"))
        os.kill(child, 0)

    assert shell.returncode is not None
    assert not is_running(child)


def test_a_server_that_dies_at_once_says_why(tmp_path: Path) -> None:
    log = tmp_path / "log"

    with (
        running(["sh", "-c", "echo the disk is full >&2"], log) as server,
        pytest.raises(ServerFailedError, match="the disk is full"),
    ):
        line_from(server, 5, log)


def test_a_server_that_says_nothing_is_not_waited_for_long(tmp_path: Path) -> None:
    log = tmp_path / "log"

    with (
        running(["sleep", "60"], log) as server,
        pytest.raises(ServerFailedError, match="nothing came within"),
    ):
        line_from(server, 0.1, log)


def is_running(pid: int) -> bool:
    """Whether the process is there and not a zombie that nobody has collected yet."""
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout
    return bool(state.strip()) and not state.startswith("Z")
