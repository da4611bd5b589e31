"""docs/gp-systems.md: its examples are what is sent, and a receiver that knows nothing but the page gets every letter once."""

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
from mappings.hl7v2 import PARTIES, document
from tests.contract.gp_receiver import Practice
from tests.unit.delivery.letters import PDF, a_message
from workers.delivery import LetterMessage
from workers.delivery.channels.folder_channel import FolderChannel, files
from workers.delivery.channels.hl7v2_document import as_document
from workers.delivery.channels.letter_resources import entries
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


def manifest(message: LetterMessage) -> Any:
    return json.loads(dict(files(message, PARTIES))["manifest.json"])


def example(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def test_the_examples_of_the_page_are_what_is_sent() -> None:
    assert json.loads(example("json")) == manifest(letter())
    assert example("hl7") == document(as_document(letter()), PARTIES).decode().replace("\r", "\n")


@pytest.mark.parametrize(
    "record", [RECORD, {}, {"identifier": "nonsense"}, {"identifier": [{"value": "1", "use": "old"}, 7]}]
)
def test_every_manifest_meets_its_schema_and_names_whom_to_route_to_or_why_not(
    record: dict[str, Any],
) -> None:
    message = a_message()
    told = manifest(replace(message, recipient=replace(message.recipient, record=record)))

    jsonschema.validate(told, SCHEMA, jsonschema.Draft202012Validator)
    assert bool(told["recipient"]) is (record is RECORD)
    assert ("recipientMissing" in told) is (record is not RECORD)


@pytest.mark.parametrize(
    "broken", [{"recipient": []}, {"recipientMissing": "x"}, {"files": {}}, {"patient": "1"}, {"version": 2}]
)
def test_the_schema_refuses_what_the_page_does_not_say(broken: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(manifest(letter()) | broken, SCHEMA, jsonschema.Draft202012Validator)


def test_a_receiver_from_the_page_gets_letters_by_fhir_and_answers() -> None:
    practice = Practice()
    with Sandbox() as theirs, FhirClient(theirs.base_url) as client:
        for one in (letter(), letter(), letter("second")):
            client.transaction(entries(one, "https://hospital.example/fhir", update_create=True))
            practice.fetch(theirs.base_url)
        tasks = client.search("Task").matches

    assert practice.shown == {letter().document_id: PDF + b"second"}
    assert len(practice.had) == 2
    assert {it["status"] for it in tasks} == {"accepted"}


def test_a_receiver_from_the_page_empties_a_folder(tmp_path: Path) -> None:
    practice = Practice()
    for one in (letter(), letter(), letter("second"), a_message()):
        FolderChannel(tmp_path).send(one)
        practice.empty(tmp_path, AGB)

    assert practice.shown == {letter().document_id: PDF + b"second"}


def test_a_receiver_from_the_page_takes_hl7_v2() -> None:
    practice = Practice()
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            for _ in range(3):
                line, _ = door.accept()
                with line:
                    practice.serve(line)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        channel = MllpChannel("127.0.0.1", door.getsockname()[1])
        outcomes = [channel.send(one).outcome for one in (letter(), letter(), letter("second"))]
        thread.join(10)

    assert outcomes == [SendOutcome.RECEIVED] * 3
    assert practice.shown == {letter().document_id: PDF + b"second"}
    assert len(practice.had) == 2
