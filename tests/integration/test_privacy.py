"""A whole flow, with trouble on the way, and no patient data in logs, messages, error output or ledger."""

import base64
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from tests.integration.conftest import REPOSITORY, Hospital, wait_until
from tests.made_resources import a_gp, a_patient, a_t_score
from workers.queue import celery_app, task_messages
from workers.queue.feed import feed_queue
from workers.sandbox import FaultEffect

pytestmark = pytest.mark.worker

NAME, GIVEN, IDENTIFIER, BORN, SCORE, GP = (
    "Kanarievogel",
    "Zonnebloempje",
    "999911120",
    "1957-07-13",
    "-3.1279",
    "Dr Ooievaar",
)
CANARIES = (NAME, GIVEN, IDENTIFIER, BORN, SCORE, GP, "13 July 1957", "kanarie-opmerking")


def a_canary(key: str) -> list[dict[str, object]]:
    """A patient whom one would recognise everywhere."""
    named = {
        "name": [{"family": NAME, "given": [GIVEN], "text": f"{GIVEN} {NAME}"}],
        "identifier": [{"system": "http://id.example.org", "value": IDENTIFIER}],
        "birthDate": BORN,
    }
    unreadable = a_t_score(key, id=f"{key}-text", valueString=f"{SCORE} kanarie-opmerking")
    del unreadable["valueQuantity"]
    medicine = {
        "resourceType": "MedicationStatement",
        "id": f"{key}-medicine",
        "status": "active",
        "subject": {"reference": f"Patient/{key}"},
        "medicationCodeableConcept": {"text": f"kanarie-opmerking for {NAME}"},
    }
    return [a_patient(key, "canary-gp", **named), a_t_score(key, float(SCORE)), unreadable, medicine]


@pytest.fixture
def canaries(hospital: Hospital) -> Hospital:
    gp = a_gp("canary-gp") | {"name": [{"text": GP}]}
    hospital.sandbox.load([gp, *a_canary("canary-1"), *a_canary("canary-2")])
    return hospital


def test_the_patient_is_nowhere_but_on_the_server(canaries: Hospital) -> None:
    queued = messages_of_a_sweep(canaries)
    canaries.sandbox.faults.add_rule(FaultEffect.STATUS, 500, times=3, method="POST")
    canaries.sandbox.faults.add_rule(FaultEffect.TRUNCATE, times=2, method="POST")
    canaries.worker()
    finished = subprocess.run(
        [sys.executable, "-m", "workers", "--verbose", "run", "--json"],
        cwd=REPOSITORY,
        env=canaries.environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    wait_until(lambda: bool(letters_on(canaries)), within=120, what="a letter after the faults")
    said = canaries.log + finished.stdout + finished.stderr

    assert "reviewed" in canaries.log
    assert found_in(said) == []
    assert found_in(queued) == []
    assert found_in(everything_in_redis(canaries)) == []
    assert found_in(bytes_of(canaries.folder, "ledger.sqlite*")) == []


def test_the_search_for_canaries_would_find_one(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"..." + NAME.encode() + b"...")
    body = base64.b64encode(json.dumps({"body": SCORE}).encode()).decode()

    assert found_in(bytes_of(tmp_path, "ledger.sqlite*")) == [NAME]
    assert found_in(unpacked(body)) == [SCORE]


def messages_of_a_sweep(hospital: Hospital) -> str:
    """Everything in Redis while the work of one sweep waits in the queue."""
    with hospital.runtime() as runtime:
        celery_app.use(runtime.settings)
        runtime.sweep()
        feed_queue(runtime, 100, task_messages.waiting, task_messages.publish)
    held = everything_in_redis(hospital)
    assert "canary-1" in held  # the opaque id is what a message carries
    return held


def everything_in_redis(hospital: Hospital) -> str:
    """Keys and values, and what is inside base64 bodies."""
    with redis.Redis.from_url(hospital.broker, decode_responses=True) as client:
        return "\n".join(unpacked(f"{key} {_value(client, key)}") for key in client.scan_iter("*"))


def _value(client: redis.Redis, key: str) -> object:
    match client.type(key):
        case "list":
            return client.lrange(key, 0, -1)
        case "hash":
            return client.hgetall(key)
        case "set":
            return client.smembers(key)
        case "zset":
            return client.zrange(key, 0, -1)
        case _:
            return client.get(key)


def unpacked(text: str) -> str:
    """The text, followed by whatever in it is base64."""
    packed = re.findall(r"[A-Za-z0-9+/]{16,}={0,2}", text)
    opened = [
        base64.b64decode(it + "=" * (-len(it) % 4)).decode(errors="replace")
        for it in packed
        if len(it) % 4 != 1
    ]
    return "\n".join([text, *opened])


def bytes_of(folder: Path, pattern: str) -> str:
    return "".join(path.read_bytes().decode(errors="replace") for path in folder.glob(pattern))


def letters_on(hospital: Hospital) -> list[str]:
    return [place for place in hospital.written() if place.startswith("Communication")]


def found_in(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary.lower() in text.lower()]
