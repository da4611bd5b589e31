"""The tables of docs/connect/codes.md, from the value sets: `python -m tests.codes_page` makes them anew."""

from collections.abc import Iterator

from adapter.input.wire_json import Json
from mappings.codes import INTAKE, LOINC, SNOMED
from mappings.valuesets import concept_map, resources, unit_factors
from tests.structure import ROOT

PAGE = ROOT / "docs" / "connect" / "codes.md"
START = "<!-- made by python -m tests.codes_page; do not edit below -->"
SHOWN = 8  # codes of a set that the page itself shows
# what a value set is about: the resources that it is looked for in
SUBJECTS = {
    "report": ("Reports and documents of a DXA", "DiagnosticReport, DocumentReference, Observation"),
    "dxa": ("Bone density beside the T-score", "Observation"),
    "vfa": ("Vertebral fracture assessment", "Observation"),
    "frax": ("Risk of a fracture", "RiskAssessment, Observation"),
    "lab": ("Laboratory", "Observation"),
    "body": ("Body", "Observation"),
    "symptom": ("Symptoms", "Observation"),
    "fracture": ("Fractures", "Condition"),
    "condition": ("Diseases and circumstances", "Condition, Observation, FamilyMemberHistory, Flag"),
    "medicine": ("Medicines", "MedicationRequest, MedicationStatement, MedicationAdministration, MedicationDispense, AllergyIntolerance"),
    "procedure": ("Operations", "Procedure"),
    "list": ("Lists that say by themselves whether they are whole", "List"),
}  # fmt: skip
_SIDES = {key: target.code for (_, key), target in concept_map("sides").items()}
NAMES = {
    LOINC: "LOINC",
    SNOMED: "SNOMED CT",
    INTAKE: "ours",
    "http://hl7.org/fhir/sid/icd-10-nl": "ICD-10-NL",
    "http://hl7.org/fhir/sid/icpc-2": "ICPC-2",
    "http://www.ama-assn.org/go/cpt": "CPT",
    "http://hl7.org/fhir/sid/icd-10": "ICD-10",
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "http://hl7.org/fhir/sid/icpc-1-nl": "ICPC-1-NL",
    "http://www.whocc.no/atc": "ATC",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
}


def page() -> str:
    """The whole page: what people wrote, then the tables."""
    written = PAGE.read_text("utf-8").partition(START)[0].rstrip()
    return "\n".join([written, "", START, "", *_scores(), "", *_sites(), *_subjects()]) + "\n"


def _scores() -> Iterator[str]:
    yield from ("## T-scores", "", "| LOINC | name | site |", "| --- | --- | --- |")
    yield from _mapped("t-score-codes", LOINC)


def _sites() -> Iterator[str]:
    yield from ("## Sites", "", "`bodySite` of an Observation, `site` in the map of an HL7 v2 sender.", "")
    yield from ("| SNOMED CT | name | site |", "| --- | --- | --- |")
    yield from _mapped("body-sites", SNOMED)


def _mapped(name: str, system: str) -> Iterator[str]:
    (resource,) = resources(f"map-{name}.json")
    shown = {it["code"]: it["display"] for group in resource["group"] for it in group["element"]}
    for (of, key), target in sorted(concept_map(name).items()):
        if of == system:
            more = ", ".join(_SIDES.get(it, it) for it in target.also.values())
            yield f"| {key} | {shown.get(key, '')} | {target.code}{f' ({more})' if more else ''} |"


def _subjects() -> Iterator[str]:
    for subject, (title, where) in SUBJECTS.items():
        yield from ("", f"## {title}", "", f"In {where}.", "", "| what | codes |", "| --- | --- |")
        for it in resources(f"{subject}-"):
            name = it["title"].rpartition(": ")[2]
            yield f"| {name[:1].upper()}{name[1:]}{_units(subject, it['id'])} | {_codes(it)} |"


def _units(subject: str, name: str) -> str:
    found = unit_factors(name.removeprefix(f"{subject}-")) if subject in ("lab", "body") else {}
    return f" (`{'`, `'.join(found)}`)" if found else ""


def _codes(value_set: Json) -> str:
    """Every code of a short set; of a longer one the systems, and the file."""
    held: dict[str, list[str]] = {}
    for system, key in _pairs(value_set):
        held.setdefault(NAMES.get(system, system), []).append(key)
    if sum(map(len, held.values())) <= SHOWN:
        return "; ".join(f"{system} {', '.join(keys)}" for system, keys in held.items())
    return f"[{', '.join(held)}](../../mappings/valuesets/{value_set['id']}.json)"


def _pairs(value_set: Json) -> Iterator[tuple[str, str]]:
    for include in value_set["compose"]["include"]:
        yield from ((include["system"], it["code"]) for it in include.get("concept", ()))
        for rule in include.get("filter", ()):
            groups = rule["value"].removesuffix(".*").strip("()").replace("\\", "").split("|")
            yield from ((include["system"], f"{it}…") for it in groups)


def write() -> None:
    """Write it again."""
    PAGE.write_text(page(), "utf-8")


if __name__ == "__main__":
    write()
