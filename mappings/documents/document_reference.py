"""Files a letter on our own server: its pages and its document with size and hash, one entry per edition."""

from base64 import b64encode
from hashlib import sha1

from adapter.input.wire_json import Json
from mappings.documents.composition import author_of, document_category, kind_of, patient_of
from mappings.documents.document_metadata import EDITION, DocumentMetadata, RenderedLetter, agree
from mappings.outbound.draft import Draft
from mappings.outbound.fingerprint import seal
from mappings.outbound.ids import resource_id

PDF, HTML, FHIR = "application/pdf", "text/html", "application/fhir+json"


def document_reference(
    rendered: RenderedLetter, metadata: DocumentMetadata, document: bytes | None = None
) -> Draft:
    """The DocumentReference of this edition; a release updates it, a correction replaces it by a new one.

    ``document`` is the Bundle of the same edition as it is to be sent; it is kept because a later program
    would make another one. Raises ``SoftwareFault`` when letter and metadata contradict each other.
    """
    agree(rendered, metadata)
    letter, released = rendered.letter, metadata.released
    files = {PDF: rendered.pdf, HTML: rendered.html.encode(), FHIR: document}
    moment = f"{letter.on}T00:00:00Z"
    content: Json = {
        "resourceType": "DocumentReference",
        "language": letter.language,
        "masterIdentifier": {"system": EDITION, "value": metadata.edition_id(letter)},
        "status": "current",
        "docStatus": metadata.standing.value,
        "type": kind_of(rendered),
        "category": document_category(rendered),
        "subject": patient_of(metadata),
        "date": moment,
        "author": [author_of(metadata)],
        "authenticator": released.who if released else None,
        "custodian": metadata.custodian,
        "relatesTo": _relates(rendered, metadata),
        "description": letter.title,
        "content": [
            {"attachment": attachment(data, media, rendered)} for media, data in files.items() if data
        ],
        "context": {"related": [{"reference": f"CarePlan/{metadata.plan['id']}"}]},
    }
    told = {name: value for name, value in content.items() if value}
    return seal(told, _key(metadata.key(letter), metadata.edition))


def edition_location(key: str, edition: int) -> str:
    """``DocumentReference/id`` under which an edition of the letter with this business key is filed."""
    return f"DocumentReference/{resource_id('DocumentReference', _key(key, edition))}"


def _key(key: str, edition: int) -> str:
    return f"{key}|document|{edition}"


def attachment(data: bytes, media: str, rendered: RenderedLetter) -> Json:
    """The file inside; hash and size are of the bytes before base64, as R4 says."""
    return {
        "contentType": media,
        "language": rendered.letter.language,
        "data": b64encode(data).decode(),
        "size": len(data),
        "hash": b64encode(sha1(data, usedforsecurity=False).digest()).decode(),
        "title": rendered.letter.title,
        "creation": rendered.letter.on,
    }


def _relates(rendered: RenderedLetter, metadata: DocumentMetadata) -> list[Json]:
    """By identifier, which holds wherever the earlier edition is kept, and by its location if known."""
    earlier = metadata.replaced_id(rendered.letter)
    if earlier is None:
        return []
    target = {"type": "DocumentReference", "identifier": {"system": EDITION, "value": earlier}}
    known = {"reference": metadata.earlier} if metadata.earlier else {}
    return [{"code": "replaces", "target": {**known, **target}}]
