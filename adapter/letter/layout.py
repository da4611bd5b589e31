"""Where each code stands in the letter and who acts on it: tables only.

A code that is not in a table belongs to an institution's own pathway. It is printed as well, in
the default place, because a proposal that silently falls out of a letter is worse than one that
stands in the wrong paragraph.
"""

import re
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType


class Paragraph(StrEnum):
    """Paragraphs that take activities."""

    ASK = "ask"  # what the reader is asked to do, first in the letter
    TREATMENT = "treatment"  # belongs to the drug: what to mind, what not to stop
    PLAN = "plan"  # who else does what
    ADVICE = "advice"  # told to the patient


class RowOwner(StrEnum):
    """Who is proposed to act."""

    GP = "gp"
    CLINIC = "clinic"
    CLINICIAN = "clinician"
    PRESCRIBER = "prescriber"
    PHYSIO = "physio"
    DENTIST = "dentist"
    SHARED = "shared"
    PATIENT = "patient"


# Leaving a bone drug out is harm that the rules never propose, so no letter may say it (ANS-29, C-26).
FORBIDDEN = frozenset({"stop_medication"})

# Recorded for the vitamin D rows only, and not handed on; a row's own id would give them away as well.
SENSITIVE = re.compile(r"(?<![a-z])(skin|veil)(?![a-z])", re.IGNORECASE)

PlanRow = tuple[Paragraph, RowOwner, str]  # the last is a key of section "when"

# A referral to the specialist is the clinic's own step when the clinic itself writes to the GP.
OWN_CLINIC = frozenset({"specialist_referral", "fls_rereferral"})

_GP, _CLINIC, _CLINICIAN = RowOwner.GP, RowOwner.CLINIC, RowOwner.CLINICIAN

# activity: (place, owner, key of section "when"), in the order in which they are printed
ACTIVITIES = MappingProxyType(
    {
        "urgent_contact_prescriber": (Paragraph.ASK, _GP, "now"),
        "urgent_contact_prescriber_or_dentist": (Paragraph.ASK, _GP, "now"),
        "contact_prescriber": (Paragraph.ASK, _GP, "now"),
        "specialist_referral": (Paragraph.ASK, _GP, "soon"),
        "fls_rereferral": (Paragraph.ASK, _GP, "soon"),
        "dxa_request": (Paragraph.ASK, _GP, "agree"),
        "discuss_fall_risk_with_gp": (Paragraph.ASK, _GP, "agree"),
        "medication_review_fall_risk": (Paragraph.ASK, _GP, "agree"),
        "balance_training_referral": (Paragraph.ASK, _GP, "agree"),
        "fall_training": (Paragraph.ASK, _GP, "agree"),
        "physio_referral": (Paragraph.ASK, _GP, "agree"),
        "physio_or_ot_referral": (Paragraph.ASK, _GP, "agree"),
        "occupational_therapy": (Paragraph.ASK, _GP, "agree"),
        "vision_hearing_check": (Paragraph.ASK, _GP, "agree"),
        "smoking_cessation_via_gp": (Paragraph.ASK, _GP, "agree"),
        "vitamin_d_supplement": (Paragraph.ASK, _GP, "agree"),
        "vitamin_d_review": (Paragraph.ASK, _GP, "agree"),
        "calcium_supplement_review": (Paragraph.ASK, _GP, "agree"),
        "yearly_evaluation": (Paragraph.ASK, _GP, "yearly"),
        "evaluation_3_months": (Paragraph.ASK, _GP, "three_months"),
        "medication_proposal": (Paragraph.TREATMENT, RowOwner.PRESCRIBER, "agree"),
        "do_not_stop_without_consultation": (Paragraph.TREATMENT, _GP, "always"),
        "dental_check_first": (Paragraph.TREATMENT, RowOwner.DENTIST, "before_start"),
        "dental_information": (Paragraph.TREATMENT, RowOwner.PATIENT, "agree"),
        "intake_instructions": (Paragraph.TREATMENT, RowOwner.PATIENT, "always"),
        "separate_calcium_and_bisphosphonate": (Paragraph.TREATMENT, RowOwner.PATIENT, "always"),
        "zoledronate_hydration": (Paragraph.TREATMENT, RowOwner.PRESCRIBER, "before_start"),
        "dxa_result_clarification": (Paragraph.PLAN, _CLINIC, "before_decision"),
        "exclude_other_causes": (Paragraph.PLAN, _CLINICIAN, "before_diagnosis"),
        "lab_request_before_treatment": (Paragraph.PLAN, RowOwner.PRESCRIBER, "before_start"),
        "vfa_request": (Paragraph.PLAN, _CLINIC, "agree"),
        "frax_request": (Paragraph.PLAN, _CLINICIAN, "agree"),
        "height_weight_spine_check": (Paragraph.PLAN, _CLINIC, "control"),
        "physio_programme_strength_balance": (Paragraph.PLAN, RowOwner.PHYSIO, "agree"),
        "physio_posture_exercise_therapy": (Paragraph.PLAN, RowOwner.PHYSIO, "agree"),
        "risk_factor_inventory": (Paragraph.PLAN, _CLINICIAN, "done"),
        "lifestyle_advice": (Paragraph.ADVICE, RowOwner.PATIENT, "always"),
        "exercise_weight_bearing": (Paragraph.ADVICE, RowOwner.PATIENT, "always"),
        "balance_exercises": (Paragraph.ADVICE, RowOwner.PATIENT, "always"),
        "fall_prevention": (Paragraph.ADVICE, RowOwner.PATIENT, "always"),
        "home_safety": (Paragraph.ADVICE, RowOwner.PATIENT, "always"),
        "nutrition_advice": (Paragraph.ADVICE, RowOwner.PATIENT, "always"),
        "daylight_advice": (Paragraph.ADVICE, RowOwner.PATIENT, "always"),
        "smoking_cessation": (Paragraph.ADVICE, RowOwner.PATIENT, "always"),
        "alcohol_advice": (Paragraph.ADVICE, RowOwner.PATIENT, "always"),
        "coffee_advice": (Paragraph.ADVICE, RowOwner.PATIENT, "always"),
        "physio_education": (Paragraph.ADVICE, RowOwner.PHYSIO, "always"),
    }
)
OTHER_ACTIVITY = (Paragraph.PLAN, _CLINICIAN, "agree")

