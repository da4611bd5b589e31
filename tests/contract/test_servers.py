"""The servers that everything else is tested on are there, are what they say, and go away."""

from collections.abc import Callable
from pathlib import Path
from time import sleep

import pytest
import redis
import requests

from tests.servers.fixtures import ServerFailedError, address_in
from workers.broker.child_process import run_process


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


def test_a_server_that_dies_at_once_says_why(tmp_path: Path) -> None:
    log = tmp_path / "log"

    with (
        run_process(["sh", "-c", "echo the disk is full >&2"], log) as server,
        pytest.raises(ServerFailedError, match="the disk is full"),
    ):
        address_in(log, server, within=5)


def test_a_server_that_says_nothing_is_not_waited_for_long(tmp_path: Path) -> None:
    log = tmp_path / "log"

    with (
        run_process(["sleep", "60"], log) as server,
        pytest.raises(ServerFailedError, match="not ready within"),
    ):
        address_in(log, server, within=0.3)


def test_the_children_of_a_server_end_with_it(tmp_path: Path) -> None:
    log = tmp_path / "log"

    with run_process(["sh", "-c", "sleep 60 & echo READY $!; wait"], log) as server:
        child = int(address_in(log, server, within=5))
        assert is_running(child)

    # The signal is sent to the whole group at once; the kernel may take the child a moment later.
    assert ends_within(5.0, child)


def ends_within(seconds: float, pid: int) -> bool:
    """Whether the process is gone before the time is up."""
    for _ in range(int(seconds / 0.05)):
        if not is_running(pid):
            return True
        sleep(0.05)
    return False


def is_running(pid: int) -> bool:
    """Whether the process is there, and not a zombie that nobody has collected yet."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
