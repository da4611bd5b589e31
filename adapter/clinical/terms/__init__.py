"""The vocabulary of the rules: every name that a ``when`` may use, sorted by what it speaks of.

Most records are silent on most chapters. What a silent chapter answers is worked out once and shared; a property holds
that a shared answer is the answer that the term itself would give.
"""

from collections.abc import Hashable, Mapping
from functools import lru_cache
from types import ModuleType
from typing import Any

from adapter.clinical.case import Case, Facts, Term, no_evidence
from adapter.clinical.terms import conditions, dxa, fractures, labs, lifestyle, medicines, person
from adapter.clinical.terms.by_kind import asked_of

CHAPTERS = (person, dxa, fractures, conditions, medicines, labs, lifestyle)
ALWAYS_SPEAK = (person, dxa)
OFTEN_SILENT = (fractures, medicines, labs, lifestyle)
VOCABULARY: dict[str, Term] = {}
for chapter in CHAPTERS:
    clash = VOCABULARY.keys() & chapter.TERMS.keys()
    if clash:
        raise RuntimeError(f"terms are named twice: {sorted(clash)}")
    VOCABULARY |= chapter.TERMS

# Facts that no resource of their own stands behind: the day, the person, what is merely missing.
SILENT = frozenset(name for name, term in VOCABULARY.items() if term.evidence is no_evidence)

ALL = frozenset(VOCABULARY)

_shared: dict[tuple[str, Hashable], dict[str, Any]] = {}


def facts_of(case: Case, asked: frozenset[str] = ALL) -> Facts:
    """The terms that are asked, worked out for one case."""
    facts = Facts(case, VOCABULARY)
    conditions.answer(facts, asked)
    for chapter in ALWAYS_SPEAK:
        facts.answer(_needed(chapter, asked))
    for quiet in OFTEN_SILENT:
        silence = quiet.silence(case)
        if silence is not None:
            facts.values.update(_answers(quiet.__name__, silence, quiet.TERMS, case))
        elif quiet is medicines:
            medicines.answer(facts, asked)
        else:
            facts.answer(_needed(quiet, asked))
    return facts


@lru_cache(64)
def _needed(chapter: ModuleType, asked: frozenset[str]) -> dict[str, Term]:
    return asked_of(chapter.TERMS, asked)


def _answers(chapter: str, silence: Hashable, terms: Mapping[str, Term], case: Case) -> dict[str, Any]:
    known = _shared.get((chapter, silence))
    if known is None:
        known = _shared[chapter, silence] = {name: term.value(case) for name, term in terms.items()}
    return known
