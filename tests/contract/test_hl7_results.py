"""HL7 v2 that came: written once, corrected in place, reviewed as if it had come in any other way."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from adapter.fhir import FhirClient
from adapter.input.wire_json import Json
from tests.contract.reception import SYSTEM, Reception, known, standing
from tests.server_patients import a_runtime, written_for
from tests.unit.hl7v2.messages import OBR, PID, msh, obx, oru, wire
from workers.sandbox import Sandbox

Unique = Callable[[str], str]
SPINE = obx("TLS^T-score LWK^L", "-2,8")


def message(*results: str, control_id: str = "M1", made: str = "20260601101500", obr: str = OBR) -> bytes:
    return wire(msh(control_id=control_id).replace("20260601101500", made), PID, obr, *results)


@pytest.fixture(params=["put", "conditional"])
def reception(
    fhir_server: str, unique_id: Unique, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Reception]:
    key = unique_id("hl7")
    known(fhir_server, key)
    with a_runtime(fhir_server, site=key, write_mode=request.param) as runtime:
        yield Reception(runtime, tmp_path, key)


def value(found: Json) -> str:
    return str(found["valueQuantity"]["value"])


def test_a_result_is_written_once_however_often_it_comes(fhir_server: str, reception: Reception) -> None:
    reception.arrived(message(SPINE))
    (first,) = standing(fhir_server, reception.number)
    assert reception.take(message(SPINE)) == ["AA"]
    reception.arrived(message(SPINE, control_id="M2", made="20260601120000"))

    (found,) = standing(fhir_server, reception.number)
    (report,) = standing(fhir_server, reception.number, "DiagnosticReport")
    assert value(found) == "-2.8"
    assert found["meta"]["versionId"] == first["meta"]["versionId"]
    assert report["result"][0]["reference"].endswith(f"Observation/{found['id']}")
    assert reception.inbox.count_states() == {"waiting": 0, "done": 2, "failed": 0}


def test_a_correction_meets_what_it_corrects_and_keeps_the_rest_of_the_report(
    fhir_server: str, reception: Reception
) -> None:
    reception.arrived(message(SPINE, obx("TNL^hals^L", "-1,5"), obx("V^v^L", "Verslag", "TX")))
    reception.arrived(message(obx("TLS^T^L", "-2,1", status="C"), control_id="M2", made="20260602101500"))

    found = {value(it): it["status"] for it in standing(fhir_server, reception.number)}
    (report,) = standing(fhir_server, reception.number, "DiagnosticReport")
    assert found == {"-2.1": "corrected", "-1.5": "final"}
    assert (len(report["result"]), report["conclusion"]) == (2, "Verslag")


def test_a_correction_of_the_day_meets_it_too(fhir_server: str, reception: Reception) -> None:
    reception.arrived(message(SPINE))
    reception.arrived(
        message(obx("TLS^T^L", "-2,8", status="C", when="20260531"), control_id="M2", made="20260602101500")
    )

    (found,) = standing(fhir_server, reception.number)
    assert found["effectiveDateTime"] == "2026-05-31"


def test_a_version_that_was_overtaken_on_the_way_changes_nothing(
    fhir_server: str, reception: Reception
) -> None:
    reception.arrived(message(obx("TLS^T^L", "-2,1", status="C"), control_id="M2", made="20260602101500"))
    reception.arrived(message(SPINE))

    (found,) = standing(fhir_server, reception.number)
    assert value(found) == "-2.1"


@pytest.mark.parametrize(
    ("status", "means"), [("D", "entered-in-error"), ("W", "entered-in-error"), ("X", "cancelled")]
)
def test_a_withdrawn_result_keeps_what_it_said(
    fhir_server: str, reception: Reception, status: str, means: str
) -> None:
    reception.arrived(message(SPINE))
    reception.arrived(message(obx("TLS^T^L", "", status=status), control_id="M2", made="20260602101500"))

    (found,) = standing(fhir_server, reception.number)
    assert (found["status"], value(found)) == (means, "-2.8")


def test_a_final_status_without_the_result_makes_the_preliminary_one_final(
    fhir_server: str, reception: Reception
) -> None:
    reception.arrived(message(obx("TLS^T^L", "-2,8", status="P")))
    reception.arrived(message(obx("TLS^T^L", "", status="U"), control_id="M2", made="20260602101500"))

    (found,) = standing(fhir_server, reception.number)
    assert (found["status"], value(found)) == ("final", "-2.8")


def test_who_is_unknown_is_waited_for_and_then_given_to_a_human(
    fhir_server: str, tmp_path: Path, unique_id: Unique
) -> None:
    key = unique_id("later")
    with a_runtime(fhir_server, site=key, retry_delays="60,300") as runtime:
        reception = Reception(runtime, tmp_path, key)
        reception.take(message(SPINE), message(SPINE, control_id="M2"))
        reception.work()
        reception.work(timedelta(minutes=2))
        reception.work(timedelta(minutes=10))
        assert reception.inbox.count_states()["failed"] == 2
        known(fhir_server, key)
        assert reception.inbox.retry_items(runtime.clock()) == 2
        reception.work()

        assert reception.inbox.count_states() == {"waiting": 0, "done": 2, "failed": 0}
    assert len(standing(fhir_server, key)) == 1


def test_an_order_number_of_somebody_else_is_for_a_human(
    fhir_server: str, reception: Reception, unique_id: Unique
) -> None:
    reception.arrived(message(SPINE))
    known(fhir_server, other := unique_id("other"))
    reception.number, before = other, reception.number
    reception.arrived(message(SPINE, control_id="M2"))

    (trouble,) = reception.inbox.items_in_trouble()
    assert "another patient" in trouble.reason
    assert len(standing(fhir_server, before)) == 1
    assert standing(fhir_server, other) == []


def test_the_provenance_names_message_and_sender(fhir_server: str, reception: Reception) -> None:
    reception.arrived(message(SPINE))

    (found,) = standing(fhir_server, reception.number)
    with FhirClient(fhir_server) as client:
        (origin,) = client.search("Provenance", [("target", f"Observation/{found['id']}")]).matches
    assert origin["entity"][0]["what"]["identifier"]["value"] == "M1"


def test_a_review_asks_about_a_report_that_is_text_only(fhir_server: str, reception: Reception) -> None:
    reception.arrived(message(obx("V^v^L", "Osteoporose", "TX")))
    reception.runtime.review([reception.number])

    assert [it["status"] for it in written_for(fhir_server, reception.number)["Task"]] == ["requested"]


MRG = "MRG|99999^^^ZKH^PI"


def test_patients_that_came_by_hl7_follow_its_news(
    fhir_server: str, unique_id: Unique, tmp_path: Path
) -> None:
    key, former = unique_id("new"), unique_id("old")
    with a_runtime(fhir_server, site=key, intake='{"patients": "create"}') as runtime:
        reception = Reception(runtime, tmp_path, key)
        reception.arrived(message(SPINE))
        reception.arrived(
            message(SPINE, control_id="M1b", obr=OBR.replace("F1", "F9")).replace(b"12345", former.encode())
        )
        changed = wire(msh("ADT^A08", control_id="M2"), PID.replace("Jansen^Anna", "de Vries^Anna"))
        merged = wire(msh("ADT^A40", control_id="M3"), PID, MRG.replace("99999", former))
        reception.arrived(changed, merged)

        assert reception.inbox.count_states()["failed"] == 0
    with FhirClient(fhir_server) as client:
        (now,) = client.search("Patient", [("identifier", f"{SYSTEM}|{key}")]).matches
        (before,) = client.search("Patient", [("identifier", f"{SYSTEM}|{former}")]).matches
    assert now["name"][0]["family"] == "de Vries"
    assert now["birthDate"] == "1952-03-10"
    assert before["active"] is False
    assert before["link"][0]["other"]["reference"].endswith(f"Patient/{now['id']}")


def test_news_that_were_overtaken_on_the_way_change_nothing(
    fhir_server: str, unique_id: Unique, tmp_path: Path
) -> None:
    key = unique_id("late")

    def news(family: str, hour: int) -> bytes:
        made = f"202606{hour:02}1015"
        head = msh("ADT^A08", control_id=f"A{hour}").replace("20260601101500", made)
        return wire(head, PID.replace("Jansen", family))

    with a_runtime(fhir_server, site=key, intake='{"patients": "create"}') as runtime:
        reception = Reception(runtime, tmp_path, key)
        reception.arrived(message(SPINE, made="20260602101500"))
        for family, day in (("Eerder", 1), ("Later", 9), ("Tussendoor", 5), ("Nieuwst", 11), ("Later", 9)):
            reception.arrived(news(family, day))
    with FhirClient(fhir_server) as client:
        (found,) = client.search("Patient", [("identifier", f"{SYSTEM}|{key}")]).matches
    assert found["name"][0]["family"] == "Nieuwst"
    assert found["meta"]["versionId"] == "3"  # made, Later, Nieuwst


def test_a_patient_of_the_server_is_never_changed(fhir_server: str, reception: Reception) -> None:
    with FhirClient(fhir_server) as client:
        before = client.read("Patient", reception.number)
        reception.arrived(wire(msh("ADT^A08"), PID.replace("Jansen", "Andere")))

        assert client.read("Patient", reception.number) == before
    assert reception.inbox.count_states()["done"] == 1


def test_a_new_number_is_added_and_the_former_one_marked(
    fhir_server: str, unique_id: Unique, tmp_path: Path
) -> None:
    key = unique_id("nr")
    with a_runtime(fhir_server, site=key, intake='{"patients": "create"}') as runtime:
        reception = Reception(runtime, tmp_path, key)
        reception.arrived(message(SPINE))
        reception.arrived(
            wire(msh("ADT^A47", control_id="M2"), PID.replace("12345", f"{key}9"), MRG.replace("99999", key))
        )
    with FhirClient(fhir_server) as client:
        (found,) = client.search("Patient", [("identifier", f"{SYSTEM}|{key}9")]).matches
    assert {it.get("use") for it in found["identifier"] if it["value"] == key} == {"old"}


def test_oru_of_another_matter_is_acknowledged_and_nothing_is_written(
    fhir_server: str, reception: Reception
) -> None:
    reception.arrived(oru("OBX|1|NM|WBC^Leukocytes^L||7,5", obr="OBR|1|P|F|CBC^Blood count^L"))

    assert standing(fhir_server, reception.number) == []
    assert reception.inbox.count_states()["done"] == 1


@pytest.mark.parametrize("mode", ["put", "conditional"])
def test_through_two_doors_at_once_it_comes_once(mode: str, unique_id: Unique, tmp_path: Path) -> None:
    """Two processes with their own inboxes write the same message at once, and then both review."""
    key, both = unique_id("twice"), threading.Barrier(2)
    with Sandbox() as server:
        known(server.base_url, key)

        def door(name: str) -> None:
            (tmp_path / name).mkdir()
            with a_runtime(server.base_url, site=key, write_mode=mode) as runtime:
                reception = Reception(runtime, tmp_path / name, key)
                reception.take(message(SPINE))
                both.wait(30)
                reception.work()
                reception.work(timedelta(minutes=2))  # whoever lost the race looks again
                assert reception.inbox.count_states() == {"waiting": 0, "done": 1, "failed": 0}
                runtime.review([key])

        with ThreadPoolExecutor(2) as doors:
            list(doors.map(door, ("mllp", "folder")))

        (found,) = standing(server.base_url, key)
        assert len(standing(server.base_url, key, "DiagnosticReport")) == 1
        assert len(written_for(server.base_url, key)["CarePlan"]) == 1
        assert found["meta"]["versionId"] == "1"
