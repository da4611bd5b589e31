"""Terms about medicines, operations and complaints on a drug."""

from datetime import date

from adapter.clinical.calendar import add_months
from adapter.clinical.case import Case, Term, evidence_of, present
from adapter.clinical.model import Adherence, ConditionKind, Medicine, MedicineKind, Procedure, Symptom

Wanted = frozenset[MedicineKind]
ORAL_BISPHOSPHONATES = frozenset(
    {MedicineKind.ALENDRONATE, MedicineKind.RISEDRONATE, MedicineKind.IBANDRONATE}
)
BISPHOSPHONATES = ORAL_BISPHOSPHONATES | {MedicineKind.ZOLEDRONATE}
BONE_DRUGS = BISPHOSPHONATES | {
    MedicineKind.RALOXIFENE,
    MedicineKind.DENOSUMAB,
    MedicineKind.TERIPARATIDE,
    MedicineKind.ROMOSOZUMAB,
    MedicineKind.OTHER_BONE_DRUG,
}
DENOSUMAB = frozenset({MedicineKind.DENOSUMAB})
LONG_TERM_KINDS = frozenset({MedicineKind.SYSTEMIC_GLUCOCORTICOID, MedicineKind.ANTIEPILEPTIC})


def taking(case: Case, kinds: Wanted) -> list[Medicine]:
    """Active medicines of any of the kinds."""
    if kinds.isdisjoint(case.taken):
        return []
    return [m for m in case.record.medicines.items if m.active and not kinds.isdisjoint(m.kinds)]


def bone_drugs(case: Case) -> list[Medicine]:
    """Active osteoporosis drugs."""
    return taking(case, BONE_DRUGS)


def _taking(says: str, kinds: Wanted) -> Term:
    return Term(
        lambda c: present(not kinds.isdisjoint(c.taken), c.record.medicines.complete),
        lambda c: evidence_of(taking(c, kinds)),
        says,
    )


def _oral_tried(case: Case) -> list[Medicine]:
    """Oral bisphosphonates, taken now or before."""
    return [m for m in case.record.medicines.items if not ORAL_BISPHOSPHONATES.isdisjoint(m.kinds)]


def _stopped_for(case: Case) -> list[Medicine]:
    """Oral bisphosphonates that were given up for the stomach (HVRT-44)."""
    return [m for m in _oral_tried(case) if m.stopped_for is ConditionKind.GASTROINTESTINAL_INTOLERANCE]


def _not_adhered(case: Case) -> list[Medicine]:
    return [m for m in _oral_tried(case) if m.adherence is Adherence.POOR]


def _regretted(case: Case) -> list[Medicine]:
    return [m for m in case.record.medicines.items if m.stopped_for or m.adherence]


def _long_term(case: Case) -> list[Medicine]:
    """Taken for at least the months in param; a start nobody recorded may be long ago (principle c)."""
    from_date = case.study.on or case.on
    return [m for m in taking(case, LONG_TERM_KINDS) if _months_taken(m, from_date, case)]


def _months_taken(medicine: Medicine, until: date, case: Case) -> bool:
    if medicine.start is None:
        return True
    months = (until.year - medicine.start.year) * 12 + until.month - medicine.start.month
    return bool(months - (until.day < medicine.start.day) >= case.parameters["longterm_months"])


def _overdue(case: Case) -> bool | None:
    """Whether the next denosumab dose has passed (GL-64); unknown without a last dose."""
    given = [m.last_dose for m in taking(case, DENOSUMAB)]
    if not given:
        return present(False, case.record.medicines.complete)
    if None in given:
        return None
    months = int(case.parameters["denosumab_interval_months"])
    return all(add_months(day, months) < case.on for day in given if day)


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


def _start(case: Case) -> date | None:
    return min([m.start for m in bone_drugs(case) if m.start], default=None)


def _active_names(case: Case) -> tuple[str, ...]:
    return tuple(sorted({k.value for m in bone_drugs(case) for k in m.kinds if k in BONE_DRUGS}))


LIST: dict[str, Term] = {
    "medicines_known": Term(
        lambda c: c.record.medicines.complete,
        lambda c: evidence_of(c.record.medicines.items),
        "the list is complete",
    ),
}

DRUGS: dict[str, Term] = {
    "bone_drug_active": _taking("an osteoporosis drug is taken", BONE_DRUGS),
    "denosumab_overdue": Term(
        _overdue, lambda c: evidence_of(taking(c, DENOSUMAB)), "the next dose has passed (GL-64)"
    ),
    "active_bone_drugs": Term(_active_names, lambda c: evidence_of(bone_drugs(c)), "their names"),
    "bone_drug_start": Term(_start, lambda c: evidence_of(bone_drugs(c)), "date of the earliest start"),
    "oral_bisphosphonate_active": _taking("an oral bisphosphonate is taken", ORAL_BISPHOSPHONATES),
    "bisphosphonate_active": _taking("a bisphosphonate is taken", BISPHOSPHONATES),
}

REGRETS: dict[str, Term] = {
    "stopped_for_stomach": Term(
        lambda c: bool(_stopped_for(c)), lambda c: evidence_of(_stopped_for(c)), "oral form"
    ),
    "poor_adherence": Term(
        lambda c: bool(_not_adhered(c)), lambda c: evidence_of(_not_adhered(c)), "to the oral form"
    ),
}

LONG_TERM: dict[str, Term] = {
    "long_term_bone_harming_drug": Term(
        lambda c: present(bool(_long_term(c)), c.record.medicines.complete),
        lambda c: evidence_of(_long_term(c)),
        "a systemic glucocorticoid or antiepileptic, long-term",
    ),
}

OPERATIONS: dict[str, Term] = {
    "gastric_surgery": _operated(Procedure.GASTRIC_SURGERY),
    "hip_replacement": _operated(
        Procedure.HIP_REPLACEMENT, Procedure.HIP_REPLACEMENT_LEFT, Procedure.HIP_REPLACEMENT_RIGHT
    ),
}

COMPLAINTS: dict[str, Term] = {
    "thigh_or_jaw_symptom": _complains(Symptom.THIGH_OR_GROIN_PAIN, Symptom.JAW_SORE_NOT_HEALING),
    "retrosternal_pain": _complains(Symptom.RETROSTERNAL_PAIN),
}

BY_KIND: dict[str, Term] = {
    f"taking_{kind.value}": _taking(f"{kind.value} is taken", frozenset({kind})) for kind in MedicineKind
}

TERMS: dict[str, Term] = {**LIST, **DRUGS, **REGRETS, **LONG_TERM, **OPERATIONS, **COMPLAINTS, **BY_KIND}
