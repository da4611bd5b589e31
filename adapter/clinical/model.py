"""The facts a decision is made from: frozen, typed, and free of FHIR codes.

Three conventions hold everywhere in this file.

* ``None`` means *unknown*, which is not false, not zero and not "none".
* A ``Listing`` says apart from its items whether it is complete, because an empty search result and a list
  that somebody declared empty look alike on the wire and mean opposite things (C-56).
* ``evidence`` is an opaque versioned reference such as ``Observation/17/_history/2``: the core never reads it,
  it only hands it on, so that every output can name what it was made from.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class Sex(StrEnum):
    """Administrative sex as far as drug licences and the T-score gate need it."""

    FEMALE = "female"
    MALE = "male"


class Menopause(StrEnum):
    """Menopausal status of a woman."""

    PRE = "pre"
    POST = "post"


class Site(StrEnum):
    """Where a T-score was measured; only the first three can decide a class (C-06)."""

    LUMBAR_SPINE = "lumbar_spine"
    FEMORAL_NECK = "femoral_neck"
    TOTAL_HIP = "total_hip"
    FEMUR_REGION_UNKNOWN = "femur_region_unknown"
    SINGLE_VERTEBRA = "single_vertebra"
    RADIUS_33 = "radius_33"
    FOREARM = "forearm"
    CALCANEUS = "calcaneus"
    HUMERUS = "humerus"
    OTHER = "other"


class Side(StrEnum):
    """Laterality of a paired site."""

    LEFT = "left"
    RIGHT = "right"


class Standing(StrEnum):
    """How far a result can be trusted by its status."""

    VALID = "valid"  # final, amended, corrected
    PRELIMINARY = "preliminary"  # used only when it is all there is (C-50)
    WITHDRAWN = "withdrawn"  # entered-in-error, cancelled


class Certainty(StrEnum):
    """How sure the record is of a condition; suspicion counts only when a human entered it (C-51)."""

    CONFIRMED = "confirmed"
    SUSPECTED = "suspected"
    REFUTED = "refuted"


class ConditionKind(StrEnum):
    """The conditions that a rule can act on; everything else is ``OTHER``."""

    MULTIPLE_MYELOMA = "multiple_myeloma"
    BONE_METASTASIS = "bone_metastasis"
    OSTEOMALACIA = "osteomalacia"
    OSTEOPOROSIS = "osteoporosis"
    OSTEOPENIA = "osteopenia"
    RHEUMATOID_ARTHRITIS = "rheumatoid_arthritis"
    INFLAMMATORY_BOWEL_DISEASE = "inflammatory_bowel_disease"
    COELIAC_DISEASE = "coeliac_disease"
    TYPE_1_DIABETES = "type_1_diabetes"
    TYPE_2_DIABETES = "type_2_diabetes"
    HYPERTHYROIDISM = "hyperthyroidism"
    THYROID_DISEASE = "thyroid_disease"
    GASTROINTESTINAL_DISEASE = "gastrointestinal_disease"
    HYPERPARATHYROIDISM = "hyperparathyroidism"
    HYPOGONADISM = "hypogonadism"
    CUSHING = "cushing"
    VITAMIN_D_DEFICIENCY = "vitamin_d_deficiency"
    UNDERWEIGHT = "underweight"
    IMMOBILITY = "immobility"
    LITTLE_EXERCISE = "little_exercise"
    POOR_NUTRITION = "poor_nutrition"
    OESOPHAGEAL_DISEASE = "oesophageal_disease"
    SEVERE_GASTRIC_DISEASE = "severe_gastric_disease"
    GASTROINTESTINAL_INTOLERANCE = "gastrointestinal_intolerance"
    HYPOCALCAEMIA = "hypocalcaemia"
    HYPERCALCAEMIA = "hypercalcaemia"
    PAGET_DISEASE = "paget_disease"
    SKELETAL_RADIATION = "skeletal_radiation"
    SEVERE_RENAL_IMPAIRMENT = "severe_renal_impairment"
    HEPATIC_IMPAIRMENT = "hepatic_impairment"
    VENOUS_THROMBOEMBOLISM = "venous_thromboembolism"
    MYOCARDIAL_INFARCTION = "myocardial_infarction"
    STROKE = "stroke"
    UTERINE_BLEEDING = "uterine_bleeding"
    BREAST_CANCER = "breast_cancer"
    OSTEONECROSIS_OF_JAW = "osteonecrosis_of_jaw"
    ATYPICAL_FEMUR_FRACTURE = "atypical_femur_fracture"
    DENTAL_PROBLEM = "dental_problem"
    KYPHOSIS = "kyphosis"
    HEIGHT_LOSS = "height_loss"
    BACK_PAIN = "back_pain"
    REDUCED_STRENGTH = "reduced_strength"
    REDUCED_BALANCE = "reduced_balance"
    REDUCED_MOBILITY = "reduced_mobility"
    IMPAIRED_VISION = "impaired_vision"
    IMPAIRED_HEARING = "impaired_hearing"
    DIZZINESS = "dizziness"
    HYPOTENSION = "hypotension"
    RECURRENT_FALLS = "recurrent_falls"
    POSTMENOPAUSAL = "postmenopausal"
    PREMATURE_MENOPAUSE = "premature_menopause"
    PREGNANCY = "pregnancy"
    LACTATION = "lactation"
    SMOKING = "smoking"
    ALCOHOL_ABUSE = "alcohol_abuse"
    FAMILY_HISTORY_OSTEOPOROSIS = "family_history_osteoporosis"
    PARENTAL_HIP_FRACTURE = "parental_hip_fracture"
    OTHER = "other"


class FractureSite(StrEnum):
    """Bone that broke, as coarse as the rules need it."""

    HIP = "hip"
    VERTEBRA = "vertebra"
    CERVICAL_SPINE = "cervical_spine"
    WRIST = "wrist"
    FOREARM = "forearm"
    HUMERUS = "humerus"
    PELVIS = "pelvis"
    RIBS = "ribs"
    CLAVICLE = "clavicle"
    FEMUR = "femur"
    LOWER_LEG = "lower_leg"
    ANKLE = "ankle"
    HAND_OR_FOOT = "hand_or_foot"
    FINGER = "finger"
    TOE = "toe"
    FACE = "face"
    SKULL = "skull"
    UNSPECIFIED = "unspecified"


class MedicineKind(StrEnum):
    """Substances and groups a rule can act on; one product may be of several kinds."""

    ALENDRONATE = "alendronate"
    RISEDRONATE = "risedronate"
    IBANDRONATE = "ibandronate"
    ZOLEDRONATE = "zoledronate"
    RALOXIFENE = "raloxifene"
    DENOSUMAB = "denosumab"
    TERIPARATIDE = "teriparatide"
    ROMOSOZUMAB = "romosozumab"
    OTHER_BONE_DRUG = "other_bone_drug"
    CALCIUM = "calcium"
    VITAMIN_D = "vitamin_d"
    SYSTEMIC_GLUCOCORTICOID = "systemic_glucocorticoid"
    ANTIEPILEPTIC = "antiepileptic"
    ANTIHORMONAL = "antihormonal"
    FALL_RISK_DRUG = "fall_risk_drug"
    OTHER = "other"


class Adherence(StrEnum):
    """Whether a medicine is taken as agreed."""

    GOOD = "good"
    POOR = "poor"


class LabMark(StrEnum):
    """The laboratory's own judgement of a value, never ours (C-51)."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class Analyte(StrEnum):
    """Laboratory values that a rule reads."""

    EGFR = "egfr"  # mL/min/1.73 m2
    CREATININE_CLEARANCE = "creatinine_clearance"  # mL/min, Cockcroft-Gault
    CREATININE = "creatinine"  # umol/L
    CALCIUM = "calcium"  # mmol/L, albumin-corrected where given
    VITAMIN_D_25OH = "25_oh_d"  # nmol/L
    ALKALINE_PHOSPHATASE = "alkaline_phosphatase"  # U/L
    ALBUMIN = "albumin"  # g/L
    TSH = "tsh"  # mU/L
    PHOSPHATE = "phosphate"  # mmol/L
    ESR = "esr"  # mm/h
    PTH = "pth"  # pmol/L


