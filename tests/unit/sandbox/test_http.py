"""What only HTTP has: headers, encodings, connections, starting and stopping."""

import gzip
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from workers.sandbox import FaultEffect, Sandbox

pytestmark = pytest.mark.slow  # a server for each test, some in a process of their own

PATIENT = {"resourceType": "Patient", "id": "a", "name": [{"family": "Ångström" * 300}]}
KEY = "open-sesame"


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(admin_key=KEY) as server:
        yield server


@pytest.fixture
def server(running: Sandbox) -> Iterator[Sandbox]:
    running.faults.clear()
    running.recorder.clear()
    running.load([PATIENT])
    yield running
    running.faults.clear()


def test_a_write_says_version_time_and_place(server: Sandbox) -> None:
    answer = requests.put(f"{server.base_url}/Patient/new", json=PATIENT | {"id": "new"}, timeout=5)
    assert answer.status_code == 201
    assert answer.headers["Content-Type"] == "application/fhir+json; charset=utf-8"
    assert answer.headers["ETag"] == 'W/"1"'
    assert answer.headers["Location"] == f"{server.base_url}/Patient/new/_history/1"
    assert answer.headers["Last-Modified"].endswith("GMT")
    assert answer.headers["Date"].endswith("GMT")


def test_bodies_may_be_gzipped_both_ways(server: Sandbox) -> None:
    packed = gzip.compress(json.dumps(PATIENT | {"id": "zip"}).encode())
    headers = {"Content-Encoding": "gzip"}
    assert (
        requests.put(f"{server.base_url}/Patient/zip", data=packed, headers=headers, timeout=5).status_code
        == 201
    )
    answer = requests.get(f"{server.base_url}/Patient/zip", headers={"Accept-Encoding": "gzip"}, timeout=5)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.json()["name"] == PATIENT["name"]
    assert (
        requests.put(f"{server.base_url}/Patient/zip", data=b"no", headers=headers, timeout=5).status_code
        == 400
    )


def test_a_form_search_joins_the_url(server: Sandbox) -> None:
    url = f"{server.base_url}/Patient/_search?_count=1"
    bundle = requests.post(url, data={"_id": "a,b"}, timeout=5).json()
    assert [entry["resource"]["id"] for entry in bundle["entry"]] == ["a"]
    assert bundle["link"][0]["url"] == f"{server.base_url}/Patient?_count=1&_id=a%2Cb"


