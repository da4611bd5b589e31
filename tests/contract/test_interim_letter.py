"""A safety matter need not wait for the plan: a clinician may let an interim letter go ahead of it."""

from collections.abc import Callable

import pytest

from adapter.input.wire_json import Json
from mappings.handover.release.clearance import why_not
from mappings.handover.release.release_codes import RELEASE, code_in
from tests.made_resources import a_hip_fracture
from tests.patient_care import Care, admit
from tests.server_patients import admitted

SEND = [
    {
        "type": {"text": "answer"},
        "valueCodeableConcept": {"coding": [{"system": RELEASE, "code": "send_interim_letter"}]},
    }
]


@pytest.fixture
def care(fhir_server: str, unique_id: Callable[[str], str]) -> Care:
    held = admit(fhir_server, unique_id)
    admitted(
        held.base,
        [a_hip_fracture(held.patient)],  # with osteoporosis, a safety matter (C-31)
    )
    held.review()
    return held


def interim_letters(care: Care) -> list[Json]:
    return [it for it in care.all("Communication") if code_in(it.get("category")) == "gp_interim_letter"]


def offered(task: Json) -> bool:
    return "interim_letter_offered" in {code_in(it["type"]) for it in task["input"]}


def test_a_safety_matter_offers_an_interim_letter_and_sends_none(care: Care) -> None:
    (task,) = [it for it in care.all("Task") if it["status"] == "requested"]
    assert (task["priority"], offered(task)) == ("asap", True)
    assert interim_letters(care) == []
    assert care.queued() == []


def test_without_a_safety_matter_none_is_offered(fhir_server: str, unique_id: Callable[[str], str]) -> None:
    assert not offered(admit(fhir_server, unique_id).task())


def test_it_goes_by_the_name_of_the_clinician_and_the_plan_stays_a_proposal(care: Care) -> None:
    care.release(output=SEND)

    (letter,) = interim_letters(care)
    assert "Dr A. Vermeer, internist" in letter["payload"][0]["contentString"]
    assert [it.communication for it in care.queued()] == [letter["id"]]
    assert why_not(letter, care.plan("draft")) is None
    assert care.task()["status"] == "requested"  # the plan itself is still to be released
    assert care.letter("preparation")


def test_it_goes_once_and_the_letter_about_the_plan_follows_later(care: Care) -> None:
    care.release(output=SEND)
    again = care.review()
    assert (again.fault, again.proposed, len(care.queued())) == (None, (), 1)

    care.release()

    (interim,) = interim_letters(care)
    both = {it.communication for it in care.queued()}
    assert len(both) == 2
    assert interim["id"] in both
    assert care.plan("active")


def test_where_none_is_offered_the_answer_sends_nothing_and_releases_nothing(
    fhir_server: str, unique_id: Callable[[str], str]
) -> None:
    care = admit(fhir_server, unique_id)

    care.release(output=SEND)

    assert (interim_letters(care), care.queued()) == ([], [])
    assert care.plan("draft")
    assert care.task()["status"] == "requested"


def test_completed_by_nobody_it_sends_nothing_and_is_asked_again(care: Care) -> None:
    first = care.task()
    care.put(first, status="completed", output=SEND)
    care.review()

    assert care.task()["id"] != first["id"]
    assert care.queued() == []


def test_what_changed_since_it_was_released_is_not_sent_as_released(care: Care) -> None:
    owner = {"reference": f"Practitioner/{care.clinician}"}
    care.put(care.task(), status="completed", owner=owner, output=SEND)
    care.amend(-3.4)
    care.review()

    assert interim_letters(care) == []
    assert care.queued() == []
    assert care.task()["status"] == "requested"


def test_its_plan_set_to_active_by_hand_is_still_asked_about(care: Care) -> None:
    care.release(output=SEND)
    care.put(care.plan("draft"), status="active")
    care.review()

    assert care.task()["status"] == "requested"
    care.release()
    again = care.review()

    assert sorted(it["status"] for it in care.all("Communication")) == ["in-progress", "in-progress"]
    assert (again.fault, again.proposed) == (None, ())
