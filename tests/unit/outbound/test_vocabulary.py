"""Every code that can be written has an entry, words in three languages, and only verified SNOMED CT."""

import json
from itertools import chain
from pathlib import Path

import pytest

from adapter.clinical.decision import Category, DiagnosisStatus, Route, TreatmentDecision
from adapter.clinical.model import Reason, Side, Site
from adapter.errors import SoftwareFault
from adapter.input.wire_json import Json
from mappings.codes import BASE, REJECTION, Snomed
from mappings.outbound import vocabulary
from mappings.outbound.invariants import ACTIVITY_KINDS
from mappings.outbound.labels import label
from mappings.outbound.resources.activities import GOALS_OF
from mappings.outbound.resources.human_tasks import REASONS
from mappings.pathways import PATHWAY_NAMES, load

# The effects of a rule that end up in the plan, and the group of codes that each needs.
WRITTEN = {
    "activity": "activity",
    "flag": "flag",
    "goal": "goal",
    "follow_up": "follow-up",
    "offer": "option",
    "unknown": "fact",
    "wait": "fact",
}

VALUESETS = Path(vocabulary.__file__).parents[1] / "valuesets"

ACTIVITIES = """
alcohol_advice balance_training_referral calcium_supplement_review coffee_advice dental_check_first
discuss_fall_risk_with_gp do_not_stop_without_consultation dxa_request dxa_result_clarification exclude_other_causes
exercise_weight_bearing fall_prevention fall_training fls_rereferral frax_request height_weight_spine_check home_safety
intake_instructions lab_request_before_treatment lifestyle_advice medication_proposal medication_review_fall_risk
physio_education physio_posture_exercise_therapy physio_programme_strength_balance physio_referral
risk_factor_inventory separate_calcium_and_bisphosphonate smoking_cessation_via_gp specialist_referral
urgent_contact_prescriber urgent_contact_prescriber_or_dentist vfa_request vitamin_d_review vitamin_d_supplement
contact_prescriber dental_information balance_exercises physio_or_ot_referral smoking_cessation contacts
vision_hearing_check
"""
FLAGS = """
age_or_menopause_gate boundary_minus_1_0 calcium_above_upper_limit cardiovascular_history_unknown
contraindications_unknown crcl_not_available denosumab_dose_overdue denosumab_exit_plan duplicate_conflict
earlier_osteoporosis_on_record exclusion_not_documented fracture_energy_unknown fracture_on_treatment_under_12_months
fracture_site_excluded fracture_with_normal_bmd fracture_with_t_above_rule frax_threshold_not_configured
high_energy_fracture high_t_score_check_artifact hip_fracture_75plus_guideline
hip_or_vertebral_fracture_no_rule_in_profile menopausal_status_unknown no_valid_t_score non_numeric_t_score
osteomalacia_possible raloxifene_contraindicated renal_contraindication renal_function_missing rf_alcohol_gt_3
rf_calcium_lt_500 rf_disease rf_early_menopause rf_family rf_medication rf_smoking romosozumab_contraindicated
rounding_changes_class severe_established_osteoporosis sign_suspect site_not_decisive spine_artifact_check
unit_mismatch vfa_grade1_not_counted vfa_missing vitamin_d_no_matching_row vitamin_d_table_2012_differs
rf_prior_fracture rf_prior_fracture_after_50 rf_underweight rf_immobility rf_vitamin_d_deficiency rf_fall
workup_may_be_waived very_high_risk_specialist
"""
WRITABLE: dict[str, list[str]] = {
    "activity": ACTIVITIES.split(),
    "flag": FLAGS.split(),
    "option": [
        "bisphosphonate",
        "oral_bisphosphonate",
        "iv_bisphosphonate",
        "iv_zoledronate",
        "raloxifene",
        "denosumab",
        "teriparatide",
        "romosozumab",
    ],
    "drug": [
        "alendronate",
        "risedronate",
        "zoledronate",
        "raloxifene",
        "denosumab",
        "teriparatide",
        "romosozumab",
    ],
    "follow-up": [
        "clinic_control",
        "gp_letter_after_control",
        "phone_appointment_fop",
        "phone_control_3m",
        "repeat_dxa",
        "shared_followup_gp_specialist",
        "treatment_review",
        "treatment_review_5y",
    ],
    "trigger": ["clinician_release", "phone_control_3m", "clinic_control", "immediate", "report_to_referrer"],
    "goal": [
        "alcohol_max_per_day",
        "calcium_mg_per_day",
        "coffee_max_per_day",
        "dairy_portions_min",
        "exercise_min_per_day",
        "outdoors_min_per_day",
        "vitamin_d_iu_per_day",
        "vitamin_d_ug",
    ],
    "task-reason": [*REASONS, "draft_not_written", "plan_edited_by_human", "released_plan_outdated"],
    "class": list(Category),
    "route": list(Route),
    "diagnosis": [f"diagnosis_{it}" for it in DiagnosisStatus],
    "decision": [f"decision_{it}" for it in TreatmentDecision],
    "site": list(Site),
    "side": list(Side),
}