def test_a_known_version_has_no_body(server: Sandbox) -> None:
    etag = requests.get(f"{server.base_url}/Patient/a", timeout=5).headers["ETag"]
    answer = requests.get(f"{server.base_url}/Patient/a", headers={"If-None-Match": etag}, timeout=5)
    assert (answer.status_code, answer.content) == (304, b"")
    head = requests.head(f"{server.base_url}/Patient/a", timeout=5)
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", etag)


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "Patient/nobody", {}, 404),
        ("GET", "Patient/a", {"Accept": "application/fhir+xml"}, 406),
        ("PATCH", "Patient/a", {}, 405),
        ("POST", "Patient", {}, 400),
    ],
)
def test_every_refusal_is_an_operation_outcome(
    server: Sandbox, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    answer = requests.request(method, f"{server.base_url}/{path}", headers=headers, timeout=5)
    assert (answer.status_code, answer.json()["resourceType"]) == (status, "OperationOutcome")


def test_the_recorder_counts_requests_and_lists_writes(server: Sandbox) -> None:
    requests.get(f"{server.base_url}/Patient/a", timeout=5)
    requests.get(f"{server.base_url}/Patient/a", timeout=5)
    requests.put(f"{server.base_url}/Flag/f", json={"resourceType": "Flag"}, timeout=5)
    requests.put(f"{server.base_url}/Flag/f", json={"resourceType": "Flag"}, timeout=5)
    assert server.recorder.requests == {("GET", "Patient"): 2, ("PUT", "Flag"): 2}
    assert [(write.method, write.type, write.id, write.version) for write in server.recorder.writes] == [
        ("PUT", "Flag", "f", 1)
    ]


def test_eight_at_once_make_one_resource(server: Sandbox) -> None:
    plan = {"resourceType": "CarePlan", "identifier": [{"value": "once"}]}
    url = f"{server.base_url}/CarePlan?identifier=once"
    writers = [
        threading.Thread(target=requests.put, args=(url,), kwargs={"json": plan, "timeout": 5})
        for _ in range(8)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(server.recorder.writes) == 1


FAULT = {"effect": "status", "value": 503, "times": 1, "method": "GET"}
WITH_KEY = {"X-Sandbox-Key": KEY}


def faults_of(server: Sandbox) -> str:
    return server.base_url.replace("/fhir", "/_faults")


def test_a_fault_that_is_set_over_http_is_met_by_the_next_request(server: Sandbox) -> None:
    (rule,) = requests.post(faults_of(server), json=FAULT, headers=WITH_KEY, timeout=5).json()

    assert (rule["effect"], rule["times"]) == ("status", 1)
    assert requests.get(f"{server.base_url}/Patient/a", timeout=5).status_code == 503


def test_without_the_key_nobody_sees_that_faults_can_be_set(server: Sandbox) -> None:
    assert requests.post(faults_of(server), json=FAULT, timeout=5).status_code == 404
    assert server.faults.rules == ()


def test_an_unknown_fault_is_refused(server: Sandbox) -> None:
    answer = requests.post(faults_of(server), json={"effect": "flood"}, headers=WITH_KEY, timeout=5)

    assert answer.status_code == 400


def test_all_faults_are_taken_away_at_once(server: Sandbox) -> None:
    server.faults.add_rule(FaultEffect.READ_ONLY)

    assert requests.delete(faults_of(server), headers=WITH_KEY, timeout=5).json() == []


def test_without_a_key_there_is_no_way_in() -> None:
    with Sandbox() as closed:
        answer = requests.get(
            closed.base_url.replace("/fhir", "/_faults"), headers={"X-Sandbox-Key": ""}, timeout=5
        )
    assert answer.status_code == 404


def test_a_file_keeps_everything_over_a_restart_on_the_same_port(tmp_path: Path) -> None:
    path = str(tmp_path / "fhir.sqlite")
    with Sandbox(path=path) as first:
        assert first.load([PATIENT, PATIENT, {"resourceType": "Flag"}]) == 2
        port = int(first.base_url.split(":")[2].split("/")[0])
    with Sandbox(path=path, port=port) as second:
        assert second.base_url == first.base_url
        assert requests.get(f"{second.base_url}/Patient?name=ang", timeout=5).json()["total"] == 1


def test_it_stops_within_two_seconds_while_a_client_waits() -> None:
    server = Sandbox().start()
    server.faults.add_rule(FaultEffect.DELAY, 60_000)
    waiting = threading.Thread(target=_ask_in_vain, args=(server.base_url,))
    waiting.start()
    while not server.recorder.requests:
        time.sleep(0.01)
    begun = time.monotonic()
    server.stop()
    server.stop()
    waiting.join(5)
    assert time.monotonic() - begun < 2
    assert not waiting.is_alive()


def _ask_in_vain(base: str) -> None:
    with pytest.raises(requests.RequestException):
        requests.get(f"{base}/metadata", timeout=10).raise_for_status()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_in_the_foreground_until_it_is_told_to_stop(number: signal.Signals) -> None:
    code = (
        "from workers.sandbox import Sandbox\n"
        "Sandbox.serve_forever('127.0.0.1', 0, on_ready=lambda server: print(server.base_url, flush=True))\n"
        "print('over')"
    )
    command = [sys.executable, "-W", "error", "-c", code]
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert requests.get(f"{url}/metadata", timeout=5).status_code == 200
        process.send_signal(number)
        output, errors = process.communicate(timeout=10)
    assert (process.returncode, output.strip(), errors) == (0, "over", "")
