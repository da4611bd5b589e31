"""The vocabulary of the rules: every name that a ``when`` may use, sorted by what it speaks of."""

from adapter.clinical.case import Term
from adapter.clinical.terms import conditions, dxa, fractures, labs, lifestyle, medicines, person

CHAPTERS = (person, dxa, fractures, conditions, medicines, labs, lifestyle)
VOCABULARY: dict[str, Term] = {}
for chapter in CHAPTERS:
    clash = VOCABULARY.keys() & chapter.TERMS.keys()
    if clash:
        raise RuntimeError(f"terms are named twice: {sorted(clash)}")
    VOCABULARY |= chapter.TERMS
