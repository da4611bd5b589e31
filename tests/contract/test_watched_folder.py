"""Files in a folder: taken whole, written once, and put where a human sees what became of them."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapter.input.wire_json import Json
from tests.contract.reception import Reception, known, standing
from tests.made_resources import a_gp, a_patient, a_t_score
from tests.server_patients import a_runtime, written_for
from tests.unit.hl7v2.messages import OBR, PID, msh, obx, wire
from workers.intake.inbox import ArrivalInbox, ArrivalKey, ItemState
from workers.intake.inbox_cipher import cipher_of
from workers.intake.watched_folder import SETTLED, WatchedFolder
from workers.review.review_outcome import OutcomeCode

Unique = Callable[[str], str]


class Ward(Reception):
    """A reception with a folder; `later` lets a file come to rest."""

    def look(self, later: timedelta = timedelta(0), *, rested: bool = True) -> dict[str, list[str]]:
        folder = WatchedFolder(
            self.root, self.senders, self.inbox, self.runtime.clock, lambda: 4e9 if rested else 0
        )
        folder.look_for_files()
        self.work(later)
        folder.look_for_files()
        return {
            name: sorted(it.name for it in (self.root / name).iterdir())
            for name in ("taken", "done", "failed")
        }

    @property
    def root(self) -> Path:
        return self.folder / "in"

    def put(self, name: str, content: bytes) -> None:
        self.root.mkdir(exist_ok=True)
        (self.root / name).write_bytes(content)


@pytest.fixture
def ward(fhir_server: str, unique_id: Unique, tmp_path: Path) -> Iterator[Ward]:
    key = unique_id("file")
    with a_runtime(fhir_server, site=key, retry_delays="60") as runtime:
        yield Ward(runtime, tmp_path, key)


def record(key: str, value: float = -2.7) -> list[Json]:
    return [a_t_score(key, value), a_patient(key, f"gp-{key}"), a_gp(f"gp-{key}")]


def bundle(resources: list[Json]) -> bytes:
    return json.dumps(
        {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": it} for it in resources]}
    ).encode()


def ndjson(resources: list[Json]) -> bytes:
    return b"".join(json.dumps(it).encode() + b"\n" for it in resources)


@pytest.mark.parametrize("form", [bundle, ndjson])
def test_a_file_leads_to_a_plan_and_ends_in_done(
    fhir_server: str, ward: Ward, form: Callable[[list[Json]], bytes]
) -> None:
    ward.put("day.json", form(record(ward.number)))

    assert ward.look() == {"taken": [], "done": ["day.json"], "failed": []}
    (outcome,) = ward.runtime.review([ward.number])  # noted, without a sweep
    assert outcome.code is OutcomeCode.PLANNED
    assert len(written_for(fhir_server, ward.number)["CarePlan"]) == 1


def test_the_same_file_again_writes_nothing_and_a_corrected_one_corrects(
    fhir_server: str, ward: Ward
) -> None:
    versions = []
    for number, value in enumerate((-2.7, -2.7, -2.1)):
        ward.put(f"{number}.json", bundle(record(ward.number, value)))
        ward.look()
        (found,) = standing(fhir_server, ward.number)
        versions.append(int(found["meta"]["versionId"]))
        ward.runtime.review([ward.number])  # a sweep would go through everybody on a shared server

    assert versions[0] == versions[1] < versions[2]
    (letter,) = written_for(fhir_server, ward.number)["Communication"]
    assert "-2.1" in str(letter["payload"])


def test_a_date_alone_is_news(fhir_server: str, ward: Ward) -> None:
    for number, day in enumerate(("2026-01-02", "2026-03-04")):
        drug = {
            "resourceType": "MedicationRequest",
            "id": f"{ward.number}-drug",
            "status": "active",
            "intent": "order",
            "subject": {"reference": f"Patient/{ward.number}"},
            "medicationCodeableConcept": {"text": "alendroninezuur"},
            "authoredOn": day,
        }
        ward.put(f"{number}.json", bundle([*record(ward.number), drug]))
        ward.look()

    (found,) = standing(fhir_server, ward.number, "MedicationRequest")
    assert found["authoredOn"] == "2026-03-04"


def test_messages_in_a_file_are_taken_as_those_on_a_line(fhir_server: str, ward: Ward) -> None:
    known(fhir_server, ward.number)
    pid = PID.replace("12345", ward.number)
    both = (
        b"BHS|^~\\&|DXA\r"
        + wire(msh(), pid, OBR, obx("TLS^T^L", "-2,8"))
        + wire(msh(control_id="M2"), pid, OBR, obx("TLS^T^L", "-2,1", status="C"))
    )
    ward.put("batch.hl7", both.replace(b"\r", b"\n"))

    assert ward.look()["done"] == ["batch.hl7"]
    (found,) = standing(fhir_server, ward.number)
    assert str(found["valueQuantity"]["value"]) == "-2.1"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.ndjson", b'{"resourceType": "Patient", "id": "x"}\n{"half', "line 2: ends too early"),
        ("b.json", b'{"resourceType": "Claim", "id": "x"}', "resource 1: its type is not taken"),
        ("c.json", b'{"resourceType": "Patient", "id": "a/b"}', "resource 1: has no usable id"),
        ("d.json", b'{"resourceType": "Bundle"}', "holds no resource"),
        ("e.hl7", wire(msh(), "PID|1||||Jansen", OBR), "message 1: 101"),
        ("f.txt", b"\x00\xff hello", "line 1: is not UTF-8"),
        ("g", b"", "holds no resource"),
    ],
)
def test_what_is_not_whole_is_refused_as_a_whole_with_the_reason_beside_it(
    ward: Ward, name: str, content: bytes, reason: str
) -> None:
    ward.put(name, content)

    found = ward.look()
    said = (ward.root / "failed" / f"{name}.reason.txt").read_text()
    assert found == {"taken": [], "done": [], "failed": [name, f"{name}.reason.txt"]}
    assert reason in said
    assert "Jansen" not in said
    assert ward.inbox.count_states() == {"waiting": 0, "done": 0, "failed": 0}


def test_a_file_whose_patient_nobody_knows_waits_and_then_fails(ward: Ward) -> None:
    ward.put("m.hl7", wire(msh(), PID.replace("12345", ward.number), OBR, obx("TLS^T^L", "-2,8")))

    assert ward.look()["taken"] == ["m.hl7"]
    assert ward.look(timedelta(minutes=2))["failed"] == ["m.hl7", "m.hl7.reason.txt"]
    assert "No patient" in (ward.root / "failed" / "m.hl7.reason.txt").read_text()


@pytest.mark.parametrize("name", [".hidden.json", "a.json.part", "a.json.tmp"])
def test_what_is_not_finished_is_left_alone(ward: Ward, name: str) -> None:
    ward.put(name, bundle(record(ward.number)))

    assert ward.look() == {"taken": [], "done": [], "failed": []}
    assert (ward.root / name).exists()


def test_what_was_just_written_is_left_alone(ward: Ward) -> None:
    ward.put("young.json", bundle(record(ward.number)))

    assert SETTLED > 0
    assert ward.look(rested=False)["done"] == []


def a_folder(ward: Ward, **more: Any) -> WatchedFolder:
    folder = WatchedFolder(ward.root, ward.senders, ward.inbox, ward.runtime.clock, lambda: 4e9)
    return replace(folder, **more)


def test_what_waits_is_read_once_however_often_it_is_looked_at(ward: Ward) -> None:
    ward.put("m.hl7", wire(msh(), PID.replace("12345", ward.number), OBR, obx("TLS^T^L", "-2,8")))
    kept: list[datetime] = []

    def clock() -> datetime:
        kept.append(ward.runtime.clock())
        return kept[-1]

    folder = a_folder(ward, clock=clock)
    for _ in range(3):
        folder.look_for_files()
    assert len(kept) == 1

    held = ward.root / "taken" / "m.hl7"
    held.write_bytes(held.read_bytes() + b"\r")
    folder.look_for_files()
    assert len(kept) == 2


def test_in_another_inbox_it_is_kept_anew(ward: Ward) -> None:
    ward.put("m.hl7", wire(msh(), PID.replace("12345", ward.number), OBR, obx("TLS^T^L", "-2,8")))
    folder = a_folder(ward)
    folder.look_for_files()
    folder.inbox = ward.inbox = ArrivalInbox(ward.folder / "new.sqlite", cipher_of(ward.folder / "key"))
    for _ in range(2):
        folder.look_for_files()

    assert (ward.root / "taken" / "m.hl7").exists()
    assert ward.inbox.count_states()["waiting"] == 1


def test_a_file_that_another_process_takes_meanwhile_ends_nothing(ward: Ward) -> None:
    for name in ("a.json", "b.json"):
        ward.put(name, bundle(record(ward.number)))

    def wall() -> float:
        for it in ward.root.glob("*.json"):
            it.unlink()
        return 4e9

    assert a_folder(ward, wall=wall).look_for_files() == 0


class OvertakenInbox(ArrivalInbox):
    """What is asked of it is asked too late: another process finished the file in the meantime."""

    finish: Callable[[], object]

    def states_of(self, keys: Sequence[ArrivalKey]) -> list[tuple[ItemState, str]]:
        self.finish()
        return super().states_of(keys)


def test_a_file_that_another_process_finished_gets_no_second_reason(ward: Ward) -> None:
    content = bundle(record(ward.number))
    ward.put("a.json", content)
    a_folder(ward).look_for_files()
    (item,) = ward.inbox.due_items(ward.runtime.clock(), 9)
    ward.inbox.mark_failed(item, "nobody")
    late = OvertakenInbox(ward.folder / "inbox.sqlite", cipher_of(ward.folder / "key"))
    late.finish = a_folder(ward).look_for_files

    a_folder(ward, inbox=late).look_for_files()

    assert failed(ward) == ["a.json", "a.json.reason.txt"]
    assert (ward.root / "failed" / "a.json").read_bytes() == content


def test_a_file_that_another_process_refused_is_not_refused_again(ward: Ward) -> None:
    ward.put("0.json", bundle(record(ward.number)))
    ward.put("a.json", b"{")
    first = a_folder(ward)

    def clock() -> datetime:  # asked when the first of the two is kept
        first.look_for_files()
        return ward.runtime.clock()

    a_folder(ward, clock=clock).look_for_files()

    assert failed(ward) == ["a.json", "a.json.reason.txt"]
    assert (ward.root / "failed" / "a.json").read_bytes() == b"{"


def failed(ward: Ward) -> list[str]:
    return sorted(it.name for it in (ward.root / "failed").iterdir())


def test_what_lies_in_taken_after_a_crash_is_taken_up(fhir_server: str, ward: Ward) -> None:
    (ward.root / "taken").mkdir(parents=True)
    (ward.root / "taken" / "x.json").write_bytes(bundle(record(ward.number)))

    assert ward.look()["done"] == ["x.json"]
    assert len(standing(fhir_server, ward.number)) == 1


def test_a_second_file_of_the_same_name_stands_beside_the_first(ward: Ward) -> None:
    ward.put("day.json", bundle(record(ward.number, -2.7)))
    ward.look()
    ward.put("day.json", bundle(record(ward.number, -2.1)))

    assert ward.look()["done"] == ["day.1.json", "day.json"]
