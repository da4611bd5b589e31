"""What a case states is what is read from its record: no more, no less, and under the same names."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from adapter.clinical.model import (
    Adherence,
    Analyte,
    BoneRecord,
    Certainty,
    ConditionKind,
    FractureSite,
    LabMark,
    MedicineKind,
    Menopause,
    Procedure,
    Relative,
    Sex,
    Side,
    Site,
    Standing,
    Symptom,
)
from adapter.clinical.study import completed_years
from adapter.input.wire_json import Json
from mappings.inbound import read_record
from mappings.inbound.questionnaire.patient_questions import FOODS, QUESTIONS
from tests.record_readings import a_record_reading
from tests.unit.authoring.cases.invented import AS_OF, NECK, OSTEOPOROSIS, SCANNED, SPINE, WOMAN, a_case
from workers.authoring.cases.case_table import UncoveredCase
from workers.authoring.cases.record.case_record import FACTS, record_of
from workers.authoring.cases.record.fact_codes import case_names


def read(facts: Json) -> BoneRecord:
    record = record_of(a_case(facts))
    return read_record(record.patient, record.resources, a_record_reading(), on=AS_OF).record


def at(record: BoneRecord, path: str) -> object:
    """``t_scores.0.site``: the value at a path of names and places."""
    found: Any = record
    for name in path.split("."):
        found = found[int(name)] if name.isdigit() else getattr(found, name)
    return found


@pytest.mark.parametrize(
    ("facts", "path", "value"),
    [
        ({"sex": "male"}, "sex", Sex.MALE),
        ({"menopausal_status": "pre"}, "menopause", Menopause.PRE),
        ({"age_at_menopause": 44}, "age_at_menopause", 44),
        ({"exclusion_screen": "negative"}, "exclusion_screen_negative", True),
        ({"bisphosphonate_contraindicated": True}, "bisphosphonate_contraindicated", True),
        ({"cannot_sit_upright_30min": True}, "cannot_sit_upright", True),
        ({"breast_cancer_risk": "high"}, "breast_cancer_risk_high", True),
        ({"dental_problem": "no"}, "dental_problem", False),
        ({"pregnant": True}, "pregnant", True),
        ({"residence": "nursing_home"}, "nursing_home", True),
        ({"falls_last_12m": "2"}, "falls_last_12m", 2),
        ({"calcium_mg_per_day": 499}, "lifestyle.calcium_mg_per_day", 499),
        ({"lifestyle": {"smoker": True}}, "lifestyle.smoker", True),
        ({"lifestyle": {"skin": "light"}}, "lifestyle.skin_dark", False),
        ({"lifestyle": {"alcohol_glasses_per_day": 2.5}}, "lifestyle.alcohol_glasses_per_day", Decimal("2.5")),
        ({"gp_handover_sent": "2026-05-01"}, "handover_sent", date(2026, 5, 1)),
        ({"gp_handover_sent_date": "2026-05-01"}, "handover_sent", date(2026, 5, 1)),
        ({"appointments": {"phone_appointment_fop": "2026-12-01"}}, "phone_appointment", date(2026, 12, 1)),
        ({"symptoms": ["jaw_sore_not_healing"]}, "symptoms", (Symptom.JAW_SORE_NOT_HEALING,)),
        ({"procedures": ["gastric_bypass"]}, "procedures", (Procedure.GASTRIC_SURGERY,)),
        ({"procedures": ["hip_replacement_left"]}, "procedures", (Procedure.HIP_REPLACEMENT_LEFT,)),
        ({"family_history": ["mother_osteoporosis"]}, "relatives", (Relative.OSTEOPOROSIS,)),
        ({"family_history": ["father_hip_fracture"]}, "relatives", (Relative.HIP_FRACTURE,)),
        ({"frax": {"mof_pct": 24, "hip_pct": 6.1}}, "frax.hip_pct", Decimal("6.1")),
        ({"egfr_ml_min": 34.9}, "labs.0.value", Decimal("34.9")),
        ({"labs": {"25_oh_d": "low", "25_oh_d_nmol_l": 12}}, "labs.0.mark", LabMark.LOW),
        ({"labs": {"calcium_corrected": "normal"}}, "labs.0.mark", LabMark.NORMAL),
        ({"crcl_ml_min": 29}, "labs.0.analyte", Analyte.CREATININE_CLEARANCE),
        ({"creatinine_umol_l": 88.42}, "labs.0.value", Decimal("88.42")),
        ({"weight_kg": 42}, "weight_kg", 42),
        ({"bmi": 18.4}, "bmi", Decimal("18.4")),
        ({"birth_date": "1950-06-07", "birth_year_only": True}, "birth_year_only", True),
        ({"labs": {"25_oh_d_nmol_l": 12}}, "labs.0.mark", None),
        ({"conditions": ["stroke_history"]}, "conditions.items.0.kind", ConditionKind.STROKE),
        ({"conditions": ["stroke_history"]}, "conditions.items.0.active", False),
        ({"conditions": [{"name": "osteomalacia", "certainty": "suspected"}]}, "conditions.items.0.certainty", Certainty.SUSPECTED),
        ({"fractures": [{"site": "toe"}]}, "fractures.items.0.site", FractureSite.TOE),
        ({"fractures": [{"site": "hip", "low_energy": False}]}, "fractures.items.0.low_energy", False),
        ({"fractures": [{"site": "hip", "low_energy": "unknown"}]}, "fractures.items.0.low_energy", None),
        ({"fractures": [{"site": "vertebra", "level": "T12"}]}, "fractures.items.0.level", "T12"),
        ({"medications": [{"drug": "alendronate"}]}, "medicines.items.0.active", True),
        ({"medications": [{"drug": "alendronate", "adherence": "poor"}]}, "medicines.items.0.adherence", Adherence.POOR),
        ({"medications": [{"drug": "denosumab", "last_dose": "2026-03-25"}]}, "medicines.items.0.last_dose", date(2026, 3, 25)),
        ({"medications": [{"drug": "ibandronate", "route": "oral"}]}, "medicines.items.0.oral", True),
        (
            {"medications": [{"drug": "alendronate", "status": "stopped", "reason": "gastrointestinal_intolerance"}]},
            "medicines.items.0.stopped_for",
            ConditionKind.GASTROINTESTINAL_INTOLERANCE,
        ),
        ({"vfa": {"performed": True, "fractures": [{"level": "T8", "grade": 1}]}}, "vfa.fractures.0.grade", 1),
        ({"vfa": {"performed": True, "fractures": [{"level": "L1", "grade": 3}]}}, "vfa.fractures.0.level", "L1"),
        ({"vfa": {"performed": True, "fractures": []}}, "vfa.fractures", ()),
        ({"vfa": {"performed": False}}, "vfa", None),
    ],
)  # fmt: skip
def test_a_fact_is_read_as_it_was_stated(facts: Json, path: str, value: object) -> None:
    assert at(read(facts), path) == value


@pytest.mark.parametrize("site", case_names("scan"))
@pytest.mark.parametrize("side", [None, "left", "right"])
def test_a_t_score_keeps_its_site_side_and_digits(site: str, side: str | None) -> None:
    record = read({"t_scores": [{"site": site, "side": side, "value": Decimal("-2.50"), "date": SCANNED}]})

    (score,) = record.t_scores
    assert (score.site, score.side) == (Site(site), Side(side) if side else None)
    assert str(score.value) == "-2.50"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"unit": "g/cm2", "value": 0.887}, "unit_mismatch"),
        ({"value_string": "-2,6"}, "non_numeric_t_score"),
        ({"value": "-2.6"}, "non_numeric_t_score"),
        ({"status": "cancelled"}, "withdrawn"),
        ({"status": "entered-in-error"}, "withdrawn"),
        ({"value": None}, "value_missing"),
        ({"date": None}, "date_missing"),
    ],
)
def test_a_t_score_that_cannot_be_used_reaches_reading_all_the_same(changes: Json, reason: str) -> None:
    record = read({"t_scores": [SPINE | changes]})

    assert record.t_scores == ()
    assert [refused.reason for refused in record.rejected] == [reason]


@pytest.mark.parametrize("status", ["final", "amended", "corrected"])
def test_a_corrected_t_score_is_as_good_as_a_final_one(status: str) -> None:
    assert read({"t_scores": [SPINE | {"status": status}]}).t_scores[0].standing is Standing.VALID


@pytest.mark.parametrize("name", ["conditions", "fractures", "medications"])
def test_an_empty_list_is_none_and_a_missing_one_is_unknown(name: str) -> None:
    field = "medicines" if name == "medications" else name

    assert getattr(read({name: []}), field).complete
    assert not getattr(read({}), field).complete
    assert not getattr(read({name: None}), field).complete


@pytest.mark.parametrize("drug", case_names("substance"))
def test_every_substance_is_one_that_reading_places(drug: str) -> None:
    (medicine,) = read({"medications": [{"drug": drug, "status": "active"}]}).medicines.items

    placed = (
        {MedicineKind.OTHER} if drug == "hydrochlorothiazide" else set(MedicineKind) - {MedicineKind.OTHER}
    )
    assert medicine.kinds <= placed


@pytest.mark.parametrize("kind", sorted(set(ConditionKind) - {ConditionKind.OTHER}))
def test_every_kind_of_condition_can_be_stated_by_its_name(kind: ConditionKind) -> None:
    (condition,) = read({"conditions": [kind.value]}).conditions.items

    assert condition.kind is kind


@pytest.mark.parametrize("site", sorted(FractureSite))
def test_every_site_of_a_fracture_can_be_stated_without_saying_how_it_broke(site: FractureSite) -> None:
    (fracture,) = read({"fractures": [{"site": site.value, "date": "2026-09-15"}]}).fractures.items

    assert (fracture.site, fracture.low_energy, fracture.on) == (site, None, date(2026, 9, 15))


def test_portions_are_counted_by_food() -> None:
    eaten = {food: number for number, food in enumerate(FOODS)}

    assert dict(read({"calcium_portions_per_day": eaten}).lifestyle.calcium_portions) == eaten


def test_every_question_of_the_intake_can_be_answered() -> None:
    assert {question.code.replace("-", "_") for question in QUESTIONS} <= FACTS.keys()


@pytest.mark.parametrize("unknown", [None, "unknown", "Unknown"])
@pytest.mark.parametrize(
    "name",
    ["menopausal_status", "exclusion_screen", "dental_problem", "egfr_ml_min", "t_scores", "conditions"],
)
def test_unknown_is_the_same_as_silence(name: str, unknown: str | None) -> None:
    assert read({name: unknown}) == read({})


def test_a_record_without_facts_says_nothing_but_who_it_is() -> None:
    assert replace(read({}), evidence=()) == BoneRecord()


@pytest.mark.parametrize("age", [0, 30, 49, 50, 70, 71, 103])
@pytest.mark.parametrize("scanned", ["2026-11-10", "2024-02-29", "2026-01-01", "2025-08-31"])
def test_the_birthday_lies_half_a_year_from_the_scan(age: int, scanned: str) -> None:
    record = read({"age_years": age, "t_scores": [SPINE | {"date": scanned}, NECK | {"date": "2019-05-05"}]})

    assert record.birth_date
    on = date.fromisoformat(scanned)
    assert completed_years(record.birth_date, on) == age
    assert 150 < (on - record.birth_date).days % 365.25 < 215


def test_without_a_scan_the_age_is_that_of_the_day_of_deciding() -> None:
    assert completed_years(read({"age_years": 50}).birth_date, AS_OF) == 50


def test_a_birth_date_that_is_given_stands() -> None:
    assert read({"age_years": 50, "birth_date": "1976-07-10"}).birth_date == date(1976, 7, 10)


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ({"shoe_size": 38}, "facts.shoe_size"),
        ({"lifestyle": {"yoga": True}}, "facts.lifestyle.yoga"),
        ({"lifestyle": "healthy"}, "facts.lifestyle"),
        ({"labs": {"iron": "low"}}, "facts.labs.iron"),
        ({"labs": {"25_oh_d": "very low"}}, "facts.labs.25_oh_d: very low"),
        ({"frax": {"any_pct": 3}}, "facts.frax.any_pct"),
        ({"calcium_portions_per_day": {"pizza": 1}}, "facts.calcium_portions_per_day.pizza"),
        ({"appointments": {"dentist": "2026-12-01"}}, "facts.appointments.dentist"),
        ({"conditions": ["gout"]}, "facts.conditions[]: gout"),
        ({"conditions": [{"name": "kyphosis", "certainty": "likely"}]}, "facts.conditions[].certainty: likely"),
        ({"conditions": [{"name": "kyphosis", "since": 2020}]}, "facts.conditions[].since"),
        ({"conditions": "kyphosis"}, "facts.conditions"),
        ({"fractures": [{"site": "coccyx"}]}, "facts.fractures[].site: coccyx"),
        ({"fractures": [{"site": "hip", "cause": "fall"}]}, "facts.fractures[].cause"),
        ({"fractures": ["hip"]}, "facts.fractures[]"),
        ({"fractures": [{"site": "vertebra", "level": "T13"}]}, "facts.fractures[].level: T13"),
        ({"fractures": [{"site": "hip", "low_energy": "maybe"}]}, "facts.fractures[].low_energy: maybe"),
        ({"medications": [{"drug": "aspirin"}]}, "facts.medications[].drug: aspirin"),
        ({"medications": [{"drug": "alendronate", "status": "lost"}]}, "facts.medications[].status: lost"),
        ({"medications": [{"drug": "alendronate", "route": "nasal"}]}, "facts.medications[].route: nasal"),
        ({"medications": [{"drug": "alendronate", "timing": "noonish"}]}, "facts.medications[].timing: noonish"),
        ({"medications": [{"drug": "alendronate", "adherence": "fair"}]}, "facts.medications[].adherence: fair"),
        ({"procedures": ["appendectomy"]}, "facts.procedures[]: appendectomy"),
        ({"family_history": ["neighbour_osteoporosis"]}, "facts.family_history[]: neighbour_osteoporosis"),
        ({"family_history": ["mother_gout"]}, "facts.family_history[]: mother_gout"),
        ({"symptoms": ["itch"]}, "facts.symptoms[]: itch"),
        ({"t_scores": [SPINE | {"site": "jaw"}]}, "facts.t_scores[].site: jaw"),
        ({"t_scores": [SPINE | {"machine": "X"}]}, "facts.t_scores[].machine"),
        ({"t_scores": [SPINE | {"date": "last week"}]}, "facts.t_scores[].date"),
        ({"t_scores": [SPINE | {"site": "single_vertebra", "level": "T4"}]}, "facts.t_scores[].level: T4"),
        ({"residence": "castle"}, "facts.residence: castle"),
        ({"dental_problem": "perhaps"}, "facts.dental_problem: perhaps"),
        ({"egfr_ml_min": "low"}, "facts.egfr_ml_min: low"),
        ({"falls_last_12m": True}, "facts.falls_last_12m: True"),
        ({"sex": "F"}, "facts.sex: F"),
        ({"age_years": "old"}, "facts.age_years: old"),
        ({"birth_date": 1950}, "facts.birth_date"),
    ],
)  # fmt: skip
def test_a_fact_that_cannot_be_written_is_named_and_never_left_out(facts: Json, named: str) -> None:
    with pytest.raises(UncoveredCase) as gap:
        record_of(a_case(WOMAN | facts))

    assert gap.value.names == (named,)


def test_all_strangers_are_named_at_once() -> None:
    with pytest.raises(UncoveredCase) as gap:
        record_of(a_case(OSTEOPOROSIS | {"shoe_size": 38, "hat_size": 57}))

    assert gap.value.names == ("facts.shoe_size", "facts.hat_size")
