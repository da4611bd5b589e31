"""What leaves is filed beside its letter, in the same transaction, and says later what became of it."""

from base64 import b64decode
from collections.abc import Callable

import orjson
import pytest

from adapter.input.wire_json import Json
from mappings.documents import broken
from mappings.hl7v2 import Parties
from tests.contract.hospital import errors
from tests.made_resources import a_t_score
from tests.patient_care import Care, admit
from workers.delivery.channels.folder_channel import letter_files
from workers.delivery.message import LetterMessage
from workers.queue.deliver import delivery_service_of

MODES = pytest.mark.parametrize("mode", ["put", "conditional"])


@pytest.fixture
def care(fhir_server: str, unique_id: Callable[[str], str], mode: str) -> Care:
    return admit(fhir_server, unique_id, write_mode=mode)


def filed(care: Care, status: str | None = None) -> list[Json]:
    """Everything that is filed about the patient."""
    with care.client() as client:
        found = client.search("DocumentReference", [("subject", f"Patient/{care.patient}")]).matches
    return [it for it in found if status is None or it["status"] == status]


def pages(document: Json, media: str) -> bytes:
    (file,) = (it["attachment"] for it in document["content"] if it["attachment"]["contentType"] == media)
    return b64decode(file["data"])


def bundle(document: Json) -> Json:
    held: Json = orjson.loads(pages(document, "application/fhir+json"))
    return held


def kinds(document: Json) -> list[str]:
    return [it["resource"]["resourceType"] for it in bundle(document)["entry"]]


def sent(care: Care) -> None:
    care.release()
    care.delivered(care.letter("in-progress"))
    care.review()


@MODES
def test_nothing_is_filed_before_a_clinician_released_it(care: Care) -> None:
    assert filed(care) == []


@MODES
def test_a_released_letter_refers_to_its_pages_which_say_who_released_it(care: Care) -> None:
    care.release()

    (document,) = filed(care)
    letter, plan = care.letter("in-progress"), care.plan("active")
    assert letter["payload"][1]["contentReference"]["reference"] == f"DocumentReference/{document['id']}"
    assert (document["status"], document["docStatus"]) == ("current", "final")
    assert document["authenticator"]["display"] == "Dr A. Vermeer"
    assert document["context"]["related"][0]["reference"] == f"CarePlan/{plan['id']}"
    assert pages(document, "application/pdf").startswith(b"%PDF-")
    assert "Dr A. Vermeer" in pages(document, "text/html").decode()


@MODES
def test_the_document_has_the_plan_and_the_score_and_no_more_of_the_record(care: Care) -> None:
    care.release()

    (document,) = filed(care)
    assert broken(bundle(document)) == ()
    assert sorted(kinds(document)) == [
        "Binary",
        "CarePlan",
        "Composition",
        "Device",
        "Observation",
        "Patient",
    ]


@MODES
def test_a_second_review_files_nothing(care: Care) -> None:
    care.release()
    before = filed(care)

    again = care.review()

    assert (again.fault, again.proposed) == (None, ())
    assert filed(care) == before


@MODES
def test_a_corrected_letter_takes_the_place_of_the_one_before_when_it_is_released(care: Care) -> None:
    sent(care)
    (first,) = filed(care)
    care.amend(-3.1)
    care.review()
    assert filed(care) == [first]

    care.release()

    (old,), (new,) = filed(care, "superseded"), filed(care, "current")
    assert old["id"] == first["id"]
    assert old["content"] == first["content"]
    assert new["docStatus"] == "amended"
    (relation,) = new["relatesTo"]
    assert relation["code"] == "replaces"
    assert relation["target"]["reference"] == f"DocumentReference/{old['id']}"
    assert relation["target"]["identifier"] == old["masterIdentifier"]
    assert bundle(new)["entry"][0]["resource"]["status"] == "amended"


@MODES
def test_a_letter_whose_basis_is_gone_is_filed_as_an_error_and_its_withdrawal_beside_it(care: Care) -> None:
    sent(care)
    care.put(a_t_score(care.patient, status="entered-in-error"))
    care.review()
    assert [it["status"] for it in filed(care)] == ["entered-in-error"]
    care.review()

    care.release("release_retraction")

    (withdrawal,) = filed(care, "current")
    assert "withdraw" in pages(withdrawal, "text/html").decode()
    assert "CarePlan" not in kinds(withdrawal)
    assert withdrawal["relatesTo"][0]["code"] == "replaces"
    assert care.review().proposed == ()


@pytest.mark.parametrize("mode", ["put"])
def test_the_message_carries_pages_and_document(care: Care) -> None:
    care.release()
    (entry,) = care.queued()

    with delivery_service_of(care.runtime) as service:
        message = service.context.load(entry)

    assert isinstance(message, LetterMessage)
    (document,) = filed(care)
    assert message.pdf == pages(document, "application/pdf")
    names = dict(letter_files(message, Parties()))
    assert names.keys() >= {"letter.pdf", "letter.html", "document.json", "message.hl7"}
    assert orjson.loads(names["document.json"]) == bundle(document)


def test_hapi_finds_no_error_in_what_is_filed(hapi: str, unique_id: Callable[[str], str]) -> None:
    care = admit(hapi, unique_id)
    care.release()

    (document,) = filed(care)
    assert errors(hapi, orjson.loads(orjson.dumps(document, default=float))) == []
    assert errors(hapi, bundle(document)) == []
