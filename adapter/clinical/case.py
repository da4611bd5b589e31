"""One patient under one pathway on one day: where terms look their values up, and what they answer."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Final, Protocol, TypeVar

from adapter.clinical.calendar import add_months
from adapter.clinical.core_parameters import CoreParameters
from adapter.clinical.courses import BONE_DRUGS, NOT_TAKEN, courses, works
from adapter.clinical.kinds import InputKind
from adapter.clinical.lab_marks import mark_of, newest
from adapter.clinical.model import BoneRecord, Certainty, Listing, Reason
from adapter.clinical.quantities import Unit
from adapter.clinical.study import OF_SOMEBODY_ELSE, completed_years, latest_study
from adapter.clinical.value_kinds import FactValue

Evidence = tuple[str, ...]
K = TypeVar("K")
V = TypeVar("V")
REFUTED: Final = Certainty.REFUTED  # asked of each condition, and looked up slowly in its enumeration


class PatientOnDay:
    """The record, indexed once: the study that decides, courses of bone drugs, the ages that count."""

    def __init__(self, record: BoneRecord, parameters: CoreParameters, on: date) -> None:
        """The age at the study is for its class; without a study both ages are today's (C-60)."""
        excluded = parameters["excluded_fracture_sites"]
        medicines = [m for m in record.medicines.items if m.status not in NOT_TAKEN]
        self.record: Final = record
        self.parameters: Final = parameters
        self.on: Final = on
        self.study: Final = latest_study(record, parameters)
        self.age: Final = completed_years(record.birth_date, on)
        studied = self.study.on
        self.age_at_study: Final = completed_years(record.birth_date, studied) if studied else self.age
        stated = [c for c in record.conditions.items if c.certainty is not REFUTED]
        self.conditions: Final = by_key([(c.kind, c) for c in stated])
        self.not_taken: Final = [m for m in record.medicines.items if m.status in NOT_TAKEN]
        self.courses: Final = {course.kind: course for course in courses(medicines, parameters, on)}
        every_course = self.courses.values()
        self.current_courses: Final = tuple([it for it in every_course if it.current])  # treatment today
        self.past_courses: Final = tuple([it for it in every_course if not it.current])  # taken before
        others = [m for m in medicines if not m.kinds <= BONE_DRUGS and works(m, parameters, on)]
        # What is taken today; a course counts with all its entries.
        self.taken: Final = by_key(
            [(kind, m) for m in others for kind in m.kinds - BONE_DRUGS]
            + [(course.kind, m) for course in self.current_courses for m in course.entries]
        )
        self.allergies: Final = by_key([(kind, it) for it in record.allergies for kind in it.kinds])
        self.fractures: Final = tuple([f for f in record.fractures.items if f.site not in excluded])
        graded, counting = record.vfa.fractures if record.vfa else (), parameters["vfa_counting_grades"]
        self.vertebrae: Final = [vertebra for vertebra in graded if vertebra.grade in counting]  # by VFA
        held = by_key([(lab.analyte, lab) for lab in record.labs])
        every = {key: newest(labs, lambda lab: mark_of(lab, parameters)) for key, labs in held.items()}
        self.labs: Final = {key: lab for key, lab in every.items() if self.recent(lab.on, "laboratory")}
        self.old_labs: Final = {key: lab for key, lab in every.items() if key not in self.labs}
        # What was refused and is of this patient, and the checks among it by what they are about (C-70).
        self.refused: Final = tuple([r for r in record.rejected if r.reason not in NOT_OF_THIS_PATIENT])
        self.unread: Final = by_key([(r.about, r) for r in self.refused if r.reason not in NO_CHECK])
        self.days: Final = dict(sorted(record.days))  # of two days of one fact the later one
        self.whole: Final = frozenset(filter(self._is_whole, UNREAD))  # the lists that are complete
        # What each list says of a thing that it does not have (C-56).
        self.unlisted: Final = {name: present(False, name in self.whole) for name in UNREAD}

    def recent(self, day: date | None, kind: str) -> bool:
        """Whether such evidence of that day still tells about today (C-60); without a day it does not."""
        return day is not None and add_months(day, self.parameters["max_age_months"][kind]) >= self.on

    def _is_whole(self, name: str) -> bool:
        """Whether somebody called the list complete lately (C-59) and none of its entries went unread."""
        listing: Listing[object] = getattr(self.record, name)
        known = listing.complete and self.recent(listing.on, "lists")
        return known and not any(refused.concerns in UNREAD[name] for refused in self.refused)

    def noted(self, *names: str) -> Evidence:
        """References kept for facts that carry none of their own."""
        return tuple([reference for name, reference in self.record.evidence if name in names])


# What an entry that was not read would have been, by the list that it may belong to:
# a problem may be a fracture.
UNREAD: Final[Mapping[str, tuple[InputKind, ...]]] = {
    "fractures": ("fracture", "condition"),
    "conditions": ("condition", "fracture"),
    "medicines": ("medicine",),
}
NOT_OF_THIS_PATIENT: Final = OF_SOMEBODY_ELSE | {Reason.REFUTED}
NO_CHECK: Final = NOT_OF_THIS_PATIENT | {Reason.WITHDRAWN, Reason.NOT_PERFORMED}


def by_key(pairs: Iterable[tuple[K, V]]) -> dict[K, tuple[V, ...]]:
    """Values by their key, keys and values in the order of first appearance."""
    groups: dict[K, list[V]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in groups.items()}


@dataclass(frozen=True, slots=True)
class Term:
    """A name that rules may use: its value, the evidence behind it, what it means, and a number's unit."""

    value: Callable[[PatientOnDay], FactValue]
    evidence: Callable[[PatientOnDay], Evidence]
    says: str
    unit: Unit | None = None


def no_evidence(_: PatientOnDay) -> Evidence:
    """For terms that rest on the pathway alone."""
    return ()


class TermValues:
    """What rules may ask about one case: its terms, and what the stages decided before."""

    def __init__(self, case: PatientOnDay, terms: Mapping[str, Term]) -> None:
        self.case = case
        self.terms = terms
        self.values: dict[str, FactValue] = {name: term.value(case) for name, term in terms.items()}
        self.evidence: dict[str, Evidence] = {}

    def add(self, name: str, value: FactValue, evidence: Evidence = ()) -> None:
        """What a stage decided, with what it rests on, for the stages after it."""
        self.values[name] = value
        self.evidence[name] = evidence

    def behind(self, names: Iterable[str]) -> Evidence:
        """References behind these names, each once; what nobody recorded has none."""
        values, evidence = self.values, self.evidence
        found: set[str] = set()
        for name in names:
            if values.get(name) is not None:
                if name not in evidence:
                    evidence[name] = self.terms[name].evidence(self.case)
                found.update(evidence[name])
        found.discard("")
        return tuple(sorted(found))


class HasEvidence(Protocol):
    """A fact, or a refused one, that carries the reference it was read from."""

    @property
    def evidence(self) -> str: ...


_own_evidence: Callable[[HasEvidence], str] = attrgetter("evidence")


def evidence_of(items: Iterable[HasEvidence]) -> Evidence:
    """The references of items that carry their own."""
    return tuple(map(_own_evidence, items))


def present(found: bool, complete: bool) -> bool | None:
    """Presence shows in any list, absence only in a complete one (C-56)."""
    return True if found else (False if complete else None)
