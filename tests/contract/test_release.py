"""A letter goes when a named clinician says so in any FHIR client, and in no other case."""

import re
from collections.abc import Callable

import pytest

from adapter.input.wire_json import Json
from mappings.handover.release.clearance import why_not
from mappings.handover.release.release_codes import release_concept
from mappings.handover.release.signature import release_of
from tests.patient_care import Care, admit


@pytest.fixture
def care(fhir_server: str, unique_id: Callable[[str], str]) -> Care:
    return admit(fhir_server, unique_id)


def test_with_every_plan_somebody_is_asked_to_release_it(care: Care) -> None:
    task = care.task()

    assert task["focus"]["reference"] == f"CarePlan/{care.plan('draft')['id']}"
    assert why_not(care.letter("preparation"), care.plan()) == "not-released"
    assert care.queued() == []


def test_a_completed_task_lets_the_letter_go_by_the_name_of_the_clinician(care: Care) -> None:
    care.release()

    plan, letter = care.plan("active"), care.letter("in-progress")
    assert "Dr A. Vermeer, internist" in letter["payload"][0]["contentString"]
    assert letter["payload"][1]["contentReference"]["type"] == "DocumentReference"
    assert plan["note"][-1]["authorString"] == "Dr A. Vermeer, internist"
    assert [(it.communication, it.plan) for it in care.queued()] == [(letter["id"], f"CarePlan/{plan['id']}")]


def test_a_second_review_changes_nothing_and_queues_nothing_twice(care: Care) -> None:
    care.release()

    again = care.review()

    assert (again.fault, again.proposed) == (None, ())
    assert len(care.queued()) == 1


NOBODY: list[tuple[str, Json]] = [
    ("the institution still owns it", {}),
    ("an organization", {"owner": {"type": "Organization", "display": "The hospital"}}),
    ("a name without a reference", {"owner": {"display": "Dr Somebody"}}),
    ("an identifier without a name", {"owner": {"type": "Practitioner", "identifier": {"value": "123"}}}),
]


@pytest.mark.parametrize(("named", "changes"), NOBODY, ids=[name for name, _ in NOBODY])
def test_a_task_completed_without_a_person_sends_nothing_and_is_asked_again(
    fhir_server: str, unique_id: Callable[[str], str], named: str, changes: Json
) -> None:
    care = admit(fhir_server, unique_id)
    first = care.task()

    care.put(first, status="completed", **changes)
    care.review()

    again = care.task()
    assert again["id"] != first["id"]
    assert again["input"][1]["valueReference"]["reference"].endswith(first["id"])
    assert care.letter("preparation")
    assert care.plan("draft")
    assert care.queued() == [], named


def test_asked_again_a_person_may_answer(care: Care) -> None:
    care.put(care.task(), status="completed")
    care.review()

    care.release()

    assert care.plan("active")
    assert len(care.queued()) == 1


def test_a_clinician_kept_elsewhere_is_named_by_identifier_and_name(care: Care) -> None:
    elsewhere = {
        "type": "Practitioner",
        "identifier": {"system": "urn:x", "value": "9"},
        "display": "Dr B. Steen",
    }

    output = [{"type": release_concept("released_by", "en"), "valueReference": elsewhere}]
    care.put(care.task(), status="completed", output=output)
    care.review()

    letter = care.letter("in-progress")["payload"][0]["contentString"]
    assert re.search(r"Released on \S+ \S+ \S+ by Dr B\. Steen\.", " ".join(letter.split()))
    assert care.plan("active")["note"][-1]["authorString"] == "Dr B. Steen"


def test_rejected_the_plan_is_revoked_and_nothing_is_sent(care: Care) -> None:
    care.put(care.task(), status="rejected", statusReason={"text": "patient is treated elsewhere"})
    care.review()
    again = care.review()

    assert care.plan("revoked")
    assert care.letter("not-done")["statusReason"]["coding"][0]["code"] == "rejected_by_clinician"
    assert (again.proposed, care.queued()) == ((), [])


def test_rejected_with_keep_plan_the_plan_stays_a_proposal(care: Care) -> None:
    care.put(care.task(), status="rejected", statusReason=release_concept("keep_plan", "en"))
    care.review()

    assert care.plan("draft")
    assert care.letter("not-done")
    assert care.queued() == []


def test_a_rejected_plan_is_proposed_again_when_the_evidence_changes(care: Care) -> None:
    care.put(care.task(), status="rejected")
    care.review()

    care.amend(-3.1)
    care.review()

    assert care.plan("draft")
    assert care.letter("preparation")
    assert care.task()


def test_a_release_of_what_has_changed_since_is_no_release(care: Care) -> None:
    care.put(care.task(), status="completed", owner={"reference": f"Practitioner/{care.clinician}"})
    care.amend(-3.1)
    care.review()

    assert care.plan("draft")
    assert care.task()
    assert care.queued() == []


def test_a_plan_changed_by_hand_is_not_sent_in_our_words(care: Care) -> None:
    care.put(care.plan(), title="My own plan")
    care.release()

    assert care.plan("draft")["title"] == "My own plan"
    assert care.letter("preparation")
    assert care.queued() == []
    assert [it["type"]["coding"][0]["code"] for it in care.task()["input"]] == [
        "released_content",
        "edited_by_hand",
        *["option_offered"] * 4,  # of which the clinician may choose
    ]


def test_the_release_stands_in_the_provenance(care: Care, fhir_server: str) -> None:
    care.release()

    plan = care.plan()
    with care.runtime.client as client:
        found = client.search("Provenance", [("target", f"CarePlan/{plan['id']}")]).matches
    agents = [agent["who"].get("reference", "") for it in found for agent in it["agent"]]
    assert any(it.endswith(care.clinician) for it in agents)
    release = release_of(plan)
    assert release is not None
    assert release.by.name == "Dr A. Vermeer"
