"""Our own answer to a message: MSA, and ERR with the reason. It quotes nothing but the control id.

In the original mode every message is answered by AA, AE or AR. With MSH-15 the sender asks for the enhanced
mode: then the answer is one of the commit level (CA, CE, CR), which says that the message is kept, and it is
left out where the sender asked for none.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mappings.hl7v2.er7 import components, message, segment, subcomponents, text
from mappings.hl7v2.input.refusal import WORDS, MessageRefused
from mappings.hl7v2.input.translation import MessageHeader

_ERR_SINCE = "2.5"  # before, ERR had one field


class AckCode(StrEnum):
    """Whether a message was kept, may be sent again later, or will never be taken as it is."""

    ACCEPT = "A"
    ERROR = "E"
    REJECT = "R"


@dataclass(frozen=True, slots=True)
class Responder:
    """Who answers, for MSH-3 and MSH-4 of a message that names nobody as its receiver."""

    application: str = "osteo-handover"
    facility: str = ""


def wanted(header: MessageHeader, answer: AckCode) -> bool:
    """Whether the sender wants to hear it: MSH-15 is AL (always), NE (never), ER (errors), SU (successes)."""
    match header.accept:
        case "NE":
            return False
        case "ER":
            return answer is not AckCode.ACCEPT
        case "SU":
            return answer is AckCode.ACCEPT
        case _:
            return True


def acknowledgement(
    header: MessageHeader, answer: AckCode, at: datetime, own_id: str, refused: MessageRefused | None = None
) -> bytes:
    """The segments of the answer, without the frame of MLLP."""
    us = Responder()
    mode = "C" if header.accept else "A"
    why = text(refused, 80) if refused else ""
    lines = [
        _msh(header, us, at, own_id),
        segment("MSA", f"{mode}{answer.value}", text(header.control_id), why),
        *([_err(refused, header.version)] if refused else []),
    ]
    return message(lines)


def _msh(header: MessageHeader, us: Responder, at: datetime, own_id: str) -> str:
    kind = (
        components("ACK", text(header.event), "ACK")
        if header.version >= "2.4"
        else components("ACK", text(header.event))
    )
    return segment(
        "MSH", "^~\\&",
        text(header.receiving_application or us.application), text(header.receiving_facility or us.facility),
        text(header.application), text(header.facility),
        at.strftime("%Y%m%d%H%M%S%z"), "", kind, own_id, text(header.processing or "P"), text(header.version or "2.5.1"),
    )  # fmt: skip


def _err(refused: MessageRefused, version: str) -> str:
    named = (refused.problem.value, WORDS[refused.problem], "HL70357")
    if version < _ERR_SINCE:
        place = (*refused.place.split("^"), "", "")[:3]
        return segment("ERR", components(*place, subcomponents(*named)))
    return segment("ERR", "", refused.place, components(*named), "E", "", "", "", text(refused))
