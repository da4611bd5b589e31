"""The codes that may be written, from ``mappings/valuesets/output-*.json``: without an entry, no output."""

import json
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from adapter.errors import SoftwareFault
from adapter.input.wire_json import Json
from mappings.codes import ATC, REJECTION, SNOMED
from mappings.outbound.content import Fragment
from mappings.outbound.ids import OUTPUT

_FILES = {OUTPUT: "output-codes.json", REJECTION: "output-rejection.json"}


@cache
def output_concept(code: str, language: str, system: str = OUTPUT) -> Json:
    """A CodeableConcept: our code, its verified SNOMED CT code if any, and the reader's words."""
    ours = {"system": system, "code": str(code), "display": _entry(code, system)["display"]}
    return Fragment(
        {
            "coding": [ours, *_targets("output-to-snomed.json", SNOMED).get(code, ())],
            "text": words(code, language, system),
        }
    )


def medicine(drug: str, language: str) -> Json:
    """A substance by its ATC code and in words; a drug without a verified ATC code by its words and ours."""
    known_as = _targets("output-to-atc.json", ATC).get(drug, ())
    return {
        **output_concept(drug, language),
        "coding": [*known_as, *output_concept(drug, language)["coding"]],
    }


@cache
def words(code: str, language: str, system: str = OUTPUT) -> str:
    """What a code is called in a language; English where that language has no word for it."""
    entry = _entry(code, system)
    named = (
        designation["value"]
        for designation in entry.get("designation", ())
        if designation["language"] == language
    )
    return str(next(named, entry["display"]))


def known(code: str, system: str = OUTPUT) -> bool:
    """Whether a code can be written."""
    return code in _concepts(system)


def words_or_code(code: str, language: str) -> str:
    """Words for a detail that need not be one of our codes, such as a disease or the name of a check."""
    return words(code, language) if known(code) else code.replace("_", " ")


@cache
def kind(code: str) -> str | None:
    """The FHIR request type that an activity would become, if clear; none for an institution's own."""
    properties: Iterable[Json] = _concepts(OUTPUT).get(code, {}).get("property", ())
    return next((str(it["valueCode"]) for it in properties if it["code"] == "kind"), None)


def codes(group: str) -> frozenset[str]:
    """All output codes of a group: activity, goal, flag, follow-up, option, drug, task-reason ..."""
    mark = {"code": "group", "valueCode": group}
    return frozenset(code for code, entry in _concepts(OUTPUT).items() if mark in entry["property"])


def _entry(code: str, system: str) -> Json:
    try:
        return _concepts(system)[code]
    except KeyError:
        raise SoftwareFault(f"the code {code!r} has no entry in {_FILES[system]}") from None


@cache
def _concepts(system: str) -> dict[str, Json]:
    return {entry["code"]: entry for entry in _resource_in(_FILES[system])["concept"]}


@cache
def _targets(name: str, system: str) -> dict[str, tuple[Json, ...]]:
    elements = _resource_in(name)["group"][0]["element"]
    return {
        element["code"]: tuple(
            {"system": system, "code": to["code"], "display": to["display"]} for to in element["target"]
        )
        for element in elements
    }


def _resource_in(name: str) -> Json:
    held: Json = json.loads(files("mappings").joinpath("valuesets", name).read_text(encoding="utf-8"))
    return held
