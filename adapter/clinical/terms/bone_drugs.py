"""Terms about osteoporosis drugs as courses: which work today, ended, are due or were forbidden."""

from collections.abc import Iterable, Mapping
from datetime import date

from adapter.clinical.calendar import add_months
from adapter.clinical.case import Evidence, PatientOnDay, Term, evidence_of
from adapter.clinical.courses import (
    ANABOLICS,
    ANTIRESORPTIVES,
    BISPHOSPHONATES,
    BONE_DRUGS,
    INTERVALS,
    ORAL_BISPHOSPHONATES,
    Course,
    Phase,
)
from adapter.clinical.model import Medicine, MedicineKind, MedicineStatus
from adapter.clinical.terms.medicines import MedicineKinds, term_of_taking

DENOSUMAB = MedicineKind.DENOSUMAB


def entries_of(found: Iterable[Course]) -> Evidence:
    """The references of all entries of these courses."""
    return evidence_of(entry for course in found for entry in course.entries)


def _names(found: Iterable[Course]) -> tuple[str, ...]:
    return tuple(sorted(course.kind.value for course in found))


def _of_status(case: PatientOnDay, status: MedicineStatus, kinds: MedicineKinds) -> list[Medicine]:
    return [m for m in case.not_taken if m.status is status and m.kinds & kinds]


def _prohibited(kinds: MedicineKinds) -> Term:
    return Term(
        lambda c: bool(_of_status(c, MedicineStatus.PROHIBITED, kinds)),
        lambda c: evidence_of(_of_status(c, MedicineStatus.PROHIBITED, kinds)),
        "an order says not to give it",
    )


def _dose_not_given(case: PatientOnDay) -> list[Medicine]:
    """Doses of a bone drug that were to be given and were not, after the last one that was."""
    missed = _of_status(case, MedicineStatus.NOT_GIVEN, BONE_DRUGS)
    # A dose that was given later made up for one that was missed before it.
    given = [course.last_dose for course in case.courses.values() if course.last_dose]
    return [m for m in missed if not given or m.start is None or m.start > max(given)]


def _denosumab(case: PatientOnDay) -> list[Course]:
    return [case.courses[DENOSUMAB]] if DENOSUMAB in case.courses else []


def _followed(course: Course, case: PatientOnDay) -> bool:
    """Whether another bone drug came after the last dose."""
    others = [it for it in case.courses.values() if it.kind is not course.kind]
    if course.last_dose is None:
        return any(it.current for it in others)
    return any(it.start and it.start >= course.last_dose for it in others)


def _overdue(case: PatientOnDay) -> list[Course]:
    return [
        course for course in _denosumab(case) if course.phase is Phase.OVERDUE and not _followed(course, case)
    ]


def _denosumab_overdue(case: PatientOnDay) -> bool | None:
    """Whether the next denosumab dose has passed (GL-64, C-65); unknown without a last dose."""
    if _overdue(case):
        return True
    if any(course.current and course.last_dose is None for course in _denosumab(case)):
        return None
    return False if DENOSUMAB in case.courses else case.unlisted["medicines"]


def _undated(case: PatientOnDay) -> list[Course]:
    """Injections that count as treatment and whose last dose nobody recorded (C-65)."""
    return [
        course for course in case.current_courses if course.kind in INTERVALS and course.last_dose is None
    ]


def _of_unknown_length(case: PatientOnDay) -> list[Course]:
    """Courses of a time-limited drug with an entry without a start: the time may be over (C-65)."""
    running = [course for course in case.current_courses if course.kind in ANABOLICS]
    return [course for course in running if any(entry.start is None for entry in course.entries)]


def _in_phase(says: str, *phases: Phase) -> Term:
    return Term(
        lambda c: any(course.phase in phases for course in c.courses.values()),
        lambda c: entries_of(course for course in c.courses.values() if course.phase in phases),
        says,
    )


def _end_of_holiday(case: PatientOnDay) -> date | None:
    """The last day that is known of a bisphosphonate on holiday."""
    held = [m for course in case.past_courses if course.phase is Phase.HOLIDAY for m in course.entries]
    return max([day for m in held for day in (m.ended, m.last_dose, m.supplied_until) if day], default=None)


def _over(case: PatientOnDay) -> list[Course]:
    """Anabolic courses that ended, with nothing after them."""
    return [
        course
        for course in case.courses.values()
        if course.phase is Phase.OVER and not current_others(course, case)
    ]