def value_set_in(name: str) -> Json:
    held: Json = json.loads((VALUESETS / name).read_text(encoding="utf-8"))
    return held


@pytest.mark.parametrize(
    ("group", "code"), [(group, code) for group, held in WRITABLE.items() for code in held]
)
def test_every_name_that_can_be_written_has_an_entry_of_its_kind(group: str, code: str) -> None:
    assert code in vocabulary.codes(group)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_for_refusing_an_input_has_an_entry(reason: Reason) -> None:
    assert vocabulary.known(reason, REJECTION)


def test_software_has_no_word_for_stopping_a_medicine() -> None:
    assert not vocabulary.known("stop_medication")


@pytest.mark.parametrize("name", ["output-codes.json", "output-rejection.json"])
def test_every_entry_speaks_three_languages_and_occurs_once(name: str) -> None:
    concepts = value_set_in(name)["concept"]

    assert len({it["code"] for it in concepts}) == len(concepts)
    for it in concepts:
        assert it["display"]
        assert [(d["language"], bool(d["value"])) for d in it["designation"]] == [("nl", True), ("fr", True)]


def test_a_label_in_a_language_that_is_not_shipped_is_english() -> None:
    assert label("goals", "nl") == "Doelen"
    assert label("goals", "de") == "Goals"


def test_a_snomed_code_is_well_formed_and_belongs_to_an_output() -> None:
    (group,) = value_set_in("output-to-snomed.json")["group"]

    assert (group["source"], group["target"]) == (f"{BASE}/CodeSystem/output", "http://snomed.info/sct")
    for element in group["element"]:
        assert vocabulary.known(element["code"])
        assert [Snomed(target["code"]).code for target in element["target"]]


def test_an_activity_becomes_a_request_that_a_plan_may_name() -> None:
    kinds = {
        vocabulary.kind(code) for code in chain(vocabulary.codes("activity"), vocabulary.codes("follow-up"))
    }

    assert kinds - {None} <= ACTIVITY_KINDS
    assert not {vocabulary.kind(code) for code in vocabulary.codes("option")} - {None}


def test_the_goals_that_activities_serve_exist() -> None:
    assert set(GOALS_OF) <= vocabulary.codes("activity")
    assert set(chain.from_iterable(GOALS_OF.values())) <= vocabulary.codes("goal")


@pytest.mark.parametrize("pathway", PATHWAY_NAMES)
def test_every_output_of_a_pathway_can_be_written(pathway: str) -> None:
    effects = [effect for rule in load(pathway).rules for effect in rule.effects if effect.kind in WRITTEN]

    assert [
        effect.code for effect in effects if effect.code not in vocabulary.codes(WRITTEN[effect.kind])
    ] == []


def test_an_output_without_an_entry_stops_before_it_is_written() -> None:
    with pytest.raises(SoftwareFault, match=r"'brand_new' has no entry in output-codes\.json"):
        vocabulary.output_concept("brand_new", "en")


def test_a_language_without_words_falls_back_to_english() -> None:
    assert vocabulary.words("dxa_request", "de") == "Request a DXA"
