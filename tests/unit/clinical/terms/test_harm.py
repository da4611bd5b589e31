"""What a drug did or would do: allergies, and entries that nobody could read, each by its kind."""

import pytest

from adapter.clinical.courses import BISPHOSPHONATES, BONE_DRUGS
from adapter.clinical.kinds import InputKind
from adapter.clinical.model import Allergy, BoneRecord, MedicineKind, Reason
from adapter.clinical.terms.harm import TERMS
from tests.factories import a_rejected
from tests.unit.clinical.questions import NOBODY, ask, cites


def allergic(*kinds: MedicineKind) -> BoneRecord:
    return BoneRecord(allergies=(Allergy(frozenset(kinds), evidence="A/1"),))


def unread(concerns: InputKind, reason: Reason = Reason.UNKNOWN_CODE, about: str = "") -> BoneRecord:
    return BoneRecord(
        rejected=(a_rejected(reason, concerns=concerns, about=about, site=None, evidence="X/1"),)
    )


def told(record: BoneRecord) -> set[str]:
    """The terms of this module that hold, each with the one reference behind it."""
    for name in TERMS:
        assert bool(ask(name, record)) == bool(cites(name, record))
    return {name for name in TERMS if ask(name, record)}


@pytest.mark.parametrize("kind", sorted(BISPHOSPHONATES))
def test_an_allergy_to_one_bisphosphonate_is_one_to_all(kind: MedicineKind) -> None:
    assert told(allergic(kind)) == {"allergic_to_bisphosphonates"}
    assert cites("allergic_to_bisphosphonates", allergic(kind)) == ("A/1",)


@pytest.mark.parametrize("kind", sorted(BONE_DRUGS - BISPHOSPHONATES))
def test_an_allergy_to_another_bone_drug_is_one_to_that_drug(kind: MedicineKind) -> None:
    assert told(allergic(kind)) == {f"allergic_to_{kind.value}"}


@pytest.mark.parametrize("kind", sorted(set(MedicineKind) - BONE_DRUGS))
def test_an_allergy_to_anything_else_speaks_against_no_bone_drug(kind: MedicineKind) -> None:
    assert told(allergic(kind)) == set()


@pytest.mark.parametrize(
    ("record", "terms"),
    [
        (NOBODY, set()),
        (unread("allergy"), {"allergy_unread", "entry_unread"}),
        (unread("condition"), {"entry_unread"}),
        (unread("medicine"), {"entry_unread"}),
        (unread("fracture"), {"entry_unread", "fracture_unread"}),
        (unread("procedure"), {"procedure_unread"}),
        (unread("condition", about="procedure"), {"entry_unread", "procedure_unread"}),
        (unread("t_score"), set()),
        (unread("condition", Reason.MALIGNANCY_LIKE), {"entry_unread", "malignancy_unread"}),
        (unread("condition", Reason.DRUG_HARM_LIKE), {"entry_unread", "drug_harm_unread"}),
        (unread("medicine", Reason.BONE_DRUG_LIKE), {"entry_unread", "bone_drug_unread"}),
        (unread("condition", Reason.FRACTURE_LIKE), {"entry_unread", "fracture_unread"}),
        (unread("condition", Reason.REFUTED), set()),
        (unread("fracture", Reason.WRONG_PATIENT), set()),
    ],
)  # fmt: skip
def test_what_could_not_be_read_may_be_what_it_looks_like(record: BoneRecord, terms: set[str]) -> None:
    assert told(record) == terms
