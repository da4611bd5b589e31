"""What stays unknown when the answer to a search may lack something.

What came is used: it can show that something is there. That nothing else is there it cannot show, so
no list counts as complete any more, whoever declared it so, and the part of the record that was
asked for is named as not read.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TypeVar

from adapter.clinical.kinds import InputKind
from adapter.clinical.model import BoneRecord, Listing, Reason, Rejected
from mappings.inbound.resources.refusals import (
    ALLERGY,
    ANSWER,
    CONDITION,
    FRACTURE,
    FRAX,
    LAB,
    LIST,
    MEDICINE,
    PROCEDURE,
    RELATIVE,
    RESOURCE,
    T_SCORE,
)

Gaps = Mapping[str, Collection[Reason]]  # by the type that was searched
T = TypeVar("T")

NO_GAPS: Gaps = {}
# What these tell in words no entry of the record may hold.
NARRATIVES = frozenset({"AdverseEvent", "DetectedIssue", "QuestionnaireResponse"})
# A right to search these may lack: they tell beside the record what may stand nowhere in it.
SPARED = NARRATIVES | {"Encounter", "ImagingStudy"}
_CONCERNS: Mapping[str, tuple[InputKind, ...]] = {
    "Observation": (T_SCORE, LAB, ANSWER),
    "DiagnosticReport": (T_SCORE,),
    "DocumentReference": (T_SCORE,),
    "ImagingStudy": (T_SCORE,),
    "AllergyIntolerance": (ALLERGY,),
    "Flag": (ANSWER, CONDITION, FRACTURE),
    "RiskAssessment": (FRAX,),
    "Encounter": (CONDITION, FRACTURE),
    "Condition": (CONDITION, FRACTURE),
    "Procedure": (PROCEDURE,),
    "Device": (PROCEDURE,),
    "List": (LIST,),
    "FamilyMemberHistory": (RELATIVE,),
    **dict.fromkeys(NARRATIVES, (CONDITION, FRACTURE, MEDICINE)),
    **dict.fromkeys(
        (
            "MedicationRequest",
            "MedicationStatement",
            "MedicationAdministration",
            "MedicationDispense",
            "ServiceRequest",
        ),
        (MEDICINE,),
    ),
}
EVERY_TYPE = frozenset(_CONCERNS)  # where nobody can say what did not come


def unread(gaps: Gaps) -> tuple[Rejected, ...]:
    """What could not be read for certain, one entry for each part of the record and reason."""
    return tuple(
        Rejected(reason, concern)
        for kind, reasons in gaps.items()
        for concern in _CONCERNS.get(kind, (RESOURCE,))
        for reason in reasons
    )


def with_gaps(record: BoneRecord) -> BoneRecord:
    """The record, with nothing in it that only a complete answer could tell."""
    return replace(
        record,
        fractures=_open(record.fractures),
        conditions=_open(record.conditions),
        medicines=_open(record.medicines),
    )


def _open(listing: Listing[T]) -> Listing[T]:
    return replace(listing, complete=False)
