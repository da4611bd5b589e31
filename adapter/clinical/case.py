"""One patient under one pathway on one day: what the terms of the rules are looked up in."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeVar

from adapter.clinical.model import Analyte, BoneRecord, Certainty, Lab
from adapter.clinical.study import completed_years, latest_study

Evidence = tuple[str, ...]
K = TypeVar("K")
V = TypeVar("V")


class Case:
    """The record, indexed once, with the study that decides and the age that counts."""

    def __init__(self, record: BoneRecord, parameters: Mapping[str, Any], on: date) -> None:
        """Age counts at the study date, or on the day of deciding where there is no study."""
        excluded, medicines = parameters["excluded_fracture_sites"], record.medicines.items
        self.record: Final = record
        self.parameters: Final = parameters
        self.on: Final = on
        self.study: Final = latest_study(record, parameters["decisive_sites"])
        self.age: Final = completed_years(record.birth_date, self.study.on or on)
        stated = [c for c in record.conditions.items if c.certainty is not Certainty.REFUTED]
        self.conditions: Final = by_key([(c.kind, c) for c in stated])
        self.medicines: Final = by_key([(kind, m) for m in medicines for kind in m.kinds])
        self.taken: Final = frozenset([kind for m in medicines if m.active for kind in m.kinds])
        self.fractures: Final = tuple([f for f in record.fractures.items if f.site not in excluded])
        self.labs: Final = _newest(record.labs)

    def noted(self, *names: str) -> Evidence:
        """References kept for facts that carry none of their own."""
        return tuple([reference for name, reference in self.record.evidence if name in names])


def _newest(labs: Iterable[Lab]) -> dict[Analyte, Lab]:
    """Two values of one analyte: the newer stands, and on one day the higher one."""
    newest: dict[Analyte, Lab] = {}
    for lab in sorted(labs, key=_recency):
        newest[lab.analyte] = lab
    return newest


def _recency(lab: Lab) -> tuple[Any, ...]:
    value = Decimal("-Infinity") if lab.value is None else lab.value
    return lab.on or date.min, value, lab.mark or "", lab.evidence


def by_key(pairs: Iterable[tuple[K, V]]) -> dict[K, tuple[V, ...]]:
    """Values by their key, keys and values in the order of first appearance."""
    groups: dict[K, tuple[V, ...]] = {}
    for key, value in pairs:
        groups[key] = (*groups.get(key, ()), value)
    return groups


class Term(NamedTuple):
    """A name that rules may use: its value, the evidence behind it, and what it means."""

    value: Callable[[Case], Any]
    evidence: Callable[[Case], Evidence]
    says: str


def no_evidence(_: Case) -> Evidence:
    """For terms that rest on the pathway alone."""
    return ()


def evidence_of(items: Iterable[Any]) -> Evidence:
    """The references of items that carry their own."""
    return tuple([item.evidence for item in items])


def present(found: bool, complete: bool) -> bool | None:
    """Presence shows in any list, absence only in a complete one (C-56)."""
    return True if found else (False if complete else None)
