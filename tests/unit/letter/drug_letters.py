"""Letters about drugs of the record, and the lines of a block of them."""

from datetime import date
from typing import Any

from adapter.clinical.decision import (
    Decision,
    Treatment,
    TreatmentDecision,
)
from adapter.clinical.model import (
    BoneRecord,
    Listing,
    Medicine,
    MedicineKind,
)
from adapter.letter import Letter, letter
from mappings.texts import load
from tests.unit.letter.patients import WHY, decision, people, record

ENGLISH = load("en")


DENOSUMAB = frozenset({MedicineKind.DENOSUMAB})


WEEKLY = frozenset({MedicineKind.ALENDRONATE})


PREDNISOLONE = frozenset({MedicineKind.SYSTEMIC_GLUCOCORTICOID})


CONTINUE = Treatment(TreatmentDecision.CONTINUE, "C-57", WHY)


def taking(*medicines: Medicine, **more: Any) -> BoneRecord:
    return record(medicines=Listing.of(medicines), **more)


def written(decided: Decision, of: BoneRecord, language: str = "en") -> Letter:
    return letter(decided, of, people(), load(language))


def lines_of(it: Letter, block: str) -> list[str]:
    return [
        line.text for part in it.parts for held in part.blocks if held.key == block for line in held.lines
    ]


def treatment(*medicines: Medicine, **more: Any) -> list[str]:
    return lines_of(written(decision(treatment=CONTINUE), taking(*medicines, **more)), "treatment")


SINCE_2012 = Medicine(WEEKLY, start=date(2012, 3, 1))
