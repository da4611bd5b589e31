"""The parameters of a pathway that Python reads by name, with the kind of each; rules name these and others.

``core.yaml`` gives each of them a value and its citation, and assembling a pathway refuses
a layer that changes a kind.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypedDict, cast

Number = int | Decimal  # as the file writes it: 12 and 12.0 are the same number of months


class ClassLimits(TypedDict):
    """Where one WHO class ends and the next begins (C-01, C-02)."""

    osteoporosis_at_or_below: Number
    normal_from: Number
    normal_includes_minus_1: bool


class AgeGate(TypedDict):
    """To whom WHO classes apply, in completed years (C-49)."""

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
    """Everything that the study, the courses and the terms read."""

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
    fracture_after_age: Number
    fracture_under_treatment_months: Number
    frax_threshold: Mapping[str, Number | None] | None
    glucocorticoid_mg_per_day: Number
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


def core_parameters(of_pathway: Mapping[str, Any]) -> CoreParameters:
    """Those of an assembled pathway: a file can hold anything, and assembling has looked at the kinds."""
    return cast(CoreParameters, of_pathway)