class Symptom(StrEnum):
    """Complaints that are a red flag on an osteoporosis drug (ANS-24, ANS-26)."""

    THIGH_OR_GROIN_PAIN = "thigh_or_groin_pain"
    JAW_SORE_NOT_HEALING = "jaw_sore_not_healing"
    RETROSTERNAL_PAIN = "retrosternal_pain"


class Procedure(StrEnum):
    """Operations that a rule can act on."""

    GASTRIC_SURGERY = "gastric_surgery"
    HIP_REPLACEMENT_LEFT = "hip_replacement_left"
    HIP_REPLACEMENT_RIGHT = "hip_replacement_right"
    HIP_REPLACEMENT = "hip_replacement"


class Relative(StrEnum):
    """What is known of a relative's bones."""

    OSTEOPOROSIS = "osteoporosis"
    HIP_FRACTURE = "hip_fracture"


class Reason(StrEnum):
    """Why an input was refused; each has a sentence in the texts and a code on the wire."""

    NON_NUMERIC = "non_numeric_t_score"
    UNIT_MISMATCH = "unit_mismatch"
    IMPLAUSIBLE = "implausible_value"
    COMPARATOR = "comparator_on_value"
    NO_VALUE = "value_missing"
    NO_DATE = "date_missing"
    NO_SITE = "site_unknown"
    STATUS_UNUSABLE = "status_unusable"
    WITHDRAWN = "withdrawn"
    PRELIMINARY_SUPERSEDED = "preliminary_superseded"
    NOT_A_T_SCORE = "not_a_t_score"
    CODES_DISAGREE = "codes_disagree"
    UNCODED = "uncoded_text"
    UNKNOWN_CODE = "unknown_code"
    REFUTED = "refuted_by_clinician"
    MODIFIER_EXTENSION = "modifier_extension"
    WRONG_PATIENT = "wrong_patient"
    FUTURE_DATE = "date_in_future"
    MALFORMED = "malformed_resource"


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """Items plus whether the list is complete; an incomplete list can show presence but never absence (C-56)."""

    items: tuple[T, ...] = ()
    complete: bool = False

    @classmethod
    def of(cls, items: Iterable[T], *, complete: bool | None = None) -> "Listing[T]":
        """A list that is complete when it has items, unless said otherwise (C-56)."""
        held = tuple(items)
        return cls(held, bool(held) if complete is None else complete)


