from base64 import b64encode

import pytest

from adapter.errors import RecordFault, SoftwareFault
from adapter.input import wire_json
from adapter.input.wire_json import Json
from tests.unit.delivery.letters import NOON, PATIENT, PDF, SECRETS, a_communication, a_message
from workers.delivery import LetterMessage, Recipient, message_of, name_of

HTML = b"<p>letter</p>"


def encoded(media: str, data: bytes = HTML) -> Json:
    return {"contentType": media, "data": b64encode(data).decode()}


@pytest.mark.parametrize(
    "change",
    [
        {"status": "completed", "sent": "2026-01-05T12:00:00Z"},
        {"meta": {"versionId": "7", "lastUpdated": "2026-01-05T12:00:00Z"}},
        {"statusReason": {"text": "was refused"}},
        {"note": [{"text": "called"}]},
    ],
)
def test_how_a_letter_fares_does_not_make_it_another(change: Json) -> None:
    assert name_of(a_communication(**change)) == name_of(a_communication())


@pytest.mark.parametrize(
    "change",
    [
        {"payload": [{"contentString": "other"}]},
        {"recipient": [{"reference": "Organization/other"}]},
        {"subject": {"reference": "Patient/other"}},
        {"language": "en"},
    ],
)
def test_another_content_is_another_message_of_the_same_document(change: Json) -> None:
    other, one = name_of(a_communication(**change)), name_of(a_communication())

    assert other.message_id != one.message_id
    assert other.document_id == one.document_id


def test_letters_with_other_keys_are_other_documents() -> None:
    other = a_communication(identifier=[], id="c2")

    assert name_of(other).document_id != name_of(a_communication()).document_id


def test_every_form_is_found_wherever_it_is_kept() -> None:
    reference = {
        "resourceType": "DocumentReference",
        "content": [{"attachment": encoded("text/html; charset=utf-8")}],
    }
    bundle = {
        "resourceType": "Bundle",
        "type": "document",
        "entry": [{"resource": {"resourceType": "Binary", **encoded("application/pdf", b"%PDF other")}}],
    }

    message = a_message(attached=[reference, bundle])

    assert message.html == HTML.decode()
    assert message.pdf == PDF  # of two the first counts: the one in the Communication itself
    assert message.document == bundle
    assert "T-score" in message.text


@pytest.mark.parametrize(
    "change",
    [
        {"recipient": []},
        {"recipient": [{"display": "one"}, {"display": "two"}]},
        {"payload": []},
        {"payload": [{"contentString": "  "}]},
        {
            "payload": [
                {"contentAttachment": {"contentType": "application/pdf", "data": "not base64 of Zonneveld"}}
            ]
        },
    ],
)
def test_a_letter_that_cannot_be_sent_is_refused_without_a_word_of_it(change: Json) -> None:
    with pytest.raises(RecordFault) as refused:
        message_of(a_communication(**change), PATIENT, issued=NOON)

    assert not any(secret in str(refused.value) for secret in SECRETS)


def test_the_repr_of_a_message_shows_nobody() -> None:
    assert not any(secret in repr(a_message()) for secret in (*SECRETS, "GP practice", "p1"))


@pytest.mark.parametrize("name", ["../../etc", "a/b", "", ".", "a\x00", "x" * 65])
def test_an_id_that_could_leave_the_folder_is_no_id(name: str) -> None:
    with pytest.raises(SoftwareFault):
        LetterMessage(name, "d", NOON, Recipient(), "nl", "Patient/p1", {}, "text", {})


def filed(content: bytes) -> Json:
    """A DocumentReference with its document inside."""
    file = encoded("application/fhir+json", content)
    return {"resourceType": "DocumentReference", "content": [{"attachment": file}]}


def test_the_document_that_is_filed_with_the_letter_keeps_its_digits() -> None:
    document = b'{"resourceType":"Bundle","type":"document","entry":[{"resource":{"value":-2.50}}]}'

    message = a_message(attached=[filed(document)])

    assert message.document is not None
    assert wire_json.write(message.document) == document


def test_a_filed_bundle_of_another_type_is_no_document() -> None:
    assert a_message(attached=[filed(b'{"resourceType":"Bundle","type":"collection"}')]).document is None


def test_a_filed_document_that_cannot_be_read_is_refused_without_a_word_of_it() -> None:
    with pytest.raises(RecordFault) as refused:
        a_message(attached=[filed(b'{"name": "Zonneveld')])

    assert not any(secret in str(refused.value) for secret in SECRETS)