FOLLOW_UPS = MappingProxyType(
    {
        "phone_appointment_fop": _CLINIC,
        "phone_control_3m": _CLINIC,
        "clinic_control": _CLINIC,
        "gp_letter_after_control": _CLINIC,
        "evaluation_3_months": _GP,
        "yearly_evaluation": _GP,
        "denosumab_next_dose": RowOwner.PRESCRIBER,
        "treatment_review": RowOwner.PRESCRIBER,
        "treatment_review_5y": RowOwner.PRESCRIBER,
        "treatment_review_10y": RowOwner.PRESCRIBER,
        "repeat_dxa": _GP,
        "repeat_vfa": _GP,
        "shared_followup_gp_specialist": RowOwner.SHARED,
        "fls_12_weeks": _CLINIC,
        "fls_16_weeks": _CLINIC,
        "fls_52_weeks": _CLINIC,
    }
)

# A human must look at these flags before anybody acts. Flags that begin with rf_ are risk factors; all others
# are remarks.
WARNINGS = (
    "denosumab_dose_overdue",
    "atypical_femur_fracture_on_record",
    "osteonecrosis_of_jaw_on_record",
    "osteonecrosis_site_unknown",
    "drug_harm_unread",
    "active_drug_contraindicated",
    "drug_allergy",
    "allergy_unread",
    "drug_prohibited",
    "newer_study_unreadable",
    "class_incomplete",
    "report_contradicts_t_scores",
    "lower_value_at_another_site",
    "earlier_score_unread",
    "study_day_uncertain",
    "dxa_outdated",
    "lab_unread",
    "calcium_hidden_by_albumin",
    "old_value_against_drug",
    "hip_prosthesis_check_side",
    "other_cause_on_record",
    "malignancy_unread",
    "calcium_high",
    "vitamin_d_deficient",
    "terminal_illness",
    "drug_weakens_bone",
    "very_high_risk",
    "last_dose_unknown",
    "anabolic_start_unknown",
    "dose_not_given",
    "anabolic_course_over",
    "osteoporosis_on_record",
    "sign_suspect",
    "duplicate_conflict",
    "osteomalacia_possible",
    "very_high_risk_specialist",
    "fracture_on_treatment_under_12_months",
    "renal_contraindication",
    "raloxifene_contraindicated",
    "romosozumab_contraindicated",
    "denosumab_exit_plan",
    "earlier_osteoporosis_on_record",
    "fracture_with_normal_bmd",
    "fracture_with_t_above_rule",
    "hip_or_vertebral_fracture_no_rule_in_profile",
    "high_energy_fracture",
    "hip_fracture_75plus_guideline",
    "age_or_menopause_gate",
    "calcium_above_upper_limit",
)
RANKS = MappingProxyType({code: rank for rank, code in enumerate(WARNINGS)})  # the gravest is the first

# A warning that an activity of the same letter says already, with what to do; and the other way round.
SAID_BY_ACTIVITY = MappingProxyType({"urgent_contact_prescriber": "denosumab_dose_overdue"})
SAID_BY_FLAG = MappingProxyType({"do_not_stop_without_consultation": "denosumab_exit_plan"})

