"""One patient under one pathway on one day: what a rule's names are looked up in, and what stands behind them."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeVar

from adapter.clinical.model import (
    Analyte,
    BoneRecord,
    Certainty,
    Lab,
)
from adapter.clinical.study import completed_years, latest_study

Evidence = tuple[str, ...]
NO_REFERENCE = ""  # of an item that came without one
REFUTED = Certainty.REFUTED
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
        stated = [c for c in record.conditions.items if c.certainty is not REFUTED]
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
    for lab in labs:
        known = newest.setdefault(lab.analyte, lab)
        if known is not lab and _age(known) < _age(lab):
            newest[lab.analyte] = lab
    return newest


def _age(lab: Lab) -> tuple[Any, ...]:
    return (
        lab.on or date.min,
        Decimal("-Infinity") if lab.value is None else lab.value,
        lab.mark or "",
        lab.evidence,
    )


def by_key(pairs: Iterable[tuple[K, V]]) -> dict[K, tuple[V, ...]]:
    """Values by their key, keys and values in the order of first appearance."""
    groups: dict[K, tuple[V, ...]] = {}
    for key, value in pairs:
        groups[key] = (*groups[key], value) if key in groups else (value,)
    return groups


class Term(NamedTuple):
    """A name that rules may use: its value, the evidence behind it, and what it means."""

    value: Callable[[Case], Any]
    evidence: Callable[[Case], Evidence]
    says: str


Answer = tuple[str, Callable[[Case], Any]]  # the name of a term and how its value is found


class Facts:
    """What rules may ask about one case, and what stands behind it.

    ``values`` has the terms, the definitions and what the stages settled, by name: a plain dict, since looking up in a
    class derived from it takes twice the time.
    """

    __slots__ = ("case", "cited", "heard", "rested", "terms", "values")

    def __init__(self, case: Case, terms: Mapping[str, Term], unspoken: dict[str, Any]) -> None:
        self.values = unspoken  # what is not answered below
        self.case = case
        self.terms = terms
        self.heard: set[str] = set()  # names that something on record may stand behind
        self.cited: dict[str, Evidence] = {}  # by name
        self.rested: dict[frozenset[str], Evidence] = {}  # by the names that a rule rests on

    def answer(self, terms: Iterable[Answer]) -> None:
        """Work out terms; one that nobody recorded has nothing behind it."""
        case, heard, values = self.case, self.heard, self.values
        for name, value_of in terms:
            value = values[name] = value_of(case)
            if value is not None:
                heard.add(name)

    def settle(self, name: str, value: Any, evidence: Evidence = ()) -> None:
        """Add what a stage decided, with what it rested on, for the stages after it."""
        self.values[name] = value
        self.cited[name] = evidence
        self.heard.add(name)

    def behind(self, asks: frozenset[str]) -> Evidence:
        """References behind the facts that a rule asks for; many rules rest on the same few that are on record."""
        names = asks & self.heard
        if names in self.rested:
            return self.rested[names]
        cited = self.cited
        found: set[str] = set()
        for name in names:
            if name not in cited:
                cited[name] = self.terms[name].evidence(self.case)
            found.update(cited[name])
        found.discard(NO_REFERENCE)
        known = self.rested[names] = tuple(sorted(found))
        return known


def no_evidence(_: Case) -> Evidence:
    """For terms that rest on the pathway alone."""
    return ()


def evidence_of(items: Iterable[Any]) -> Evidence:
    """The references of items that carry their own."""
    return tuple([item.evidence for item in items])


def present(found: bool, complete: bool) -> bool | None:
    """Presence shows in any list, absence only in a complete one (C-56)."""
    return True if found else (False if complete else None)
