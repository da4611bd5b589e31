import re
from datetime import date
from decimal import Decimal

import pytest

from adapter.clinical.model import (
    Analyte,
    ConditionKind,
    FractureSite,
    MedicineKind,
    Procedure,
    Site,
    Symptom,
)
from adapter.clinical.quantities import BMI, BONE_DENSITY, LABORATORY, WEIGHT, Unit
from adapter.input.wire_json import Json, JsonValue
from mappings.codes import ATC, BASE, ICD10_CM, ICD10_WHO, INTAKE, LOINC, Atc, Icd10, Snomed, code
from mappings.valuesets import (
    EVIDENCE,
    SOURCE,
    coding,
    concept_map,
    intake_codes,
    members,
    resources,
    spelling,
    table,
    unit_factor,
    unit_factors,
)

OURS = [r for r in resources() if r["resourceType"] in {"ValueSet", "ConceptMap"} and "output" not in r["id"]]
VALUE_SETS = [r for r in OURS if r["resourceType"] == "ValueSet"]
NO_CODES = {"category-radiology"}  # a part of LOINC, which stands for a category and is none of its codes
REVIEW_BEGAN = date(2026, 11, 20)
REVIEWED = "http://hl7.org/fhir/StructureDefinition/resource-lastReviewDate"


def extensions(element: Json, url: str) -> list[JsonValue]:
    return [
        v
        for e in element.get("extension", [])
        if e["url"] == url
        for k, v in e.items()
        if k.startswith("value")
    ]


@pytest.mark.parametrize("resource", OURS, ids=lambda r: r["id"])
def test_each_says_what_it_is_from_when_and_by_whom(resource: Json) -> None:
    assert resource["url"] == f"{BASE}/{resource['resourceType']}/{resource['id']}"
    assert re.fullmatch(r"\d+\.\d+\.\d+", resource["version"])
    assert date.fromisoformat(resource["date"]) >= REVIEW_BEGAN
    assert resource["publisher"]
    assert resource["description"]


@pytest.mark.parametrize("resource", [*resources()], ids=lambda r: r["id"])
def test_each_says_when_it_was_reviewed(resource: Json) -> None:
    (reviewed,) = extensions(resource, REVIEWED)

    assert date.fromisoformat(reviewed) >= REVIEW_BEGAN


@pytest.mark.parametrize("resource", VALUE_SETS, ids=lambda r: r["id"])
def test_each_include_names_its_source_and_holds_codes_that_can_exist(resource: Json) -> None:
    for include in resource["compose"]["include"]:
        assert all(extensions(include, SOURCE))
        for concept in include.get("concept", []):
            assert resource["id"] in NO_CODES or code(include["system"], concept["code"]).key
            assert concept["display"]
            assert include["system"] != INTAKE or concept["code"] in intake_codes()


def test_what_rests_on_general_knowledge_is_marked_unverified() -> None:
    for resource in VALUE_SETS:
        for include in resource["compose"]["include"]:
            known = extensions(include, SOURCE) == [
                "general knowledge of the classification; not read in a source"
            ]
            assert (extensions(include, EVIDENCE) == ["unverified"]) is known


@pytest.mark.parametrize(
    ("subject", "names"),
    [
        ("condition", {k.value for k in ConditionKind} - {"other"}),
        ("fracture", {s.value for s in FractureSite}),
        ("medicine", {k.value for k in MedicineKind} - {"other"}),
        ("lab", {a.value for a in Analyte}),
        ("symptom", {s.value for s in Symptom}),
        ("procedure", {p.value for p in Procedure}),
    ],
)
def test_there_is_one_value_set_for_each_thing_a_rule_can_act_on(subject: str, names: set[str]) -> None:
    held = {r["id"].removeprefix(f"{subject}-").replace("-", "_") for r in resources(f"{subject}-")}

    assert held == names


@pytest.mark.parametrize("name", ["t-score-codes", "body-sites"])
def test_maps_lead_to_sites(name: str) -> None:
    assert {target.code.replace("-", "_") for target in concept_map(name).values()} <= {s.value for s in Site}


def test_a_value_set_of_one_code_can_be_written() -> None:
    assert coding("document-letter") == {"system": LOINC, "code": "51852-2", "display": "Letter"}


def test_a_value_set_of_several_codes_cannot_be_written_as_one() -> None:
    with pytest.raises(ValueError, match="too many values"):
        coding("relative-parent")


def test_what_a_laboratory_calls_low_is_low_beside_a_t_score_too() -> None:
    low = {code for code, meant in concept_map("lab-marks").items() if meant.code == "low"}

    assert low < members("mark-low")


