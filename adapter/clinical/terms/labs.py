"""Terms about the laboratory and FRAX: values as reported, marks as the laboratory set them (C-51)."""

from collections.abc import Mapping
from decimal import Decimal

from adapter.clinical.case import Evidence, PatientOnDay, Term, evidence_of
from adapter.clinical.lab_marks import mark_of, of_its_day
from adapter.clinical.model import Analyte, ConditionKind, LabMark, Sex
from adapter.clinical.quantities import Unit

EGFR, CREATININE, CLEARANCE = Analyte.EGFR, Analyte.CREATININE, Analyte.CREATININE_CLEARANCE
RENAL = (EGFR, CLEARANCE, CREATININE)
FEMALE = Sex.FEMALE


def _value(case: PatientOnDay, analyte: Analyte) -> Decimal | None:
    found = case.labs.get(analyte)
    return found.value if found else None


def _to_estimate_from(case: PatientOnDay) -> tuple[Decimal, Decimal, int] | None:
    """Creatinine (umol/L), weight (kg) and age today, where all of them and the sex are known."""
    creatinine, weight, age = _value(case, CREATININE), case.record.weight_kg, case.age
    if not creatinine or not weight or age is None or case.record.sex is None:
        return None
    return creatinine, weight, age


def cockcroft_gault(case: PatientOnDay) -> Decimal | None:
    """Creatinine clearance in mL/min from creatinine (umol/L), weight (kg), age today and sex (C-29).

    The formula and its constants are those of the source ``cockcroft_gault_1976`` of ``core.yaml``.
    """
    known = _to_estimate_from(case)
    return None if known is None else _estimated(*known, case)


def _estimated(creatinine: Decimal, weight: Decimal, age: int, case: PatientOnDay) -> Decimal:
    constants = case.parameters["cockcroft_gault"]
    per_dl = creatinine / constants["umol_l_per_mg_dl"]
    clearance: Decimal = (constants["age_from"] - age) * weight / (constants["divisor"] * per_dl)
    return clearance * constants["female_factor"] if case.record.sex is FEMALE else clearance


def _clearance(case: PatientOnDay) -> Decimal | None:
    reported = _value(case, CLEARANCE)
    return reported if reported is not None else cockcroft_gault(case)


def _renal(case: PatientOnDay) -> Decimal | None:
    """Clearance decides; an eGFR stands in for it (C-29)."""
    # The drugs' labels give their renal limits as creatinine clearance (GL-60, GL-61).
    clearance = _clearance(case)
    return clearance if clearance is not None else _value(case, EGFR)


def _near_a_limit(case: PatientOnDay) -> bool:
    """Only an eGFR is known, and it is within the margin of a renal limit."""
    egfr = _value(case, EGFR)
    if egfr is None or _value(case, CLEARANCE) is not None or _to_estimate_from(case):
        return False
    limits, margin = case.parameters["renal_limits_ml_min"], case.parameters["egfr_margin_ml_min"]
    return any(abs(egfr - limit) <= margin for limit in limits.values())


def _vitamin_d_deficient(case: PatientOnDay) -> bool | None:
    """Below the alarm limit, whatever the laboratory's mark says (C-67)."""
    value = _value(case, Analyte.VITAMIN_D_25OH)
    return None if value is None else bool(value < case.parameters["vitamin_d_deficient_below_nmol_l"])


def old_clearance(case: PatientOnDay) -> Decimal | None:
    """The lowest that renal values too old to rely on tell, where there is no recent one (C-70)."""
    if not case.old_labs or not case.labs.keys().isdisjoint(RENAL):
        return None
    held = {a: case.old_labs[a].value for a in RENAL if a in case.old_labs}
    told = [held.get(EGFR), held.get(CLEARANCE)]
    creatinine, weight = held.get(CREATININE), case.record.weight_kg
    if creatinine and weight and case.age is not None and case.record.sex is not None:
        told.append(_estimated(creatinine, weight, case.age, case))
    return min([value for value in told if value is not None], default=None)


def _outdated(*analytes: Analyte) -> Term:
    of_these = frozenset(analytes)
    return Term(
        lambda c: not of_these.isdisjoint(c.old_labs) and of_these.isdisjoint(c.labs),
        lambda c: _evidence(c, *analytes),
        f"the newest value is too old to tell about today (C-60): {', '.join(analytes)}",
    )


def _marked_term(analyte: Analyte, mark: LabMark, kind: ConditionKind | None = None) -> Term:
    def value(case: PatientOnDay) -> bool | None:
        if kind and any(c.active for c in case.conditions.get(kind, ())):
            return True
        held = case.labs.get(analyte)
        if held is None:
            return None
        # Of two values of one day that contradict each other neither alarm hides the other.
        if mark in (mark_of(lab, case.parameters) for lab in of_its_day(held, case.record.labs)):
            return True
        return None if mark_of(held, case.parameters) is None else False

    return Term(
        value, lambda c: _evidence(c, analyte), f"{analyte.value} is {mark.value}, by the laboratory's mark"
    )


def _evidence(case: PatientOnDay, *analytes: Analyte) -> Evidence:
    return evidence_of(found for found in case.record.labs if found.analyte in analytes)


def _renal_evidence(case: PatientOnDay) -> Evidence:
    return _evidence(case, EGFR, CLEARANCE, CREATININE)


def _frax_exceeded(case: PatientOnDay) -> bool | None:
    """Whether a value reaches its threshold (C-13, GL-40); unknown while one with a threshold is missing."""
    limits, frax = case.parameters["frax_threshold"], case.record.frax
    if not limits or frax is None:
        return None
    pairs = ((frax.mof_pct, limits.get("mof_pct")), (frax.hip_pct, limits.get("hip_pct")))
    answers = {None if value is None else value >= limit for value, limit in pairs if limit is not None}
    return True if True in answers else None if None in answers else False


def _frax(case: PatientOnDay) -> Evidence:
    return (case.record.frax.evidence,) if case.record.frax else ()


VALUES: Mapping[str, Term] = {
    "renal_function": Term(
        _renal, _renal_evidence, "creatinine clearance, else eGFR, mL/min", unit=Unit.ML_PER_MIN
    ),
    "renal_function_near_limit": Term(
        _near_a_limit, _renal_evidence, "only eGFR, within the margin of a limit"
    ),
    "renal_function_outdated": _outdated(EGFR, CLEARANCE, CREATININE),
    "calcium_outdated": _outdated(Analyte.CALCIUM),
    "vitamin_d_deficient": Term(
        _vitamin_d_deficient,
        lambda c: _evidence(c, Analyte.VITAMIN_D_25OH),
        "25-OH-D below the limit at which the deficiency goes first (C-67)",
    ),
    "vitamin_d_low": _marked_term(Analyte.VITAMIN_D_25OH, LabMark.LOW),
    "alkaline_phosphatase_high": _marked_term(Analyte.ALKALINE_PHOSPHATASE, LabMark.HIGH),
}

CALCIUM: Mapping[str, Term] = {
    "calcium_low": _marked_term(Analyte.CALCIUM, LabMark.LOW, ConditionKind.HYPOCALCAEMIA),
    "calcium_high": _marked_term(Analyte.CALCIUM, LabMark.HIGH, ConditionKind.HYPERCALCAEMIA),
}

FRAX: Mapping[str, Term] = {
    "frax_known": Term(lambda c: c.record.frax is not None, _frax, "a FRAX result was read"),
    "frax_exceeds_threshold": Term(_frax_exceeded, _frax, "a configured threshold is reached"),
}

TERMS: Mapping[str, Term] = {**VALUES, **CALCIUM, **FRAX}
