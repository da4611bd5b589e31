"""A message as the document of an HL7 v2 message."""

from mappings.hl7v2 import Addressee, MdmDocument
from mappings.outbound.ids import location_of
from workers.delivery.message import LetterMessage


def mdm_document_of(message: LetterMessage) -> MdmDocument:
    """The same message gives the same document."""
    system, value = next(iter(message.recipient.routes), ("", ""))
    return MdmDocument(
        message_id=message.message_id,
        document_id=message.document_id,
        issued=message.issued,
        patient_id=location_of(message.patient_reference).rpartition("/")[2],
        patient=message.patient,
        addressee=Addressee(message.recipient.display, value, system),
        pdf=message.pdf,
        text=message.text,
        replaces=message.replaces,
        authenticated=message.authenticated,
    )
