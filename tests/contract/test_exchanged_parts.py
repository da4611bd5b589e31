"""What was released is what goes out: pages or a person exchanged after the release stop the letter with a Task."""

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from adapter.fhir import FhirClient
from adapter.wire_json import Json
from tests.closing import Care, admit
from workers.queue.deliver import deliver


@pytest.fixture
def care(fhir_server: str, unique_id: Callable[[str], str], tmp_path: Path) -> Care:
    return admit(fhir_server, unique_id, delivery=f'{{"channel": "folder", "folder": "{tmp_path}"}}')


def the_pages(care: Care, client: FhirClient) -> Json:
    (found,) = client.search("DocumentReference", [("subject", f"Patient/{care.patient}")]).matches
    return found


def with_other(pages: Json, media: str) -> Json:
    other = {"data": b64encode(b"%PDF-1.7 something else").decode(), "contentType": media}
    contents = [
        {**it, "attachment": other} if it["attachment"]["contentType"] == media else it
        for it in pages["content"]
    ]
    return {**pages, "content": contents}


def exchange(care: Care, what: str) -> None:
    with FhirClient(care.base) as client:
        if what == "patient":
            patient = client.read("Patient", care.patient)
            client.update({**patient, "identifier": [{"system": "urn:other", "value": "somebody else"}]})
        elif what:
            client.update(with_other(the_pages(care, client), what))


@pytest.mark.parametrize("what", ["application/pdf", "text/html", "patient"])
def test_a_letter_whose_parts_were_exchanged_does_not_go(care: Care, what: str) -> None:
    care.release()
    exchange(care, what)

    done = deliver(care.place)

    assert "sent" not in done
    with FhirClient(care.base) as client:
        asked = client.search("Task", [("patient", f"Patient/{care.patient}")]).matches
    assert "delivery_content_changed" in {it["code"]["coding"][0]["code"] for it in asked}


def test_a_letter_as_it_was_released_goes(care: Care) -> None:
    care.release()

    assert deliver(care.place)["sent"] == 1
