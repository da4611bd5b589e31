"""The Task of the handover and the rules by which it moves, those of Shared Care Planning."""

import pytest
from fhir.resources.R4B import get_fhir_model_class

from adapter.errors import ConfigurationFault, RecordFault
from adapter.input.wire_json import Json, JsonValue
from mappings.outbound import check
from mappings.outbound.guides.task_transitions import (
    OWNER_MAY_CHANGE,
    TRANSITIONS,
    Party,
    forbidden_changes,
    next_state,
    parties,
)
from mappings.outbound.resources.handover_task import TaskStyle, handover_task, handover_tasks
from mappings.outbound.server.withdrawals import MANAGED
from tests.unit.outbound.server_in_memory import CONTEXT, GP, OTHER_GP, drawn

CLINIC: Json = {
    "type": "Organization",
    "identifier": {"system": "http://fhir.nl/fhir/NamingSystem/ura", "value": "1"},
}
WHO = {
    "requester": CLINIC["identifier"],
    "owner": GP["identifier"],
    "stranger": {"system": "urn:x", "value": "9"},
}
STATES = sorted({*TRANSITIONS, *(to for step in TRANSITIONS.values() for to in step)})


def plan() -> Json:
    drafts = drawn()
    assert drafts.plan is not None
    return drafts.plan.resource


def letter(recipient: Json = GP) -> Json:
    return drawn().communications[0].resource | {"recipient": [recipient]}


def task(status: str = "requested", **changes: JsonValue) -> Json:
    return handover_task(plan(), letter(), CLINIC, CONTEXT.now).resource | {"status": status} | changes


def test_the_task_asks_the_gp_to_take_over_the_plan_and_carries_the_letter() -> None:
    made = task()

    assert (made["status"], made["intent"]) == ("requested", "proposal")
    assert made["basedOn"] == [made["focus"]] == [{"reference": f"CarePlan/{plan()['id']}"}]
    assert (made["requester"], made["owner"]) == (CLINIC, GP)
    assert made["for"] == {"reference": "Patient/17"}
    assert made["input"][0]["valueReference"] == {"reference": f"Communication/{letter()['id']}"}
    assert check(made) == ()
    get_fhir_model_class("Task").model_validate(made)


def test_without_the_switch_there_is_no_task() -> None:
    assert handover_tasks(TaskStyle.NONE, plan(), [letter()], CLINIC, CONTEXT.now) == ()
    assert len(handover_tasks(TaskStyle.SCP, plan(), [letter()], CLINIC, CONTEXT.now)) == 1


def test_the_same_handover_is_the_same_task_whenever_it_is_made() -> None:
    assert task()["id"] == handover_task(plan(), letter(), CLINIC, "2027-01-01T00:00:00Z").resource["id"]


def test_a_review_does_not_take_a_handover_back() -> None:
    assert task()["code"]["coding"][0]["code"] not in MANAGED


@pytest.mark.parametrize("clinic", [None, {"reference": "Organization/hospital"}])
def test_an_institution_without_identifier_is_a_matter_of_configuration(clinic: Json | None) -> None:
    with pytest.raises(ConfigurationFault, match="names the institution by system and value"):
        handover_task(plan(), letter(), clinic, CONTEXT.now)


def test_a_recipient_without_identifier_is_a_matter_of_the_record() -> None:
    with pytest.raises(RecordFault, match="the recipient has no identifier"):
        handover_task(plan(), letter(OTHER_GP), CLINIC, CONTEXT.now)


@pytest.mark.parametrize("to", STATES)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("who", WHO)
def test_a_step_happens_when_the_table_has_it_for_that_party_and_otherwise_not(
    who: str, state: str, to: str
) -> None:
    allowed = who in {party.value for party in TRANSITIONS.get(state, {}).get(to, frozenset())}

    if allowed:
        assert next_state(task(state), WHO[who], to)["status"] == to
    else:
        with pytest.raises(RecordFault):
            next_state(task(state), WHO[who], to)


@pytest.mark.parametrize(
    ("state", "to", "who"),
    [
        ("requested", "accepted", "owner"),
        ("received", "rejected", "owner"),
        ("accepted", "cancelled", "requester"),
        ("in-progress", "failed", "owner"),
        ("in-progress", "on-hold", "requester"),
        ("on-hold", "in-progress", "requester"),
    ],
)
def test_the_guide_lets_this_party_make_this_step(state: str, to: str, who: str) -> None:
    assert Party(who) in TRANSITIONS[state][to]


@pytest.mark.parametrize(
    ("state", "to"),
    [
        ("completed", "requested"),
        ("rejected", "accepted"),
        ("accepted", "rejected"),
        ("in-progress", "cancelled"),
    ],
)
def test_nothing_comes_back_from_an_end_and_nothing_is_taken_back_too_late(state: str, to: str) -> None:
    with pytest.raises(RecordFault, match=f"a Task does not go from {state} to {to}"):
        next_state(task(state), WHO["owner"], to)


def test_the_one_who_asked_does_not_accept_and_learns_who_does() -> None:
    with pytest.raises(RecordFault, match="moved by its owner only"):
        next_state(task(), WHO["requester"], "accepted")


def test_moving_a_task_leaves_the_given_one_as_it_was() -> None:
    before = task()

    next_state(before, WHO["owner"], "accepted")

    assert before["status"] == "requested"


def test_who_asks_itself_is_both() -> None:
    assert parties(task(owner=CLINIC), WHO["requester"]) == set(Party)


def test_who_has_no_identifier_is_no_party_of_a_task() -> None:
    assert parties(task(owner={"display": "the GP"}), {}) == set()


@pytest.mark.parametrize("element", sorted(OWNER_MAY_CHANGE))
def test_what_the_owner_reports_may_change(element: str) -> None:
    assert forbidden_changes(task(), task() | {element: "other"}) == ()


@pytest.mark.parametrize(
    "element", ["for", "focus", "basedOn", "intent", "priority", "description", "input", "restriction"]
)
def test_what_is_asked_may_not(element: str) -> None:
    assert forbidden_changes(task(), task() | {element: "other"}) == (element,)


def test_an_order_is_accepted_for_the_time_at_which_it_was_asked() -> None:
    order = task() | {"intent": "order"}
    moved = order | {"executionPeriod": {"start": "2027-01-01"}}

    assert forbidden_changes(order, moved | {"status": "accepted"}) == ("executionPeriod",)
    assert forbidden_changes(order, moved | {"status": "in-progress"}) == ()


def test_what_the_server_adds_is_no_change_of_anybody() -> None:
    assert forbidden_changes(task(), task() | {"meta": {"versionId": "2"}, "text": {}}) == ()
