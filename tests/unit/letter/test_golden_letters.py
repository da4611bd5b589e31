"""Letters of invented patients, kept as they were read by eye: a change shows as a difference of files.

``python -m tests.golden.letters`` writes them again.
"""

import re

import pytest

from adapter.clinical.decision import Category
from mappings.pathways import PATHWAY_NAMES
from mappings.texts import LANGUAGES
from tests.golden.letters.making import HERE, kept, pages, text
from tests.golden.letters.patients import PATIENTS
from tests.golden.letters.stay import Stay

EVERY_LETTER = [(name, language) for name in PATIENTS for language in LANGUAGES]
TWO_PAGES = ("osteoporosis-vertebra", "fracture-under-treatment", "correction")
CLASSES = {Category.NORMAL, Category.OSTEOPENIA, Category.OSTEOPOROSIS, Category.INDETERMINATE}
PROPOSED = re.compile(r"propos|voorgesteld|voorstel", re.IGNORECASE)
RAW = re.compile(r"\b[a-z0-9]+_[a-z0-9_]+\b|\{|\}|None|\(lokale term\)|\(local term\)|\(terme local\)")


@pytest.mark.parametrize(("name", "language"), EVERY_LETTER)
def test_a_letter_is_the_one_that_was_read(name: str, language: str) -> None:
    assert text(PATIENTS[name], language).encode() == kept(name, language).read_bytes()


def test_no_file_is_left_of_a_patient_that_is_gone() -> None:
    assert {it.name for it in HERE.glob("*.txt")} == {kept(*it).name for it in EVERY_LETTER}


def test_the_patients_are_of_every_pathway_and_every_class() -> None:
    classes = {Stay(it, "en").review().decision.classification.category for it in PATIENTS.values()}

    assert {it.pathway for it in PATIENTS.values()} == set(PATHWAY_NAMES)
    assert classes >= CLASSES


@pytest.mark.parametrize(("name", "language"), EVERY_LETTER)
def test_a_letter_has_no_code_no_hole_no_empty_label_and_no_line_twice(name: str, language: str) -> None:
    said = kept(name, language).read_text("utf-8")
    statements = re.findall(r"^- .+(?:\n  .+)*", said, re.MULTILINE)

    assert RAW.findall(said) == []
    assert re.findall(r"^\s*:|:\n(?:\n|- )", said, re.MULTILINE) == []
    assert len(statements) == len(set(statements))


@pytest.mark.parametrize(("name", "language"), EVERY_LETTER)
def test_a_released_letter_is_no_proposal_and_no_letter_leaves_the_number_open(
    name: str, language: str
) -> None:
    said = kept(name, language).read_text("utf-8")

    assert re.findall(r"\w+\((?:s|en|e|es)\)", said) == []
    if (
        PATIENTS[name].released and PATIENTS[name].changed is None
    ):  # a correction speaks of an earlier proposal
        assert PROPOSED.findall(said) == []


@pytest.mark.slow
@pytest.mark.parametrize(("name", "language"), EVERY_LETTER)
def test_a_letter_has_two_pages_at_most_one_when_simple_and_the_same_bytes_twice(
    name: str, language: str
) -> None:
    made = pages(PATIENTS[name], language)

    assert len(re.findall(rb"/Type\s*/Page\b", made)) <= (2 if name in TWO_PAGES else 1)
    assert pages(PATIENTS[name], language) == made
