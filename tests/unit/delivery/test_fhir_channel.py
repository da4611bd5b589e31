"""The GP's system is a FHIR server of its own: a second sandbox, found in the directory of the first."""

from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha1
from typing import Any

import pytest

from adapter.fhir import FhirClient
from adapter.fhir.capabilities import Capabilities, Declared
from adapter.input.wire_json import Json, JsonValue
from tests.unit.delivery.letters import PATIENT, PDF, a_communication, a_message
from tests.unit.fhir.server import Answer, fake_server
from workers.delivery import LetterMessage, Recipient, SendOutcome, read_delivery_settings
from workers.delivery.channels.endpoints import EndpointDirectory
from workers.delivery.channels.fhir_channel import FhirChannel
from workers.delivery.message_content import MESSAGE_ID
from workers.delivery.service import RecipientConnections
from workers.sandbox import FaultEffect, Sandbox

pytestmark = pytest.mark.slow  # two servers for each test

DOCUMENT: Json = {
    "resourceType": "Bundle",
    "type": "document",
    "identifier": {"system": "urn:x", "value": "builder's own"},
    "timestamp": "2026-01-05T12:00:00Z",
    "entry": [],
}
AGB = {"system": "http://fhir.nl/fhir/NamingSystem/agb-z", "value": "01001234"}


def endpoint(address: str, **changes: JsonValue) -> Json:
    return {
        "resourceType": "Endpoint",
        "id": "e1",
        "status": "active",
        "connectionType": {"code": "hl7-fhir-rest"},
        "payloadType": [{"text": "any"}],
        "address": address,
        **changes,
    }


GP = {
    "resourceType": "Organization",
    "id": "gp",
    "identifier": [AGB],
    "endpoint": [{"reference": "Endpoint/e1"}],
}


@dataclass
class Scene:
    """Our server, the GP's, and the channel between them."""

    home: Sandbox
    gp: Sandbox
    client: FhirClient
    at_gp: FhirClient
    connections: RecipientConnections

    def channel(self, *, document_only: bool = False, client: FhirClient | None = None) -> FhirChannel:
        connect = (lambda _: client) if client else self.connections.client_to
        return FhirChannel(EndpointDirectory(self.client), connect, self.home.base_url, document_only)


@pytest.fixture
def scene() -> Iterator[Scene]:
    with Sandbox() as home, Sandbox(check_references=True) as gp, FhirClient(home.base_url) as client:
        home.load([GP, endpoint(gp.base_url)])
        connections = RecipientConnections(
            read_delivery_settings({"channel": "fhir", "fhir_addresses": {"any": gp.base_url}})
        )
        with FhirClient(gp.base_url) as at_gp:
            yield Scene(home, gp, client, at_gp, connections)
        connections.close()


def letter(**facts: Any) -> LetterMessage:
    return a_message(attached=[DOCUMENT], **facts)


def all_of(client: FhirClient, kind: str) -> list[Json]:
    return client.search(kind).matches


def test_the_letter_arrives_with_pdf_document_and_a_task_to_answer(scene: Scene) -> None:
    receipt = scene.channel().send(letter())

    (task,) = all_of(scene.at_gp, "Task")
    (message,) = all_of(scene.at_gp, "Communication")
    (reference,) = all_of(scene.at_gp, "DocumentReference")
    (bundle,) = all_of(scene.at_gp, "Bundle")
    pdf = reference["content"][0]["attachment"]
    assert (receipt.outcome, receipt.reference) == (SendOutcome.RECEIVED, f"Task/{task['id']}")
    assert task["status"] == "requested"
    assert task["focus"]["reference"] == f"Communication/{message['id']}"
    assert message["payload"][1]["contentReference"]["reference"] == f"DocumentReference/{reference['id']}"
    assert b64decode(pdf["data"]) == PDF
    assert (pdf["size"], pdf["hash"]) == (len(PDF), b64encode(sha1(PDF).digest()).decode())  # noqa: S324 - as R4 wants it
    assert bundle["identifier"] == {"system": MESSAGE_ID, "value": letter().message_id}


def test_nothing_at_the_gp_points_to_a_record_that_only_we_have(scene: Scene) -> None:
    scene.channel().send(letter())

    (message,) = all_of(scene.at_gp, "Communication")
    (task,) = all_of(scene.at_gp, "Task")
    patient = {
        "type": "Patient",
        "identifier": {"system": PATIENT["identifier"][0]["system"], "value": "999990019"},
    }
    assert message["subject"] == task["for"] == patient
    assert message["basedOn"][0]["identifier"]["value"] == f"{scene.home.base_url}/CarePlan/plan1"
    assert "reference" not in message["recipient"][0]


def test_sent_again_it_is_a_duplicate_and_the_gps_answer_stays(scene: Scene) -> None:
    scene.channel().send(letter())
    (task,) = all_of(scene.at_gp, "Task")
    scene.at_gp.update({**task, "status": "accepted"})

    again = scene.channel().send(letter())

    assert again.outcome is SendOutcome.DUPLICATE
    assert [it["status"] for it in all_of(scene.at_gp, "Task")] == ["accepted"]


