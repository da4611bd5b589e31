"""The first resource of the document: what it is, about whom, by whom, how final, and its sections."""

from types import MappingProxyType

from adapter.wire_json import Json
from mappings.documents.filing import DOCUMENT, EDITION, Filing, Paper
from mappings.documents.section_text import narrative, paragraph
from mappings.documents.sections import sections
from mappings.outbound.ids import location_of, resource_id
from mappings.outbound.vocabulary import concept
from mappings.valuesets import coding

# By kind of letter.
TYPE_OF = MappingProxyType({"gp": coding("document-gp-letter"), "patient": coding("document-letter")})


def composition(paper: Paper, filing: Filing) -> Json:
    """The Composition with references as the own server knows them; the Bundle makes them its own."""
    letter = paper.letter
    content: Json = {
        "resourceType": "Composition",
        "id": resource_id("Composition", filing.edition_id(letter)),
        "language": letter.language,
        "text": narrative(letter.language, paragraph(letter.title), paragraph(letter.status.text)),
        "identifier": {"system": DOCUMENT, "value": resource_id("Document", filing.key(letter))},
        "status": filing.standing.value,
        "type": kind_of(paper),
        "category": category_of(paper),
        "subject": patient_of(filing),
        "date": letter.on,
        "author": [author_of(filing)],
        "title": letter.title,
        "attester": _attester(filing),
        "custodian": filing.custodian,
        "relatesTo": _relates(paper, filing),
        "section": sections(paper, filing),
    }
    return {name: value for name, value in content.items() if value}


def kind_of(paper: Paper) -> Json:
    """The type of document, by LOINC."""
    return {"coding": [TYPE_OF[paper.letter.kind]], "text": paper.letter.title}


def category_of(paper: Paper) -> list[Json]:
    """Our own kind of document, with which the Communication of the letter is marked too."""
    return [concept("gp_handover_letter", paper.letter.language)] if paper.letter.kind == "gp" else []


def patient_of(filing: Filing) -> Json:
    """The patient on the own server."""
    return {"reference": location_of(str(filing.plan["subject"]["reference"]))}


def author_of(filing: Filing) -> Json:
    """The software: whoever released the letter attests to it, and did not write it."""
    return {"reference": f"Device/{filing.device['id']}"}


def _attester(filing: Filing) -> list[Json]:
    if filing.released is None:
        return []
    return [{"mode": "professional", "time": filing.released.on, "party": filing.released.who}]


def _relates(paper: Paper, filing: Filing) -> list[Json]:
    earlier = filing.replaced_id(paper.letter)
    return (
        [{"code": "replaces", "targetIdentifier": {"system": EDITION, "value": earlier}}] if earlier else []
    )
