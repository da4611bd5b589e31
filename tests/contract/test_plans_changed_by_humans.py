"""What a human does to a plan is news to the next sweep; what we wrote ourselves is none."""

from collections.abc import Callable

import pytest

from adapter.input.wire_json import Json, JsonValue
from mappings.handover.release.release_codes import code_in, release_concept
from mappings.handover.release.release_task import EDITED
from tests.made_resources import a_gp, a_patient, a_t_score
from tests.patient_care import Care, admit
from tests.server_patients import a_runtime, admitted, reviewed, written_for
from workers.ledger import reviews
from workers.queue.runtime import OUR_PLANS, Runtime
from workers.sandbox import Sandbox

BY_HAND: dict[str, Json] = {
    "set to active": {"status": "active"},
    "put on hold": {"status": "on-hold"},
    "given a note": {"note": [{"text": "Seen by me"}]},
}


@pytest.fixture
def ward(sandbox: Sandbox) -> Sandbox:
    admitted(sandbox.base_url, [a_gp(), a_patient("p"), a_t_score("p")])
    return sandbox


def settled(runtime: Runtime) -> Runtime:
    """Everybody was read once, and the ones with news until nothing was left."""
    for _ in range(2):
        runtime.sweep()
        runtime.review(["p"])
    assert reviews.count_unsettled(runtime.ledger) == 0
    return runtime


def test_our_own_writes_are_no_news(ward: Sandbox) -> None:
    with a_runtime(ward.base_url) as runtime:
        settled(runtime)
        found = runtime.sweep()

        assert found.resources > 0
        assert reviews.count_unsettled(runtime.ledger) == 0


@pytest.mark.parametrize("change", BY_HAND)
def test_a_change_by_hand_is_looked_at_after_the_next_sweep(ward: Sandbox, change: str) -> None:
    with a_runtime(ward.base_url) as runtime:
        settled(runtime)
        (plan,) = written_for(ward.base_url, "p")["CarePlan"]
        runtime.client.update({**plan, **BY_HAND[change]}, if_match=plan["meta"]["versionId"])

        assert runtime.sweep().full is False
        assert reviews.count_unsettled(runtime.ledger) == 1
        runtime.review(["p"])
        (plan,) = written_for(ward.base_url, "p")["CarePlan"]
        assert {name: plan[name] for name in BY_HAND[change]} == BY_HAND[change]
        runtime.sweep()
        assert reviews.count_unsettled(runtime.ledger) == 0


def test_each_server_finds_our_plans_by_their_system_alone(
    fhir_server: str, unique_id: Callable[[str], str]
) -> None:
    patient, gp = unique_id("p"), unique_id("gp")
    foreign = {
        "resourceType": "CarePlan",
        "id": unique_id("theirs"),
        "status": "active",
        "intent": "plan",
        "identifier": [{"system": "http://example.org/plans", "value": patient}],
        "subject": {"reference": f"Patient/{patient}"},
    }
    admitted(fhir_server, [a_gp(gp), a_patient(patient, gp), a_t_score(patient), foreign])
    with a_runtime(fhir_server, site=patient) as runtime:
        reviewed(runtime, patient)
        whose = ("subject", f"Patient/{patient}")
        found = runtime.client.search(OUR_PLANS.type, [*OUR_PLANS.params, whose])

    (ours,) = (it for it in written_for(fhir_server, patient)["CarePlan"] if it["id"] != foreign["id"])
    assert [it["id"] for it in found.matches] == [ours["id"]]


# A plan set to active beside the question: the letter is not forgotten, and goes by the
# name of a clinician as ever.


@pytest.fixture
def care(fhir_server: str, unique_id: Callable[[str], str]) -> Care:
    return admit(fhir_server, unique_id)


def set_by_hand(care: Care, **also: JsonValue) -> Json:
    """The plan as the human left it, after the next review."""
    care.put(care.plan("draft"), status="active", **also)
    care.review()
    return care.plan("active")


def test_the_question_about_its_letter_stays_open(care: Care) -> None:
    asked = care.task()["id"]

    set_by_hand(care)

    assert care.task()["id"] == asked
    assert care.letter("preparation")
    assert care.queued() == []


def test_its_answer_lets_the_letter_go_and_leaves_the_plan_alone(care: Care) -> None:
    plan = set_by_hand(care)

    care.release()
    again = care.review()

    letter = care.letter("in-progress")
    assert "Dr A. Vermeer, internist" in letter["payload"][0]["contentString"]
    assert [it.communication for it in care.queued()] == [letter["id"]]
    assert care.plan("active") == plan
    assert (again.fault, again.proposed) == (None, ())


def test_its_letter_does_not_go_where_the_human_wrote_another_plan(care: Care) -> None:
    set_by_hand(care, note=[{"text": "No injections"}])

    care.release()
    again = care.review()

    assert {code_in(it["type"]) for it in care.task()["input"]} >= {EDITED}
    assert care.letter("preparation")
    assert care.queued() == []
    assert (again.fault, again.proposed) == (None, ())


@pytest.mark.parametrize("keep", [True, False])
def test_the_plan_stays_in_force_where_its_letter_is_not_to_go(care: Care, keep: bool) -> None:
    plan = set_by_hand(care)

    reason = release_concept("keep_plan", "en") if keep else {"text": "told by telephone"}
    care.put(care.task(), status="rejected", statusReason=reason)
    care.review()
    again = care.review()

    assert care.letter("not-done")["statusReason"]["coding"][0]["code"] == "rejected_by_clinician"
    assert care.plan("active") == plan
    assert (again.fault, again.proposed) == (None, ())


def test_a_released_successor_ends_the_plan_that_it_replaces(care: Care) -> None:
    first = set_by_hand(care)
    care.amend(-0.4)
    care.review()
    successor = care.plan("draft")
    care.put(successor, status="active")
    care.review()
    assert {it["id"] for it in care.all("CarePlan") if it["status"] == "active"} == {
        first["id"],
        successor["id"],
    }

    care.release()
    again = care.review()

    assert {it["id"]: it["status"] for it in care.all("CarePlan")} == {
        first["id"]: "revoked",
        successor["id"]: "active",
    }
    assert sorted(it["status"] for it in care.all("Communication")) == ["in-progress", "not-done"]
    assert (again.fault, again.proposed) == (None, ())
