"""The document itself: one Bundle that can be read without the server from which it came."""

from base64 import b64encode

from adapter.errors import SoftwareFault
from adapter.input.wire_json import Json
from mappings.documents.composition import composition
from mappings.documents.document_metadata import EDITION, DocumentMetadata, RenderedLetter, agree
from mappings.documents.document_rules import broken
from mappings.documents.enclosure import enclosed
from mappings.documents.sections import pdf_location
from mappings.outbound.gate import admit_other


def document_bundle(rendered: RenderedLetter, metadata: DocumentMetadata) -> Json:
    """Composition, patient, device, plan, other enclosures and the PDF; the letter gives the date, no clock.

    Raises ``SoftwareFault`` when letter and metadata contradict each other, or when the
    document would break a rule.
    """
    agree(rendered, metadata)
    first, name = composition(rendered, metadata), metadata.edition_id(rendered.letter)
    inside = enclosed(first, _enclosures(rendered, metadata), name)
    bundle: Json = {
        "resourceType": "Bundle",
        "id": name,
        "language": rendered.letter.language,
        "identifier": {"system": EDITION, "value": name},
        "type": "document",
        "timestamp": f"{rendered.letter.on}T00:00:00Z",
        "entry": [{"fullUrl": url, "resource": resource} for url, resource in inside],
    }
    if faults := broken(bundle):
        raise SoftwareFault(f"a document breaks {', '.join(faults)}", resource_type="Bundle")
    admit_other(bundle)
    return bundle


def _enclosures(rendered: RenderedLetter, metadata: DocumentMetadata) -> dict[str, Json]:
    """All that may travel along, by ``Type/id``."""
    location = pdf_location(rendered, metadata)
    pdf = {
        "resourceType": "Binary",
        "id": location.partition("/")[2],
        "contentType": "application/pdf",
        "data": b64encode(rendered.pdf).decode(),
    }
    ours = (metadata.plan, metadata.device, metadata.patient)
    return {**metadata.enclosed, **{f"{it['resourceType']}/{it['id']}": it for it in ours}, location: pdf}