def test_a_correction_is_a_new_message_with_a_task_of_its_own(scene: Scene) -> None:
    scene.channel().send(letter())
    scene.channel().send(letter(communication=a_communication("Correction: ...")))

    assert len(all_of(scene.at_gp, "Task")) == 2
    assert len(all_of(scene.at_gp, "Bundle")) == 1  # the same document, in its second version


def test_a_lost_answer_leads_to_the_same_letter_and_no_second_one(scene: Scene) -> None:
    scene.gp.faults.add_rule(FaultEffect.DROP, times=1, method="POST")

    first = scene.channel().send(letter())
    second = scene.channel().send(letter())

    assert (first.outcome, second.outcome) == (SendOutcome.TRANSIENT, SendOutcome.DUPLICATE)
    assert len(all_of(scene.at_gp, "Communication")) == 1


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (503, SendOutcome.TRANSIENT),
        (500, SendOutcome.TRANSIENT),
        (401, SendOutcome.TRANSIENT),
        (422, SendOutcome.REFUSED),
    ],
)
def test_a_failing_server_is_weather_or_a_refusal(scene: Scene, status: int, outcome: SendOutcome) -> None:
    scene.gp.faults.add_rule(FaultEffect.STATUS, status, method="POST", retry_after=7)

    receipt = scene.channel().send(letter())

    assert receipt.outcome is outcome
    assert receipt.reason.endswith(str(status))


@pytest.mark.parametrize(
    ("severity", "code", "outcome", "reason"),
    [
        ("error", "processing", SendOutcome.REFUSED, "rejected-200"),
        ("fatal", "invalid", SendOutcome.REFUSED, "rejected-200"),
        ("error", "throttled", SendOutcome.TRANSIENT, "unavailable-200"),
        ("information", "informational", SendOutcome.RECEIVED, ""),
    ],
)
def test_a_success_that_says_inside_that_it_failed_is_none(
    severity: str, code: str, outcome: SendOutcome, reason: str
) -> None:
    issue = {"severity": severity, "code": code, "diagnostics": "Mrs Zonneveld is not one of ours"}
    statement = {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}
    with fake_server() as gp, FhirClient(gp.base) as client:
        gp.will_answer(
            Answer(200, statement), Answer(200, {"resourceType": "OperationOutcome", "issue": [issue]})
        )
        known = EndpointDirectory(client, {"Organization/gp": gp.base})
        channel = FhirChannel(known, lambda _address: client, "https://home.example", document_only=True)

        receipt = channel.send(letter())

    assert (receipt.outcome, receipt.reason) == (outcome, reason)
    assert "Zonneveld" not in repr(receipt)


def test_a_document_alone_is_put_under_its_own_id(scene: Scene) -> None:
    channel = scene.channel(document_only=True)

    receipt = channel.send(letter())
    channel.send(letter())

    assert receipt.reference == f"Bundle/{letter().document_id}"
    assert all_of(scene.at_gp, "Task") == []
    assert scene.gp.recorder.writes[-1].version == 1
    assert channel.send(a_message()).reason == "no-document"


class ModestClient(FhirClient):
    """Of a server that says it can do less: without ids of ours, or without transactions."""

    own_ids, transactions = True, True

    def capabilities(self) -> Capabilities:
        known = super().capabilities()
        if not self.own_ids:
            types = {name: replace(it, update_create=Declared.NO) for name, it in known.types.items()}
            known = replace(known, types=types)
        return known if self.transactions else replace(known, system_interactions=frozenset({"batch"}))


class WithoutOwnIds(ModestClient):
    own_ids = False


class WithoutTransactions(ModestClient):
    transactions = False


def test_a_server_that_gives_its_own_ids_gets_everything_once(scene: Scene) -> None:
    with WithoutOwnIds(scene.gp.base_url) as client:
        outcomes = [scene.channel(client=client).send(letter()).outcome for _ in range(2)]
        documents = [
            scene.channel(client=client, document_only=True).send(letter()).outcome for _ in range(2)
        ]

    assert outcomes == [SendOutcome.RECEIVED, SendOutcome.DUPLICATE]
    assert documents == [SendOutcome.DUPLICATE, SendOutcome.DUPLICATE]
    (task,) = all_of(scene.at_gp, "Task")
    (message,) = all_of(scene.at_gp, "Communication")
    assert task["focus"]["reference"] == f"Communication/{message['id']}"


def test_a_server_without_transactions_gets_one_after_the_other(scene: Scene) -> None:
    with WithoutTransactions(scene.gp.base_url) as client:
        receipt = scene.channel(client=client).send(letter())

    assert receipt.outcome is SendOutcome.RECEIVED
    assert [it.type for it in scene.gp.recorder.writes] == [
        "Bundle",
        "DocumentReference",
        "Communication",
        "Task",
    ]


