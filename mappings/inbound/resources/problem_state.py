"""The state of a Condition or AllergyIntolerance: its certainty, its presence, whether it is readable.

A house writes the same few states again and again: what follows from the codes alone is found once for each.
"""

from dataclasses import dataclass
from functools import lru_cache

from adapter.clinical.model import Certainty
from mappings.inbound.resources.codings import CONCEPTS, Concept, concept_of, holds, meanings
from mappings.inbound.resources.compartment import SourceResource
from mappings.inbound.resources.datatypes import obj, objs

# Where German profiles say how sure a diagnosis is: on its coding (basisprofil-de-r4, Diagnosesicherheit).
CERTAINTY_MARK = "http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit"


@dataclass(frozen=True, slots=True)
class ProblemState:
    """``withdrawn``: it never was; ``unread``: what may reverse its meaning is there and unreadable."""

    withdrawn: bool
    sure: Certainty
    active: bool
    unread: bool

    @property
    def never(self) -> bool:
        """Whether it is known not to be."""
        return self.withdrawn or self.sure is Certainty.REFUTED


def state_of(entry: SourceResource) -> ProblemState:
    """Of a resource without these elements: confirmed, and there unless it has an end."""
    body = entry.body
    clinical = _concept_or_none(body.get("clinicalStatus"))
    telling = clinical is not None and bool(meanings(clinical, "clinical-status"))
    # R4 lets an abatement stand only beside an ended status (con-4): alone it says the same.
    ended = not telling and any(key.startswith("abatement") for key in body)
    return _state(_concept_or_none(body.get("verificationStatus")), clinical, _marks(entry), ended)


def _concept_or_none(value: object) -> Concept | None:
    """What a status says; nothing where it is not there, or says that nothing is known."""
    said = concept_of(value) if value else None
    return None if said is None or said.void else said


def _marks(entry: SourceResource) -> tuple[Concept, ...]:
    """How sure a German diagnosis is, on the coding: excluded, suspected, certain or a state after it."""
    codings = objs(obj(entry.body.get("code")).get("coding"))
    beside = [
        extension for coding in codings if "extension" in coding for extension in objs(coding["extension"])
    ]
    return tuple(
        [concept_of({"coding": [it.get("valueCoding")]}) for it in beside if it.get("url") == CERTAINTY_MARK]
    )


@lru_cache(CONCEPTS)
def _state(
    verified: Concept | None, clinical: Concept | None, marks: tuple[Concept, ...], ended: bool
) -> ProblemState:
    telling = (*marks, *((verified,) if verified else ()))
    found = {_certainty(state) for state in telling}
    here = meanings(clinical, "clinical-status") if clinical else frozenset()
    spoilt = any(not state.void and not meanings(state, "certainty") for state in telling)
    return ProblemState(
        withdrawn=verified is not None and holds(verified, "problem-withdrawn"),
        # Nothing said means confirmed, anything unclear or contradictory means suspected.
        sure=next(iter(found), Certainty.CONFIRMED) if len(found) < 2 else Certainty.SUSPECTED,
        active="active" in here if here else not ended,
        unread=spoilt or (clinical is not None and not here),
    )


def _certainty(said: Concept) -> Certainty:
    if said.void:
        return Certainty.CONFIRMED
    meant = meanings(said, "certainty")
    return Certainty(*meant) if len(meant) == 1 else Certainty.SUSPECTED
