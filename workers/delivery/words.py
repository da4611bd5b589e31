"""The codes about deliveries, from ``mappings/valuesets/codesystem-delivery.json``, in three languages."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from mappings.codes import BASE

DELIVERY = f"{BASE}/CodeSystem/delivery"


def concept(code: str, language: str) -> dict[str, Any]:
    """A CodeableConcept of ours; an unknown code is a mistake of this program and a KeyError."""
    ours = {"system": DELIVERY, "code": code, "display": _concepts()[code]["display"]}
    return {"coding": [ours], "text": words(code, language)}


def words(code: str, language: str) -> str:
    """What a code is called in a language; English where that language has no word for it."""
    entry = _concepts()[code]
    named = {it["language"]: it["value"] for it in entry["designation"]}
    return str(named.get(language, entry["display"]))


def codes(group: str) -> frozenset[str]:
    """All codes of a group: task-reason or status-reason."""
    mark = {"code": "group", "valueCode": group}
    return frozenset(code for code, entry in _concepts().items() if mark in entry["property"])


@cache
def _concepts() -> dict[str, Any]:
    held = files("mappings").joinpath("valuesets", "codesystem-delivery.json").read_text(encoding="utf-8")
    return {entry["code"]: entry for entry in json.loads(held)["concept"]}
