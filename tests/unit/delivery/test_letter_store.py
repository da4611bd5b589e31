from base64 import b64encode
from collections.abc import Iterator

import pytest

from adapter.errors import TryAgainLater
from adapter.fhir import FhirClient
from adapter.input.wire_json import Json
from tests.unit.delivery.letters import NOON, PATIENT, PDF, PLAN, a_communication
from workers.delivery import LetterMessage, enqueue_communication
from workers.delivery.letter_store import LetterStore, WithheldLetter
from workers.delivery.message_content import DOCUMENT_ID
from workers.delivery.questions import ask_question
from workers.ledger import Ledger, open_ledger, outbox
from workers.ledger.outbox import Delivery, DeliveryState
from workers.sandbox import FaultEffect, Sandbox

LETTER = {
    "resourceType": "DocumentReference",
    "id": "letter",
    "status": "current",
    "docStatus": "final",
    "content": [
        {"attachment": {"contentType": "application/pdf", "url": "Binary/pdf"}},
        {"attachment": {"contentType": "text/html", "data": b64encode(b"<p>letter</p>").decode()}},
    ],
}
BINARY = {
    "resourceType": "Binary",
    "id": "pdf",
    "contentType": "application/pdf",
    "data": b64encode(PDF).decode(),
}
POINTING = a_communication(payload=[{"contentReference": {"reference": "DocumentReference/letter"}}])


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[FhirClient]:
    sandbox.load([PATIENT, PLAN, LETTER, BINARY])
    with FhirClient(sandbox.base_url) as opened:
        yield opened


def entry_for(letter: Json) -> Delivery:
    ledger = open_ledger("sqlite://", "scope")
    enqueue_communication(ledger, letter, NOON, channel="it")
    entry = the_entry(ledger)
    ledger.close()
    return entry


def the_entry(ledger: Ledger) -> Delivery:
    (entry,) = outbox.deliveries_in_state(ledger, DeliveryState.QUEUED)
    return entry


def load_letter(client: FhirClient, sandbox: Sandbox, letter: Json) -> LetterMessage | WithheldLetter:
    sandbox.load([letter])
    return LetterStore(client).load(entry_for(letter))


def test_a_letter_that_only_points_to_its_pages_is_gathered(client: FhirClient, sandbox: Sandbox) -> None:
    message = load_letter(client, sandbox, POINTING)

    assert isinstance(message, LetterMessage)
    assert (message.pdf, message.html) == (PDF, "<p>letter</p>")
    assert message.patient["name"] == PATIENT["name"]
    assert (message.issued, message.authenticated, message.replaces) == (NOON, True, None)


def test_a_preliminary_letter_is_not_sent_as_authenticated(client: FhirClient, sandbox: Sandbox) -> None:
    earlier = {"code": "replaces", "target": {"identifier": {"system": DOCUMENT_ID, "value": "earlier"}}}
    sandbox.load([{**LETTER, "docStatus": "preliminary", "relatesTo": [earlier]}])

    message = load_letter(client, sandbox, POINTING)

    assert isinstance(message, LetterMessage)
    assert (message.authenticated, message.replaces) == (False, "earlier")


@pytest.mark.parametrize(
    "preliminary", [{"resourceType": "Composition", "status": status} for status in ("preliminary", "final")]
)
def test_a_document_says_itself_whether_it_is_final(
    client: FhirClient, sandbox: Sandbox, preliminary: Json
) -> None:
    document = {
        "resourceType": "Bundle",
        "id": "doc",
        "type": "document",
        "entry": [{"resource": preliminary}],
    }
    sandbox.load([document])
    payload = [*a_communication()["payload"], {"contentReference": {"reference": "Bundle/doc"}}]

    message = load_letter(client, sandbox, a_communication(payload=payload))

    assert isinstance(message, LetterMessage)
    assert message.document is not None
    assert message.authenticated is (preliminary["status"] == "final")


def test_a_letter_on_hold_may_go_another_time(client: FhirClient, sandbox: Sandbox) -> None:
    assert load_letter(client, sandbox, a_communication(status="on-hold")) == WithheldLetter(
        "on-hold", later=True
    )


def test_a_letter_that_is_gone_does_not_go(client: FhirClient) -> None:
    assert LetterStore(client).load(entry_for(a_communication())) == WithheldLetter("communication-gone")


def test_a_server_in_trouble_is_weather_and_no_reason_to_drop_a_letter(
    client: FhirClient, sandbox: Sandbox
) -> None:
    sandbox.load([a_communication()])
    sandbox.faults.add_rule(FaultEffect.STATUS, 503)

    with pytest.raises(TryAgainLater):
        LetterStore(client).load(entry_for(a_communication()))


@pytest.mark.parametrize("update_create", [True, False])
@pytest.mark.parametrize("there", [True, False], ids=["letter there", "letter gone"])
def test_a_question_is_put_once_on_every_kind_of_server(
    client: FhirClient, sandbox: Sandbox, update_create: bool, there: bool
) -> None:
    if there:
        sandbox.load([a_communication()])
    for _ in range(2):
        ask_question(
            client, entry_for(a_communication()), "delivery_failed", NOON, update_create=update_create
        )

    (task,) = client.search("Task").matches
    assert task["focus"] == {"reference": "Communication/c1"}
    assert task.get("for") == ({"reference": "Patient/p1"} if there else None)
    assert sandbox.recorder.writes[-1].version == 1
