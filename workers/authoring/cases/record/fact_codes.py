"""The code that a hospital would record for a fact, taken from the value sets that reading uses.

Facts and reading cannot drift apart this way: a name without a code here is a
name that reading does not know.
"""

from collections.abc import Mapping
from functools import cache

from adapter.input.wire_json import Json
from mappings.codes import ATC, BASE, INTAKE, LOINC, SNOMED
from mappings.valuesets import Match, Target, concept_map, table
from workers.authoring.cases.case_table import UncoveredCase

_PREFERRED = (SNOMED, LOINC, ATC, INTAKE)

# Names of the case tables that are not the name of a value set, by subject.
ALIASES = {
    "condition": {
        "deep_vein_thrombosis": "venous-thromboembolism",
        "pulmonary_embolism": "venous-thromboembolism",
        "severe_gastric_ulcer_disease": "severe-gastric-disease",
        "oesophageal_stricture": "oesophageal-disease",
    },
    "procedure": {"gastric_bypass": "gastric-surgery"},
}


@cache
def case_names(group: str) -> Mapping[str, Target]:
    """The names of a group of the map ``case-names``: what a hospital would record for each."""
    system = f"{BASE}/CodeSystem/case-{group}"
    return {name: target for (held, name), target in concept_map("case-names").items() if held == system}


def named_concept(group: str, name: str) -> Json:
    """A CodeableConcept for a name of the map; raises ``UncoveredCase``."""
    target = case_names(group).get(name)
    if target is None:
        raise UncoveredCase(name)
    return concept_of(target.system, target.code)


def coded_concept(subject: str, name: str) -> Json:
    """A CodeableConcept for the name; raises ``UncoveredCase`` if no value set of the subject has it."""
    if name in case_names("fact"):
        return named_concept("fact", name)
    found = _codes(subject).get(ALIASES.get(subject, {}).get(name, name.replace("_", "-")))
    if found is None:
        raise UncoveredCase(name)
    return concept_of(*found)


def concept_of(system: str, code: str) -> Json:
    """A CodeableConcept with one coding."""
    return {"coding": [{"system": system, "code": code}]}


def local_concept(code: str) -> Json:
    """A code of the intake system."""
    return concept_of(INTAKE, code)


@cache
def vertebrae() -> dict[str, str]:
    """The SNOMED CT bone of each lumbar level."""
    return {
        level: code
        for (system, code), target in concept_map("body-sites").items()
        if system == SNOMED and (level := target.also.get("level"))
    }


@cache
def _codes(subject: str) -> dict[str, tuple[str, str]]:
    """Per value set its first code that means nothing else: verified, and of the best system."""
    found: dict[str, tuple[str, str]] = {}
    for system in reversed(_PREFERRED):
        for (held, code), matches in reversed(list(table(subject).exact.items())):
            if held == system and (name := _sole_match(matches)) and not _implies_energy(subject, held, code):
                found[name] = (held, code)
    return found


def _sole_match(matches: frozenset[Match]) -> str | None:
    return next(iter(matches)).name if len(matches) == 1 and all(m.verified for m in matches) else None


def _implies_energy(subject: str, system: str, code: str) -> bool:
    """An "osteoporotic fracture" says more than where the bone broke."""
    return subject == "fracture" and (system, code) in table("osteoporotic").exact
