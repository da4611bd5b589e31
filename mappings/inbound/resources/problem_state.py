"""The state of a Condition or AllergyIntolerance: its certainty, its presence, whether it is readable.

A house writes the same few states again and again: what follows from the codes alone is found once for each.
"""

from dataclasses import dataclass
from functools import lru_cache

from adapter.clinical.model import Certainty
from mappings.inbound.resources.codings import CONCEPTS, Concept, concept_of, holds, meanings
from mappings.inbound.resources.compartment import SourceResource
from mappings.inbound.resources.datatypes import listed, obj, objs

# Where German profiles say how sure a diagnosis is: on its coding (basisprofil-de-r4, Diagnosesicherheit).
CERTAINTY_MARK = "http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit"


@dataclass(frozen=True, slots=True)
class ProblemState:
    """``withdrawn``: it never was; ``unread``: what may reverse its meaning is there and unreadable."""

    withdrawn: bool
    never: bool  # it is known not to be
    sure: Certainty
    active: bool
    unread: bool


def state_of(entry: SourceResource) -> ProblemState:
    """Of a resource without these elements: confirmed, and there unless it has an end."""
    body = entry.body
    verified, clinical = body.get("verificationStatus"), body.get("clinicalStatus")
    here = concept_of(clinical) if clinical else None
    told = here is not None and meanings(here, "clinical-status")
    # R4 lets an abatement stand only beside an ended status (con-4): alone it says the same.
    ended = not told and any(key.startswith("abatement") for key in body)
    return _state(concept_of(verified) if verified else None, here, _marks(body.get("code")), ended)


def _marks(code: object) -> tuple[Concept, ...]:
    """How sure a German diagnosis is, on the coding: excluded, suspected, certain or a state after it."""
    marks: tuple[Concept, ...] = ()
    for coding in listed(obj(code).get("coding")):
        if isinstance(coding, dict) and "extension" in coding:
            beside = [it for it in objs(coding["extension"]) if it.get("url") == CERTAINTY_MARK]
            marks += tuple(concept_of({"coding": [it.get("valueCoding")]}) for it in beside)
    return marks


@lru_cache(CONCEPTS)
def _state(
    verified: Concept | None, clinical: Concept | None, marks: tuple[Concept, ...], ended: bool
) -> ProblemState:
    """What they say; a status that says that nothing is known counts as one that is not there.

    One that is in error by one code and holds by another was not withdrawn, and is asked about.
    """
    telling = (*marks, *((verified,) if verified and not verified.void else ()))
    found = {_certainty(state) for state in telling}
    here = meanings(clinical, "clinical-status") if clinical else frozenset()
    spoilt = any(not state.void and not meanings(state, "certainty") for state in telling)
    erred = verified is not None and holds(verified, "problem-withdrawn")
    torn = verified is not None and erred and bool(meanings(verified, "certainty"))
    withdrawn = erred and not torn
    # Nothing said means confirmed, anything unclear or contradictory means suspected.
    sure = next(iter(found), Certainty.CONFIRMED) if len(found) < 2 else Certainty.SUSPECTED
    return ProblemState(
        withdrawn=withdrawn,
        never=withdrawn or sure is Certainty.REFUTED,
        sure=sure,
        active="active" in here if here else not ended,
        unread=spoilt or torn or (clinical is not None and not clinical.void and not here),
    )


def _certainty(said: Concept) -> Certainty:
    if said.void:
        return Certainty.CONFIRMED
    meant = meanings(said, "certainty")
    return Certainty(*meant) if len(meant) == 1 else Certainty.SUSPECTED
