"""The closed lists that the facts are made of: one enumeration per question, no code of any terminology.

Where one is matched, a new member breaks the build until it is handled; tables over one, and places that
compare a member, are held by `tests/unit/test_closed_lists.py`.
"""

from enum import StrEnum
from typing import Literal


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


# Every part of a hip that is measured, and the hip of which nobody said which part.
HIP_SITES = (Site.FEMORAL_NECK, Site.TOTAL_HIP, Site.FEMUR_REGION_UNKNOWN)


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
    PROSTATE_CANCER = "prostate_cancer"
    MALIGNANCY = "malignancy"  # another one, or one without its kind
    MGUS = "mgus"
    TERMINAL_ILLNESS = "terminal_illness"
    OSTEONECROSIS_OF_JAW = "osteonecrosis_of_jaw"
    OSTEONECROSIS_SITE_UNKNOWN = "osteonecrosis_site_unknown"
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


class MedicineStatus(StrEnum):
    """What one entry says of a drug; all entries and their dates tell whether it works today (C-65)."""

    ACTIVE = "active"
    ON_HOLD = "on_hold"
    ENDED = "ended"  # completed, or its period is over
    STOPPED = "stopped"
    GIVEN = "given"  # a dose that was administered, or ordered once and done
    DISPENSED = "dispensed"
    NOT_GIVEN = "not_given"  # a dose that was to be given and was not
    PROHIBITED = "prohibited"  # an order not to give it


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
    """Laboratory values that a rule reads; ``quantities`` says in which unit each is held."""

    EGFR = "egfr"
    CREATININE_CLEARANCE = "creatinine_clearance"
    CREATININE = "creatinine"
    CALCIUM = "calcium"  # albumin-corrected where given
    VITAMIN_D_25OH = "25_oh_d"
    ALKALINE_PHOSPHATASE = "alkaline_phosphatase"
    ALBUMIN = "albumin"
    TSH = "tsh"
    PHOSPHATE = "phosphate"
    ESR = "esr"
    PTH = "pth"


# What an input that was not used would have been; the letters have a word for each.
InputKind = Literal[
    "t_score", "vfa", "fracture", "condition", "medicine", "allergy", "procedure", "relative", "lab", "density",
    "body_measure", "frax", "answer", "list", "resource",
]  # fmt: skip


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
    LUMBAR_FIXATION = "lumbar_fixation"


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
    REPORT_ONLY = "report_without_t_score"
    DENSITY_ONLY = "density_without_t_score"
    Z_SCORE_ONLY = "z_score_only"
    MEMBER_MISSING = "member_missing"
    TWO_VALUES = "two_values"
    NOT_PERFORMED = "not_performed"
    ANOTHER_PERSON = "about_another_person"
    FRACTURE_LIKE = "fracture_like_unmapped"
    DRUG_HARM_LIKE = "drug_harm_like_unmapped"
    MALIGNANCY_LIKE = "malignancy_like_unmapped"
    BONE_DRUG_LIKE = "bone_drug_like_unmapped"
    CONTRADICTED = "contradicted_by_entry"
    ANSWER_INCOMPLETE = "answer_incomplete"
    WITHHELD = "withheld"
    UNREADABLE = "unreadable"
    OTHER_RECORD = "at_merged_record"
