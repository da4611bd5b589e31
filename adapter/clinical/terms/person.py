"""Terms about the person: age, sex, menopause, pregnancy, residence, and what was asked or sent before.

The Patient resource itself is a source of every decision and is named there once, not behind each term.
"""

from collections.abc import Mapping
from operator import attrgetter

from adapter.clinical.case import PatientOnDay, Term, no_evidence
from adapter.clinical.model import ConditionKind, Menopause, Relative, Sex
from adapter.clinical.quantities import BMI, Unit
from adapter.clinical.terms.age_gate import t_scores_apply
from adapter.clinical.terms.verification import unread_answers

MALE, FEMALE = Sex.MALE, Sex.FEMALE
POST, PRE = Menopause.POST, Menopause.PRE


def postmenopausal(case: PatientOnDay) -> bool | None:
    """False for men; unknown where neither a status nor a problem says so."""
    if case.record.sex is MALE:
        return False
    if case.record.menopause is not None:
        return case.record.menopause is POST
    return True if case.conditions.get(ConditionKind.POSTMENOPAUSAL) else None


def _applies(case: PatientOnDay) -> bool | None:
    status = postmenopausal(case)
    menopause = None if status is None else POST if status else PRE
    return t_scores_apply(case.record.sex, menopause, case.age_at_study, case.parameters["age_gate"])


def _recorded_term(name: str, says: str, unit: Unit | None = None) -> Term:
    return Term(attrgetter(f"record.{name}"), lambda c: c.noted(name), says, unit)


def _or_condition(name: str, kind: ConditionKind, says: str) -> Term:
    """A fact that may come as an Observation or as a Condition."""
    return Term(
        lambda c: True if c.conditions.get(kind) else getattr(c.record, name),
        lambda c: c.noted(name) + tuple(i.evidence for i in c.conditions.get(kind, ())),
        says,
    )


def _early(case: PatientOnDay) -> bool | None:
    if case.conditions.get(ConditionKind.PREMATURE_MENOPAUSE):
        return True
    at = case.record.age_at_menopause
    return None if at is None else at < case.parameters["early_menopause_below"]


def _still_known(case: PatientOnDay, fact: str) -> bool:
    """An answer tells about today for as long as the lists do (C-60)."""
    return case.recent(case.days.get(fact), "lists")


def _screened_lately(case: PatientOnDay) -> bool:
    """A newer screen that nobody could read may have found something (C-70)."""
    fact = "exclusion_screen_negative"
    return _still_known(case, fact) and not unread_answers(case, fact)


WHO: Mapping[str, Term] = {
    "today": Term(lambda c: c.on, no_evidence, "the day of deciding"),
    "sex": Term(lambda c: c.record.sex, no_evidence, "female or male, as recorded"),
    "female": Term(lambda c: c.record.sex is FEMALE if c.record.sex else None, no_evidence, "a woman"),
    "male": Term(lambda c: c.record.sex is MALE if c.record.sex else None, no_evidence, "a man"),
    "age": Term(lambda c: c.age, no_evidence, "completed years today", unit=Unit.YEARS),
    "age_at_study": Term(
        lambda c: c.age_at_study,
        no_evidence,
        "completed years at the study date, or today without a study",
        unit=Unit.YEARS,
    ),
    "birth_date_incomplete": Term(
        lambda c: c.record.birth_date is not None and c.record.birth_year_only,
        no_evidence,
        "only a part of it is known",
    ),
    "postmenopausal": Term(postmenopausal, lambda c: c.noted("menopause"), "false for men"),
    "menopausal_status_unknown": Term(lambda c: postmenopausal(c) is None, no_evidence, "and not a man"),
    "t_scores_apply": Term(_applies, no_evidence, "WHO classes apply to this person (C-49)"),
}

BODY: Mapping[str, Term] = {
    "bmi": _recorded_term("bmi", "body mass index, kg/m2", BMI.unit),
}

REMARKS: Mapping[str, Term] = {
    "early_menopause": Term(_early, lambda c: c.noted("age_at_menopause"), "before the age in param (C-22)"),
    "pregnant": _or_condition("pregnant", ConditionKind.PREGNANCY, "pregnant now"),
    "lactating": _or_condition("lactating", ConditionKind.LACTATION, "breast-feeding now"),
    "nursing_home": _recorded_term("nursing_home", "lives in a nursing or care home"),
    "relatives_with_osteoporosis": Term(
        lambda c: c.record.relatives.count(Relative.OSTEOPOROSIS) if c.record.relatives else None,
        lambda c: c.noted("relatives"),
        "how many relatives are recorded with osteoporosis",
    ),
    "parent_hip_fracture": Term(
        lambda c: True if Relative.HIP_FRACTURE in c.record.relatives else None,
        lambda c: c.noted("relatives"),
        "a parent broke a hip",
    ),
    "assessment_requested": _recorded_term("assessment_requested", "a human asked for an assessment"),
    "handover_sent": _recorded_term("handover_sent", "date of the last letter that reached the GP"),
    "phone_appointment": _recorded_term("phone_appointment", "date of the phone appointment of the clinic"),
    "exclusion_screen_negative": Term(
        lambda c: c.record.exclusion_screen_negative if _screened_lately(c) else None,
        lambda c: c.noted("exclusion_screen_negative"),
        "other causes were looked for lately and not found (C-60)",
    ),
    "exclusion_screen_outdated": Term(
        lambda c: (
            c.record.exclusion_screen_negative is True and not _still_known(c, "exclusion_screen_negative")
        ),
        lambda c: c.noted("exclusion_screen_negative"),
        "other causes were looked for, too long ago",
    ),
    "bisphosphonate_contraindicated": _recorded_term(
        "bisphosphonate_contraindicated", "recorded as such by a human"
    ),
    "cannot_sit_upright": _recorded_term(
        "cannot_sit_upright", "cannot sit or stand upright for half an hour"
    ),
    "breast_cancer_risk_high": _recorded_term("breast_cancer_risk_high", "recorded as such by a human"),
    "high_fracture_risk_recorded": Term(
        lambda c: c.record.high_fracture_risk, lambda c: c.noted("high_fracture_risk"), "recorded by a human"
    ),
    "dental_problem": _or_condition(
        "dental_problem", ConditionKind.DENTAL_PROBLEM, "teeth or jaw need care first"
    ),
    "height_loss_recorded": _or_condition(
        "height_loss", ConditionKind.HEIGHT_LOSS, "documented loss of height"
    ),
    "formula_ml_per_day": _recorded_term("formula_ml_per_day", "infant formula, mL a day", Unit.ML_PER_DAY),
}

TERMS: Mapping[str, Term] = {**WHO, **BODY, **REMARKS}
