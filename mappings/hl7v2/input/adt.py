"""ADT about a known person: new particulars (A08, A31), two records that are one (A40), new numbers (A47)."""

from dataclasses import dataclass, field
from enum import StrEnum

from mappings.hl7v2.er7_reader import Hl7Message, Hl7Segment
from mappings.hl7v2.input.patient_key import PatientKey, patient_keys
from mappings.hl7v2.input.refusal import MessageRefused, Problem
from mappings.hl7v2.input.sender_map import SenderMap
from mappings.hl7v2.input.v2_times import moment_of


class PatientEvent(StrEnum):
    """What happened to the record of a person."""

    CHANGED = "changed"
    MERGED = "merged"
    RENUMBERED = "renumbered"


EVENTS = {
    "A08": PatientEvent.CHANGED,
    "A31": PatientEvent.CHANGED,
    "A40": PatientEvent.MERGED,
    "A47": PatientEvent.RENUMBERED,
}


@dataclass(frozen=True, slots=True)
class PatientNews:
    """One PID, with the identifiers that its MRG gives up; a message may merge several."""

    event: PatientEvent
    keys: tuple[PatientKey, ...] = field(repr=False)
    former: tuple[PatientKey, ...] = field(repr=False)
    pid: Hl7Segment = field(repr=False)
    made: str = ""  # MSH-7, where that is a moment


def patient_news(message: Hl7Message, event: PatientEvent, sender: SenderMap) -> tuple[PatientNews, ...]:
    """What an ADT says; raises MessageRefused."""
    found: list[PatientNews] = []
    made = moment_of(message.header.value(7), sender.timezone)
    for segment in message.segments:
        if segment.name == "PID":
            found.append(PatientNews(event, patient_keys(segment, sender), (), segment, made))
        elif segment.name == "MRG" and found:
            last = found[-1]
            found[-1] = PatientNews(event, last.keys, patient_keys(segment, sender), last.pid, made)
    if not found:
        raise MessageRefused(Problem.SEGMENTS, "There is no PID segment.", "PID")
    if event is not PatientEvent.CHANGED and not all(it.former for it in found):
        raise MessageRefused(Problem.SEGMENTS, "There is no MRG segment.", "MRG")
    return tuple(found)
