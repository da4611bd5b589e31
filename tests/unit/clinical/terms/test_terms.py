"""What a record does not speak of is not asked term by term: an empty record answers for it, once."""

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from adapter.clinical.case import no_evidence
from adapter.clinical.model import (
    Adherence,
    Allergy,
    Analyte,
    BoneRecord,
    Condition,
    ConditionKind,
    Frax,
    Lab,
    Lifestyle,
    Listing,
    LowBoneSign,
    MedicineKind,
    Menopause,
    Procedure,
    Reason,
    Rejected,
    Relative,
    Sex,
    Site,
    Symptom,
    TScore,
    Vfa,
)
from adapter.clinical.terms import CHAPTERS, KINDS, SILENT, VOCABULARY, Questions
from tests.unit.clinical.questions import (
    HIP,
    NOBODY,
    NONE_KNOWN,
    a_case,
    drug,
    facts_of,
    of_conditions,
    of_fractures,
    of_medicines,
    scan,
    score,
)

OLD = date(2024, 1, 1)
CALCIUM = of_medicines(drug(MedicineKind.CALCIUM))
ALENDRONATE = drug(MedicineKind.ALENDRONATE)
REFUSED = Rejected(Reason.NON_NUMERIC, "t_score", site=Site.TOTAL_HIP)

# One name of each chapter that has an answer as soon as the record speaks of the chapter.
TELLING = {
    "bmi", "nursing_home", "dental_problem", "t_score_received", "t_score_unusable", "t_score_conflict",
    "earlier_lowest_t", "vfa_performed", "fracture_energy_unknown", "fracture_on_drug", "conditions_known", "stroke",
    "medicines_known", "active_bone_drugs", "stopped_for_stomach", "long_term_bone_harming_drug", "gastric_surgery",
    "retrosternal_pain", "taking_calcium", "taking_alendronate", "renal_function_near_limit", "calcium_low",
    "calcium_high", "frax_known", "smoker", "falls",
}  # fmt: skip
LIST, PILLS = "conditions_known", {"medicines_known", "taking_calcium"}
SPEAKS: list[tuple[BoneRecord, set[str]]] = [
    (NOBODY, set()),
    (BoneRecord(fractures=NONE_KNOWN, conditions=NONE_KNOWN, medicines=NONE_KNOWN), set()),
    (BoneRecord(fractures=NONE_KNOWN), set()),
    (BoneRecord(bmi=Decimal(20)), {"bmi"}),
    (BoneRecord(nursing_home=False), {"nursing_home"}),
    (of_conditions(Condition(ConditionKind.DENTAL_PROBLEM)), {LIST, "dental_problem"}),
    (scan(score(Site.TOTAL_HIP, "-1")), {"t_score_received"}),
    (BoneRecord(rejected=(REFUSED,)), {"t_score_received", "t_score_unusable"}),
    (scan(score(Site.TOTAL_HIP, "-1"), score(Site.TOTAL_HIP, "-2")), {"t_score_received", "t_score_conflict"}),
    (scan(score(Site.TOTAL_HIP, "-1"), TScore(Site.TOTAL_HIP, Decimal(-2), OLD)),
     {"t_score_received", "earlier_lowest_t"}),
    (BoneRecord(vfa=Vfa()), {"vfa_performed", "fracture_energy_unknown"}),
    (of_fractures(HIP), {"fracture_energy_unknown", "fracture_on_drug"}),
    (of_fractures(HIP, medicines=Listing.of([ALENDRONATE])),
     {"fracture_energy_unknown", "fracture_on_drug", "medicines_known", "active_bone_drugs", "taking_alendronate"}),
    (CALCIUM, PILLS),
    (replace(CALCIUM, medicines=replace(CALCIUM.medicines, complete=False)), PILLS),
    (of_medicines(replace(ALENDRONATE, active=False)),
     {"medicines_known", "active_bone_drugs", "taking_alendronate"}),
    (of_medicines(replace(drug(MedicineKind.CALCIUM), adherence=Adherence.POOR)), {*PILLS, "stopped_for_stomach"}),
    (of_medicines(ALENDRONATE),
     {"medicines_known", "active_bone_drugs", "taking_alendronate", "fracture_on_drug"}),
    (of_medicines(drug(MedicineKind.ANTIEPILEPTIC)), {"medicines_known", "long_term_bone_harming_drug"}),
    (BoneRecord(procedures=(Procedure.GASTRIC_SURGERY,)), {"gastric_surgery"}),
    (BoneRecord(symptoms=(Symptom.RETROSTERNAL_PAIN,)), {"retrosternal_pain"}),
    (BoneRecord(labs=(Lab(Analyte.EGFR, Decimal(60)),)), {"renal_function_near_limit"}),
    (BoneRecord(frax=Frax()), {"frax_known"}),
    (of_conditions(Condition(ConditionKind.HYPOCALCAEMIA)), {LIST, "calcium_low"}),
    (of_conditions(Condition(ConditionKind.HYPERCALCAEMIA)), {LIST, "calcium_high"}),
    (of_conditions(Condition(ConditionKind.STROKE)), {LIST, "stroke"}),
    (BoneRecord(lifestyle=Lifestyle(smoker=False)), {"smoker"}),
    (BoneRecord(falls_last_12m=Decimal(0)), {"falls"}),
]  # fmt: skip


