"""Terms about fractures: which count, how much force, when, and whether a drug was being taken."""

from collections.abc import Callable, Mapping

from adapter.clinical.calendar import add_days, add_months
from adapter.clinical.case import Evidence, PatientOnDay, Term, evidence_of, present
from adapter.clinical.courses import Course
from adapter.clinical.model import Adherence, Fracture, FractureSite, Sex
from adapter.clinical.study import completed_years
from adapter.clinical.terms.bone_drugs import entries_of
from adapter.clinical.terms.dxa import vertebra_on_vfa, vfa, vfa_is_current
from adapter.clinical.terms.person import postmenopausal

HIP_OR_VERTEBRA = (FractureSite.HIP, FractureSite.VERTEBRA)
FractureChoice = Callable[[PatientOnDay], list[Fracture]]


def counting(case: PatientOnDay) -> list[Fracture]:
    """Fractures at sites that a fracture rule may use (GL-02)."""
    return list(case.fractures)


def _hip(case: PatientOnDay) -> list[Fracture]:
    return [f for f in case.fractures if f.site is FractureSite.HIP]


def _hip_or_vertebra(case: PatientOnDay) -> list[Fracture]:
    return [f for f in case.fractures if f.site in HIP_OR_VERTEBRA]


def _not_high_energy(case: PatientOnDay) -> list[Fracture]:
    return [f for f in _hip_or_vertebra(case) if f.low_energy is not False]


def _low_energy(case: PatientOnDay) -> list[Fracture]:
    return [f for f in case.fractures if f.low_energy is True]


def _energy_unknown(case: PatientOnDay) -> list[Fracture]:
    return [f for f in case.fractures if f.low_energy is None]


def _after_50(case: PatientOnDay) -> list[Fracture]:
    """Any site and any energy, after the 50th birthday (C-14, C-44)."""
    # The birthday itself counts: the leaflets say "older than 50", the guidelines "from 50" (C-14).
    limit = case.parameters["fracture_after_age"]
    born = case.record.birth_date
    ages = [(f, completed_years(born, f.on)) for f in case.record.fractures.items if f.on]
    return [f for f, age in ages if age is not None and age >= limit]


def _after_handover(case: PatientOnDay) -> list[Fracture]:
    sent = case.record.handover_sent
    return [f for f in case.fractures if f.on and f.on > sent] if sent else []


def _recent_hip(case: PatientOnDay) -> list[Fracture]:
    # The benefit of a first infusion was seen from two weeks after the operation on (GL-62).
    days = case.parameters["zoledronate_after_hip_fracture_days"]
    return [f for f in _hip(case) if f.on and case.on < add_days(f.on, days)]


def _several(chosen: FractureChoice) -> FractureChoice:
    def found(case: PatientOnDay) -> list[Fracture]:
        fractures = chosen(case)
        return fractures if len(fractures) >= case.parameters["several_fractures"] else []

    return found


def _any_of(chosen: FractureChoice, says: str) -> Term:
    """True when any is recorded, false only when the list is complete."""
    return Term(
        lambda c: bool(c.record.fractures.items and chosen(c)) or c.unlisted["fractures"],
        lambda c: evidence_of(chosen(c)),
        says,
    )


def _remark_on(chosen: FractureChoice, says: str) -> Term:
    """A remark about what is recorded; silence is simply false."""
    return Term(
        lambda c: bool(c.record.fractures.items and chosen(c)), lambda c: evidence_of(chosen(c)), says
    )


def _with_vfa(chosen: FractureChoice, says: str) -> Term:
    def value(case: PatientOnDay) -> bool | None:
        return present(
            bool(chosen(case)) or vertebra_on_vfa(case), "fractures" in case.whole and vfa_is_current(case)
        )

    return Term(value, lambda c: evidence_of(chosen(c)) + vfa(c), says)


def _fragility(case: PatientOnDay) -> bool | None:
    if _low_energy(case) or vertebra_on_vfa(case):
        return True
    return None if _energy_unknown(case) or "fractures" not in case.whole else False


def _makes_diagnosis(fracture: Fracture, case: PatientOnDay) -> bool | None:
    """Low energy, at an age or menopausal status where it counts (HVRT-25, C-14)."""
    if fracture.low_energy is not True:
        return fracture.low_energy
    return _at_route_age(fracture, case)


def _at_route_age(fracture: Fracture, case: PatientOnDay) -> bool | None:
    """A man past the age limit or a postmenopausal woman; if that is unknown, age only confirms (C-14)."""
    age = completed_years(case.record.birth_date, fracture.on)
    old_enough = None if age is None else age >= case.parameters["fracture_after_age"]
    if case.record.sex is Sex.MALE:
        return old_enough
    status = postmenopausal(case)
    return (old_enough or None) if status is None else status


def _high_energy_at_route_age(case: PatientOnDay) -> list[Fracture]:
    high = [f for f in case.fractures if f.low_energy is False]
    return [f for f in high if _at_route_age(f, case) is not False]


def _route(case: PatientOnDay) -> bool | None:
    """Kleene 'any' over the counting fractures; an incomplete list can always hide one."""
    answers = {_makes_diagnosis(f, case) for f in case.fractures}
    if True in answers:
        return True
    return None if None in answers or "fractures" not in case.whole else False


