"""Whose each answer is, and what it means for the others when one of them is odd."""

from collections.abc import Iterator

import pytest

from adapter.clinical.model import Reason
from adapter.errors import OsteoHandoverError, RecordFault
from adapter.fhir.search import SearchResult
from adapter.input.wire_json import Json
from mappings.handover.review_basis import UNTOLD
from tests.made_resources import LOINC, a_gp, a_hip_fracture, a_patient, a_t_score
from tests.servers.without_http import BASE
from tests.unit.handover.plan_in_memory import NOON
from tests.unit.review.hospital_in_memory import HospitalInMemory, reading_institution
from workers.review.searches.batch_answers import NOBODY, BatchAnswers, answers_about, existing_of
from workers.review.searches.patient_searches import plan_of
from workers.sandbox import FaultEffect

ATC = "http://www.whocc.no/atc"
HERE = reading_institution()


def a_pill(key: str = "pill") -> Json:
    return {
        "resourceType": "Medication",
        "id": key,
        "code": {"coding": [{"system": ATC, "code": "M05BA04"}]},
    }


def an_order(patient: str, medication: str = "pill") -> Json:
    return {
        "resourceType": "MedicationRequest",
        "id": f"{patient}-order",
        "status": "active",
        "intent": "order",
        "subject": {"reference": f"Patient/{patient}"},
        "medicationReference": {"reference": f"Medication/{medication}"},
    }


def a_report(patient: str, *results: str) -> Json:
    return {
        "resourceType": "DiagnosticReport",
        "id": f"{patient}-report",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": "38269-7"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "result": [{"reference": f"Observation/{it}"} for it in results],
    }


def an_odd_result(patient: str) -> Json:
    """Of long ago and by a code of the house: found by no search, only by whatever names it."""
    code = {"coding": [{"system": "http://house.test", "code": "odd"}]}
    return a_t_score(patient, id=f"{patient}-odd", code=code, effectiveDateTime="2001-01-01")


def about(hospital: HospitalInMemory, *ids: str) -> BatchAnswers:
    return answers_about(list(ids or hospital.patients), hospital.client, hospital.institution, NOON.date())


def names(resources: object) -> set[str]:
    assert isinstance(resources, list)
    return {f"{it['resourceType']}/{it['id']}" for it in resources}


def test_each_patient_has_what_is_about_them_and_what_is_shared_is_nobodys() -> None:
    hospital = HospitalInMemory(("a", "b"))
    hospital.server.load(a_hip_fracture("a"), a_pill(), an_order("a"), an_order("b"))

    found = about(hospital)

    assert {one: it["id"] for one, it in found.patients.items()} == {"a": "a", "b": "b"}
    assert names(found.record["a"]) == {"Observation/a-spine", "Condition/a-hip", "MedicationRequest/a-order"}
    assert names(found.record["b"]) == {"Observation/b-spine", "MedicationRequest/b-order"}
    assert names(found.record[NOBODY]) == {"Medication/pill"}
    assert set(found.directory) == {("Practitioner", "gp")}


@pytest.mark.parametrize("include", [True, False])
def test_what_is_only_named_comes_whether_or_not_the_server_includes_it(include: bool) -> None:
    hospital = HospitalInMemory(("a", "b"))
    hospital.server.load(a_pill(), an_order("a"), an_odd_result("a"), an_odd_result("b"))
    hospital.server.load(a_report("a", "a-odd"), a_report("b", "none"))
    if not include:
        hospital.server.faults.add_rule(FaultEffect.NO_INCLUDE)

    found = about(hospital)

    assert "Observation/a-odd" in names(found.record["a"])
    assert not any(it.endswith("b-odd") for held in found.record.values() for it in names(held))
    assert names(found.record[NOBODY]) == {"Medication/pill"}


@pytest.mark.parametrize("include", [True, False])
def test_the_result_of_another_patient_is_not_taken_from_a_report(include: bool) -> None:
    hospital = HospitalInMemory(("a", "stranger"))
    hospital.server.load(an_odd_result("stranger"), a_report("a", "stranger-odd"))
    if not include:
        hospital.server.faults.add_rule(FaultEffect.NO_INCLUDE)

    (record,) = hospital.read("a")

    found = about(hospital, "a")
    assert names(found.record["a"]) == {"Observation/a-spine", "DiagnosticReport/a-report"}
    assert names(list(record.resources)) == names(found.record["a"])
    if not include:
        assert set(found.record) == {"a"}


@pytest.mark.parametrize(("ids", "told"), [(("x",), "1 of 1"), (("a", "x", "b", "y"), "2 of 4")])
def test_who_is_not_there_is_counted(ids: tuple[str, ...], told: str) -> None:
    with pytest.raises(RecordFault, match=told) as raised:
        about(HospitalInMemory(("a", "b")), *ids)
    assert raised.value.resource_type == "Patient"


