"""docs/gp-systems.md: its examples are what is sent, and whoever follows it alone gets every letter once."""

import json
import re
import socket
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from adapter.fhir import FhirClient
from adapter.input.wire_json import Json, JsonValue
from mappings.hl7v2 import PARTIES, document
from tests.contract.gp_receiver import Practice
from tests.unit.delivery.letters import PDF, a_message
from workers.delivery import LetterMessage
from workers.delivery.channels.endpoints import EndpointDirectory
from workers.delivery.channels.fhir_channel import FhirChannel
from workers.delivery.channels.folder_channel import FolderChannel, letter_files
from workers.delivery.channels.hl7v2_document import mdm_document_of
from workers.delivery.channels.letter_resources import letter_entries
from workers.delivery.channels.mllp_channel import MllpChannel
from workers.delivery.message import SendOutcome
from workers.sandbox import Sandbox

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "gp-systems.md").read_text("utf-8")
SCHEMA = json.loads((DOCS / "manifest.schema.json").read_text("utf-8"))
AGB = ("http://fhir.nl/fhir/NamingSystem/agb-z", "01001234")
RECORD = {"resourceType": "Organization", "id": "gp", "identifier": [{"system": AGB[0], "value": AGB[1]}]}


def letter(text: str = "first", **facts: Any) -> LetterMessage:
    from_page = a_message(**facts)
    known = replace(from_page, recipient=replace(from_page.recipient, record=RECORD))
    return (
        known
        if text == "first"
        else replace(known, message_id="00000000-0000-5000-8000-000000000002", pdf=PDF + text.encode())
    )


def correction() -> LetterMessage:
    """What goes when the released letter holds no longer: a letter of its own, which names the one before."""
    document = "00000000-0000-5000-8000-00000000000d"
    return replace(
        letter("corrected"), message_id=f"{document}.1", document_id=document, replaces=letter().document_id
    )


POST = (letter(), letter(), letter("second"), correction(), correction())
ORDERS = pytest.mark.parametrize("post", [POST, POST[::-1]], ids=["in their order", "the last one first"])
STANDS = {correction().document_id: PDF + b"corrected"}


def manifest(message: LetterMessage) -> JsonValue:
    return json.loads(dict(letter_files(message, PARTIES))["manifest.json"])


def example(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def test_the_examples_of_the_page_are_what_is_sent() -> None:
    assert json.loads(example("json")) == manifest(letter())
    assert example("hl7") == document(mdm_document_of(letter()), PARTIES).decode().replace("\r", "\n")


@pytest.mark.parametrize(
    "record", [RECORD, {}, {"identifier": "nonsense"}, {"identifier": [{"value": "1", "use": "old"}, 7]}]
)
def test_every_manifest_meets_its_schema_and_names_whom_to_route_to_or_why_not(
    record: Json,
) -> None:
    message = a_message()
    told = manifest(replace(message, recipient=replace(message.recipient, record=record)))

    jsonschema.validate(told, SCHEMA, jsonschema.Draft202012Validator)
    assert bool(told["recipient"]) is (record is RECORD)
    assert ("recipientMissing" in told) is (record is not RECORD)


@pytest.mark.parametrize(
    "broken", [{"recipient": []}, {"recipientMissing": "x"}, {"files": {}}, {"patient": "1"}, {"version": 2}]
)
def test_the_schema_refuses_what_the_page_does_not_say(broken: Json) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(manifest(letter()) | broken, SCHEMA, jsonschema.Draft202012Validator)


@ORDERS
def test_a_receiver_from_the_page_gets_letters_by_fhir_and_answers(post: tuple[LetterMessage, ...]) -> None:
    practice = Practice()
    with Sandbox() as theirs, FhirClient(theirs.base_url) as client:
        for one in post:
            client.transaction(letter_entries(one, "https://hospital.example/fhir", update_create=True))
            practice.fetch(theirs.base_url)
        tasks = client.search("Task").matches

    assert practice.shown == STANDS
    assert len(practice.had) == 3
    assert {it["status"] for it in tasks} == {"accepted"}


@ORDERS
def test_a_receiver_from_the_page_empties_a_folder(tmp_path: Path, post: tuple[LetterMessage, ...]) -> None:
    practice = Practice()
    for one in (*post, a_message()):
        FolderChannel(tmp_path).send(one)
        practice.empty(tmp_path, AGB)

    assert practice.shown == STANDS
    assert len(practice.had) == 3


@ORDERS
def test_a_receiver_from_the_page_takes_hl7_v2(post: tuple[LetterMessage, ...]) -> None:
    practice = Practice()
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            for _ in post:
                line, _ = door.accept()
                with line:
                    practice.serve(line)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        channel = MllpChannel("127.0.0.1", door.getsockname()[1])
        outcomes = [channel.send(one).outcome for one in post]
        thread.join(10)

    assert outcomes == [SendOutcome.RECEIVED] * len(post)
    assert practice.shown == STANDS
    assert len(practice.had) == 3


def test_the_requests_of_the_page_are_all_that_a_receiver_is_asked() -> None:
    """A letter, and the same once more; the document goes where there is one."""
    document = {"resourceType": "Bundle", "id": letter().document_id, "type": "document"}
    with Sandbox() as theirs, FhirClient(theirs.base_url) as client:
        known = EndpointDirectory(client, {"Organization/gp": theirs.base_url})
        channel = FhirChannel(known, lambda _: client, "https://hospital.example/fhir")
        told = [channel.send(replace(letter(), document=document)).outcome for _ in range(2)]
        asked = {
            "GET metadata" if it == ("GET", "") else " ".join(it).strip() for it in theirs.recorder.requests
        }

    assert told == [SendOutcome.RECEIVED, SendOutcome.DUPLICATE]
    rows = re.findall(r"^\| `((?:GET|PUT|POST)(?: [A-Za-z]+)?)(?:/ID)?`", PAGE, re.MULTILINE)
    assert asked == set(rows)
