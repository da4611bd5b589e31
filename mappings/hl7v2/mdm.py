"""The notification of a document: MDM^T02 with the PDF inside, or T10 when it replaces an earlier one.

The same document gives the same bytes, whenever it is built, so that a message that
is sent again is recognised.
"""

from base64 import b32encode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from adapter.input.wire_json import ReadOnlyJson
from mappings.hl7v2 import er7
from mappings.hl7v2.er7 import components, segment, text
from mappings.hl7v2.pid import authority, pid
from mappings.valuesets import coding

_LETTER = coding("document-letter")
_LOINC = coding("v2-loinc")["code"]
CONSULTATION = coding("v2-consultation")["code"]


@dataclass(frozen=True, slots=True)
class Parties:
    """Sender and receiver as the engines name each other (MSH-3 to MSH-6), and how to file the document."""

    application: str = "osteo-handover"
    facility: str = ""
    receiving_application: str = ""
    receiving_facility: str = ""
    document_type: str = CONSULTATION  # TXA-2, table 0270
    processing: str = "P"  # MSH-11: P production, T training, D debugging


PARTIES = Parties()


@dataclass(frozen=True, slots=True)
class Addressee:
    """Who is to get the document (TXA-23)."""

    name: str = ""
    identifier: str = ""
    system: str = ""


@dataclass(frozen=True, slots=True)
class MdmDocument:
    """What is sent; `issued` is when the document was made, not when it is sent.

    The repr shows no patient.
    """

    message_id: str
    document_id: str
    issued: datetime
    patient_id: str = field(repr=False)
    patient: ReadOnlyJson = field(repr=False)
    addressee: Addressee = field(repr=False)
    pdf: bytes | None = field(repr=False)
    text: str = field(repr=False)
    replaces: str | None = None
    authenticated: bool = True  # a named clinician released it


def control_id(message_id: str) -> str:
    """MSH-10 of a message: as stable as the message id, in the 20 characters that HL7 v2.5.1 has for it."""
    return b32encode(sha256(message_id.encode()).digest()).decode("ascii")[:20]


def document(sent: MdmDocument, parties: Parties) -> bytes:
    """The message, segments ended by CR, without the frame of MLLP."""
    event = "T10" if sent.replaces else "T02"
    moment = _moment(sent.issued)
    return er7.message((
        _msh(sent, parties, event, moment),
        segment("EVN", event, moment),
        pid(sent.patient, sent.patient_id),
        segment("PV1", "1", "N"),  # table 0004: a letter is no visit
        _txa(sent, parties, moment),
        *_content(sent, moment),
    ))  # fmt: skip


def _msh(sent: MdmDocument, parties: Parties, event: str, moment: str) -> str:
    return er7.header(
        text(parties.application), text(parties.facility),
        text(parties.receiving_application), text(parties.receiving_facility),
        moment, "", components("MDM", event, "MDM_T02"), control_id(sent.message_id), text(parties.processing),
        "2.5.1", "", "", "", "", "", er7.CHARACTER_SET,
    )  # fmt: skip


def _txa(sent: MdmDocument, parties: Parties, moment: str) -> str:
    to = sent.addressee
    copy = components(text(to.identifier), text(to.name), *[""] * 6, authority(to.system))  # XCN-9
    fields = {
        1: "1",
        2: text(parties.document_type),
        3: "AP" if sent.pdf else "TX",  # table 0191: application data, or text
        4: moment,
        6: moment,
        12: text(sent.document_id),
        13: text(sent.replaces or ""),
        17: "AU" if sent.authenticated else "DO",  # table 0271: authenticated, documented
        19: "AV",  # table 0273: available for patient care
        23: copy,
    }
    return segment("TXA", *(fields.get(number, "") for number in range(1, 24)))


def _content(sent: MdmDocument, moment: str) -> Iterator[str]:
    """The PDF as one encapsulated value; without one, the text line by line."""
    named = components(_LETTER["code"], _LETTER["display"], _LOINC)
    status = "F" if sent.authenticated else "P"
    end = ("", "", "", "", "", status, "", "", moment)
    if sent.pdf is not None:
        data = components("", "application", "pdf", "Base64", b64encode(sent.pdf).decode("ascii"))
        yield segment("OBX", "1", "ED", named, "", data, *end)
        return
    for number, line in enumerate(sent.text.splitlines() or [""], start=1):
        yield segment("OBX", str(number), "TX", named, str(number), text(line, 65536), *end)


def _moment(at: datetime) -> str:
    return at.strftime("%Y%m%d%H%M%S%z")
