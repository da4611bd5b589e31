"""The answers of one case to what a pathway asks, by name, and the evidence behind each of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from adapter.clinical.case import Case, Evidence, Term


class Facts:
    """What rules may ask about one case: its terms, and what the stages decided before."""

    def __init__(self, case: Case, terms: Mapping[str, Term], asked: Iterable[str]) -> None:
        self.case = case
        self.terms = terms
        self.values: dict[str, Any] = {name: terms[name].value(case) for name in asked}
        self.evidence: dict[str, Evidence] = {}

    def add(self, name: str, value: object, evidence: Evidence = ()) -> None:
        """What a stage decided, with what it rests on, for the stages after it."""
        self.values[name] = value
        self.evidence[name] = evidence

    def behind(self, names: Iterable[str]) -> Evidence:
        """References behind these names, each once; what nobody recorded has none."""
        found: set[str] = set()
        for name in names:
            if self.values.get(name) is not None:
                if name not in self.evidence:
                    self.evidence[name] = self.terms[name].evidence(self.case)
                found.update(self.evidence[name])
        found.discard("")
        return tuple(sorted(found))
