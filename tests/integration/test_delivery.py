"""From a released letter to the GP's answer: our server, another FHIR server as the GP's, a real listener."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapter.fhir import FhirClient
from adapter.input.wire_json import Json
from mappings.hl7v2 import control_id
from tests.unit.delivery.letters import NOON, PATIENT, PLAN, a_communication
from tests.unit.delivery.listener import listening
from workers.delivery import (
    DeliveryService,
    LetterMessage,
    OwnServer,
    SendOutcome,
    collect_answers,
    delivery_service,
    dispatch_letters,
    enqueue_communication,
    read_delivery_settings,
)
from workers.delivery.channels.letter_resources import part_ids
from workers.ledger import Ledger, open_ledger, outbox
from workers.ledger.outbox import DeliveryState
from workers.sandbox import FaultEffect, Sandbox

GP: Json = {"resourceType": "Organization", "id": "gp", "endpoint": [{"reference": "Endpoint/e1"}]}
HOSTILE = "<script>alert(1)</script>|^~\\&\rOBX|9|TX|evil\u202e" + "x" * 300


@dataclass
class Town:
    """A hospital and a practice."""

    hospital: Sandbox
    institution: Sandbox
    client: FhirClient
    at_practice: FhirClient
    ledger: Ledger

    def service(self, days: float = 0, **settings: Any) -> DeliveryService:
        given = read_delivery_settings(
            {"channel": "fhir", "fhir_addresses": {"trusted": self.institution.base_url}, **settings}
        )
        home = OwnServer(self.client, self.hospital.base_url)
        return delivery_service(given, home, self.ledger, lambda: NOON + timedelta(days=days))

    def release(self, letter: Json, channel: str = "fhir") -> str:
        self.hospital.load([letter])
        return enqueue_communication(self.ledger, letter, NOON, channel=channel) or ""

    def status(self, name: str = "c1") -> str:
        return str(self.client.read("Communication", name)["status"])

    def states(self) -> list[DeliveryState]:
        return [it.state for it in outbox.deliveries_in_state(self.ledger, *DeliveryState)]

    def tasks_at_practice(self) -> list[Json]:
        return self.at_practice.search("Task").matches


@pytest.fixture
def town() -> Iterator[Town]:
    ledger = open_ledger("sqlite://", "scope")
    with Sandbox() as hospital, Sandbox() as institution:
        endpoint = {
            "resourceType": "Endpoint",
            "id": "e1",
            "status": "active",
            "connectionType": {"code": "hl7-fhir-rest"},
            "payloadType": [{"text": "any"}],
            "address": institution.base_url,
        }
        hospital.load([PATIENT, PLAN, GP, endpoint])
        with FhirClient(hospital.base_url) as client, FhirClient(institution.base_url) as at_practice:
            yield Town(hospital, institution, client, at_practice, ledger)
    ledger.close()


def test_the_gp_gets_the_letter_accepts_it_and_gets_the_correction(town: Town) -> None:
    town.release(a_communication())
    with town.service() as service:
        assert dispatch_letters(service.context) == {"received": 1}
        assert town.status() == "completed"

        (task,) = town.tasks_at_practice()
        town.at_practice.update({**task, "status": "accepted"})
        assert collect_answers(service.context, service.task_at_recipient) == {"accepted": 1}

        correction = a_communication("Correction: the T-score was another patient's.")
        town.release(correction)
        assert dispatch_letters(service.context) == {"received": 1}

    texts = [it["payload"][0]["contentString"] for it in town.at_practice.search("Communication").matches]
    assert min(texts).startswith("Correction")
    assert [it["status"] for it in town.tasks_at_practice()].count("requested") == 1
    assert town.states() == [DeliveryState.ACCEPTED, DeliveryState.RECEIVED]


def test_a_gp_who_declines_comes_before_a_human_and_into_the_statistics(town: Town) -> None:
    town.release(a_communication())
    with town.service() as service:
        dispatch_letters(service.context)
        (task,) = town.tasks_at_practice()
        reason = {
            "coding": [{"system": "urn:gp", "code": "no-capacity"}],
            "text": "no room for Mrs Zonneveld",
        }
        town.at_practice.update({**task, "status": "rejected", "statusReason": reason})

        collect_answers(service.context, service.task_at_recipient)

    (question,) = town.client.search("Task").matches
    assert question["code"]["coding"][0]["code"] == "delivery_declined"
    assert outbox.count_declined_rules(town.ledger)["TRT-01", "no-capacity"] == 1


def test_a_gp_who_does_not_answer_is_asked_after_once(town: Town) -> None:
    town.release(a_communication())
    with town.service() as service:
        dispatch_letters(service.context)
    for days in (3, 8, 9):
        with town.service(days) as service:
            collect_answers(service.context, service.task_at_recipient)

    assert len(town.client.search("Task").matches) == 1


def test_a_practice_that_is_down_gets_the_letter_when_it_is_back(town: Town) -> None:
    town.institution.faults.add_rule(FaultEffect.STATUS, 503)
    town.release(a_communication())
    with town.service() as service:
        assert dispatch_letters(service.context) == {"queued": 1}
        assert town.status() == "preparation"

        town.institution.faults.clear()
        later = replace(service.context, clock=lambda: NOON + timedelta(minutes=2))
        assert dispatch_letters(later) == {"received": 1}

    assert town.status() == "completed"


def test_a_recipient_without_an_address_is_said_and_asked(town: Town) -> None:
    town.release(a_communication(recipient=[{"display": "Somebody"}]))
    with town.service() as service:
        dispatch_letters(service.context)

    told = town.client.read("Communication", "c1")
    assert told["status"] == "not-done"
    assert told["statusReason"]["coding"][0]["code"] == "recipient-unavailable"
    assert len(town.client.search("Task").matches) == 1


def test_an_engine_over_mllp_gets_the_letter_once_more_after_a_lost_acknowledgement(town: Town) -> None:
    message = town.release(a_communication(), channel="mllp")
    with listening("close", "AE+205") as listener:
        for minutes in (0, 2):
            with town.service(minutes / 1440, channel="mllp", mllp_port=listener.port) as service:
                dispatch_letters(service.context)

    assert listener.control_ids == [control_id(message)] * 2
    assert listener.messages[0] == listener.messages[1]
    assert town.status() == "completed"


def test_a_folder_confirms_nothing_and_the_communication_claims_nothing(town: Town, tmp_path: Path) -> None:
    message = town.release(a_communication(), channel="folder")
    with town.service(channel="folder", folder=tmp_path) as service:
        dispatch_letters(service.context)

    (manifest,) = tmp_path.rglob("manifest.json")
    assert json.loads(manifest.read_text())["message"] == message
    assert town.status() == "in-progress"
    assert "sent" not in town.client.read("Communication", "c1")


@pytest.mark.parametrize("channel", ["fhir", "mllp", "folder"])
def test_a_hostile_name_arrives_as_a_name(town: Town, tmp_path: Path, channel: str) -> None:
    town.hospital.load([{**PATIENT, "name": [{"family": HOSTILE}]}])
    town.release(a_communication(f"About {HOSTILE}"), channel=channel)
    with (
        listening("AA") as listener,
        town.service(channel=channel, mllp_port=listener.port, folder=tmp_path) as service,
    ):
        done = dispatch_letters(service.context)

    assert done.keys() <= {"received", "sent"}
    messages = [*listener.messages, *(path.read_bytes() for path in tmp_path.rglob("message.hl7"))]
    for message in messages:
        assert [it[:3] for it in message.split(b"\r")] == [
            b"MSH",
            b"EVN",
            b"PID",
            b"PV1",
            b"TXA",
            b"OBX",
            b"",
        ]
    assert len(messages) == (0 if channel == "fhir" else 1)


def test_a_revoked_plan_lets_no_letter_go(town: Town) -> None:
    town.release(a_communication())
    town.hospital.load([{**PLAN, "status": "revoked"}])
    with town.service() as service:
        assert dispatch_letters(service.context) == {"cancelled": 1}

    assert town.institution.recorder.writes == []


def test_a_hapi_server_at_the_gp_takes_the_letter_once_and_finds_it_valid(
    town: Town, hapi: str, unique_id: Callable[[str], str]
) -> None:
    letter = a_communication(id=unique_id("letter"), identifier=[])
    town.release(letter)
    told = {"Organization/gp": hapi}
    with town.service(fhir_addresses=told) as service, FhirClient(hapi) as at_hapi:
        channel = service.context.channels["fhir"]
        message = service.context.load(outbox.deliveries_in_state(town.ledger, DeliveryState.QUEUED)[0])
        assert isinstance(message, LetterMessage)
        assert dispatch_letters(service.context) == {"received": 1}
        assert channel.send(message).outcome is SendOutcome.DUPLICATE

        for kind in ("DocumentReference", "Communication", "Task"):
            stored = at_hapi.read(kind, part_ids(message)[kind])
            assert [it for it in at_hapi.validate(stored) if it.severity in ("error", "fatal")] == []

        (entry,) = outbox.deliveries_in_state(town.ledger, DeliveryState.RECEIVED)
        task = at_hapi.read("Task", part_ids(message)["Task"])
        at_hapi.update({**task, "status": "accepted"})
        assert collect_answers(service.context, service.task_at_recipient) == {"accepted": 1}
        assert entry.reference == f"Task/{task['id']}"
