"""The codes of releasing, correcting and following up, from ``mappings/valuesets/codesystem-release.json``."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from mappings.codes import BASE

RELEASE = f"{BASE}/CodeSystem/release"
Json = dict[str, Any]


def concept(code: str, language: str) -> Json:
    """A CodeableConcept of ours; an unknown code is a mistake of this program and a KeyError."""
    ours = {"system": RELEASE, "code": code, "display": _concepts()[code]["display"]}
    return {"coding": [ours], "text": words(code, language)}


def words(code: str, language: str) -> str:
    """What a code is called in a language; English where that language has no word for it."""
    entry = _concepts()[code]
    named = {it["language"]: it["value"] for it in entry["designation"]}
    return str(named.get(language, entry["display"]))


def codes(group: str) -> frozenset[str]:
    """All codes of a group: task-reason, task-input, answer, status-reason, document or role."""
    mark = {"code": "group", "valueCode": group}
    return frozenset(code for code, entry in _concepts().items() if mark in entry["property"])


def code_in(held: Any) -> str | None:
    """The code of ours in a CodeableConcept, or in the first of several that has one."""
    several = held if isinstance(held, list) else [held]
    codings = [it for one in several if isinstance(one, dict) for it in one.get("coding") or ()]
    return next((str(it.get("code")) for it in codings if it.get("system") == RELEASE), None)


@cache
def _concepts() -> dict[str, Json]:
    held = files("mappings").joinpath("valuesets", "codesystem-release.json").read_text(encoding="utf-8")
    return {entry["code"]: entry for entry in json.loads(held)["concept"]}
