"""The first resource of the document: what it is, about whom, by whom, how final, and its sections."""

from types import MappingProxyType

from adapter.input.wire_json import Json
from mappings.documents.document_metadata import DOCUMENT, EDITION, DocumentMetadata, RenderedLetter
from mappings.documents.section_text import narrative, paragraph
from mappings.documents.sections import sections
from mappings.outbound.ids import location_of, resource_id
from mappings.outbound.vocabulary import output_concept
from mappings.valuesets import coding

# By kind of letter.
TYPE_OF = MappingProxyType({"gp": coding("document-gp-letter"), "patient": coding("document-letter")})


def composition(rendered: RenderedLetter, metadata: DocumentMetadata) -> Json:
    """The Composition with references as the own server knows them; the Bundle makes them its own."""
    letter = rendered.letter
    content: Json = {
        "resourceType": "Composition",
        "id": resource_id("Composition", metadata.edition_id(letter)),
        "language": letter.language,
        "text": narrative(letter.language, paragraph(letter.title), paragraph(letter.status.text)),
        "identifier": {"system": DOCUMENT, "value": resource_id("Document", metadata.key(letter))},
        "status": metadata.standing.value,
        "type": kind_of(rendered),
        "category": document_category(rendered),
        "subject": patient_of(metadata),
        "date": letter.on,
        "author": [author_of(metadata)],
        "title": letter.title,
        "attester": _attester(metadata),
        "custodian": metadata.custodian,
        "relatesTo": _relates(rendered, metadata),
        "section": sections(rendered, metadata),
    }
    return {name: value for name, value in content.items() if value}


def kind_of(rendered: RenderedLetter) -> Json:
    """The type of document, by LOINC."""
    return {"coding": [TYPE_OF[rendered.letter.kind]], "text": rendered.letter.title}


def document_category(rendered: RenderedLetter) -> list[Json]:
    """Our own kind of document, with which the Communication of the letter is marked too."""
    return (
        [output_concept("gp_handover_letter", rendered.letter.language)]
        if rendered.letter.kind == "gp"
        else []
    )


def patient_of(metadata: DocumentMetadata) -> Json:
    """The patient on the own server."""
    return {"reference": location_of(str(metadata.plan["subject"]["reference"]))}


def author_of(metadata: DocumentMetadata) -> Json:
    """The software: whoever released the letter attests to it, and did not write it."""
    return {"reference": f"Device/{metadata.device['id']}"}


def _attester(metadata: DocumentMetadata) -> list[Json]:
    if metadata.released is None:
        return []
    return [{"mode": "professional", "time": metadata.released.on, "party": metadata.released.who}]


def _relates(rendered: RenderedLetter, metadata: DocumentMetadata) -> list[Json]:
    earlier = metadata.replaced_id(rendered.letter)
    return (
        [{"code": "replaces", "targetIdentifier": {"system": EDITION, "value": earlier}}] if earlier else []
    )
