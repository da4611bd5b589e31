"""The value sets and concept maps of this folder, each a FHIR R4 resource, read once.

A clinician or terminologist can review and edit the JSON; no code, unit or name of a medicine is hidden in
Python. Every include names its source; one marked ``unverified`` rests on general knowledge, and whoever
reads it decides what that allows. `medicine_words` holds the names by which a medicine is heard where it has
no code. How findings are worded, a fracture as against a hernia, stands with those who listen:
`mappings/inbound/medical_history/screening.py`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files

from adapter.input.wire_json import Json
from mappings.codes import BASE, AnyCode, code

SOURCE = f"{BASE}/StructureDefinition/source"
_GROUP = re.compile(r"\(?(?P<codes>[^()*]+)\)?\.\*")
EVIDENCE = f"{BASE}/StructureDefinition/evidence"
# What is looked up for every record: the subjects of value sets, and concept maps.
_SUBJECTS = (
    "allergy", "answer", "body", "calcium", "condition", "dxa", "empty", "fracture", "frax", "imaging", "lab", "medicine",
    "osteoporotic", "procedure", "report", "score", "symptom", "unit", "unrelated", "vfa",
)  # fmt: skip
_MAPS = (
    "bmd-codes", "body-sites", "certainty", "clinical-status", "fracture-body-sites", "prednisone-equivalents",
    "question-codes", "sides", "t-score-codes", "z-score-codes",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Match:
    """A value set that holds a code, by the part of its id after the subject."""

    name: str
    verified: bool


@dataclass(frozen=True, slots=True)
class ValueSetTable:
    """All value sets of one subject.

    Of several prefixes the longest wins, so M05BA04 is not just any M05B.
    """

    exact: Mapping[tuple[str, str], frozenset[Match]]
    prefixes: Mapping[tuple[str, str], frozenset[Match]]
    longest: Mapping[str, int]  # the length of the longest prefix of a system

    def lookup(self, wanted: AnyCode) -> frozenset[Match]:
        """Which value sets hold the code; empty when none does."""
        system, key = wanted.system, wanted.key
        if found := self.exact.get((system, key)):
            return found
        for length in range(min(len(key), self.longest.get(system, 0)), 0, -1):
            if found := self.prefixes.get((system, key[:length])):
                return found
        return frozenset()

    def names(self, wanted: AnyCode) -> frozenset[str]:
        """As ``lookup``, without the evidence."""
        return frozenset(match.name for match in self.lookup(wanted))

    def below(self, wanted: AnyCode) -> frozenset[str]:
        """The value sets with a code prefix that starts with this one: M05BA stands for all its members."""
        held = ((key, matches) for (system, key), matches in self.prefixes.items() if system == wanted.system)
        return frozenset(m.name for key, matches in held if key.startswith(wanted.key) for m in matches)

    def codes(self) -> tuple[tuple[str, str], ...]:
        """Every single code as (system, code), in order; prefixes are not codes."""
        return tuple(sorted(self.exact))


@dataclass(frozen=True, slots=True)
class Target:
    """Where a concept map sends a code, with what else the code says (laterality, level)."""

    code: str
    also: Mapping[str, str] = field(default_factory=dict)
    system: str = ""
    display: str = ""

    @property
    def coding(self) -> dict[str, str]:
        """As a Coding, to be written."""
        return {"system": self.system, "code": self.code, "display": self.display}


def resources(prefix: str = "") -> Iterator[Json]:
    """The resources whose file name starts with ``prefix``, by name."""
    for file in sorted(files(__name__).iterdir(), key=lambda f: f.name):
        if file.name.startswith(prefix) and file.name.endswith(".json"):
            yield json.loads(file.read_text(encoding="utf-8"))


@cache
def table(subject: str) -> ValueSetTable:
    """The value sets named ``<subject>-<name>.json``."""
    exact: dict[tuple[str, str], set[Match]] = {}
    prefixes: dict[tuple[str, str], set[Match]] = {}
    for value_set in resources(f"{subject}-"):
        for include in value_set["compose"]["include"]:
            match = Match(value_set["id"].removeprefix(f"{subject}-"), _verified(include))
            for concept in include.get("concept", ()):
                held = code(include["system"], concept["code"])
                exact.setdefault((held.system, held.key), set()).add(match)
            for rule in include.get("filter", ()):
                for prefix in _prefixes(rule):
                    prefixes.setdefault((include["system"], prefix), set()).add(match)
    longest: dict[str, int] = {}
    for system, prefix in prefixes:
        longest[system] = max(longest.get(system, 0), len(prefix))
    return ValueSetTable(
        {k: frozenset(v) for k, v in exact.items()}, {k: frozenset(v) for k, v in prefixes.items()}, longest
    )


def coding(name: str) -> dict[str, str]:
    """The one code of the value set ``<name>.json`` as a Coding, to be written."""
    ((system, concept),) = _members(name)
    return {"system": system, **concept}


@cache
def members(name: str) -> frozenset[tuple[str, str]]:
    """The codes of the one value set ``<name>.json`` as (system, code)."""
    return frozenset((system, code(system, concept["code"]).key) for system, concept in _members(name))


@cache
def categories(name: str) -> frozenset[str]:
    """How the codes of ``category-<name>.json`` are written: each edition of FHIR names their system anew.

    A category only says where to look; what is found there is known by its own code, with its system.
    """
    return frozenset(key for _, key in members(f"category-{name}"))


@cache
def unit_factors(measure: str) -> Mapping[str, Decimal]:
    """The unit codes accepted for a measurement, with the factor into the unit that the rules use."""
    (resource,) = resources("map-units.json")
    return {
        element["code"]: Decimal(product["value"])
        for group in resource["group"]
        for element in group["element"]
        for target in element["target"]
        for product in target["product"]
        if target["code"] == measure
    }


def unit_factor(measure: str, unit: str) -> Decimal | None:
    """The factor of a unit as it is written: by its code, else as people spell that code."""
    found = unit_factors(measure).get(unit)
    return _spelled(measure).get(spelling(unit)) if found is None else found


@cache
def _spelled(measure: str) -> Mapping[str, Decimal]:
    return {spelling(code): factor for code, factor in unit_factors(measure).items()}


@lru_cache(512)
def spelling(unit: str) -> str:
    """A unit in one spelling, without what stands in braces.

    ``ml/min/1,73 m²`` is mL/min/{1.73_m2}, and ``µmol/l`` umol/L.
    """
    # Litre is l or L in UCUM itself; the two signs for micro, the raised two and the decimal comma are what
    # laboratories print. One measure has no two units that differ by case alone, which a test makes sure of.
    written = (
        unit.replace("\u00b5", "u").replace("\u03bc", "u").replace("\u00b2", "2").replace(",", ".").lower()
    )
    written = re.sub(r"[\s\[\]^*]|\{[^}]*\}", "", written)
    written = re.sub(r"(?<=/)1\.73/?(qm|m2)$", "", written)  # German laboratories write a square metre as qm
    return re.sub(r"^(micro|mc)(?=mol|g)", "u", written)


@cache
def lookalikes(subject: str) -> Mapping[str, frozenset[str]]:
    """By how a code is written the names that it would have under a system of the value sets of a subject.

    What is found here is no code. It may be refused by such a name, or warn; no value is read by it.
    """
    found: dict[str, frozenset[str]] = {}
    for (_, key), matches in table(subject).exact.items():
        found[key] = found.get(key, frozenset()) | {match.name for match in matches}
    return found


@cache
def concept_map(name: str) -> Mapping[tuple[str, str], Target]:
    """The concept map ``map-<name>.json`` as (system, code) to target."""
    (resource,) = resources(f"map-{name}.json")
    targets: dict[tuple[str, str], Target] = {}
    for group in resource["group"]:
        for element in group["element"]:
            held, (target,) = code(group["source"], element["code"]), element["target"]
            also = {product["property"]: product["value"] for product in target.get("product", ())}
            meant = Target(target["code"], also, group["target"], target.get("display", ""))
            targets[held.system, held.key] = meant
    return targets


def snomed_name(code: str) -> str:
    """What SNOMED CT calls a code, as far as its Global Patient Set tells; empty for any other."""
    return _snomed_names().get(code, "")


def load_tables() -> None:
    """Load what reviews look up now, and not with the first code: names, value sets and maps take 5 MB."""
    _snomed_names()
    for subject in _SUBJECTS:
        table(subject)
    for name in _MAPS:
        concept_map(name)


@cache
def _snomed_names() -> Mapping[str, str]:
    return {concept["code"]: concept["display"] for _, concept in _concepts("snomed-names")}


@cache
def intake_codes() -> frozenset[str]:
    """Every code of our intake code system."""
    (resource,) = resources("codesystem-intake.json")
    return frozenset(_flat(resource["concept"]))


@cache
def _members(name: str) -> tuple[tuple[str, dict[str, str]], ...]:
    return tuple(_concepts(name))


def _concepts(name: str) -> Iterator[tuple[str, dict[str, str]]]:
    (value_set,) = resources(f"{name}.json")
    for include in value_set["compose"]["include"]:
        yield from ((include["system"], concept) for concept in include["concept"])


def _flat(concepts: list[Json]) -> Iterator[str]:
    for concept in concepts:
        yield concept["code"]
        yield from _flat(concept.get("concept", []))


def _verified(include: Json) -> bool:
    return not any(
        e["url"] == EVIDENCE and e["valueCode"] == "unverified" for e in include.get("extension", ())
    )


def _prefixes(rule: dict[str, str]) -> list[str]:
    """The prefixes in a filter, a regex on the code: ``M05BA.*``, or several with bars in brackets."""
    found = _GROUP.fullmatch(rule["value"]) if (rule["property"], rule["op"]) == ("code", "regex") else None
    if found is None:
        raise ValueError(f"a filter must be a regex on the code that names prefixes: {rule}")
    return found["codes"].replace("\\.", "").split("|")
