"""Terms about checks that verify nothing: values that nobody could read, and an alarm of long ago (C-70)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from adapter.clinical.case import PatientOnDay, Term, evidence_of
from adapter.clinical.lab_marks import calcium_limit, mark_of
from adapter.clinical.model import Analyte, Lab, LabMark, Rejected
from adapter.clinical.terms.labs import RENAL, old_clearance

# Which marks speak against a drug (C-29, C-51, C-67); renal function that is too old
# is unknown, and waits as such.
ALARMS = {
    Analyte.CALCIUM: frozenset({LabMark.LOW, LabMark.HIGH}),
    Analyte.VITAMIN_D_25OH: frozenset({LabMark.LOW}),
    Analyte.ALKALINE_PHOSPHATASE: frozenset({LabMark.HIGH}),
}
# Answers that a drug or a diagnosis depends on.
GUARDING = (
    *("pregnant", "lactating", "cannot_sit_upright", "bisphosphonate_contraindicated", "dental_problem"),
    *("breast_cancer_risk_high", "exclusion_screen_negative"),
)


def _since(refused: Sequence[Rejected], days: Iterable[date | None]) -> list[Rejected]:
    """Those that no usable one of these days came after."""
    known = max([day for day in days if day], default=None)
    return [refusal for refusal in refused if known is None or refusal.on is None or refusal.on >= known]


def _unread_labs(case: PatientOnDay, *analytes: Analyte) -> list[Rejected]:
    if not case.unread:
        return []
    refused = [refusal for analyte in analytes for refusal in case.unread.get(analyte, ())]
    return _since(refused, [lab.on for lab in case.record.labs if lab.analyte in analytes]) if refused else []


def unread_answers(case: PatientOnDay, fact: str) -> list[Rejected]:
    """Answers to a question, or body measures, that nobody could read and no readable one followed."""
    refused = case.unread.get(fact, ())
    return _since(refused, [case.days.get(fact)]) if refused else []


def _lab_unread(*analytes: Analyte) -> Term:
    return Term(
        lambda c: bool(_unread_labs(c, *analytes)),
        lambda c: evidence_of(_unread_labs(c, *analytes)),
        f"measured, and the newest value cannot be used (C-70): {', '.join(analytes)}",
    )


def _answer_unread(fact: str) -> Term:
    return Term(
        lambda c: bool(unread_answers(c, fact)),
        lambda c: evidence_of(unread_answers(c, fact)),
        f"asked, and the newest answer cannot be used (C-70): {fact}",
    )


def _old_alarms(case: PatientOnDay, analyte: Analyte) -> list[Lab]:
    """The newest value, where it is too old to rely on and spoke against a drug."""
    found = case.old_labs.get(analyte)
    if found is None:
        return []
    deficient = case.parameters["vitamin_d_deficient_below_nmol_l"]
    severe = analyte is Analyte.VITAMIN_D_25OH and found.value is not None and found.value < deficient
    return [found] if severe or mark_of(found, case.parameters) in ALARMS[analyte] else []


def _old_alarm(analyte: Analyte) -> Term:
    return Term(
        lambda c: bool(_old_alarms(c, analyte)),
        lambda c: evidence_of(_old_alarms(c, analyte)),
        f"{analyte.value} was out of range, too long ago to tell about today (C-70)",
    )


def _unread_renal(case: PatientOnDay) -> list[Rejected]:
    """Unread renal values after every readable one, and those that outrank a later eGFR.

    Clearance decides before an eGFR (C-29).
    """
    if not case.unread:
        return []
    weighed = case.record.weight_kg is not None or bool(unread_answers(case, "weight_kg"))
    first = (Analyte.CREATININE_CLEARANCE, *((Analyte.CREATININE,) if weighed else ()))
    deciding = [
        lab for lab in _unread_labs(case, *first) if lab.on is None or case.recent(lab.on, "laboratory")
    ]
    return list(dict.fromkeys((*_unread_labs(case, *RENAL), *deciding)))


def _clearance_not_computable(case: PatientOnDay) -> list[Rejected | Lab]:
    """Creatinine without a reported clearance, where weight, age or sex cannot be read (C-29)."""
    told = [lab for lab in case.record.labs if lab.analyte is Analyte.CREATININE and lab.value]
    weight = unread_answers(case, "weight_kg")
    nobody = case.record.birth_date is None or case.record.sex is None
    unread = weight or (nobody and case.record.weight_kg)
    return [*told, *weight] if told and unread and Analyte.CREATININE_CLEARANCE not in case.labs else []


def _renal_was_low(case: PatientOnDay) -> bool:
    """Whether an old renal value is below the highest limit of any drug: at least one is not given then."""
    told = old_clearance(case)
    return told is not None and told < max(case.parameters["renal_limits_ml_min"].values())


def _calcium_was_low(case: PatientOnDay) -> list[Lab]:
    return [
        alarm
        for alarm in _old_alarms(case, Analyte.CALCIUM)
        if mark_of(alarm, case.parameters) is LabMark.LOW
    ]


def _hidden_by_albumin(case: PatientOnDay) -> list[Rejected | Lab]:
    """Calcium, or its lack, beside an albumin that may hide a high one or cannot be used (C-76)."""
    calcium = case.labs.get(Analyte.CALCIUM) or case.old_labs.get(Analyte.CALCIUM)
    if calcium is not None and calcium.corrected:
        return []
    unread = _unread_labs(case, Analyte.ALBUMIN)
    albumin = case.labs.get(Analyte.ALBUMIN) or case.old_labs.get(Analyte.ALBUMIN)
    hides = albumin is not None and _hides(albumin, calcium, case)
    if not hides and not (calcium and unread):
        return []
    return [*(it for it in (calcium, albumin) if it), *unread]


def _hides(albumin: Lab, calcium: Lab | None, case: PatientOnDay) -> bool:
    """Whether an albumin may hide a high calcium, whatever their days.

    A low albumin that was not measured again may still be low, and no calcium is no better than a low one.
    """
    correction = case.parameters["calcium_correction"]
    if albumin.value is None:
        return albumin.mark is LabMark.LOW
    hidden = correction["mmol_per_g"] * (correction["usual_albumin_g_l"] - albumin.value)
    may_be_high = (
        calcium is None
        or calcium.value is None
        or calcium.value + hidden > calcium_limit(calcium, case.parameters)
    )
    return albumin.value < correction["albumin_below_g_l"] and may_be_high


TERMS: Mapping[str, Term] = {
    "renal_function_unread": Term(
        lambda c: bool(_unread_renal(c)),
        lambda c: evidence_of(_unread_renal(c)),
        "measured, and a value that would decide cannot be used (C-70): renal function",
    ),
    "calcium_unread": _lab_unread(Analyte.CALCIUM),
    "vitamin_d_unread": _lab_unread(Analyte.VITAMIN_D_25OH),
    "alkaline_phosphatase_unread": _lab_unread(Analyte.ALKALINE_PHOSPHATASE),
    "clearance_not_computable": Term(
        lambda c: bool(_clearance_not_computable(c)),
        lambda c: evidence_of(_clearance_not_computable(c)),
        "creatinine is known, and what the clearance is computed with cannot be read (C-29, C-70)",
    ),
    "bmi_unread": Term(
        lambda c: bool(unread_answers(c, "bmi")),
        lambda c: evidence_of(unread_answers(c, "bmi")),
        "measured, and the newest value cannot be used (C-70): body mass index",
    ),
    "calcium_hidden_by_albumin": Term(
        lambda c: bool(_hidden_by_albumin(c)),
        lambda c: evidence_of(_hidden_by_albumin(c)),
        "total calcium beside a low albumin, or one that cannot be used: corrected it may be high (C-76)",
    ),
    "calcium_was_abnormal": _old_alarm(Analyte.CALCIUM),
    "calcium_was_low": Term(
        lambda c: bool(_calcium_was_low(c)),
        lambda c: evidence_of(_calcium_was_low(c)),
        "calcium was low, too long ago to tell about today (C-70)",
    ),
    "renal_function_was_low": Term(
        _renal_was_low,
        lambda c: evidence_of(lab for lab in c.old_labs.values() if lab.analyte in RENAL),
        "renal function was below the limit of a drug, too long ago to tell about today (C-70)",
    ),
    "vitamin_d_was_low": _old_alarm(Analyte.VITAMIN_D_25OH),
    "alkaline_phosphatase_was_high": _old_alarm(Analyte.ALKALINE_PHOSPHATASE),
    **{f"{fact}_unread": _answer_unread(fact) for fact in GUARDING},
}
