"""Each fault does what it says, as often as it says, and is over when it is cleared."""

import json
import time
from collections.abc import Iterator

import pytest
import requests

from adapter.input.wire_json import Json
from tests.unit.sandbox.in_process import Fhir, content, ids
from workers.sandbox import FaultEffect, Faults, Sandbox


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox() as server:
        server.load({"resourceType": "Patient", "id": id_, "name": [{"family": id_}]} for id_ in "abc")
        yield server


@pytest.fixture
def server(running: Sandbox) -> Iterator[Sandbox]:
    running.faults.clear()
    running.recorder.clear()
    yield running
    running.faults.clear()


def get(server: Sandbox, path: str, **headers: str) -> requests.Response:
    return requests.get(f"{server.base_url}/{path}", headers=headers, timeout=5)


def test_a_status_is_answered_so_many_times_and_then_no_more(server: Sandbox) -> None:
    server.faults.add_rule(FaultEffect.STATUS, 429, times=2, method="GET", type="Patient", retry_after=7)
    assert get(server, "Observation").status_code == 200
    answers = [get(server, "Patient/a") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "7"
    assert answers[0].json()["resourceType"] == "OperationOutcome"


def test_a_share_of_the_requests_meets_with_a_fault() -> None:
    faults = Faults()
    faults.add_rule(FaultEffect.STATUS, 503, share=0.2)
    met = [faults.take_rule(FaultEffect.STATUS, "GET", "Patient") is not None for _ in range(1000)]
    assert 150 <= met.count(True) <= 250


def test_one_trouble_ends_and_the_other_goes_on(server: Sandbox) -> None:
    first, _ = server.faults.add_rule(FaultEffect.STATUS, 503), server.faults.add_rule(FaultEffect.HTML, 502)
    server.faults.remove_rule(first)
    server.faults.remove_rule(first)
    assert get(server, "Patient/a").headers["Content-Type"] == "text/html; charset=utf-8"


def test_a_status_comes_before_anything_is_done(server: Sandbox) -> None:
    server.faults.add_rule(FaultEffect.STATUS, 503, times=1)
    requests.post(f"{server.base_url}/Flag", json={"resourceType": "Flag"}, timeout=5)
    assert server.recorder.writes == []


def test_a_proxy_answers_in_html(server: Sandbox) -> None:
    server.faults.add_rule(FaultEffect.HTML, 502, times=1)
    answer = get(server, "Patient/a")
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html; charset=utf-8")


def test_a_body_is_cut_short(server: Sandbox) -> None:
    server.faults.add_rule(FaultEffect.TRUNCATE, times=1)
    with pytest.raises(requests.exceptions.JSONDecodeError):
        get(server, "Patient/a").json()


def test_an_answer_is_lost_after_the_commit(server: Sandbox) -> None:
    server.faults.add_rule(FaultEffect.DROP, times=1, method="POST")
    with pytest.raises(requests.ConnectionError):
        requests.post(f"{server.base_url}/Flag", json={"resourceType": "Flag"}, timeout=5)
    assert [write.type for write in server.recorder.writes] == ["Flag"]
    assert get(server, "Patient/a").status_code == 200


def test_an_answer_is_late(server: Sandbox) -> None:
    server.faults.add_rule(FaultEffect.DELAY, 80, times=1)
    begun = time.monotonic()
    assert get(server, "Patient/a").status_code == 200
    assert time.monotonic() - begun >= 0.08


def test_a_token_is_required(server: Sandbox) -> None:
    server.faults.add_rule(FaultEffect.BEARER, "secret")
    refused = get(server, "Patient/a")
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert get(server, "Patient/a", Authorization="Bearer secret").status_code == 200


@pytest.fixture
def filled(fhir: Fhir) -> Fhir:
    for number in range(4):
        fhir.put("Observation", f"o{number}", subject={"reference": f"Patient/{'ab'[number % 2]}"})
    return fhir


def self_link(bundle: Json) -> str:
    return str(bundle["link"][0]["url"])


def test_an_ignored_parameter_gives_everybodys_data_and_shows_in_the_self_link(filled: Fhir) -> None:
    filled.faults.add_rule(FaultEffect.IGNORE_PARAMETER, "patient", times=1)
    bundle = filled.get("Observation?patient=a&_count=9", prefer="handling=strict")
    assert ids(bundle) == ["o0", "o1", "o2", "o3"]
    assert self_link(bundle).endswith("/Observation?_count=9")
    assert filled.found("Observation?patient=a") == ["o0", "o2"]


def test_an_unseen_parameter_is_claimed_in_the_self_link(filled: Fhir) -> None:
    filled.faults.add_rule(FaultEffect.UNSEEN_PARAMETER, "patient", times=1)
    bundle = filled.get("Observation?patient=a")
    assert len(ids(bundle)) == 4
    assert self_link(bundle).endswith("/Observation?patient=a")


@pytest.mark.parametrize(("named", "expected"), [("Observation/o3", "o3"), (None, "o1")])
def test_an_intruder_joins_a_search(filled: Fhir, named: str | None, expected: str) -> None:
    filled.faults.add_rule(FaultEffect.INTRUDER, named, times=1)
    assert filled.found("Observation?patient=a") == ["o0", "o2", expected]


def test_next_links_expire_or_lead_elsewhere(filled: Fhir) -> None:
    filled.faults.add_rule(FaultEffect.FOREIGN_NEXT, "https://elsewhere.test:8443", times=1)
    filled.faults.add_rule(FaultEffect.EXPIRED_PAGE, times=1)
    foreign = filled.get("Observation?_count=2")["link"][1]["url"]
    assert foreign.startswith("https://elsewhere.test:8443/fhir?_page=")
    own = filled.get("Observation?_count=2")["link"][1]["url"]
    assert [filled.ask("GET", own).status for _ in range(2)] == [410, 200]


def test_a_search_is_stale_for_a_while_unless_it_must_not_be(filled: Fhir) -> None:
    filled.faults.add_rule(FaultEffect.STALE_SEARCH, 60)
    assert len(filled.found("Observation")) == 4
    filled.put("Observation", "new")
    assert len(filled.found("Observation")) == 4
    assert len(ids(filled.get("Observation", cache_control="no-cache"))) == 5
    filled.clock.move(61)
    assert len(filled.found("Observation")) == 5


def test_an_entry_of_a_batch_is_throttled_inside_a_200(filled: Fhir) -> None:
    filled.faults.add_rule(FaultEffect.THROTTLED_ENTRY, 429, times=1, type="Observation")
    entries = [
        {"request": {"method": "GET", "url": url}} for url in ("Patient", "Observation", "Observation")
    ]
    answer = filled.post({"resourceType": "Bundle", "type": "batch", "entry": entries}, "")
    assert answer.status == 200
    assert [entry["response"]["status"][:3] for entry in content(answer)["entry"]] == ["200", "429", "200"]


def test_a_read_only_server_forbids_every_write(filled: Fhir) -> None:
    filled.recorder.clear()
    filled.faults.add_rule(FaultEffect.READ_ONLY)
    put = {
        "request": {"method": "PUT", "url": "Patient/a"},
        "resource": {"resourceType": "Patient", "id": "a"},
    }
    assert filled.put("Patient", "a").status == 403
    assert filled.ask("DELETE", "Observation/o1").status == 403
    assert filled.post({"resourceType": "Bundle", "type": "transaction", "entry": [put]}, "").status == 403
    batch = filled.post({"resourceType": "Bundle", "type": "batch", "entry": [put]}, "")
    assert content(batch)["entry"][0]["response"]["status"] == "403 Forbidden"
    assert filled.recorder.writes == []
    assert filled.found("Observation?patient=a") == ["o0", "o2"]


def test_the_server_claims_another_version(fhir: Fhir) -> None:
    fhir.faults.add_rule(FaultEffect.VERSION, "3.0.2", times=1)
    assert [fhir.get("metadata")["fhirVersion"] for _ in range(2)] == ["3.0.2", "4.0.1"]


def test_cleared_faults_are_over(fhir: Fhir) -> None:
    fhir.faults.add_rule(FaultEffect.READ_ONLY)
    fhir.faults.clear()
    assert fhir.faults.rules == ()
    assert fhir.put("Patient", "a").status == 201


def test_a_fault_counts_only_the_requests_that_it_covers(fhir: Fhir) -> None:
    fhir.faults.add_rule(FaultEffect.READ_ONLY, times=1, method="PUT", type="Flag")
    statuses = [fhir.put(type_, "x").status for type_ in ("Patient", "Flag", "Flag")]
    assert statuses == [201, 403, 201]
    assert json.loads(fhir.ask("GET", "Flag/x").body)["id"] == "x"
