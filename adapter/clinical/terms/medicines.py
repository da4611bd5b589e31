"""Terms about medicines in general, operations, and complaints on a drug."""

from collections.abc import Mapping
from datetime import date

from adapter.clinical.calendar import add_months
from adapter.clinical.case import PatientOnDay, Term, evidence_of
from adapter.clinical.courses import NOT_TAKEN, ORAL_BISPHOSPHONATES, stopped_for_stomach
from adapter.clinical.model import Adherence, Medicine, MedicineKind, Procedure, Symptom

MedicineKinds = frozenset[MedicineKind]
LONG_TERM_KINDS = frozenset({MedicineKind.SYSTEMIC_GLUCOCORTICOID, MedicineKind.ANTIEPILEPTIC})


def taking(case: PatientOnDay, kinds: MedicineKinds) -> list[Medicine]:
    """Entries of any of the kinds that are taken today, each once."""
    return list(dict.fromkeys([m for kind in kinds for m in case.taken.get(kind, ())]))


def term_of_taking(says: str, kinds: MedicineKinds) -> Term:
    """Whether any of the kinds is taken today."""
    return Term(
        lambda c: not kinds.isdisjoint(c.taken) or c.unlisted["medicines"],
        lambda c: evidence_of(taking(c, kinds)),
        says,
    )


def _oral_tried(case: PatientOnDay) -> list[Medicine]:
    """Oral bisphosphonates, taken now or before."""
    return [m for it in case.courses.values() if it.kind in ORAL_BISPHOSPHONATES for m in it.entries]


def _stopped_for(case: PatientOnDay) -> list[Medicine]:
    return [m for m in _oral_tried(case) if stopped_for_stomach(m)]


def _not_adhered(case: PatientOnDay) -> list[Medicine]:
    return [m for m in _oral_tried(case) if m.adherence is Adherence.POOR]


def _long_term(case: PatientOnDay) -> list[Medicine]:
    """Taken for at least the months in param; a start nobody recorded may be long ago (principle c)."""
    return [m for m in taking(case, LONG_TERM_KINDS) if _months_taken(m, case)]


def _months_taken(medicine: Medicine, case: PatientOnDay) -> bool:
    since = _since(medicine, case)
    return since is None or add_months(since, case.parameters["longterm_months"]) <= case.on


def _since(medicine: Medicine, case: PatientOnDay) -> date | None:
    """When it was begun: orders and supplies are renewed every few weeks, and the tablets go on (C-68)."""
    kinds = medicine.kinds & LONG_TERM_KINDS
    earlier = [m for m in case.record.medicines.items if m.kinds & kinds and m.status not in NOT_TAKEN]
    since = medicine.start
    for one in sorted(earlier, key=lambda it: it.start or date.min, reverse=True):
        days = [day for day in (one.start, one.ended, one.supplied_until) if day]
        if since and days and add_months(max(days), case.parameters["dispense_months"]) < since:
            continue
        if since is None or one.start is None:
            return None
        since = min(since, one.start)
    return since


def _glucocorticoid(case: PatientOnDay) -> list[Medicine]:
    """Systemic, long-term, at a dose that counts or that nobody recorded (C-68)."""
    least = case.parameters["glucocorticoid_mg_per_day"]
    return [
        m
        for m in _long_term(case)
        if MedicineKind.SYSTEMIC_GLUCOCORTICOID in m.kinds
        and (m.prednisone_mg_per_day is None or m.prednisone_mg_per_day >= least)
    ]


def _operated(*procedures: Procedure) -> Term:
    return Term(
        lambda c: True if set(procedures) & set(c.record.procedures) else None,
        lambda c: c.noted("procedures"),
        f"an operation is recorded: {', '.join(procedures)}",
    )


def _complains(*symptoms: Symptom) -> Term:
    return Term(
        lambda c: bool(set(symptoms) & set(c.record.symptoms)),
        lambda c: c.noted("symptoms"),
        f"a complaint is recorded: {', '.join(symptoms)}",
    )


LIST: Mapping[str, Term] = {
    "medicines_known": Term(
        lambda c: "medicines" in c.whole,
        lambda c: evidence_of(c.record.medicines.items),
        "the list is complete",
    ),
}


REGRETS: Mapping[str, Term] = {
    "stopped_for_stomach": Term(
        lambda c: bool(_stopped_for(c)), lambda c: evidence_of(_stopped_for(c)), "oral form"
    ),
    "poor_adherence": Term(
        lambda c: bool(_not_adhered(c)), lambda c: evidence_of(_not_adhered(c)), "to the oral form"
    ),
}

LONG_TERM: Mapping[str, Term] = {
    "glucocorticoid_counts": Term(
        lambda c: bool(_glucocorticoid(c)) or c.unlisted["medicines"],
        lambda c: evidence_of(_glucocorticoid(c)),
        "systemic, long-term, at a dose that counts or is not known (C-68)",
    ),
    "long_term_bone_harming_drug": Term(
        lambda c: bool(_long_term(c)) or c.unlisted["medicines"],
        lambda c: evidence_of(_long_term(c)),
        "a systemic glucocorticoid or antiepileptic, long-term",
    ),
}

OPERATIONS: Mapping[str, Term] = {
    "gastric_surgery": _operated(Procedure.GASTRIC_SURGERY),
    "hip_replacement": _operated(
        Procedure.HIP_REPLACEMENT, Procedure.HIP_REPLACEMENT_LEFT, Procedure.HIP_REPLACEMENT_RIGHT
    ),
}

COMPLAINTS: Mapping[str, Term] = {
    "thigh_or_jaw_symptom": _complains(Symptom.THIGH_OR_GROIN_PAIN, Symptom.JAW_SORE_NOT_HEALING),
    "retrosternal_pain": _complains(Symptom.RETROSTERNAL_PAIN),
}

BY_KIND: Mapping[str, Term] = {
    f"taking_{kind.value}": term_of_taking(f"{kind.value} is taken", frozenset({kind}))
    for kind in MedicineKind
}

TERMS: Mapping[str, Term] = {
    **LIST,
    **REGRETS,
    **LONG_TERM,
    **OPERATIONS,
    **COMPLAINTS,
    **BY_KIND,
}
