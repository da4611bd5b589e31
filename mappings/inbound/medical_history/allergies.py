"""Allergies and intolerances that matter for the ladder's drugs: by class, substance, product or reaction.

An allergy to a group of the ATC is one to every drug of it. One in words only, in a code that we do not know,
or to nothing in particular may be to any drug: it is for a human, unless it is said to be to food or to the
environment. What is refuted, entered in error or over rules nothing out.
"""

import re
from collections.abc import Iterator

from adapter.clinical.model import Allergy, MedicineKind, Reason, Rejected
from mappings.codes import SUBSTANCES_NL, AnyCode
from mappings.inbound.medical_history.medicinal_products import READ_SYSTEMS, kinds_of
from mappings.inbound.medical_history.screening import names_bone_drug, words_of
from mappings.inbound.resources.codings import Concept, concept_of, within
from mappings.inbound.resources.compartment import Compartment, SourceResource
from mappings.inbound.resources.datatypes import objs, text
from mappings.inbound.resources.plain_words import plain
from mappings.inbound.resources.problem_state import ProblemState, state_of
from mappings.inbound.resources.refusals import ALLERGY
from mappings.valuesets import table

# The whole of what is said, and nothing beside it.
_NONE_KNOWN = re.compile(
    r"nk(d|m)?a|(geen|no|aucune|pas d'|keine) ?(bekende |known |bekannten? )?"
    r"((drug|medication|medicatie|food|medicamenten) ?)?-?"
    r"(allerg(y|ies|ieen|ien|ie|ies)|intoleranties?|overgevoelighe(id|den))"
    r"( (bekend|known|connues?|medicamenteuses?( connues?)?|bekannt))?\.?"
)
_NO_MEDICINE = frozenset({"food", "environment"})
_TELLING = READ_SYSTEMS | SUBSTANCES_NL  # the name of a substance cannot hide another one, as a brand can


def allergies(chart: Compartment) -> tuple[tuple[Allergy, ...], tuple[Rejected, ...]]:
    """All that nobody refuted, by reference, and what could not be read."""
    found: list[Allergy] = []
    rejected: list[Rejected] = []
    for entry in chart.of("AllergyIntolerance"):
        state = state_of(entry)
        match _allergy_or_refusal(entry, state):
            case Allergy() as allergy:
                found.append(allergy)
                if state.unread:
                    rejected.append(Rejected(Reason.UNREADABLE, ALLERGY, entry.evidence))
            case Rejected() as rejection:
                rejected.append(rejection)
            case None:
                pass
    return tuple(found), tuple(rejected)


def _allergy_or_refusal(entry: SourceResource, state: ProblemState) -> Allergy | Rejected | None:
    # R4 `resolved`: reassessed by testing or exposure, and no longer present.
    if state.never or not state.active:
        return None
    if entry.body.get("modifierExtension"):
        return Rejected(Reason.MODIFIER_EXTENSION, ALLERGY, entry.evidence)
    said = tuple(_substances(entry))
    kinds = frozenset(kind for substance in said for kind in _kinds(substance))
    if kinds:
        named = next(filter(None, (substance.label for substance in said)), "")
        return Allergy(kinds, named, entry.evidence)
    reason = _unreadable(entry, said)
    return Rejected(reason, ALLERGY, entry.evidence) if reason else None


def _substances(entry: SourceResource) -> Iterator[Concept]:
    """What the allergy is to: the code, and the substance of each reaction."""
    yield entry.code
    for reaction in objs(entry.body.get("reaction")):
        if substance := reaction.get("substance"):
            yield concept_of(substance)


def _kinds(said: Concept) -> frozenset[MedicineKind]:
    """The drugs that a substance or a group of substances stands for."""
    return kinds_of(said) | frozenset(kind for code in said.codes for kind in _of_group(code))


def _of_group(code: AnyCode) -> Iterator[MedicineKind]:
    for name in table("medicine").below(code):
        yield MedicineKind(name.replace("-", "_"))


def _unreadable(entry: SourceResource, said: tuple[Concept, ...]) -> Reason | None:
    """Why it may be an allergy to a bone drug all the same."""
    if within(entry.body.get("code"), "allergy-none") or _none_known(entry):
        return None
    if any(map(names_bone_drug, (*map(words_of, said), *_remarks(entry)))):
        return Reason.BONE_DRUG_LIKE
    categories = entry.body.get("category")
    if isinstance(categories, list) and categories and _NO_MEDICINE.issuperset(map(str, categories)):
        return None
    if any(_says_to_what(substance) for substance in said):
        return None
    return Reason.UNKNOWN_CODE if any(substance.coded for substance in said) else Reason.UNCODED


def _none_known(entry: SourceResource) -> bool:
    """Whether it says in words that there is none, and nothing else."""
    words = plain(entry.code.label).strip()
    alone = not (entry.code.written or entry.body.get("reaction") or entry.body.get("note"))
    return alone and bool(_NONE_KNOWN.fullmatch(words))


def _remarks(entry: SourceResource) -> Iterator[str]:
    """What is said in words beside the substance."""
    yield from (text(note.get("text")) for note in objs(entry.body.get("note")))
    yield from (text(reaction.get("description")) for reaction in objs(entry.body.get("reaction")))


def _says_to_what(said: Concept) -> bool:
    """Whether a code says to what: one of the ATC by its group, another by its name."""
    specific = [c for c in said.codes if c.system in _TELLING and not table("allergy").lookup(c)]
    return any(c.key for c in specific) and bool(words_of(said) or any(c.key[:1].isalpha() for c in specific))