def current_others(course: Course, case: PatientOnDay) -> list[Course]:
    """Other bone drugs that count as treatment today."""
    return [it for it in case.current_courses if it.kind is not course.kind]


def _unexplained(case: PatientOnDay) -> list[Course]:
    """Taken before, not now, and the record does not say why."""
    return [course for course in case.past_courses if not course.explained]


def _start(case: PatientOnDay) -> date | None:
    return min([course.start for course in case.current_courses if course.start], default=None)


def _due(case: PatientOnDay) -> date | None:
    """The next dose of denosumab, as long as it lies ahead."""
    course = case.courses.get(DENOSUMAB)
    return course.due if course and course.due and course.due >= case.on else None


def _look_again(case: PatientOnDay) -> date | None:
    """When a drug holiday is looked at again, as long as that lies ahead."""
    since = _end_of_holiday(case)
    if since is None:
        return None
    due = add_months(since, case.parameters["holiday_review_months"])
    return due if due >= case.on else None


DRUGS: Mapping[str, Term] = {
    "bone_drug_active": term_of_taking(
        "an osteoporosis drug is taken, or its last dose still works", BONE_DRUGS
    ),
    "active_bone_drugs": Term(
        lambda c: _names(c.current_courses), lambda c: entries_of(c.current_courses), "their names"
    ),
    "bone_drug_start": Term(_start, lambda c: entries_of(c.current_courses), "date of the earliest start"),
    "oral_bisphosphonate_active": term_of_taking("an oral bisphosphonate is taken", ORAL_BISPHOSPHONATES),
    "bisphosphonate_active": term_of_taking("a bisphosphonate is taken", BISPHOSPHONATES),
    "antihormonal_active": term_of_taking(
        "an aromatase inhibitor or androgen deprivation", frozenset({MedicineKind.ANTIHORMONAL})
    ),
}


COURSES: Mapping[str, Term] = {
    "denosumab_overdue": Term(
        _denosumab_overdue,
        lambda c: entries_of(_overdue(c)),
        "the next dose has passed, and nothing followed (C-65)",
    ),
    "denosumab_due": Term(_due, lambda c: entries_of(_denosumab(c)), "the day on which the next dose is due"),
    "last_dose_unknown": Term(
        lambda c: bool(_undated(c)),
        lambda c: entries_of(_undated(c)),
        "of an injection that counts as treatment",
    ),
    "anabolic_start_unknown": Term(
        lambda c: bool(_of_unknown_length(c)),
        lambda c: entries_of(_of_unknown_length(c)),
        "of a course that may last for a limited time",
    ),
    "dose_not_given": Term(
        lambda c: bool(_dose_not_given(c)), lambda c: evidence_of(_dose_not_given(c)), "a dose was not done"
    ),
    "bone_drug_holiday": _in_phase("a bisphosphonate ended and was not given up", Phase.HOLIDAY),
    "holiday_since": Term(
        _end_of_holiday, lambda c: entries_of(c.past_courses), "the day on which the holiday began"
    ),
    "holiday_review_due": Term(
        _look_again,
        lambda c: entries_of(c.past_courses),
        "the day to look at it again, while that lies ahead",
    ),
    "anabolic_course_over": Term(
        lambda c: bool(_over(c)), lambda c: entries_of(_over(c)), "an anabolic course, with nothing after it"
    ),
    "past_bone_drugs": Term(
        lambda c: _names(c.past_courses),
        lambda c: entries_of(c.past_courses),
        "osteoporosis drugs of before",
    ),
    "bone_drug_before": Term(
        lambda c: bool(c.past_courses),
        lambda c: entries_of(c.past_courses),
        "one was taken, and is not now",
    ),
    "bone_drug_before_unexplained": Term(
        lambda c: bool(_unexplained(c)), lambda c: entries_of(_unexplained(c)), "and nobody recorded why"
    ),
    "bisphosphonate_prohibited": _prohibited(BISPHOSPHONATES),
    "denosumab_prohibited": _prohibited(frozenset({DENOSUMAB})),
    "other_bone_drug_prohibited": _prohibited(BONE_DRUGS - ANTIRESORPTIVES),
}


TERMS: Mapping[str, Term] = {**DRUGS, **COURSES}