@pytest.mark.parametrize(("record", "speaking"), SPEAKS)
def test_a_record_answers_for_itself_where_it_speaks_and_nowhere_else(
    record: BoneRecord, speaking: set[str]
) -> None:
    assert facts_of(a_case(record)).heard & TELLING == speaking


@pytest.mark.parametrize(("record", "speaking"), SPEAKS)
def test_every_fact_is_what_its_term_says(record: BoneRecord, speaking: set[str]) -> None:
    case = a_case(record)
    facts = facts_of(case)

    assert facts.values.keys() == VOCABULARY.keys()
    for name, answer in facts.values.items():
        asked = VOCABULARY[name].value(case)
        assert (type(answer), answer) == (type(asked), asked), (name, speaking)
        assert name in facts.heard or asked is None or VOCABULARY[name].evidence(case) == (), name


# One value for each field of a record, so that none can be forgotten where a record is asked whether it speaks.
ALONE: dict[str, Any] = {
    "sex": Sex.FEMALE, "birth_date": OLD, "birth_year_only": True, "menopause": Menopause.POST,
    "age_at_menopause": Decimal(40), "t_scores": (TScore(Site.TOTAL_HIP, Decimal(-2), OLD),), "vfa": Vfa(),
    "fractures": Listing.of([HIP]), "conditions": Listing.of([Condition(ConditionKind.STROKE)]),
    "medicines": Listing.of([ALENDRONATE]), "procedures": (Procedure.GASTRIC_SURGERY,),
    "relatives": (Relative.HIP_FRACTURE,), "labs": (Lab(Analyte.EGFR, Decimal(60)),), "frax": Frax(),
    "lifestyle": Lifestyle(smoker=False), "symptoms": (Symptom.RETROSTERNAL_PAIN,), "exclusion_screen_negative": True,
    "bisphosphonate_contraindicated": True, "cannot_sit_upright": True, "breast_cancer_risk_high": True,
    "high_fracture_risk": True, "dental_problem": True, "pregnant": True, "lactating": True, "nursing_home": True,
    "falls_last_12m": Decimal(0), "bmi": Decimal(20), "weight_kg": Decimal(60), "height_loss": True,
    "formula_ml_per_day": Decimal(500), "assessment_requested": True, "handover_sent": OLD, "phone_appointment": OLD,
    "evidence": (("smoker", "O/1"),), "rejected": (REFUSED,),
    "allergies": (Allergy(frozenset({MedicineKind.DENOSUMAB})),), "low_bone_signs": (LowBoneSign(OLD),),
    "days": (("smoker", OLD),),
}  # fmt: skip


@pytest.mark.parametrize("name", [it.name for it in fields(BoneRecord)])
def test_a_field_that_stands_alone_is_heard(name: str) -> None:
    case = a_case(BoneRecord(**{name: ALONE[name]}))

    assert facts_of(case).values == {term: VOCABULARY[term].value(case) for term in VOCABULARY}


def test_one_patient_leaves_nothing_behind_for_the_next() -> None:
    questions = Questions(a_case(NOBODY).parameters)

    def of(record: BoneRecord) -> tuple[Any, ...]:
        facts = questions.put(a_case(record))
        return tuple(facts.values[name] for name in ("hip_fracture", "stroke", "bmi"))

    known = BoneRecord(fractures=NONE_KNOWN, conditions=NONE_KNOWN)
    fallen = of_fractures(HIP, bmi=Decimal(20), conditions=Listing.of([Condition(ConditionKind.STROKE)]))
    for _ in range(2):
        assert of(known) == (False, False, None)
        assert of(fallen) == (True, True, 20)
        assert of(NOBODY) == (None, None, None)


@pytest.mark.parametrize(
    "record", [NOBODY, replace(CALCIUM, conditions=Listing.of([Condition(ConditionKind.STROKE)]))]
)
def test_only_what_is_asked_is_worked_out_and_that_as_ever(record: BoneRecord) -> None:
    asked = frozenset(
        {"age", "lowest_t", "hip_fracture", "ever_stroke", "taking_calcium", "calcium_low", "smoker"}
    )
    whole = facts_of(a_case(record)).values
    some = facts_of(a_case(record), asked).values

    assert asked <= some.keys() <= whole.keys()
    assert "bmi" not in some
    assert "suspected_stroke" not in some
    assert {name: whole[name] for name in some} == some


def test_what_is_settled_later_is_unknown_until_then() -> None:
    assert facts_of(a_case(NOBODY), frozenset({"age", "decision"})).values == {"age": None, "decision": None}


def test_every_chapter_is_in_the_vocabulary_and_no_name_stands_in_two() -> None:
    by_kind = [terms for kinds in KINDS for terms in kinds.terms.values()]

    assert sum(len(terms) for terms in (*(it.terms for it in CHAPTERS), *by_kind)) == len(VOCABULARY)


def test_only_terms_without_a_resource_of_their_own_are_never_cited() -> None:
    assert {name for name, term in VOCABULARY.items() if term.evidence is no_evidence} == SILENT
    assert {"age", "sex", "today"} <= SILENT
    assert SILENT.isdisjoint({"smoker", "lowest_t", "stroke"})
