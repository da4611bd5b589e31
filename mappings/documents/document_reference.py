"""Under which the letter is filed on the own server: on paper and as a document, with size and hash, one per edition."""

from base64 import b64encode
from hashlib import sha1

from adapter.wire_json import Json
from mappings.documents.composition import author_of, category_of, kind_of, patient_of
from mappings.documents.filing import EDITION, Filing, Paper, agree
from mappings.outbound.draft import Draft
from mappings.outbound.fingerprint import seal
from mappings.outbound.ids import resource_id

PDF, HTML, FHIR = "application/pdf", "text/html", "application/fhir+json"


def document_reference(paper: Paper, filing: Filing, document: bytes | None = None) -> Draft:
    """The DocumentReference of this edition: a release updates it, and a correction is a new one that replaces it.

    ``document`` is the Bundle of the same edition as it is to be sent; it is kept because a later program would make
    another one. Raises ``SoftwareFault`` when letter and filing contradict each other.
    """
    agree(paper, filing)
    letter, released = paper.letter, filing.released
    files = {PDF: paper.pdf, HTML: paper.html.encode(), FHIR: document}
    moment = f"{letter.on}T00:00:00Z"
    content: Json = {
        "resourceType": "DocumentReference",
        "language": letter.language,
        "masterIdentifier": {"system": EDITION, "value": filing.edition_id(letter)},
        "status": "current",
        "docStatus": filing.standing.value,
        "type": kind_of(paper),
        "category": category_of(paper),
        "subject": patient_of(filing),
        "date": moment,
        "author": [author_of(filing)],
        "authenticator": released.who if released else None,
        "custodian": filing.custodian,
        "relatesTo": _relates(paper, filing),
        "description": letter.title,
        "content": [{"attachment": attachment(data, media, paper)} for media, data in files.items() if data],
        "context": {"related": [{"reference": f"CarePlan/{filing.plan['id']}"}]},
    }
    told = {name: value for name, value in content.items() if value}
    return seal(told, _key(filing.key(letter), filing.edition))


def place_of(key: str, edition: int) -> str:
    """``DocumentReference/id`` under which an edition of the letter with this business key is filed."""
    return f"DocumentReference/{resource_id('DocumentReference', _key(key, edition))}"


def _key(key: str, edition: int) -> str:
    return f"{key}|document|{edition}"


def attachment(data: bytes, media: str, paper: Paper) -> Json:
    """The file inside; hash and size are of the bytes before base64, as R4 says."""
    return {
        "contentType": media,
        "language": paper.letter.language,
        "data": b64encode(data).decode(),
        "size": len(data),
        "hash": b64encode(sha1(data, usedforsecurity=False).digest()).decode(),
        "title": paper.letter.title,
        "creation": paper.letter.on,
    }


def _relates(paper: Paper, filing: Filing) -> list[Json]:
    """By identifier, which holds wherever the earlier edition is kept, and by its place where that is known."""
    earlier = filing.replaced_id(paper.letter)
    if earlier is None:
        return []
    target = {"type": "DocumentReference", "identifier": {"system": EDITION, "value": earlier}}
    place = {"reference": filing.earlier} if filing.earlier else {}
    return [{"code": "replaces", "target": {**place, **target}}]
