"""HL7 v2.5.1 as far as a letter needs it: one document notification out, one acknowledgement in. Pure.

    document() -> bytes of an MDM^T02 (or T10, when it replaces an earlier document)
    read_ack() -> what the receiver said about it

    er7    the pipes and hats: escaping, writing and reading segments
    pid    a FHIR Patient as PID
    mdm    the message around the PDF
    ack    MSA and ERR

What a person wrote is escaped in `er7.text` and nowhere else.
"""

from mappings.hl7v2.ack import Ack, AckUnreadable, AckVerdict, read_ack
from mappings.hl7v2.mdm import PARTIES, Addressee, MdmDocument, Parties, control_id, document

__all__ = [
    "PARTIES",
    "Ack",
    "AckUnreadable",
    "AckVerdict",
    "Addressee",
    "MdmDocument",
    "Parties",
    "control_id",
    "document",
    "read_ack",
]  # fmt: skip