SAID_BY_STATEMENT = MappingProxyType(
    {"last_dose_asked": "last_dose_unknown", "anabolic_start_asked": "anabolic_start_unknown"}
)

# What is told to somebody who is to take a drug, and to nobody about whose drug there is a doubt.
ON_A_DRUG = frozenset(
    {
        "dental_information",
        "intake_instructions",
        "separate_calcium_and_bisphosphonate",
        "zoledronate_hydration",
    }
)

# An advice that a target of the same letter says with its amount.
SAID_BY_GOAL = MappingProxyType(
    {
        "alcohol_advice": "alcohol_max_per_day",
        "coffee_advice": "coffee_max_per_day",
        "daylight_advice": "outdoors_min_per_day",
        "exercise_weight_bearing": "exercise_min_per_day",
    }
)

# An unknown fact that an activity of the same letter sets out to find.
SOUGHT_BY = MappingProxyType(
    {
        "exclude_other_causes": ("exclusion_screen",),
        "vfa_request": ("vfa",),
        "frax_request": ("frax",),
        "lab_request_before_treatment": ("renal_function", "calcium"),
        "dxa_request": ("t_scores",),
        "dxa_result_clarification": ("t_scores",),
    }
)

# Flags that are told by the drug of the record behind them, as it is recorded.
NAMED_BY_DRUG = frozenset({"rf_medication", "drug_weakens_bone"})

# Said already by another line of the letter, so printing them would only make it longer.
SAID_ELSEWHERE = frozenset({"severe_established_osteoporosis", "no_valid_t_score"})

# A flag that only says that a fact is unknown is not repeated when the fact stands among the unknown.
SAID_AS_UNKNOWN = MappingProxyType(
    {
        "renal_function_missing": ("renal_function",),
        "exclusion_not_documented": ("exclusion_screen",),
        "menopausal_status_unknown": ("menopausal_status",),
        "contraindications_unknown": ("conditions", "medications"),
        "cardiovascular_history_unknown": ("cardiovascular_history", "conditions"),
        "fracture_energy_unknown": ("fracture_energy",),
        "vfa_missing": ("vfa",),
    }
)

# The amount of a goal belongs into the line that asks for it; the first of these goals that is there says it.
AMOUNT_OF = MappingProxyType({"vitamin_d_supplement": ("vitamin_d_iu_per_day", "vitamin_d_ug")})

URGENT = frozenset(
    {"urgent_contact_prescriber", "urgent_contact_prescriber_or_dentist", "denosumab_dose_overdue"}
)

# statement: paragraph. "said" is for what another line of every letter says already; a statement that is not
# here, because an institution made it, stands among the remarks.
STATEMENTS = MappingProxyType(
    {
        "contact_gp_or_referrer": "ask",
        "prescriber": "said",  # the line about who prescribes
        "prescriber_institution": "said",
        "current_medication_unknown": "ask",
        "adherence_asked": "ask",
        "last_dose_asked": "ask",
        "anabolic_start_asked": "ask",
        "hip_never_measured": "conclusion",
        "spine_never_measured": "conclusion",
        "kyphosis_vertebral_fracture_possible": "conclusion",
        "new_fracture_refer_back": "refer_back",
        "repeat_dxa_referral_by_gp_or_specialist": "refer_back",
        "calcium_more_after_50": "said",  # the calcium goal
        "daylight": "advice",
        "no_thoracic_flexion": "advice",
        "vitamin_d_ceiling": "advice",
        "vitamin_d_on_prescription": "said",  # the supplement is asked of a prescriber
        "contact": "contacts",
        "source_version": "account",
        "alcohol_frax_note": "remarks",
        "control_content": "remarks",
        "frax_read_not_computed": "remarks",
        "gp_informed_after_clinic_control": "remarks",
        "only_dxa_shows_it": "remarks",
        "same_limits_for_men_and_women": "said",  # the bands of the chart
        "sites_that_decide": "said",  # the remark beside a value that could not decide
        "bisphosphonate_possible": "said",  # the option
        "class_is_bmd_only": "said",  # class and diagnosis are two lines
        "denosumab_not_without_follow_on": "said",  # the warning denosumab_exit_plan
        "dxa_and_vfa_side_by_side": "said",  # their two paragraphs
        "lowest_value_decides": "said",  # the class
        "reported_femoral_neck": "said",  # the table of T-scores
        "reported_lumbar_spine": "said",  # the same
        "vfa_grades_reported": "said",  # the paragraph on VFA
    }
)


@lru_cache(2048)  # several times as many as there are codes
def sensitive(code: str) -> bool:
    """Whether a code is about something that a letter never carries."""
    return SENSITIVE.search(code) is not None