def test_units_lead_to_the_unit_of_the_rules() -> None:
    assert unit_factors("calcium") == {
        "mmol/L": Decimal(1),
        "mg/dL": Decimal("0.2495"),
        "mg/L": Decimal("0.02495"),  # of French laboratories
    }
    assert unit_factors("nothing") == {}


def test_the_longest_prefix_wins_and_a_combination_is_several_things() -> None:
    names = table("medicine").names

    assert names(Atc("M05BA04")) == {"alendronate"}
    assert names(Atc("M05BX99")) == {"other-bone-drug"}
    assert names(Atc("M05BB03")) == {"alendronate", "vitamin-d"}
    assert names(Atc("M05")) == frozenset()


def test_a_prefix_holds_in_its_own_system_only() -> None:
    assert table("condition").names(Icd10("I64", ICD10_WHO)) == {"stroke"}
    assert table("condition").names(Icd10("I64", ICD10_CM)) == frozenset()


def test_what_is_no_t_score_is_density_or_a_z_score_only() -> None:
    assert {name for pair in table("dxa").codes() for name in table("dxa").names(code(*pair))} == {
        "bmd",
        "z-score",
    }


def test_traps_are_not_listed() -> None:
    assert not table("condition").lookup(Snomed("78441005"))  # osteopenia as a morphology
    assert not table("condition").lookup(Icd10("K10.3", ICD10_WHO))  # alveolitis, not osteonecrosis
    assert (LOINC, "46278-8") not in concept_map("t-score-codes")  # density of the hip
    assert not any(system == ATC for system, _ in table("medicine").codes())


@pytest.mark.parametrize(
    ("measure", "written", "code"),
    [
        ("calcium", "mmol/l", "mmol/L"),
        ("calcium", "mg/dl", "mg/dL"),
        ("calcium", "mg/l", "mg/L"),
        ("25-oh-d", "\u00b5g/l", "ug/L"),
        ("creatinine", "\u00b5mol/l", "umol/L"),
        ("creatinine", "\u03bcmol/L", "umol/L"),
        ("creatinine", "micromol/l", "umol/L"),
        ("egfr", "ml/min/1,73 m\u00b2", "mL/min/{1.73_m2}"),
        ("egfr", "mL/min/1.73m^2", "mL/min/{1.73_m2}"),
        ("egfr", "ml/min/1,73qm", "mL/min/{1.73_m2}"),
        ("egfr", "mL/min/1.73/m2", "mL/min/{1.73_m2}"),
        ("egfr", "ml/min", "mL/min"),
        ("alkaline-phosphatase", "IU/l", "[IU]/L"),
        ("bone-density", "g/cm*2", "g/cm2"),
    ],
)
def test_a_unit_is_known_as_people_spell_it(measure: str, written: str, code: str) -> None:
    assert unit_factor(measure, written) == unit_factors(measure)[code]


@pytest.mark.parametrize(
    ("measure", "written"), [("calcium", "mmol"), ("creatinine", "nmol/l"), ("egfr", "ml/h"), ("calcium", "")]
)
def test_another_unit_stays_unknown(measure: str, written: str) -> None:
    assert unit_factor(measure, written) is None


def test_no_two_units_of_a_measure_are_spelled_alike_and_differ() -> None:
    (units,) = resources("map-units.json")
    measures = {
        target["code"] for group in units["group"] for it in group["element"] for target in it["target"]
    }

    for measure in measures:
        spelled: dict[str, set[Decimal]] = {}
        for unit, factor in unit_factors(measure).items():
            spelled.setdefault(spelling(unit), set()).add(factor)
        assert {it for it, factors in spelled.items() if len(factors) > 1} == set()


HELD = {
    **{it.value.replace("_", "-"): measure.unit for it, measure in LABORATORY.items()},
    "weight": WEIGHT.unit, "bmi": BMI.unit, "bone-density": BONE_DENSITY.unit,
}  # fmt: skip


@pytest.mark.parametrize(("measure", "unit"), list(HELD.items()))
def test_a_unit_leads_to_the_one_in_which_the_core_holds_the_measure(measure: str, unit: Unit) -> None:
    """The first unit of a measure has the factor 1, and is called as the core calls it."""
    first, factor = next(iter(unit_factors(measure).items()))
    named = re.sub(r"[{}\[\]]", "", first).replace("/", "_per_").replace(".", "_").lower()

    assert factor == 1
    assert named == unit
