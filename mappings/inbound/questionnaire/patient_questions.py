"""The form of facts that have no element of their own in FHIR: one table, for readers and for those who ask.

Each is an Observation whose code is of our own code system ``intake`` (or a standard code where there
is one), dated, with the answer as value. Absent means unknown. ``fact`` is the field of
``BoneRecord`` that it fills.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from mappings.codes import INTAKE
from mappings.valuesets import concept_map, unit_factors


class AnswerKind(StrEnum):
    """How an answer is written: valueBoolean, valueQuantity, valueCodeableConcept (intake), valueDateTime."""

    YES_NO = "boolean"
    NUMBER = "quantity"
    CHOICE = "concept"
    DATE = "dateTime"


@dataclass(frozen=True, slots=True)
class PatientQuestion:
    """One question; a number has the units of its ``measure``."""

    fact: str
    code: str
    answer: AnswerKind
    measure: str = ""
    choices: tuple[str, ...] = ()

    @property
    def units(self) -> tuple[str, ...]:
        """The accepted unit codes without annotations, the first is the one to write."""
        return accepted_units(self.measure)


QUESTIONS: tuple[PatientQuestion, ...] = (
    PatientQuestion("menopause", "menopausal-status", AnswerKind.CHOICE, choices=("pre", "post", "unknown")),
    PatientQuestion("age_at_menopause", "age-at-menopause", AnswerKind.NUMBER, "years"),
    PatientQuestion("exclusion_screen_negative", "exclusion-screen", AnswerKind.CHOICE, choices=("negative", "positive", "unknown")),
    PatientQuestion("bisphosphonate_contraindicated", "bisphosphonate-contraindicated", AnswerKind.YES_NO),
    PatientQuestion("cannot_sit_upright", "cannot-sit-upright-30min", AnswerKind.YES_NO),
    PatientQuestion("breast_cancer_risk_high", "breast-cancer-risk", AnswerKind.CHOICE, choices=("high", "not-high", "unknown")),
    PatientQuestion("high_fracture_risk", "high-fracture-risk", AnswerKind.YES_NO),
    PatientQuestion("dental_problem", "dental-problem", AnswerKind.YES_NO),
    PatientQuestion("pregnant", "pregnancy", AnswerKind.YES_NO),
    PatientQuestion("lactating", "lactation", AnswerKind.YES_NO),
    PatientQuestion("nursing_home", "residence", AnswerKind.CHOICE, choices=("nursing-home", "own-home", "unknown")),
    PatientQuestion("falls_last_12m", "falls-last-12m", AnswerKind.NUMBER, "times-a-year"),
    PatientQuestion("height_loss", "height-loss", AnswerKind.YES_NO),
    PatientQuestion("formula_ml_per_day", "formula-ml-per-day", AnswerKind.NUMBER, "millilitres-a-day"),
    PatientQuestion("assessment_requested", "assessment-requested", AnswerKind.YES_NO),
    PatientQuestion("handover_sent", "gp-handover-sent", AnswerKind.DATE),
    PatientQuestion("phone_appointment", "phone-appointment-fop", AnswerKind.DATE),
    PatientQuestion("lifestyle.smoker", "smoker", AnswerKind.YES_NO),
    PatientQuestion("lifestyle.alcohol_glasses_per_day", "alcohol-glasses-per-day", AnswerKind.NUMBER, "times-a-day"),
    PatientQuestion("lifestyle.coffee_cups_per_day", "coffee-cups-per-day", AnswerKind.NUMBER, "times-a-day"),
    PatientQuestion("lifestyle.dairy_portions_per_day", "dairy-portions-per-day", AnswerKind.NUMBER, "times-a-day"),
    PatientQuestion("lifestyle.calcium_mg_per_day", "calcium-mg-per-day", AnswerKind.NUMBER, "milligrams-a-day"),
    PatientQuestion("lifestyle.outdoors_min_per_day", "outdoors-min-per-day", AnswerKind.NUMBER, "minutes-a-day"),
    PatientQuestion("lifestyle.outdoors_sufficient", "outdoors-sufficient", AnswerKind.YES_NO),
    PatientQuestion("lifestyle.skin_dark", "skin", AnswerKind.CHOICE, choices=("dark", "light", "unknown")),
    PatientQuestion("lifestyle.veil", "veil", AnswerKind.YES_NO),
    PatientQuestion("lifestyle.little_exercise", "little-exercise", AnswerKind.YES_NO),
    PatientQuestion("lifestyle.poor_nutrition", "poor-nutrition", AnswerKind.YES_NO),
    PatientQuestion("lifestyle.passive_smoke", "passive-smoke", AnswerKind.YES_NO),
    PatientQuestion("lifestyle.dairy_free", "dairy-free", AnswerKind.YES_NO),
)  # fmt: skip

# The choices that mean true and false for a yes-or-no field; every other choice leaves it unknown.
MEANING: Mapping[str, bool] = {
    "negative": True,
    "positive": False,
    "high": True,
    "not-high": False,
    "nursing-home": True,
    "own-home": False,
    "dark": True,
    "light": False,
}

# Portions a day by food, as components (code: the food, value: a count) of one
# Observation ``calcium-portions``.
CALCIUM_PORTIONS = "calcium-portions"
FOODS: tuple[str, ...] = (
    "glass_milk", "glass_buttermilk", "bowl_yoghurt", "bowl_porridge", "bowl_custard", "bowl_quark",
    "slice_cheese", "spoon_vegetables", "portion_mixed_nuts", "wholemeal_bread",
)  # fmt: skip

# "There are none": an Observation with valueBoolean true, or the code of a List
# whose emptyReason is nilknown.
NONE_KNOWN: Mapping[str, str] = {
    "conditions": "no-known-conditions",
    "fractures": "no-known-fractures",
    "medications": "no-known-medications",
}

SYMPTOMS: tuple[str, ...] = ("thigh-or-groin-pain", "jaw-sore-not-healing", "retrosternal-pain")
VFA = "vfa"
VFA_NONE = "none"
VFA_VERTEBRA_UNSPECIFIED = "vertebra-unspecified"
GENANT: Mapping[str, int] = {"genant-0": 0, "genant-1": 1, "genant-2": 2, "genant-3": 3}
VERTEBRAE: tuple[str, ...] = (
    *(f"C{n}" for n in range(1, 8)),
    *(f"T{n}" for n in range(1, 13)),
    *(f"L{n}" for n in range(1, 6)),
)
# Observation with focus on the Condition, or extension on it; value low or high.
FRACTURE_ENERGY = "fracture-energy"
ENERGY: Mapping[str, bool] = {"low": True, "high": False}  # to Fracture.low_energy
# Observation with focus on the MedicationStatement or MedicationRequest; value good or poor.
ADHERENCE = "adherence"
CREATININE_CLEARANCE = "creatinine-clearance"  # Observation, valueQuantity in mL/min

# Fact names as the core and the acceptance table use them, to the intake code that carries them.
INTAKE_CODES: Mapping[str, str] = {
    **{q.fact: q.code for q in QUESTIONS},
    **{q.code.replace("-", "_"): q.code for q in QUESTIONS},
    **{f"lifestyle.{q.code.replace('-', '_')}": q.code for q in QUESTIONS if q.fact.startswith("lifestyle.")},
    **{f"calcium_portions_per_day.{food}": food.replace("_", "-") for food in FOODS},
    **{f"symptoms.{symptom.replace('-', '_')}": symptom for symptom in SYMPTOMS},
    "vfa": VFA,
    "fracture_energy": FRACTURE_ENERGY,
    "adherence": ADHERENCE,
    "creatinine_clearance": CREATININE_CLEARANCE,
}


def accepted_units(measure: str) -> tuple[str, ...]:
    """The unit codes of a measure; a count may also come without any."""
    units = tuple(unit_factors(measure))
    return (*units, "") if "1" in units else units


def question_of() -> Mapping[tuple[str, str], PatientQuestion]:
    """Every code that asks a question, as (system, code)."""
    ours = {question.code: question for question in QUESTIONS}
    standard = {pair: ours[target.code] for pair, target in concept_map("question-codes").items()}
    return {**{(INTAKE, code): question for code, question in ours.items()}, **standard}
