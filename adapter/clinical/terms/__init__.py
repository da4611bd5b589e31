"""The vocabulary of the rules: every name that a ``when`` may use, sorted by what it speaks of."""

from adapter.clinical.case import Term, no_evidence
from adapter.clinical.terms import (
    bone_drugs,
    conditions,
    dxa,
    fractures,
    harm,
    labs,
    lifestyle,
    medicines,
    person,
)

VOCABULARY: dict[str, Term] = {}
for module in (person, dxa, fractures, conditions, medicines, bone_drugs, harm, labs, lifestyle):
    clash = VOCABULARY.keys() & module.TERMS.keys()
    if clash:
        raise RuntimeError(f"terms are named twice: {sorted(clash)}")
    VOCABULARY |= module.TERMS

# Facts that no resource of their own stands behind: the day, the person, what is merely missing.
SILENT = frozenset(name for name, term in VOCABULARY.items() if term.evidence is no_evidence)
