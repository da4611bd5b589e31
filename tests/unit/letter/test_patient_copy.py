"""The copy for the patient: what was found and what follows in plain words, never more than the letter."""

from datetime import date
from typing import Any

import pytest

from adapter.clinical.decision import Category
from adapter.clinical.model import Sex
from adapter.letter import Correction, patient_letter
from mappings.texts import LANGUAGES, load
from tests.factories import a_classification
from tests.unit.letter.patients import decision, people, record

DAY = date(2026, 11, 10)


def copy(*, language: str = "en", by: dict[str, Any] | None = None, **changes: Any) -> str:
    written = patient_letter(decision(**changes), record(), people(**by or {}), load(language))
    return "\n".join(line.text for line in written.lines())


@pytest.mark.parametrize(
    ("by", "dear"),
    [
        ({"patient_name": "A. de Vries", "sex": Sex.FEMALE}, "Dear Mrs A. de Vries"),
        ({"patient_name": "A. de Vries", "sex": Sex.MALE}, "Dear Mr A. de Vries"),
    ],
)
def test_the_patient_is_greeted_by_name(by: dict[str, Any], dear: str) -> None:
    assert dear.split(maxsplit=1)[0] in copy(by=by)
    assert "A. de Vries" in copy(by=by)


def test_a_patient_without_a_name_is_greeted_all_the_same() -> None:
    assert copy(by={"patient_name": None}).strip()
    assert "{name}" not in copy(by={"patient_name": None})


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_withdrawn_letter_repeats_no_finding_to_the_patient(language: str) -> None:
    told = copy(language=language, by={"retraction": True})

    assert "2.9" not in told
    assert "2,9" not in told
    assert load(language).say("patient.withdrawn") in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_corrected_letter_says_so_to_the_patient(language: str) -> None:
    assert load(language).say("patient.corrected") in copy(
        language=language, by={"corrected": Correction(())}
    )
    assert load(language).say("patient.corrected") not in copy(language=language)


def test_a_normal_result_with_a_doubt_is_not_told_as_normal() -> None:
    normal = a_classification(Category.NORMAL)
    doubted = a_classification(Category.NORMAL, doubts=("hip_missing",))

    assert copy(classification=normal) != copy(classification=doubted)
    assert load("en").say("patient_category.normal") not in copy(classification=doubted)
