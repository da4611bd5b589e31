"""An institution that follows a guide: one setting, and all that it writes follows; twice changes nothing."""

from collections.abc import Callable

import pytest

from adapter.errors import ConfigurationFault
from adapter.input.wire_json import Json
from mappings.outbound.guides.profiles import PROFILES, load_profile
from mappings.outbound.server.withdrawals import code_of
from tests.made_resources import SNOMED, a_patient, a_t_score
from tests.patient_care import Care
from tests.server_patients import a_runtime, admitted
from workers.review.review_outcome import OutcomeCode

STEPS = ("ServiceRequest", "MedicationRequest", "CommunicationRequest")
MODES = pytest.mark.parametrize("mode", ["put", "conditional"])
GP: Json = {
    "type": "Practitioner",
    "identifier": {"system": "https://fhir.nl/fhir/NamingSystem/agb-z", "value": "01234567"},
    "display": "Dr Example",
}


def a_guided_care(base: str, unique_id: Callable[[str], str], guide: str, mode: str = "put") -> Care:
    """A patient with a recorded diagnosis, and a GP known by a number under one of several names."""
    patient, clinician, role = unique_id("patient"), unique_id("clinician"), unique_id("role")
    diagnosis = {
        "resourceType": "Condition",
        "id": f"{patient}-diagnosis",
        "clinicalStatus": {
            "coding": [
                {"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}
            ]
        },
        "code": {"coding": [{"system": SNOMED, "code": "64859006", "display": "Osteoporosis"}]},
        "subject": {"reference": f"Patient/{patient}"},
    }
    doctor = {"resourceType": "Practitioner", "id": clinician, "name": [{"text": "Dr A. Vermeer"}]}
    clinic = {"resourceType": "PractitionerRole", "id": role}
    someone = a_patient(patient, None, generalPractitioner=[GP])
    admitted(base, [doctor, clinic, someone, a_t_score(patient), diagnosis])
    given: Json = {
        "pathway": "antonius",
        "site": patient,
        "fhir_profile": guide,
        "author_role": f"PractitionerRole/{role}",
        "organization_identifier": "http://fhir.nl/fhir/NamingSystem/ura|1",
        "write_mode": mode,
        "delivery": '{"channel": "fhir"}',
    }
    care = Care(base, patient, "", clinician, a_runtime(base, **given))
    assert care.review().code is OutcomeCode.PLANNED
    return care


def steps(care: Care) -> list[Json]:
    with care.client() as client:
        asked = [(kind, [("subject", f"Patient/{care.patient}")], None) for kind in STEPS]
        return [it for found in client.batch_searches(asked) for it in found.matches]


def standing(care: Care) -> Json:
    return {kind: care.all(kind) for kind in ("CarePlan", "Communication", "Task")} | {"steps": steps(care)}


@MODES
@pytest.mark.parametrize("guide", PROFILES)
def test_under_every_guide_a_second_review_writes_nothing(
    fhir_server: str, unique_id: Callable[[str], str], guide: str, mode: str
) -> None:
    care = a_guided_care(fhir_server, unique_id, guide, mode)
    before = standing(care)

    again = care.review()

    assert (again.fault, again.code, again.proposed) == (None, OutcomeCode.UNCHANGED, ())
    assert standing(care) == before
    claim = load_profile(guide).claims.get("CarePlan")
    assert care.plan("draft").get("meta", {}).get("profile", []) == ([claim] if claim else [])


@MODES
@pytest.mark.parametrize("guide", PROFILES)
def test_under_every_guide_a_released_letter_leaves_once(
    fhir_server: str, unique_id: Callable[[str], str], guide: str, mode: str
) -> None:
    care = a_guided_care(fhir_server, unique_id, guide, mode)

    care.release()
    before = standing(care)
    again = care.review()

    assert (again.fault, again.proposed) == (None, ())
    assert standing(care) == before
    assert care.plan("active")
    assert [it.communication for it in care.queued()] == [care.letter("in-progress")["id"]]
    claim = load_profile(guide).claims.get("Communication")
    assert care.letter().get("meta", {}).get("profile", []) == ([claim] if claim else [])


@MODES
def test_the_steps_of_a_referring_plan_are_drafts_that_the_plan_points_to(
    fhir_server: str, unique_id: Callable[[str], str], mode: str
) -> None:
    care = a_guided_care(fhir_server, unique_id, "scp", mode)

    places = {f"{it['resourceType']}/{it['id']}" for it in steps(care)}
    assert {it.partition("/")[0] for it in places} >= {"ServiceRequest", "CommunicationRequest"}
    assert {it["status"] for it in steps(care)} == {"draft"}
    assert {it["reference"]["reference"] for it in care.plan()["activity"]} == places


def test_back_to_plain_r4_the_steps_are_taken_back(fhir_server: str, unique_id: Callable[[str], str]) -> None:
    care = a_guided_care(fhir_server, unique_id, "scp")
    care.runtime.close()
    care.runtime = a_runtime(fhir_server, pathway="antonius", site=care.patient)

    care.review()

    assert "revoked" in {it["status"] for it in steps(care)} <= {"revoked", "cancelled"}
    assert all("detail" in it for it in care.plan()["activity"])
    assert care.review().proposed == ()


def test_shared_care_planning_asks_the_gp_to_take_over_and_takes_it_back_with_the_plan(
    fhir_server: str, unique_id: Callable[[str], str]
) -> None:
    care = a_guided_care(fhir_server, unique_id, "scp")
    assert [it for it in care.all("Task") if code_of(it["code"]) == "gp_handover"] == []

    care.release()
    (task,) = (it for it in care.all("Task") if code_of(it["code"]) == "gp_handover")
    assert task["meta"]["profile"] == [load_profile("scp").claims["Task"]]
    assert task["owner"]["identifier"]["value"] == "01234567"

    care.amend(-3.1)
    care.review()
    care.release()
    tasks = [it for it in care.all("Task") if code_of(it["code"]) == "gp_handover"]
    assert {it["id"] == task["id"]: it["status"] for it in tasks} == {True: "cancelled", False: "requested"}


@pytest.mark.parametrize("missing", ["author_role", "organization_identifier"])
def test_a_guide_that_lacks_what_it_asks_for_is_refused_at_the_start(missing: str) -> None:
    given: Json = {"author_role": "PractitionerRole/1", "organization_identifier": "urn:x|1"}
    del given[missing]

    with pytest.raises(ConfigurationFault, match=missing):
        a_runtime("http://127.0.0.1:1/fhir", fhir_profile="scp", **given)
