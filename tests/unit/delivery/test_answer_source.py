"""Answers that anybody can write to our server, and what of them is the recipient's."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from adapter.fhir import FhirClient
from adapter.input.wire_json import Json, JsonValue
from mappings.codes import PLAN_KEY
from tests.unit.delivery.letters import NOON, PATIENT, PLAN, a_communication
from workers.delivery import (
    DeliveryContext,
    Receipt,
    SendOutcome,
    collect_answers,
    dispatch_letters,
    enqueue_communication,
)
from workers.delivery.letter_store import LetterStore
from workers.delivery.message import LetterMessage
from workers.ledger import open_ledger, outbox
from workers.ledger.outbox import DeliveryState
from workers.sandbox import Sandbox

AGB = "http://fhir.nl/fhir/NamingSystem/agb-z"
BSN = PATIENT["identifier"][0]
LETTER = {"reference": "Communication/c1"}
GP, DOCTOR = {"reference": "Organization/gp"}, {"reference": "Practitioner/gp-doctor"}
HERE: list[Json] = [
    {"resourceType": "Organization", "id": "gp", "identifier": [{"system": AGB, "value": "01000001"}]},
    {"resourceType": "Organization", "id": "physio", "identifier": [{"system": AGB, "value": "04000004"}]},
    {"resourceType": "Practitioner", "id": "gp-doctor"},
    {"resourceType": "Practitioner", "id": "stranger", "name": [{"text": "GP practice"}]},
    {"resourceType": "PractitionerRole", "id": "gp-role", "practitioner": DOCTOR, "organization": GP},
    {
        "resourceType": "PractitionerRole",
        "id": "loose",
        "practitioner": {"reference": "Practitioner/stranger"},
    },
    {
        "resourceType": "PractitionerRole",
        "id": "elsewhere",
        "practitioner": {"reference": "Practitioner/stranger"},
        "organization": {"reference": "Organization/physio"},
    },
    {"resourceType": "Patient", "id": "p2", "identifier": [{"system": BSN["system"], "value": "123456782"}]},
]


def task(owner: Json | None, **parts: JsonValue) -> Json:
    said = {
        "resourceType": "Task",
        "id": "t1",
        "status": "accepted",
        "intent": "order",
        "focus": LETTER,
        **parts,
    }
    return said | ({"owner": owner} if owner else {})


def reply(sender: Json | None, **parts: JsonValue) -> Json:
    said = {
        "resourceType": "Communication",
        "id": "r1",
        "status": "completed",
        "inResponseTo": [LETTER],
        **parts,
    }
    return said | ({"sender": sender} if sender else {})


class Takes:
    """A channel that takes everything and confirms nothing."""

    def send(self, _message: LetterMessage) -> Receipt:
        return Receipt(SendOutcome.SENT)


@pytest.fixture
def context(sandbox: Sandbox) -> Iterator[DeliveryContext]:
    sandbox.load([PATIENT, PLAN, a_communication(), *HERE])
    ledger = open_ledger("sqlite://", "scope")
    with FhirClient(sandbox.base_url) as client:
        made = DeliveryContext(
            ledger, client, {"it": Takes()}, LetterStore(client).load, lambda: NOON + timedelta(hours=1)
        )
        enqueue_communication(ledger, a_communication(), NOON, channel="it")
        dispatch_letters(made)
        yield made
    ledger.close()


def outcome(context: DeliveryContext, sandbox: Sandbox, answer: Json) -> tuple[DeliveryState, list[str]]:
    """The state of the letter, and what a human is asked."""
    sandbox.load([answer])
    collect_answers(context)
    (letter,) = outbox.deliveries_in_state(context.ledger, *DeliveryState)
    asked = context.records.search("Task", [("identifier", f"{PLAN_KEY}|")]).matches
    return letter.state, [it["code"]["coding"][0]["code"] for it in asked]


FORGED: dict[str, Json] = {
    "the task of a physiotherapist about the plan": task(
        {"reference": "Organization/physio"}, focus={"reference": "CarePlan/plan1"}
    ),
    "a task of the physiotherapist about the letter": task({"reference": "Organization/physio"}),
    "a task of nobody": task(None),
    "a task of a name": task({"display": "GP practice"}),
    "a task of somebody who is called like the GP": task({"reference": "Practitioner/stranger"}),
    "a task of a role elsewhere": task({"reference": "PractitionerRole/elsewhere"}),
    "a task of a role nowhere": task({"reference": "PractitionerRole/loose"}),
    "a task of somebody whom the server does not know": task({"reference": "Practitioner/unknown"}),
    "a task of another identifier": task({"identifier": {"system": AGB, "value": "09999999"}}),
    "a task of the value without its system": task({"identifier": {"value": "01000001"}}),
    "a task of a server elsewhere": task({"reference": "https://gp.example/fhir/Organization/gp"}),
    "a task owned by another, on behalf of the GP": task({"reference": "Organization/physio"}, requester=GP),
    "a task of the GP about another patient": task(GP, **{"for": {"reference": "Patient/p2"}}),
    "a task of the patient": task({"reference": "Patient/p1"}),
    "a reply of nobody": reply(None),
    "a reply of the physiotherapist, dated in the future": reply(
        {"reference": "Organization/physio"}, sent="2099-01-01T00:00:00Z"
    ),
    "a refusal of a stranger": reply({"reference": "Practitioner/stranger"}, status="not-done"),
    "a reply of the GP about another patient": reply(GP, subject={"reference": "Patient/p2"}),
    "a reply of a device": reply({"reference": "Device/d1"}),
}

HONEST: dict[str, Json] = {
    "a task of the practice": task(GP),
    "a task of the practice by its identifier": task({"identifier": {"system": AGB, "value": "01000001"}}),
    "a task of the role of a doctor there": task({"reference": "PractitionerRole/gp-role"}),
    "a task that the practice made": task(None, requester=GP),
    "a task about the patient": task(GP, **{"for": {"reference": "Patient/p1"}}),
    "a task about the patient by identifier": task(GP, **{"for": {"identifier": BSN}}),
    "a task about the plan of the one letter": task(GP, focus={"reference": "CarePlan/plan1"}),
    "a task in progress": task(GP, status="in-progress"),
    "a completed task": task(GP, status="completed"),
    "a reply of the practice": reply(GP),
    "a reply about the patient": reply(GP, subject={"reference": "Patient/p1"}),
    "a reply of the practice by its identifier": reply({"identifier": {"system": AGB, "value": "01000001"}}),
    "a reply of a doctor's role": reply({"reference": "PractitionerRole/gp-role"}),
}


@pytest.mark.parametrize("name", FORGED)
@pytest.mark.hazard(id="H35")
def test_what_somebody_else_answers_counts_for_nothing_and_is_shown_to_a_human(
    context: DeliveryContext, sandbox: Sandbox, name: str
) -> None:
    assert outcome(context, sandbox, FORGED[name]) == (DeliveryState.SENT, ["delivery_answer_of_another"])


@pytest.mark.parametrize("name", HONEST)
def test_what_the_recipient_answers_counts(context: DeliveryContext, sandbox: Sandbox, name: str) -> None:
    assert outcome(context, sandbox, HONEST[name]) == (DeliveryState.ACCEPTED, [])


def test_of_two_answers_the_one_counts_that_the_server_stored_last(
    context: DeliveryContext, sandbox: Sandbox
) -> None:
    sandbox.load([task(GP, lastModified="2099-01-01T00:00:00Z")])
    collect_answers(context)

    state, asked = outcome(context, sandbox, reply(GP, status="not-done", sent="2020-01-01T00:00:00Z"))

    assert state is DeliveryState.DECLINED
    assert "delivery_answer_of_another" not in asked
