"""One patient under one pathway on one day: what a rule's names are looked up in.

``Facts`` computes a term when a rule first asks for it and remembers the answer, so a record costs only the terms
its rules reach.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from adapter.clinical.logic import Expression
from adapter.clinical.model import (
    Analyte,
    BoneRecord,
    Certainty,
    Condition,
    ConditionKind,
    Fracture,
    Lab,
    Medicine,
    MedicineKind,
)
from adapter.clinical.study import Study, completed_years, latest_study

Evidence = tuple[str, ...]
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Case:
    """The record, indexed once, with the study that decides and the age that counts."""

    record: BoneRecord
    on: date
    parameters: Mapping[str, Any]
    study: Study
    age: int | None
    conditions: Mapping[ConditionKind, tuple[Condition, ...]]  # refuted ones left out
    medicines: Mapping[MedicineKind, tuple[Medicine, ...]]
    taken: frozenset[MedicineKind]  # kinds that are active now
    fractures: tuple[Fracture, ...]  # at sites that count (GL-02)
    labs: Mapping[Analyte, Lab]

    @classmethod
    def of(cls, record: BoneRecord, parameters: Mapping[str, Any], on: date) -> "Case":
        """Age counts at the study date, or on the day of deciding where there is no study."""
        study = latest_study(record, parameters["decisive_sites"])
        excluded = parameters["excluded_fracture_sites"]
        medicines = record.medicines.items
        return cls(
            record,
            on,
            parameters,
            study,
            completed_years(record.birth_date, study.on or on),
            _grouped((c.kind, c) for c in record.conditions.items if c.certainty is not Certainty.REFUTED),
            _grouped((kind, m) for m in medicines for kind in m.kinds),
            frozenset(kind for m in medicines if m.active for kind in m.kinds),
            tuple(f for f in record.fractures.items if f.site not in excluded),
            {lab.analyte: lab for lab in sorted(record.labs, key=_newest_last)},
        )

    def noted(self, *names: str) -> Evidence:
        """References kept for facts that carry none of their own."""
        return tuple(reference for name, reference in self.record.evidence if name in names)


def _newest_last(lab: Lab) -> tuple[Any, ...]:
    """Two values of one analyte: the newer stands, and on one day the higher one."""
    return (
        lab.on or date.min,
        Decimal("-Infinity") if lab.value is None else lab.value,
        lab.mark or "",
        lab.evidence,
    )


def _grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, tuple[V, ...]]:
    groups: dict[K, tuple[V, ...]] = {}
    for key, value in pairs:
        groups[key] = (*groups.get(key, ()), value)
    return groups


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
            found: set[str] = set()
            for name in names:
                references = self.cited.get(name)
                found.update(self._cite(name) if references is None else references)
            found.discard("")
            known = self.rested[key] = tuple(sorted(found))
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