@pytest.fixture(scope="module")
def directory_server() -> Iterator[Sandbox]:
    """One server for all tables about the directory: starting and stopping one takes longer than they do."""
    with Sandbox() as server:
        yield server


@pytest.fixture
def book(directory_server: Sandbox) -> Iterator[Sandbox]:
    """An empty directory."""
    yield directory_server
    with FhirClient(directory_server.base_url) as client:
        for kind in ("Organization", "Practitioner", "PractitionerRole", "Endpoint"):
            for resource in all_of(client, kind):
                client.delete(kind, resource["id"])


def role(**parts: JsonValue) -> Json:
    return {"resourceType": "PractitionerRole", "id": "r1", **parts}


AT = [{"reference": "Endpoint/e1"}]


@pytest.mark.parametrize(
    ("recipient", "directory"),
    [
        ({"reference": "Organization/gp"}, [GP]),
        ({"reference": "Organization/gp/_history/3"}, [GP]),
        ({"identifier": AGB, "type": "Organization"}, [GP]),
        ({"identifier": AGB}, [GP]),
        ({"reference": "PractitionerRole/r1"}, [role(endpoint=AT)]),
        ({"reference": "PractitionerRole/r1"}, [role(organization={"reference": "Organization/gp"}), GP]),
        (
            {"reference": "Practitioner/d1"},
            [
                {"resourceType": "Practitioner", "id": "d1"},
                role(practitioner={"reference": "Practitioner/d1"}, endpoint=AT),
            ],
        ),
        (
            {"reference": "Organization/branch"},
            [
                {"resourceType": "Organization", "id": "branch", "partOf": {"reference": "Organization/gp"}},
                GP,
            ],
        ),
    ],
)
def test_the_directory_leads_from_a_recipient_to_an_address(
    book: Sandbox, recipient: Json, directory: list[Json]
) -> None:
    book.load([endpoint("https://gp.example/fhir/"), *directory])
    with FhirClient(book.base_url) as client:
        assert EndpointDirectory(client).address_of(Recipient(recipient)) == "https://gp.example/fhir"


@pytest.mark.parametrize(
    ("recipient", "directory"),
    [
        ({"display": "a name and nothing else"}, []),
        ({"reference": "Organization/missing"}, []),
        ({"identifier": AGB}, []),
        ({"identifier": AGB, "type": "Organization"}, [GP, {**GP, "id": "twin"}]),
        ({"reference": "Organization/gp"}, [{**GP, "active": False}]),
        ({"reference": "Organization/gp"}, [{**GP, "endpoint": []}]),
        ({"reference": "Organization/gp"}, [GP, endpoint("x", status="off")]),
        ({"reference": "Organization/gp"}, [GP, endpoint("x", connectionType={"code": "hl7v2-mllp"})]),
        ({"reference": "Organization/gp"}, [GP, endpoint("")]),
        ({"reference": "https://elsewhere.example/Organization/gp"}, [GP, endpoint("x")]),
        (
            {"reference": "Organization/a"},
            [
                {"resourceType": "Organization", "id": "a", "partOf": {"reference": "Organization/b"}},
                {"resourceType": "Organization", "id": "b", "partOf": {"reference": "Organization/a"}},
            ],
        ),
    ],
)
def test_a_recipient_without_a_usable_address_is_refused_with_that_reason(
    book: Sandbox, recipient: Json, directory: list[Json]
) -> None:
    book.load(directory)
    with FhirClient(book.base_url) as client:
        channel = FhirChannel(EndpointDirectory(client), lambda _address: client, book.base_url)
        receipt = channel.send(a_message(a_communication(recipient=[recipient])))

    assert (receipt.outcome, receipt.reason) == (SendOutcome.REFUSED, "no-endpoint")


def test_the_settings_win_over_the_directory(book: Sandbox) -> None:
    book.load([GP, endpoint("https://gp.example/fhir")])
    with FhirClient(book.base_url) as client:
        for key in (f"{AGB['system']}|{AGB['value']}", "Organization/gp"):
            directory = EndpointDirectory(client, {key: "https://other.example/fhir"})
            recipient = Recipient({"reference": "Organization/gp", "identifier": AGB})

            assert directory.address_of(recipient) == "https://other.example/fhir"


def test_an_address_of_the_directory_that_the_settings_do_not_know_gets_no_letter(
    scene: Scene,
) -> None:
    stranger = RecipientConnections(read_delivery_settings({"channel": "fhir", "fhir_hosts": ["gp.example"]}))
    channel = FhirChannel(EndpointDirectory(scene.client), stranger.client_to, scene.home.base_url)

    receipt = channel.send(letter())

    assert (receipt.outcome, receipt.reason) == (SendOutcome.REFUSED, "endpoint-not-trusted")
    assert scene.gp.recorder.requests.total() == 0
