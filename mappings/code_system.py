"""A code system of ours as it lies in ``mappings/valuesets``: concepts, words in three languages, a group."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from adapter.input.wire_json import Json


@dataclass(frozen=True, slots=True)
class CodeSystem:
    """One file and the URL it defines; an unknown code is a mistake of this program and a KeyError."""

    url: str
    file: str

    def concept(self, code: str, language: str) -> Json:
        """A CodeableConcept of ours."""
        ours = {"system": self.url, "code": code, "display": _concepts(self.file)[code]["display"]}
        return {"coding": [ours], "text": self.words(code, language)}

    def words(self, code: str, language: str) -> str:
        """What a code is called in a language; English where that language has no word for it."""
        entry = _concepts(self.file)[code]
        named = {designation["language"]: designation["value"] for designation in entry["designation"]}
        return str(named.get(language, entry["display"]))

    def codes(self, group: str) -> frozenset[str]:
        """All codes of a group."""
        mark = {"code": "group", "valueCode": group}
        return frozenset(code for code, entry in _concepts(self.file).items() if mark in entry["property"])


@cache
def _concepts(file: str) -> dict[str, Json]:
    held = files("mappings").joinpath("valuesets", file).read_text(encoding="utf-8")
    return {entry["code"]: entry for entry in json.loads(held)["concept"]}