def _route_evidence(case: PatientOnDay) -> Evidence:
    return evidence_of(f for f in case.fractures if _makes_diagnosis(f, case))


def _on_drug(case: PatientOnDay) -> str | None:
    """Where the newest fragility fracture lies on the drug: none, early, unclear or late (C-30, GL-14)."""
    hurt = [f for f in case.fractures if f.low_energy is not False]
    answers = {_time_on_treatment(f, course, case) for course in case.current_courses for f in hurt}
    return next((a for a in ("late", "early", "unclear") if a in answers), "none")


def _time_on_treatment(fracture: Fracture, course: Course, case: PatientOnDay) -> str:
    months = case.parameters["fracture_under_treatment_months"]
    if fracture.on is None or course.start is None:
        return "unclear"
    if fracture.on <= course.start:
        return "none"
    # A fracture in the first year is no failure of the drug (C-30, GL-14).
    if fracture.on < add_months(course.start, months):
        return "early"
    # Adherence is asked about before a drug is called a failure (GL-14).
    surely = course.adherence is Adherence.GOOD and fracture.low_energy is True
    return "late" if surely else "unclear"


def _drug_and_fracture(case: PatientOnDay) -> Evidence:
    return entries_of(case.current_courses) + evidence_of(counting(case))


FRACTURES: Mapping[str, Term] = {
    "fractures_known": Term(
        lambda c: "fractures" in c.whole,
        lambda c: evidence_of(c.record.fractures.items),
        "the list is complete",
    ),
    "any_fracture": _any_of(lambda c: list(c.record.fractures.items), "any broken bone"),
    "counting_fracture": _any_of(counting, "a fracture at a site that counts (GL-02)"),
    "hip_fracture": _any_of(_hip, "a hip fracture of any energy"),
    "hip_or_vertebral_fracture": _with_vfa(
        _hip_or_vertebra, "coded, or of a counting grade on VFA; any energy"
    ),
    "hip_or_vertebral_fracture_not_high_energy": _with_vfa(
        _not_high_energy, "the same, high-energy ones left out"
    ),
    "hip_or_vertebral_energy_unknown": _remark_on(
        lambda c: [f for f in _hip_or_vertebra(c) if f.low_energy is None],
        "hip or vertebra, energy not recorded",
    ),
    "low_energy_fracture": _any_of(_low_energy, "a counting fracture known to be of low energy"),
    "high_energy_fracture": _remark_on(
        lambda c: [f for f in c.record.fractures.items if f.low_energy is False], "known to be of high energy"
    ),
    "fracture_energy_unknown": _remark_on(_energy_unknown, "a counting fracture without energy"),
    "fragility_fracture": Term(
        _fragility, lambda c: evidence_of(counting(c)) + vfa(c), "low energy, or a counting grade on VFA"
    ),
    "fracture_site_excluded": _remark_on(
        lambda c: [f for f in c.record.fractures.items if f.site in c.parameters["excluded_fracture_sites"]],
        "a fracture at a site that does not count (GL-02)",
    ),
    "fracture_after_50": _remark_on(_after_50, "any fracture after the age in param (C-14)"),
    "fracture_after_handover": _remark_on(_after_handover, "dated after the last letter that reached the GP"),
    "fracture_makes_diagnosis": Term(_route, _route_evidence, "route 1 would hold (HVRT-25)"),
    "recent_hip_fracture": _remark_on(_recent_hip, "too recent for a first infusion (GL-62)"),
    "several_fractures": _remark_on(_several(counting), "more than one"),
    "several_low_energy_fractures": _remark_on(
        _several(_low_energy), "more than one, known to be of low energy"
    ),
    "high_energy_fracture_at_route_age": _remark_on(
        _high_energy_at_route_age,
        "a high-energy fracture that by age or menopause could have made the diagnosis",
    ),
}


def _adherence_unasked(case: PatientOnDay) -> bool:
    """A fracture after the first months of a drug of which nobody asked whether it is taken (GL-14)."""
    months = case.parameters["fracture_under_treatment_months"]
    started = [course.start for course in case.current_courses if course.start and course.adherence is None]
    hurt = [f.on for f in case.fractures if f.on and f.low_energy is not False]
    return any(day >= add_months(start, months) for start in started for day in hurt)


VERTEBRAE: Mapping[str, Term] = {
    "several_coded_vertebral_fractures": _remark_on(
        _several(lambda c: [f for f in _not_high_energy(c) if f.site is FractureSite.VERTEBRA]),
        "more than one vertebra, not known to be of high energy",
    ),
}


ON_DRUG: Mapping[str, Term] = {
    "fracture_on_drug_adherence_unknown": Term(
        _adherence_unasked,
        _drug_and_fracture,
        "late after the drug's start, and nobody asked about adherence",
    ),
    "fracture_on_drug": Term(
        _on_drug, _drug_and_fracture, "none, early, unclear or late after the drug's start"
    ),
}

TERMS: Mapping[str, Term] = {**FRACTURES, **VERTEBRAE, **ON_DRUG}
