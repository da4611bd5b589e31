"""A chapter that asks the same of each of many kinds, of which a record mentions few."""

from collections.abc import Hashable, Iterable, Mapping
from typing import Generic, TypeVar

from adapter.clinical.case import Facts, Term, present

K = TypeVar("K", bound=Hashable)


class ByKind(Generic[K]):
    """What a record does not mention is filled in at once, absent or unknown, instead of term by term."""

    def __init__(self, terms: Mapping[str, Term], names: Mapping[K, Iterable[str]]) -> None:
        self.of_kind = {
            kind: {name: terms[name] for name in of if name in terms} for kind, of in names.items()
        }
        by_kind = {name for of in self.of_kind.values() for name in of}
        self.others = {name: term for name, term in terms.items() if name not in by_kind}
        self.unmentioned = {full: dict.fromkeys(by_kind, present(False, full)) for full in (True, False)}

    def answer(self, facts: Facts, complete: bool, mentioned: Iterable[K]) -> None:
        """All terms of the chapter; ``complete`` is whether what is not mentioned is absent."""
        facts.values.update(self.unmentioned[complete])
        facts.answer(self.others)
        for kind in mentioned:
            facts.answer(self.of_kind[kind])


def asked_of(terms: Mapping[str, Term], asked: frozenset[str]) -> dict[str, Term]:
    """The terms that the rules of a pathway ask for, in any way."""
    return {name: term for name, term in terms.items() if name in asked}
