"""What is read about a batch of patients: each record whole, and nothing of anybody else."""

import logging
from typing import Any

import pytest

from adapter.clinical.model import Reason
from adapter.errors import OsteoHandoverError, RecordFault
from adapter.input.wire_json import Json
from mappings.handover.release.release_codes import code_in
from mappings.handover.review_basis import UNTOLD
from tests.made_resources import a_gp, a_hip_fracture, a_patient, a_t_score
from tests.unit.handover.plan_in_memory import NOON
from tests.unit.review.hospital_in_memory import (
    HospitalInMemory,
    reading_institution,
)
from workers.review.read import duplicates_on_server, serves
from workers.sandbox import FaultEffect

DOCTOR = a_gp("doctor") | {"qualification": [{"code": {"text": "internist"}}]}


def names(resources: Any) -> set[str]:
    return {f"{it['resourceType']}/{it['id']}" for it in resources}


def test_records_come_in_the_order_of_asking_each_with_its_own_resources() -> None:
    hospital = HospitalInMemory(("a", "b", "c"), reading_institution(search_size=2))

    records = hospital.read("c", "a", "b")

    assert [(it.patient, it.resource["id"]) for it in records] == [(one, one) for one in "cab"]
    assert [names(it.resources) for it in records] == [{f"Observation/{one}-spine"} for one in "cab"]


@pytest.mark.parametrize("ids", [["absent"], ["a", "absent"], ["absent", "a", "gone"]])
def test_who_is_not_there_is_a_fault_that_counts_and_names_nobody(ids: list[str]) -> None:
    hospital = HospitalInMemory(("a",))

    with pytest.raises(RecordFault, match=rf"{len(set(ids) - {'a'})} of {len(ids)} patients") as raised:
        hospital.read(*ids)
    assert not any(one in str(raised.value) for one in ("absent", "gone"))


def test_what_was_not_asked_for_is_counted_told_and_used_by_nobody(caplog: pytest.LogCaptureFixture) -> None:
    hospital = HospitalInMemory(("a", "stranger"))
    hospital.server.faults.add_rule(FaultEffect.INTRUDER, "Observation/stranger-spine", type="Observation")
    caplog.set_level(logging.WARNING)

    (record,) = hospital.read("a")

    assert record.strays > 0
    assert names(record.resources) == {"Observation/a-spine"}
    assert record.versions() == UNTOLD
    (told,) = [it.message for it in caplog.records if "not asked for" in it.message]
    assert str(record.strays) in told
    assert "stranger" not in told


def twin_of(resource: Json) -> Json:
    return {name: it for name, it in resource.items() if name != "meta"} | {"id": "twin"}


def test_a_duplicate_of_ours_is_put_aside_and_the_elder_stays() -> None:
    hospital = HospitalInMemory(("a", "b"))
    hospital.review()
    elder = next(it for it in hospital.server.all("CarePlan") if it["subject"]["reference"] == "Patient/a")
    hospital.server.load(twin_of(elder))

    first, second = hospital.read()
    found = duplicates_on_server(["a", "b"], hospital.client, hospital.institution)

    assert names(first.duplicates) == names(found) == {"CarePlan/twin"}
    assert f"CarePlan/{elder['id']}" in first.existing
    assert "CarePlan/twin" not in first.existing
    assert second.duplicates == ()


def test_each_patient_has_our_own_plan_and_the_device_is_everybodys() -> None:
    hospital = HospitalInMemory(("a", "b"))
    hospital.review()

    records = hospital.read()
    plans = [{at for at in it.existing if at.startswith("CarePlan/")} for it in records]

    assert [len(it) for it in plans] == [1, 1]
    assert plans[0] != plans[1]
    assert all(any(at.startswith("Device/") for at in it.existing) for it in records)


