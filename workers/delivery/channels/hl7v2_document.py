"""A message as the document of an HL7 v2 message."""

from mappings.hl7v2 import Addressee, MdmDocument
from mappings.outbound.ids import location_of
from workers.delivery.message import LetterMessage


def as_document(parcel: LetterMessage) -> MdmDocument:
    """The same message gives the same document."""
    system, value = next(iter(parcel.recipient.identifiers), ("", ""))
    return MdmDocument(
        message_id=parcel.message_id,
        document_id=parcel.document_id,
        issued=parcel.issued,
        patient_id=location_of(parcel.patient_reference).rpartition("/")[2],
        patient=parcel.patient,
        addressee=Addressee(parcel.recipient.display, value, system),
        pdf=parcel.pdf,
        text=parcel.text,
        replaces=parcel.replaces,
        authenticated=parcel.authenticated,
    )