@dataclass(frozen=True, slots=True)
class TScore:
    """One DXA T-score: standard deviations from the young adult mean, digits as reported, never rounded (C-41)."""

    site: Site
    value: Decimal
    on: date
    side: Side | None = None
    standing: Standing = Standing.VALID
    level: str | None = None
    site_assumed: bool = False
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """An input that was not used, and why; ``concerns`` says what it would have been."""

    reason: Reason
    concerns: str
    evidence: str = ""
    site: Site | None = None
    side: Side | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True)
class VertebralFracture:
    """A vertebra graded on VFA: Genant 1 (mild) to 3 (severe)."""

    grade: int
    level: str | None = None


@dataclass(frozen=True, slots=True)
class Vfa:
    """A vertebral fracture assessment that was performed."""

    fractures: tuple[VertebralFracture, ...] = ()
    on: date | None = None
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Fracture:
    """A broken bone with, where known, its date and whether little force broke it."""

    site: FractureSite
    on: date | None = None
    low_energy: bool | None = None
    level: str | None = None
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """A problem, diagnosis or finding; ``active`` is false once it is resolved or in remission."""

    kind: ConditionKind
    certainty: Certainty = Certainty.CONFIRMED
    active: bool = True
    onset: date | None = None
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Medicine:
    """A medicine that is or was taken."""

    kinds: frozenset[MedicineKind]
    active: bool = True
    start: date | None = None
    last_dose: date | None = None
    oral: bool | None = None
    adherence: Adherence | None = None
    stopped_for: ConditionKind | None = None
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Lab:
    """The newest value of an analyte in the analyte's own unit, with the laboratory's mark."""

    analyte: Analyte
    value: Decimal | None = None
    mark: LabMark | None = None
    on: date | None = None
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Frax:
    """Ten-year fracture probabilities in percent, read and never computed (HVRT-23)."""

    mof_pct: Decimal | None = None
    hip_pct: Decimal | None = None
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Lifestyle:
    """Habits as recorded; skin and veil only where recorded for this purpose, never inferred (section 8)."""

    smoker: bool | None = None
    alcohol_glasses_per_day: Decimal | None = None
    coffee_cups_per_day: Decimal | None = None
    dairy_portions_per_day: Decimal | None = None
    calcium_mg_per_day: Decimal | None = None
    calcium_portions: tuple[tuple[str, Decimal], ...] = ()
    outdoors_min_per_day: Decimal | None = None
    outdoors_sufficient: bool | None = None
    skin_dark: bool | None = None
    veil: bool | None = None
    little_exercise: bool | None = None
    poor_nutrition: bool | None = None
    passive_smoke: bool | None = None
    dairy_free: bool | None = None


@dataclass(frozen=True, slots=True)
class BoneRecord:
    """Everything known about one patient's bones at the moment of deciding."""

    sex: Sex | None = None
    birth_date: date | None = None
    birth_year_only: bool = False
    menopause: Menopause | None = None
    age_at_menopause: Decimal | None = None
    t_scores: tuple[TScore, ...] = ()
    vfa: Vfa | None = None
    fractures: Listing[Fracture] = field(default_factory=Listing)
    conditions: Listing[Condition] = field(default_factory=Listing)
    medicines: Listing[Medicine] = field(default_factory=Listing)
    procedures: tuple[Procedure, ...] = ()
    relatives: tuple[Relative, ...] = ()
    labs: tuple[Lab, ...] = ()
    frax: Frax | None = None
    lifestyle: Lifestyle = field(default_factory=Lifestyle)
    symptoms: tuple[Symptom, ...] = ()
    exclusion_screen_negative: bool | None = None
    bisphosphonate_contraindicated: bool | None = None
    cannot_sit_upright: bool | None = None
    breast_cancer_risk_high: bool | None = None
    high_fracture_risk: bool | None = None
    dental_problem: bool | None = None
    pregnant: bool | None = None
    lactating: bool | None = None
    nursing_home: bool | None = None
    falls_last_12m: Decimal | None = None
    bmi: Decimal | None = None
    weight_kg: Decimal | None = None
    height_loss: bool | None = None
    formula_ml_per_day: Decimal | None = None
    assessment_requested: bool | None = None
    handover_sent: date | None = None
    phone_appointment: date | None = None
    evidence: tuple[tuple[str, str], ...] = ()  # (fact name, reference) for facts that carry none of their own
    rejected: tuple[Rejected, ...] = ()
