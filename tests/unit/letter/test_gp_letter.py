"""A whole letter: the same for the same decision, with every part, for every class."""

from typing import Any

import pytest

from adapter.clinical.decision import (
    Category,
    Classification,
    Diagnosis,
    DiagnosisStatus,
    TreatmentDecision,
)
from adapter.clinical.model import (
    Menopause,
)
from adapter.letter import Correction
from mappings.texts import LANGUAGES
from tests.unit.letter.letters_in_words import keys_of, texts_of, treated, written
from tests.unit.letter.patients import (
    WHY,
    people,
)


@pytest.mark.parametrize(
    ("language", "titles"),
    [
        ("nl", ["Envelop", "Kern", "Dossiersamenvatting"]),
        ("en", ["Envelope", "Core", "File summary"]),
        ("fr", ["Enveloppe", "Essentiel", "Résumé du dossier"]),
    ],
)
def test_it_has_the_three_parts_that_dutch_gps_know(language: str, titles: list[str]) -> None:
    assert [part.title for part in written(language=language).parts] == titles


def test_the_same_decision_gives_the_same_letter() -> None:
    assert written() == written()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("choice", TreatmentDecision)
@pytest.mark.parametrize("status", DiagnosisStatus)
def test_every_class_and_decision_can_be_written(
    language: str, choice: TreatmentDecision, status: DiagnosisStatus
) -> None:
    for category in Category:
        found = Classification(category, WHY)
        it = written(
            language=language, classification=found, diagnosis=Diagnosis(status, WHY), **treated(choice)
        )

        assert {f"category.{category}", f"treatment.{choice}", f"diagnosis.{status}"} <= set(keys_of(it))


def test_an_empty_record_still_gives_a_whole_letter() -> None:
    bare: dict[str, Any] = {
        "classification": Classification(Category.INDETERMINATE, WHY),
        "unknown": ("t_scores",),
    }

    it = written(of={"t_scores": (), "vfa": None, "menopause": Menopause.POST}, **bare)

    assert texts_of(it, "ask")[0] == "Reason for this letter: review of the bone health record."
    assert texts_of(it, "conclusion")[0] == "No class, there is no usable T-score."


def test_nothing_about_the_patient_shows_in_a_representation() -> None:
    shown = (
        repr(people(corrected=Correction((("t_score", "-2.9", "-2.1"),))))
        + repr(written())
        + repr(Correction(()))
    )

    for secret in ("Vries", "1956", "0012345", "-2.9"):
        assert secret not in shown
