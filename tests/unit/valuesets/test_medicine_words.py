"""The names of medicines in words: reviewed, with a source, each once, and written as texts are compared."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from adapter.input.wire_json import Json
from mappings.inbound.medical_history import screening
from mappings.valuesets.medicine_words import document, words_for

UNVERIFIED = "general knowledge of names of medicines; not read in a source"
SUBJECTS = tuple(document()["subjects"])


def groups() -> Iterator[tuple[str, Json]]:
    for subject, held in document()["subjects"].items():
        for group in held:
            yield subject, group


def test_the_file_says_what_it_is_and_when_it_was_reviewed() -> None:
    held = document()

    assert held["title"]
    assert held["status"]
    assert held["publisher"]
    assert held["description"]
    assert isinstance(held["lastReviewDate"], date)


def test_each_group_names_its_source_and_says_where_there_is_none() -> None:
    for _, group in groups():
        assert group["says"]
        assert (group.get("evidence") == "unverified") is (group["source"] == UNVERIFIED)


def test_a_word_stands_once() -> None:
    assert [
        it
        for it, held in Counter(word for _, group in groups() for word in group["words"]).items()
        if held > 1
    ] == []


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_word_is_part_of_a_name_without_accents_and_hears_no_empty_text(subject: str) -> None:
    for word in words_for(subject).split("|"):
        assert re.fullmatch(r"(\\b|\(\?<!fludro\))?[a-z]{4,}(\\b|\\W|\?)?|\\bapd\\b", word), word
    assert not re.search(words_for(subject), "")


@pytest.mark.parametrize(
    ("subject", "hears"),
    [
        ("bone-drug", screening.names_bone_drug),
        ("deprives", screening.deprives),
        ("weakens-bone", screening.weakens_bone),
        ("everyday", screening.names_everyday_drug),
    ],
)
def test_each_name_is_heard(subject: str, hears: Any) -> None:
    for word in words_for(subject).split("|"):
        name = re.sub(r"\\b|\\W|\(\?<!fludro\)", "", word)
        assert hears(f"{name.capitalize()} 10 mg"), name
