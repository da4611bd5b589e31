"""What was released goes out: pages, document or person exchanged afterwards stop the letter with a Task."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from adapter.fhir import FhirClient
from adapter.input.wire_json import Json
from mappings.codes import PLAN_KEY
from mappings.documents import edition_location
from mappings.outbound.fingerprint import carried
from tests.patient_care import Care, admit
from workers.queue.deliver import deliver


@pytest.fixture
def care(fhir_server: str, unique_id: Callable[[str], str], tmp_path: Path) -> Care:
    return admit(fhir_server, unique_id, delivery=f'{{"channel": "folder", "folder": "{tmp_path}"}}')


def the_pages(care: Care, client: FhirClient) -> Json:
    (found,) = client.search("DocumentReference", [("subject", f"Patient/{care.patient}")]).matches
    return found


DOCUMENT = "application/fhir+json"


def another_title(document: Json) -> bytes:
    """One word more on top: still a document by every rule."""
    document["entry"][0]["resource"]["title"] += " for somebody else"
    return json.dumps(document).encode()


def with_other(pages: Json, media: str) -> Json:
    def other(attachment: Json) -> Json:
        if attachment["contentType"] != media:
            return attachment
        held = b64decode(attachment["data"])
        content = another_title(json.loads(held)) if media == DOCUMENT else b"%PDF-1.7 something else"
        return {"data": b64encode(content).decode(), "contentType": media}

    return {**pages, "content": [{"attachment": other(it["attachment"])} for it in pages["content"]]}


def exchange(care: Care, what: str) -> None:
    with FhirClient(care.base) as client:
        if what == "patient":
            patient = client.read("Patient", care.patient)
            client.update({**patient, "identifier": [{"system": "urn:other", "value": "somebody else"}]})
        elif what:
            client.update(with_other(the_pages(care, client), what))


EXCHANGED = ("application/pdf", "text/html", DOCUMENT, "patient")


@pytest.mark.parametrize("what", EXCHANGED)
def test_a_letter_whose_parts_were_exchanged_does_not_go(care: Care, what: str) -> None:
    care.release()
    exchange(care, what)

    done = deliver(care.runtime)

    assert "sent" not in done
    with FhirClient(care.base) as client:
        asked = client.search("Task", [("patient", f"Patient/{care.patient}")]).matches
    assert "delivery_content_changed" in {it["code"]["coding"][0]["code"] for it in asked}


def test_a_letter_as_it_was_released_goes(care: Care) -> None:
    care.release()

    assert deliver(care.runtime)["sent"] == 1


def test_pages_that_a_process_left_behind_when_it_died_are_filed_anew(care: Care) -> None:
    name = edition_location(carried(care.letter(), PLAN_KEY) or "", 1).partition("/")[2]
    left = {
        "resourceType": "DocumentReference",
        "id": name,
        "identifier": [{"system": PLAN_KEY, "value": name}],
        "status": "current",
        "subject": {"reference": f"Patient/{care.patient}"},
        "content": [{"attachment": {"contentType": "application/pdf", "data": b64encode(b"%PDF").decode()}}],
    }
    care.put(left)
    care.release()

    assert deliver(care.runtime)["sent"] == 1
