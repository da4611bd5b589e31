"""The vocabulary of the rules: every name that a ``when`` may use, sorted by what it speaks of.

Most records are silent on most chapters. What a silent chapter answers is worked out once and shared; a property holds
that a shared answer is the answer that the term itself would give.
"""

from collections.abc import Hashable
from typing import Any

from adapter.clinical.case import Case, Term, no_evidence
from adapter.clinical.terms import conditions, dxa, fractures, labs, lifestyle, medicines, person

CHAPTERS = (person, dxa, fractures, conditions, medicines, labs, lifestyle)
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


def settled(case: Case) -> dict[str, Any]:
    """The terms whose value follows from what the record does not speak of."""
    values: dict[str, Any] = conditions.spoken(case)
    for quiet in OFTEN_SILENT:
        silence = quiet.silence(case)
        if silence is not None:
            values |= _answers(quiet.__name__, silence, quiet.TERMS, case)
    return values


def _answers(chapter: str, silence: Hashable, terms: dict[str, Term], case: Case) -> dict[str, Any]:
    known = _shared.get((chapter, silence))
    if known is None:
        known = _shared[chapter, silence] = {name: term.value(case) for name, term in terms.items()}
    return known
