"""The code that a hospital would record for a fact, taken from the value sets that reading uses.

Facts and reading cannot drift apart this way: a name without a code here is a name that reading does not know.
"""

from functools import cache

from mappings.codes import ATC, INTAKE, LOINC, SNOMED
from mappings.valuesets import Match, concept_map, table
from workers.cases.case_table import Json, NotCovered

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
# Where a name is narrower than its value set: the SNOMED CT code of the name itself.
EXACT = {
    "deep_vein_thrombosis": "128053003",
    "pulmonary_embolism": "59282003",
    "oesophageal_stricture": "63305008",
    "gastric_bypass": "430715008",  # bariatric operative procedure: the nearest that reading lists
}
# A case names the substance. ATC 2026-04-25; oxazepam and hydrochlorothiazide as in many public drug lists.
SUBSTANCES = {
    "alendronate": "M05BA04",
    "risedronate": "M05BA07",
    "ibandronate": "M05BA06",
    "zoledronate": "M05BA08",
    "raloxifene": "G03XC01",
    "denosumab": "M05BX04",
    "teriparatide": "H05AA02",
    "romosozumab": "M05BX06",
    "calcium_carbonate": "A12AA04",
    "calcium": "A12AA04",
    "vitamin_d": "A11CC05",
    "colecalciferol": "A11CC05",
    "prednisolone": "H02AB06",
    "prednisone": "H02AB07",
    "dexamethasone": "H02AB02",
    "phenytoin": "N03AB02",
    "carbamazepine": "N03AF01",
    "anastrozole": "L02BG03",
    "letrozole": "L02BG04",
    "oxazepam": "N05BA04",
    "hydrochlorothiazide": "C03AA03",
}


def coded(subject: str, name: str) -> Json:
    """A CodeableConcept for the name; raises ``NotCovered`` when no value set of the subject is called that."""
    if exact := EXACT.get(name):
        return codeable(SNOMED, exact)
    found = _codes(subject).get(ALIASES.get(subject, {}).get(name, name.replace("_", "-")))
    if found is None:
        raise NotCovered(name)
    return codeable(*found)


def substance(name: str) -> Json:
    """The substance as an ATC code."""
    if name not in SUBSTANCES:
        raise NotCovered(name)
    return codeable(ATC, SUBSTANCES[name])


def codeable(system: str, code: str) -> Json:
    """A CodeableConcept with one coding."""
    return {"coding": [{"system": system, "code": code}]}


def local(code: str) -> Json:
    """A code of the intake system."""
    return codeable(INTAKE, code)


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
            if held == system and (name := _sole(matches)) and not _implies_energy(subject, held, code):
                found[name] = (held, code)
    return found


def _sole(matches: frozenset[Match]) -> str | None:
    return next(iter(matches)).name if len(matches) == 1 and all(m.verified for m in matches) else None


def _implies_energy(subject: str, system: str, code: str) -> bool:
    """An "osteoporotic fracture" says more than where the bone broke."""
    return subject == "fracture" and (system, code) in table("osteoporotic").exact
