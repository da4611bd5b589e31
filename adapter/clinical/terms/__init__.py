"""The vocabulary of the rules: every name that a ``when`` may use, sorted by what it speaks of.

Most records are silent on most chapters. What a record with nothing in it answers is worked out once, and a record
answers for itself only where it speaks; a property holds that no other answer would come out.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from adapter.clinical.case import Answer, Case, Facts, Term, no_evidence
from adapter.clinical.model import BoneRecord, Listing
from adapter.clinical.terms import conditions, dxa, fractures, labs, lifestyle, medicines, person
from adapter.clinical.terms.chapter import Kinds

MODULES = (person, dxa, fractures, conditions, medicines, labs, lifestyle)
CHAPTERS = tuple(chapter for module in MODULES for chapter in module.CHAPTERS)
KINDS: tuple[Kinds, ...] = (conditions.KINDS, medicines.KINDS)
VOCABULARY: dict[str, Term] = {}
for terms in (
    *(chapter.terms for chapter in CHAPTERS),
    *(of for kinds in KINDS for of in kinds.terms.values()),
):
    clash = VOCABULARY.keys() & terms.keys()
    if clash:
        raise RuntimeError(f"terms are named twice: {sorted(clash)}")
    VOCABULARY |= terms

# Facts that no resource of their own stands behind: the day, the person, what is merely missing.
SILENT = frozenset(name for name, term in VOCABULARY.items() if term.evidence is no_evidence)

ALL = frozenset(VOCABULARY)


class Questions:
    """What a pathway asks of every record: the terms that its rules name, in any way."""

    def __init__(self, parameters: Mapping[str, Any], asked: frozenset[str] = ALL) -> None:
        self.parameters = parameters
        self.asked = asked
        self.chapters = [(it.speaks, answers) for it in CHAPTERS if (answers := self._of(it.terms))]
        self.kinds = [
            (it.mentioned, {kind: answers for kind in it.terms if (answers := self._of(it.terms[kind]))})
            for it in KINDS
        ]
        self.unspoken: dict[tuple[bool, bool, bool], dict[str, Any]] = {}

    def _of(self, terms: Mapping[str, Term]) -> list[Answer]:
        return [(name, terms[name].value) for name in terms if name in self.asked]

    def put(self, case: Case) -> Facts:
        """The answers for one case."""
        record = case.record
        lists = record.fractures.complete, record.conditions.complete, record.medicines.complete
        facts = Facts(case, VOCABULARY, (self.unspoken.get(lists) or self._of_nothing(*lists)).copy())
        for speaks, answers in self.chapters:
            if speaks(case):
                facts.answer(answers)
        for mentioned, of_kind in self.kinds:
            for kind in mentioned(case):
                if kind in of_kind:
                    facts.answer(of_kind[kind])
        return facts

    def _of_nothing(self, fractures: bool, conditions: bool, medicines: bool) -> dict[str, Any]:
        """What a record answers that holds nothing, except whether its lists are complete."""
        empty = BoneRecord(
            fractures=Listing((), fractures),
            conditions=Listing((), conditions),
            medicines=Listing((), medicines),
        )
        case = Case(empty, self.parameters, date.min)
        # What stages settle later has its place already: a dict that grows is sorted in anew.
        answers = {name: VOCABULARY[name].value(case) if name in ALL else None for name in sorted(self.asked)}
        self.unspoken[fractures, conditions, medicines] = answers
        return answers
