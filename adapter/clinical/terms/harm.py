"""Terms about what a drug did or would do: allergies, and entries that nobody could read."""

from collections.abc import Callable, Mapping
from typing import Final

from adapter.clinical.case import PatientOnDay, Term, evidence_of
from adapter.clinical.courses import BISPHOSPHONATES, BONE_DRUGS
from adapter.clinical.model import Allergy, MedicineKind, Reason, Rejected

ALLERGY: Final = "allergy"


def _allergies(case: PatientOnDay, kinds: frozenset[MedicineKind]) -> list[Allergy]:
    # Seen in the field: allergies by class code, in words, or only as the substance of a reaction.
    return [allergy for allergy in case.record.allergies if allergy.kinds & kinds]


def _allergic(name: str, kinds: frozenset[MedicineKind]) -> Term:
    return Term(
        lambda c: not kinds.isdisjoint(c.allergies),
        lambda c: evidence_of(_allergies(c, kinds)),
        f"an allergy to {name} that nobody refuted",
    )


def _unread_term(wanted: Callable[[Rejected], bool], says: str) -> Term:
    return Term(
        lambda c: any(map(wanted, c.refused)),
        lambda c: evidence_of(refusal for refusal in c.refused if wanted(refusal)),
        says,
    )


TERMS: Mapping[str, Term] = {
    "allergic_to_bisphosphonates": _allergic(
        "a bisphosphonate, which stands for all of them", BISPHOSPHONATES
    ),
    **{
        f"allergic_to_{kind.value}": _allergic(kind.value, frozenset({kind}))
        for kind in MedicineKind
        if kind in BONE_DRUGS - BISPHOSPHONATES
    },
    "allergy_unread": _unread_term(
        lambda refusal: refusal.concerns == ALLERGY, "an allergy that could not be read"
    ),
    "entry_unread": _unread_term(
        lambda refusal: refusal.concerns in ("condition", "fracture", "medicine", ALLERGY),
        "a problem, a medicine or an allergy could not be read, and may be anything",
    ),
    "procedure_unread": _unread_term(
        lambda refusal: "procedure" in (refusal.concerns, refusal.about),
        "an operation, or a problem that may tell of one, could not be read: it may be a hip prosthesis",
    ),
    "malignancy_unread": _unread_term(
        lambda refusal: refusal.reason is Reason.MALIGNANCY_LIKE,
        "a problem that may be a malignancy could not be read",
    ),
    "drug_harm_unread": _unread_term(
        lambda refusal: refusal.reason is Reason.DRUG_HARM_LIKE,
        "words that may speak of an atypical femur fracture or of osteonecrosis of the jaw",
    ),
    "bone_drug_unread": _unread_term(
        lambda refusal: refusal.reason is Reason.BONE_DRUG_LIKE,
        "a medicine that may be an osteoporosis drug could not be read",
    ),
    "fracture_unread": _unread_term(
        lambda refusal: refusal.concerns == "fracture" or refusal.reason is Reason.FRACTURE_LIKE,
        "something that may be a fracture could not be read",
    ),
}
