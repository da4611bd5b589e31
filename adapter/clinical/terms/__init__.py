"""The vocabulary of the rules: every name that a ``when`` may use, sorted by what it speaks of.

Most records are silent on most chapters. What a silent chapter answers is worked out once and shared; a property holds
that a shared answer is the answer that the term itself would give.
"""

from collections.abc import Hashable, Mapping
from typing import Any

from adapter.clinical.case import Case, Facts, Term, no_evidence
from adapter.clinical.terms import conditions, dxa, fractures, labs, lifestyle, medicines, person

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

_shared: dict[tuple[str, Hashable], dict[str, Any]] = {}


def facts_of(case: Case) -> Facts:
    """Every term of the vocabulary, worked out for one case."""
    facts = Facts(case, VOCABULARY)
    conditions.answer(facts)
    for chapter in ALWAYS_SPEAK:
        facts.answer(chapter.TERMS)
    for quiet in OFTEN_SILENT:
        silence = quiet.silence(case)
        if silence is not None:
            facts.values.update(_answers(quiet.__name__, silence, quiet.TERMS, case))
        elif quiet is medicines:
            medicines.answer(facts)
        else:
            facts.answer(quiet.TERMS)
    return facts


def _answers(chapter: str, silence: Hashable, terms: Mapping[str, Term], case: Case) -> dict[str, Any]:
    known = _shared.get((chapter, silence))
    if known is None:
        known = _shared[chapter, silence] = {name: term.value(case) for name, term in terms.items()}
    return known
