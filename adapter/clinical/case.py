"""One patient under one pathway on one day: what a rule's names are looked up in.

``Facts`` computes a term when a rule first asks for it and remembers the answer, so a record costs only the terms
its rules reach.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from adapter.clinical.logic import Expression
from adapter.clinical.model import BoneRecord, Certainty, Condition, ConditionKind, Medicine, MedicineKind
from adapter.clinical.study import Study, completed_years, latest_study

Evidence = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """The record, indexed once, with the study that decides and the age that counts."""

    record: BoneRecord
    on: date
    parameters: Mapping[str, Any]
    study: Study
    age: int | None
    conditions: Mapping[ConditionKind, tuple[Condition, ...]] = field(default_factory=dict)
    medicines: Mapping[MedicineKind, tuple[Medicine, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, record: BoneRecord, parameters: Mapping[str, Any], on: date) -> "Case":
        """Age counts at the study date, or on the day of deciding where there is no study."""
        study = latest_study(record, parameters["decisive_sites"])
        conditions: dict[ConditionKind, tuple[Condition, ...]] = {}
        for condition in record.conditions.items:
            if condition.certainty is not Certainty.REFUTED:
                conditions[condition.kind] = (*conditions.get(condition.kind, ()), condition)
        medicines: dict[MedicineKind, tuple[Medicine, ...]] = {}
        for medicine in record.medicines.items:
            for kind in medicine.kinds:
                medicines[kind] = (*medicines.get(kind, ()), medicine)
        age = completed_years(record.birth_date, study.on or on)
        return cls(record, on, parameters, study, age, conditions, medicines)

    def noted(self, *names: str) -> Evidence:
        """References kept for facts that carry none of their own."""
        return tuple(reference for name, reference in self.record.evidence if name in names)


class Term(NamedTuple):
    """A name that rules may use: its value, the evidence behind it, and what it means."""

    value: Callable[[Case], Any]
    evidence: Callable[[Case], Evidence]
    says: str


class Facts(dict[str, Any]):
    """Term or definition name to value, computed on first use."""

    __slots__ = ("case", "cited", "definitions", "later", "rested", "terms")

    def __init__(
        self,
        case: Case,
        terms: Mapping[str, Term],
        definitions: Mapping[str, Expression],
        settled: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(settled or {})
        self.case = case
        self.terms = terms
        self.definitions = definitions
        self.later: dict[str, Callable[[], Any]] = {}
        self.cited: dict[str, Evidence] = {}  # by fact
        self.rested: dict[str, Evidence] = {}  # by rule

    def __missing__(self, name: str) -> Any:
        """Compute and keep a term; an unknown name is a fault of the pathway that load should have caught."""
        definition = self.definitions.get(name)
        if definition is not None:
            value = definition.evaluate(self)
        elif name in self.later:
            value = self.later[name]()
        else:
            value = self.terms[name].value(self.case)
        self[name] = value
        return value

    def settle(self, name: str, value: Any, evidence: Evidence = ()) -> None:
        """Add what a stage decided, with what it rested on, for the stages after it."""
        self[name] = value
        self.cited[name] = evidence

    def behind(self, key: str, names: Iterable[str]) -> Evidence:
        """References behind the facts that a rule (``key``) asks for; worked out once per rule."""
        known = self.rested.get(key)
        if known is None:
            known = self.rested[key] = tuple(
                {reference for name in names for reference in self._cite(name)} - {""}
            )
        return known

    def _cite(self, name: str) -> Evidence:
        """What stands behind a term; one that no rule reached, or that nobody recorded, has nothing behind it."""
        known = self.cited.get(name)
        if known is None:
            reached = self.get(name) is not None
            term = self.terms.get(name) if reached else None
            known = self.cited[name] = term.evidence(self.case) if term else ()
        return known


def no_evidence(_: Case) -> Evidence:
    """For terms that rest on the pathway alone."""
    return ()


def evidence_of(items: Iterable[Any]) -> Evidence:
    """The references of items that carry their own."""
    return tuple(item.evidence for item in items)


def present(found: bool, complete: bool) -> bool | None:
    """Presence shows in any list, absence only in a complete one (C-56)."""
    return True if found else (False if complete else None)
