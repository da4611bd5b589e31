"""How facts travel that have no element of their own in FHIR: one table, read here and written by whoever asks.

Each is an Observation whose code is of our own code system ``intake`` (or a standard code where there is one), dated,
with the answer as value. Absent means unknown. ``fact`` is the field of ``BoneRecord`` that it fills.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from mappings.codes import INTAKE, AnyCode, Loinc, Snomed


class Answer(StrEnum):
    """How an answer is written: valueBoolean, valueQuantity, valueCodeableConcept (intake), valueDateTime."""

    YES_NO = "boolean"
    NUMBER = "quantity"
    CHOICE = "concept"
    DATE = "dateTime"


@dataclass(frozen=True, slots=True)
class Question:
    """One question; ``units`` are the accepted unit codes without annotations, the first is the one to write."""

    fact: str
    code: str
    answer: Answer
    units: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    also: tuple[AnyCode, ...] = ()


_PER_DAY = ("/d", "", "1")

QUESTIONS: tuple[Question, ...] = (
    Question("menopause", "menopausal-status", Answer.CHOICE, choices=("pre", "post", "unknown")),
    Question("age_at_menopause", "age-at-menopause", Answer.NUMBER, ("a", ""), also=(Loinc("42802-9"),)),
    Question("exclusion_screen_negative", "exclusion-screen", Answer.CHOICE, choices=("negative", "positive", "unknown")),
    Question("bisphosphonate_contraindicated", "bisphosphonate-contraindicated", Answer.YES_NO),
    Question("cannot_sit_upright", "cannot-sit-upright-30min", Answer.YES_NO),
    Question("breast_cancer_risk_high", "breast-cancer-risk", Answer.CHOICE, choices=("high", "not-high", "unknown")),
    Question("high_fracture_risk", "high-fracture-risk", Answer.YES_NO),
    Question("dental_problem", "dental-problem", Answer.YES_NO),
    Question("pregnant", "pregnancy", Answer.YES_NO, also=(Snomed("77386006"),)),
    Question("lactating", "lactation", Answer.YES_NO),
    Question("nursing_home", "residence", Answer.CHOICE, choices=("nursing-home", "own-home", "unknown")),
    Question("falls_last_12m", "falls-last-12m", Answer.NUMBER, ("", "1", "/a"), also=(Loinc("52552-7"),)),
    Question("height_loss", "height-loss", Answer.YES_NO),
    Question("formula_ml_per_day", "formula-ml-per-day", Answer.NUMBER, ("mL/d", "mL")),
    Question("assessment_requested", "assessment-requested", Answer.YES_NO),
    Question("handover_sent", "gp-handover-sent", Answer.DATE),
    Question("phone_appointment", "phone-appointment-fop", Answer.DATE),
    Question("lifestyle.smoker", "smoker", Answer.YES_NO, also=(Loinc("72166-2"),)),
    Question("lifestyle.alcohol_glasses_per_day", "alcohol-glasses-per-day", Answer.NUMBER, _PER_DAY, also=(Loinc("74013-4"),)),
    Question("lifestyle.coffee_cups_per_day", "coffee-cups-per-day", Answer.NUMBER, _PER_DAY),
    Question("lifestyle.dairy_portions_per_day", "dairy-portions-per-day", Answer.NUMBER, _PER_DAY),
    Question("lifestyle.calcium_mg_per_day", "calcium-mg-per-day", Answer.NUMBER, ("mg/d", "mg")),
    Question("lifestyle.outdoors_min_per_day", "outdoors-min-per-day", Answer.NUMBER, ("min/d", "min")),
    Question("lifestyle.outdoors_sufficient", "outdoors-sufficient", Answer.YES_NO),
    Question("lifestyle.skin_dark", "skin", Answer.CHOICE, choices=("dark", "light", "unknown")),
    Question("lifestyle.veil", "veil", Answer.YES_NO),
    Question("lifestyle.little_exercise", "little-exercise", Answer.YES_NO),
    Question("lifestyle.poor_nutrition", "poor-nutrition", Answer.YES_NO),
    Question("lifestyle.passive_smoke", "passive-smoke", Answer.YES_NO),
    Question("lifestyle.dairy_free", "dairy-free", Answer.YES_NO),
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

# Portions a day by food, as components (code: the food, value: a count) of one Observation ``calcium-portions``.
CALCIUM_PORTIONS = "calcium-portions"
FOODS: tuple[str, ...] = (
    "glass_milk", "glass_buttermilk", "bowl_yoghurt", "bowl_porridge", "bowl_custard", "bowl_quark",
    "slice_cheese", "spoon_vegetables", "portion_mixed_nuts", "wholemeal_bread",
)  # fmt: skip

# "There are none": an Observation with valueBoolean true, or the code of a List whose emptyReason is nilknown.
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
FRACTURE_ENERGY = (
    "fracture-energy"  # Observation with focus on the Condition, or extension on it; value low or high
)
ENERGY: Mapping[str, bool] = {"low": True, "high": False}  # to Fracture.low_energy
ADHERENCE = (
    "adherence"  # Observation with focus on the MedicationStatement or MedicationRequest; value good or poor
)
CREATININE_CLEARANCE = "creatinine-clearance"  # Observation, valueQuantity in mL/min
ORAL, NOT_ORAL = "route-oral", "route-not-oral"  # Dosage.route

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


def question_of() -> Mapping[tuple[str, str], Question]:
    """Every code that asks a question, as (system, code)."""
    table: dict[tuple[str, str], Question] = {}
    for question in QUESTIONS:
        table[INTAKE, question.code] = question
        table.update({(c.system, c.key): question for c in question.also})
    return table
