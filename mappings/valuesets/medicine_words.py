"""Names of medicines in words, read once from `medicine_words.yaml`, where they are reviewed."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml

from adapter.input.wire_json import ReadOnlyJson


def words_for(*subjects: str) -> str:
    """The words of these subjects as one pattern of alternatives; raises KeyError for another subject."""
    return "|".join(word for subject in subjects for word in _words()[subject])


@cache
def _words() -> Mapping[str, tuple[str, ...]]:
    """By subject; a file with a fault does not load, and that stops the program when it starts."""
    return {
        subject: tuple(word for group in groups for word in group["words"])
        for subject, groups in document()["subjects"].items()
    }


def document() -> ReadOnlyJson:
    """The file as it is written."""
    text = files("mappings.valuesets").joinpath("medicine_words.yaml").read_text(encoding="utf-8")
    held: ReadOnlyJson = yaml.safe_load(text)
    return held
