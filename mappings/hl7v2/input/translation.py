"""A received message from its bytes to what it means: header, sender, content. Pure.

header_of()       who says what, which is enough to answer
translated()      results (ORU^R01) or news of a patient (ADT), by the map of the sender
"""

from collections.abc import Iterable
from dataclasses import dataclass

from mappings.hl7v2.er7_reader import (
    Hl7Message,
    Hl7Segment,
    NotHl7,
    UnreadableCharacters,
    read_loosely,
    read_message,
)
from mappings.hl7v2.input.adt import EVENTS, PatientNews, patient_news
from mappings.hl7v2.input.oru import ObservedResults, observed_results
from mappings.hl7v2.input.refusal import MessageRefused, Problem
from mappings.hl7v2.input.sender_map import SenderMap

VERSIONS = frozenset({"2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.7.1", "2.8"})


@dataclass(frozen=True, slots=True)
class MessageHeader:
    """MSH, as far as it matters: none of it is about a patient."""

    application: str
    facility: str
    receiving_application: str
    receiving_facility: str
    kind: str  # MSH-9.1
    event: str  # MSH-9.2
    control_id: str
    processing: str
    version: str
    accept: str  # MSH-15: when an answer is wanted; empty: always, in the original mode


@dataclass(frozen=True, slots=True)
class ReceivedMessage:
    """What a message means; `sender` is the id of the map it was read by."""

    header: MessageHeader
    sender: str
    content: ObservedResults | tuple[PatientNews, ...]


def header_of(raw: bytes) -> MessageHeader:
    """The header of whatever can have one; raises MessageRefused."""
    first = raw.lstrip(b"\r\n").split(b"\r", 1)[0].split(b"\n", 1)[0]
    try:
        msh = read_loosely(first).header
    except NotHl7:
        problem = MessageRefused(
            Problem.SEGMENTS, "The message does not begin with a usable MSH segment.", "MSH"
        )
    else:
        return _header(msh)
    raise problem


def _header(msh: Hl7Segment) -> MessageHeader:
    return MessageHeader(
        application=msh.value(3).strip()[:180],
        facility=msh.value(4).strip()[:180],
        receiving_application=msh.value(5).strip()[:180],
        receiving_facility=msh.value(6).strip()[:180],
        kind=msh.value(9).strip()[:15],
        event=msh.value(9, 2).strip()[:15],
        control_id=msh.value(10).strip()[:199],
        processing=msh.value(11).strip()[:3],
        version=msh.value(12).strip()[:10],
        accept=msh.value(15).strip().upper()[:2],
    )


def sender_of(header: MessageHeader, senders: Iterable[SenderMap]) -> SenderMap:
    """The map of whoever sends; raises MessageRefused for a sender that is not known."""
    fits = [
        sender
        for sender in senders
        if sender.sender.application == header.application and sender.sender.facility in ("", header.facility)
    ]
    if not fits:
        raise MessageRefused(Problem.VALUE, "No map is there for this sender (MSH-3, MSH-4).", "MSH^1^3")
    return max(fits, key=lambda fit: len(fit.sender.facility))


def translated(raw: bytes, header: MessageHeader, sender: SenderMap) -> ReceivedMessage:
    """What it means; raises MessageRefused."""
    if not header.control_id:
        raise MessageRefused(Problem.REQUIRED, "MSH-10 is empty.", "MSH^1^10")
    if header.version not in VERSIONS:
        raise MessageRefused(Problem.VERSION, "MSH-12 is no version of HL7 v2 that is read here.", "MSH^1^12")
    return ReceivedMessage(header, sender.id, _content(message_of(raw, sender), header, sender))


def message_of(raw: bytes, sender: SenderMap) -> Hl7Message:
    """Taken apart, in the characters of this sender; raises MessageRefused."""
    try:
        return read_message(raw, sender.charset or "", believe_header=sender.believe_msh_18)
    except UnreadableCharacters:
        why = "The characters are not in the character set of MSH-18; the map of the sender can say which it is."
        problem = MessageRefused(Problem.DATA_TYPE, why, "MSH^1^18")
    except NotHl7:
        problem = MessageRefused(Problem.SEGMENTS, "The message cannot be taken apart.", "MSH")
    raise problem


def _content(
    message: Hl7Message, header: MessageHeader, sender: SenderMap
) -> ObservedResults | tuple[PatientNews, ...]:
    match header.kind, header.event:
        case ("ORU", "R01"):
            return observed_results(message, sender)
        case ("ADT", event) if event in EVENTS:
            return patient_news(message, EVENTS[event], sender)
        case ("ORU" | "ADT", _):
            raise MessageRefused(Problem.EVENT, "This event is not taken (MSH-9).", "MSH^1^9")
        case _:
            raise MessageRefused(
                Problem.MESSAGE_TYPE, "This type of message is not taken (MSH-9).", "MSH^1^9"
            )
