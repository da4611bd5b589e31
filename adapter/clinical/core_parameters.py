"""The parameters of a pathway that Python reads by name, with the kind of each; rules name these and others.

``core.yaml`` gives each of them a value and its citation. Assembling a pathway refuses one that lacks any of
them, or gives one of another kind.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

from adapter.clinical.value_kinds import Number

# To whom a letter goes, and the event that lets it go: after it a clinician releases it (C-31).
LetterRecipient = Literal["general_practitioner", "referrer"]
SendTrigger = Literal[
    "clinician_release", "phone_control_3m", "clinic_control", "immediate", "report_to_referrer",
]  # fmt: skip


class ClassLimits(TypedDict):
    """Where one WHO class ends and the next begins (C-01, C-02)."""

    osteoporosis_at_or_below: Number
    normal_from: Number
    normal_includes_minus_1: bool


class AgeGate(TypedDict):
    """The ages, in completed years, from which WHO classes apply (C-49)."""

    enabled: bool
    men_from: Number
    women_unknown_from: Number


class SignSuspect(TypedDict):
    """When a positive T-score is queried (C-05, C-64)."""

    at_or_above: Number
    other_site_at_or_below: Number
    beside_a_clue_above: Number


class CockcroftGault(TypedDict):
    """The constants of the estimate of creatinine clearance (C-29)."""

    age_from: Number
    divisor: Number
    female_factor: Number
    umol_l_per_mg_dl: Number


class ReviewTerm(TypedDict):
    """After how long a drug is looked at again (C-26)."""

    months: Number
    interval: str


class LabLimits(TypedDict, total=False):
    """An institution's own limits of one analyte (C-51)."""

    low_below: Number
    high_above: Number


class CalciumCorrection(TypedDict):
    """How much calcium a low albumin hides (C-76)."""

    mmol_per_g: Number
    usual_albumin_g_l: Number
    albumin_below_g_l: Number


class CoreParameters(ClassLimits):
    """Everything that is read by name, most of it by the study, the courses and the terms."""

    age_gate: AgeGate
    antihormonal_interval_months: Number
    calcium_correction: CalciumCorrection
    calcium_high_above_mmol_l: Number
    calcium_low_below_mmol_l: Number
    calcium_mg_per_portion: Mapping[str, Number]
    cockcroft_gault: CockcroftGault
    decisive_sites: Sequence[str]
    denosumab_interval_months: Number
    density_contradicts_at_most_g_cm2: Mapping[str, Number]
    dispense_months: Number
    early_menopause_below: Number
    egfr_margin_ml_min: Number
    excluded_fracture_sites: Sequence[str]
    fls_marks_weeks: Mapping[str, int] | None
    fracture_after_age: Number
    fracture_under_treatment_months: Number
    frax_threshold: Mapping[str, Number | None] | None
    glucocorticoid_mg_per_day: Number
    handover_recipient: LetterRecipient
    handover_trigger: SendTrigger
    holiday_review_months: Number
    lab_limits: Mapping[str, LabLimits] | None
    longterm_months: Number
    max_age_months: Mapping[str, Number]
    one_study_within_days: Number
    outdoors_min: Number
    renal_limits_ml_min: Mapping[str, Number]
    review: Mapping[str, ReviewTerm]
    several_fractures: Number
    sign_suspect: SignSuspect
    spine_artifact_difference_above: Number
    vfa_counting_grades: Sequence[int]
    vitamin_d_deficient_below_nmol_l: Number
    zoledronate_after_hip_fracture_days: Number
    zoledronate_interval_months: Number
