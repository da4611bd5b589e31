"""Whom a message is about: the identifiers of PID-3 (and MRG-1) that the map of the sender takes."""

from collections.abc import Iterator
from dataclasses import dataclass

from mappings.hl7v2.er7_reader import Hl7Segment
from mappings.hl7v2.input.refusal import MessageRefused, Problem
from mappings.hl7v2.input.sender_map import PatientIdentifier, SenderMap


@dataclass(frozen=True, slots=True)
class PatientKey:
    """An identifier of a person as the FHIR server has it; its repr shows nothing of it."""

    system: str
    value: str

    def __repr__(self) -> str:
        return "PatientKey(...)"


def patient_keys(segment: Hl7Segment, sender: SenderMap) -> tuple[PatientKey, ...]:
    """The person of a PID (field 3) or MRG (field 1), in map order; raises MessageRefused for nobody."""
    number = 3 if segment.name == "PID" else 1
    keys = tuple(dict.fromkeys(_keys(segment, number, sender)))
    if not keys:
        raise MessageRefused(
            Problem.REQUIRED,
            "There is no patient identifier that the map of this sender takes.",
            f"{segment.name}^1^{number}",
        )
    return keys


def _keys(segment: Hl7Segment, number: int, sender: SenderMap) -> Iterator[PatientKey]:
    for wanted in sender.patient:
        for repetition in segment.repetitions(number):
            held = segment.value(number, 1, repetition).strip()
            if held and _fits(segment, number, repetition, wanted):
                yield PatientKey(wanted.system, held)


def _fits(segment: Hl7Segment, number: int, repetition: int, wanted: PatientIdentifier) -> bool:
    """By assigning authority (namespace or universal id) and by type, where the map names them."""
    authority = {segment.value(number, 4, repetition, part).strip() for part in (1, 2)}
    return (not wanted.authority or wanted.authority in authority) and (
        not wanted.type or wanted.type == segment.value(number, 5, repetition).strip()
    )