@pytest.mark.parametrize(
    ("effect", "value", "reason"),
    [
        (FaultEffect.SHORT_ANSWER, 0, Reason.ANSWER_INCOMPLETE),
        (FaultEffect.WARNING, "incomplete", Reason.ANSWER_INCOMPLETE),
        (FaultEffect.WARNING, "suppressed", Reason.WITHHELD),
        (FaultEffect.UNREADABLE_ENTRY, "nan Condition/a-hip", Reason.UNREADABLE),
    ],
)
def test_what_may_be_missing_is_said_of_its_type(
    effect: FaultEffect, value: str | int, reason: Reason
) -> None:
    hospital = HospitalInMemory(("a",))
    hospital.server.load(a_hip_fracture("a"))
    hospital.server.faults.add_rule(effect, value, type="Condition")

    (record,) = hospital.read()

    assert dict(record.gaps) == {"Condition": {reason}}
    assert record.versions() == UNTOLD


def test_a_whole_record_has_no_gaps_and_its_versions_tell_every_change() -> None:
    hospital = HospitalInMemory(("a",))
    (before,), (again,) = hospital.read(), hospital.read()
    hospital.server.load(a_t_score("a", language="nl"))
    (after,) = hospital.read()

    assert before.gaps == {}
    assert before.versions() == again.versions() != UNTOLD
    assert after.versions() not in (before.versions(), UNTOLD)


@pytest.mark.parametrize(
    ("gp", "expected"),
    [
        ("gp", [{"reference": "Practitioner/gp", "display": "Dr Example"}]),
        ("elsewhere", []),  # named, and not on this server
        (None, []),
    ],
)
def test_the_gp_is_who_is_named_and_is_there(gp: str | None, expected: list[Json]) -> None:
    hospital = HospitalInMemory(("a",))
    hospital.server.load(a_patient("a", gp))

    (record,) = hospital.read()

    assert list(record.recipients) == expected


@pytest.mark.parametrize(("owner", "found"), [("doctor", ["Dr Example"]), ("gp", []), ("nobody", [])])
def test_who_answered_a_release_task_is_a_clinician_and_never_the_recipient(
    owner: str, found: list[str]
) -> None:
    hospital = HospitalInMemory(("a",))
    hospital.server.load(DOCTOR)
    hospital.review()
    task = next(it for it in hospital.server.all("Task") if code_in(it["code"]) == "release_letter")
    hospital.server.load(task | {"status": "completed", "owner": {"reference": f"Practitioner/{owner}"}})

    (record,) = hospital.read()

    assert [it.name for it in record.clinicians.values()] == found
    assert set(record.clinicians) <= {f"Task/{task['id']}"}
    assert record.versions() == UNTOLD  # who was looked up may change alone


def test_what_stands_at_a_merged_patient_comes_under_that_patient() -> None:
    hospital = HospitalInMemory(("a", "former"))
    replaced = {"type": "replaces", "other": {"reference": "Patient/former"}}
    hospital.server.load(a_patient("a", link=[replaced]))

    (record,) = hospital.read("a")

    assert names(record.resources) == {"Observation/a-spine"}
    assert {one: names(held) for one, held in record.former.items()} == {
        "former": {"Observation/former-spine"}
    }


@pytest.mark.parametrize(
    ("status", "patients", "expected"), [(None, ("a",), True), (None, (), False), (503, ("a",), False)]
)
def test_a_server_serves_when_it_answers_all_searches_and_finds_anybody(
    status: int | None, patients: tuple[str, ...], expected: bool
) -> None:
    hospital = HospitalInMemory(patients)
    hospital.client.capabilities()
    hospital.server.busy = lambda: status

    assert serves(hospital.client, hospital.institution, NOON.date()) is expected


def test_a_search_that_fails_fails_the_reading() -> None:
    hospital = HospitalInMemory(("a",))
    hospital.server.faults.add_rule(FaultEffect.FORBIDDEN, type="Condition")

    with pytest.raises(OsteoHandoverError, match="Condition"):
        hospital.read()
    assert not serves(hospital.client, hospital.institution, NOON.date())