def test_a_type_that_could_not_be_read_never_looks_like_one_without_data() -> None:
    hospital = HospitalInMemory()
    hospital.server.faults.add_rule(FaultEffect.FORBIDDEN, type="Condition")

    with pytest.raises(OsteoHandoverError, match="Condition"):
        about(hospital)


# --- gaps, former records, strays ---------------------------------------------------------------------------


def merged() -> HospitalInMemory:
    hospital = HospitalInMemory(("a", "b", "former"))
    link = {"type": "replaces", "other": {"reference": "Patient/former"}}
    hospital.server.load(a_patient("a", link=[link]), a_hip_fracture("former"))
    return hospital


def test_what_stands_at_a_merged_patient_stands_apart() -> None:
    found = about(merged(), "a", "b")

    assert names(found.former["former"]) == {"Observation/former-spine", "Condition/former-hip"}
    assert names(found.record["a"]) == {"Observation/a-spine"}


@pytest.mark.parametrize(
    ("spoiled", "kind", "whose"),
    [
        ("Condition/former-hip", "Condition", "a"),  # at the merged patient
        ("Observation/a-spine", "Observation", "a"),
        ("Observation/b-spine", "Observation", "b"),
    ],
)
def test_what_cannot_be_read_is_unknown_of_one_patient(spoiled: str, kind: str, whose: str) -> None:
    hospital = merged()
    hospital.server.faults.add_rule(FaultEffect.UNREADABLE_ENTRY, f"nan {spoiled}", type=kind)

    found = about(hospital, "a", "b")

    assert {one: dict(it) for one, it in found.gaps.items()} == {whose: {kind: {Reason.UNREADABLE}}}
    assert [one for one in "ab" if found.versions(one) == UNTOLD] == [whose]


def test_what_was_not_asked_for_is_counted_and_makes_the_versions_of_all_worthless() -> None:
    hospital = HospitalInMemory(("a", "b", "stranger"))
    hospital.server.faults.add_rule(FaultEffect.INTRUDER, "Observation/stranger-spine", type="Observation")

    found = about(hospital, "a", "b")

    assert found.strays > 0
    assert "Observation/stranger-spine" not in {it for held in found.record.values() for it in names(held)}
    assert {found.versions(one) for one in "ab"} == {UNTOLD}


# --- versions -----------------------------------------------------------------------------------------------


def changes() -> Iterator[tuple[str, Json, set[str]]]:
    yield "her own result", a_t_score("a", language="nl"), {"a"}
    yield "her record", a_patient("a", language="nl"), {"a"}
    yield "the GP of both", a_gp() | {"language": "nl"}, {"a", "b"}
    yield "the medicine that she takes", a_pill() | {"language": "nl"}, {"a"}
    yield "a medicine that nobody takes", a_pill("another") | {"language": "nl"}, set()
    yield "a stranger's result", a_t_score("stranger", language="nl"), set()


@pytest.mark.parametrize(("change", "seen"), [pytest.param(it, of, id=name) for name, it, of in changes()])
def test_versions_tell_every_change_about_a_patient_and_none_about_others(
    change: Json, seen: set[str]
) -> None:
    hospital = HospitalInMemory(("a", "b", "stranger"))
    hospital.server.load(a_pill(), a_pill("another"), an_order("a"))
    before = about(hospital, "a", "b")

    hospital.server.load(change)

    after = about(hospital, "a", "b")
    assert {one for one in "ab" if after.versions(one) != before.versions(one)} == seen
    assert UNTOLD not in {it.versions(one) for it in (before, after) for one in "ab"}


@pytest.mark.parametrize("effect", [FaultEffect.NO_VERSIONING, FaultEffect.UNVERSIONED])
def test_a_server_that_keeps_or_sends_no_versions_tells_nothing(effect: FaultEffect) -> None:
    hospital = HospitalInMemory()
    hospital.server.faults.add_rule(effect)

    assert about(hospital).versions("p") == UNTOLD


# --- what is ours -------------------------------------------------------------------------------------------


def a_plan(key: str, patient: str) -> Json:
    return {"resourceType": "CarePlan", "id": key, "subject": {"reference": patient}}


@pytest.mark.parametrize(
    ("resource", "whose"),
    [
        (a_plan("x", "Patient/a"), "a"),
        (a_plan("x", f"{BASE}/Patient/b"), "b"),
        (a_plan("x", "Patient/stranger"), ""),
        (a_plan("x", "https://elsewhere.test/Patient/a"), ""),
        (a_plan(plan_of("a", HERE), "Patient/successor"), "a"),  # moved to another patient: still our plan
        ({"resourceType": "Device", "id": "x"}, "ab"),
        ({"resourceType": "Task", "id": "x", "for": {"reference": "Patient/b"}}, "b"),
    ],
)
def test_what_is_ours_belongs_to_whom_it_is_about(resource: Json, whose: str) -> None:
    held = existing_of(["a", "b"], [SearchResult([resource], [], [])], HERE)

    assert [one for one in held if held[one]] == list(whose)
    assert all(list(it) == [f"{resource['resourceType']}/{resource['id']}"] for it in held.values() if it)
