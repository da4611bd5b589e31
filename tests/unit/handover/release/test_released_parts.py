"""Pages, document and person are one digest: whichever of them is exchanged, the letter does not go."""

import pytest

from adapter.input.wire_json import Json, ReadOnlyJson
from mappings.handover.release.released_parts import exchanged, parts_identifier

PATIENT: Json = {
    "resourceType": "Patient",
    "id": "p",
    "birthDate": "1957-03-04",
    "name": [{"text": "A. Jansen"}],
}
DOCUMENT: Json = {"resourceType": "Bundle", "type": "document"}
PDF, HTML = b"%PDF", "<p>letter</p>"


def a_letter(parts: Json | None) -> Json:
    at = {"reference": "DocumentReference/1", **({"identifier": parts} if parts else {})}
    return {"payload": [{"contentString": "text"}, {"contentReference": at}]}


LETTER = a_letter(parts_identifier(PDF, HTML, DOCUMENT, PATIENT))


@pytest.mark.parametrize(
    ("pdf", "html", "document", "patient", "differs"),
    [
        (PDF, HTML, DOCUMENT, PATIENT, False),
        (PDF, HTML, DOCUMENT, {**PATIENT, "telecom": [{"value": "1"}], "meta": {"versionId": "9"}}, False),
        (b"%PDF ", HTML, DOCUMENT, PATIENT, True),
        (None, HTML, DOCUMENT, PATIENT, True),
        (PDF, "<p>another</p>", DOCUMENT, PATIENT, True),
        (PDF, None, DOCUMENT, PATIENT, True),
        (PDF, HTML, {**DOCUMENT, "id": "x"}, PATIENT, True),
        (PDF, HTML, None, PATIENT, True),
        (PDF, HTML, DOCUMENT, {**PATIENT, "birthDate": "1957-03-05"}, True),
        (PDF, HTML, DOCUMENT, {**PATIENT, "name": [{"text": "B. Jansen"}]}, True),
        (PDF, HTML, DOCUMENT, {**PATIENT, "identifier": [{"value": "1"}]}, True),
    ],
)
def test_whatever_is_exchanged_is_noticed(
    pdf: bytes | None, html: str | None, document: ReadOnlyJson | None, patient: Json, differs: bool
) -> None:
    assert exchanged(LETTER, pdf, html, document, patient) is differs


def test_parts_that_change_places_are_another_digest() -> None:
    assert parts_identifier(b"ab", "c", None, {}) != parts_identifier(b"a", "bc", None, {})


def test_a_letter_without_a_digest_cannot_tell() -> None:
    assert not exchanged(a_letter(None), None, None, None, {})
    assert not exchanged({}, None, None, None, {})
