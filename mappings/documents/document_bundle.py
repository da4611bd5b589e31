"""The document itself: one Bundle that can be read without the server from which it came."""

from base64 import b64encode

from adapter.errors import SoftwareFault
from adapter.wire_json import Json
from mappings.documents.composition import composition
from mappings.documents.document_rules import broken
from mappings.documents.enclosure import enclosed
from mappings.documents.filing import EDITION, Filing, Paper, agree
from mappings.documents.sections import pdf_place
from mappings.outbound.gate import admit_other


def document_bundle(paper: Paper, filing: Filing) -> Json:
    """Composition, patient, device, plan, what else is enclosed, and the PDF; dated by the letter, not by a clock.

    Raises ``SoftwareFault`` when letter and filing contradict each other, or when the document would break a rule.
    """
    agree(paper, filing)
    first, name = composition(paper, filing), filing.edition_id(paper.letter)
    inside = enclosed(first, _held(paper, filing), name)
    bundle: Json = {
        "resourceType": "Bundle",
        "id": name,
        "language": paper.letter.language,
        "identifier": {"system": EDITION, "value": name},
        "type": "document",
        "timestamp": f"{paper.letter.on}T00:00:00Z",
        "entry": [{"fullUrl": url, "resource": resource} for url, resource in inside],
    }
    if faults := broken(bundle):
        raise SoftwareFault(f"a document breaks {', '.join(faults)}", resource_type="Bundle")
    admit_other(bundle)
    return bundle


def _held(paper: Paper, filing: Filing) -> dict[str, Json]:
    """All that may travel along, by ``Type/id``."""
    place = pdf_place(paper, filing)
    pdf = {
        "resourceType": "Binary",
        "id": place.partition("/")[2],
        "contentType": "application/pdf",
        "data": b64encode(paper.pdf).decode(),
    }
    ours = (filing.plan, filing.device, filing.patient)
    return {**filing.enclosed, **{f"{it['resourceType']}/{it['id']}": it for it in ours}, place: pdf}
