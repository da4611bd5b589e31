"""Harm of a bone drug that is told beside the drug, or beside a problem, and by no entry of its own (C-66).

Why a drug was stopped or a dose left out, what a reaction was, and what a note says: where it is an atypical
femur fracture or osteonecrosis of the jaw, by code or in words that do not deny it, it is named for a human.
So is a reason or a reaction that nobody can read, which may be one.
"""

from collections.abc import Iterator

from adapter.clinical.model import Reason, Rejected
from adapter.input.wire_json import ReadOnlyJson
from mappings.inbound.medical_history.screening import (
    lost_concept,
    speaks_of_drug_harm,
    tells_of_drug_harm,
    words_of,
)
from mappings.inbound.resources.codings import Concept, concepts
from mappings.inbound.resources.compartment import Compartment, SourceResource
from mappings.inbound.resources.datatypes import listed, obj, objs, text
from mappings.inbound.resources.problem_state import state_of
from mappings.inbound.resources.refusals import CONDITION

HARMS = frozenset({"atypical-femur-fracture", "osteonecrosis-of-jaw", "osteonecrosis-site-unknown"})
_MEDICINES = ("MedicationRequest", "MedicationStatement", "MedicationAdministration", "MedicationDispense")
_PROBLEMS = ("AllergyIntolerance", "Condition")
_STOPPED = ("statusReason", "statusReasonCodeableConcept")
# The elements that tell of it; most entries have none of them.
_TELLING = frozenset({"note", "reaction", *_STOPPED})
_SAYING = frozenset({"manifestation", "description", "substance"})  # of a reaction
_NEVER = frozenset({"draft", "entered-in-error"})


def harm_remarks(chart: Compartment) -> Iterator[Rejected]:
    """One for each entry that tells of it, or may."""
    for kind in (*_MEDICINES, "Procedure", *_PROBLEMS):
        for entry in chart.of(kind):
            reason = None if _TELLING.isdisjoint(entry.body) else _told(entry.body)
            if reason and not _never_was(entry):
                yield Rejected(reason, CONDITION, entry.evidence)


def _told(body: ReadOnlyJson) -> Reason | None:
    if any(map(tells_of_drug_harm, _notes(body))) or any(map(is_harm, _stated(body))):
        return Reason.DRUG_HARM_LIKE
    lost = any(lost_concept(body.get(name)) for name in _STOPPED) or any(
        map(_is_lost, listed(body.get("reaction")))
    )
    return Reason.UNREADABLE if lost else None


def _never_was(entry: SourceResource) -> bool:
    if entry.body["resourceType"] in _PROBLEMS:
        return state_of(entry).never
    return text(entry.body.get("status")) in _NEVER


def _stated(body: ReadOnlyJson) -> Iterator[Concept]:
    """Why it was stopped or not done, and how a reaction showed itself."""
    for name in _STOPPED:
        if name in body:
            yield from concepts(body[name])
    for reaction in objs(body.get("reaction")):
        yield from concepts(reaction.get("manifestation"))


def _is_lost(reaction: object) -> bool:
    """Whether a reaction is there, and nobody can read what it was."""
    held = obj(reaction)
    return not _SAYING & held.keys() or lost_concept(held.get("manifestation"))


def _notes(body: ReadOnlyJson) -> Iterator[str]:
    yield from (text(note.get("text")) for note in objs(body.get("note")))
    yield from (text(reaction.get("description")) for reaction in objs(body.get("reaction")))


def is_harm(said: Concept) -> bool:
    """Whether it is one, by its code or in its words."""
    return bool(said.names("condition") & HARMS) or speaks_of_drug_harm(words_of(said))
