"""HL7 v2 in both directions. Pure.

    document() -> MDM^T02 with a letter; read_ack() -> what its receiver said (mdm, pid, received_ack)
    input/                what a message of somebody else says, by the map of its sender, and our answer to it
    er7, er7_reader       pipes and hats, written and read

What a person wrote is escaped in `er7.text` and nowhere else.
"""

from mappings.hl7v2.mdm import PARTIES, Addressee, MdmDocument, Parties, control_id, document
from mappings.hl7v2.received_ack import Ack, AckMeaning, AckUnreadable, read_ack

__all__ = [
    "PARTIES",
    "Ack",
    "AckMeaning",
    "AckUnreadable",
    "Addressee",
    "MdmDocument",
    "Parties",
    "control_id",
    "document",
    "read_ack",
]  # fmt: skip
