"""The vocabulary of the rules: every name that a ``when`` may use, sorted by what it speaks of."""

from adapter.clinical.case import Term
from adapter.clinical.terms import conditions, dxa, fractures, labs, lifestyle, medicines, person

VOCABULARY: dict[str, Term] = {
    name: term
    for chapter in (person, dxa, fractures, conditions, medicines, labs, lifestyle)
    for name, term in chapter.TERMS.items()
}
