"""The vocabulary of the rules: every name that a ``when`` may use, sorted by what it speaks of.

person, lifestyle, conditions, fractures   who it is, habits, diseases, broken bones
age_gate                                   to whom classes apply
dxa, dxa_doubts, dxa_sites, labs           the scan, what is doubtful about it, where it
                                           measured, laboratory and FRAX
medicines, bone_drugs, harm                drugs in general, bone drugs as
                                           courses, what a drug did or would do
rounded_class, verification                whether rounding changes a class; checks that verify nothing
"""

from collections.abc import Mapping

from adapter.clinical.case import Term, no_evidence
from adapter.clinical.terms import (
    bone_drugs,
    conditions,
    dxa,
    dxa_doubts,
    dxa_sites,
    fractures,
    harm,
    labs,
    lifestyle,
    medicines,
    person,
    verification,
)

# A name is in one only.
TOPICS = (
    person,
    dxa,
    dxa_doubts,
    dxa_sites,
    fractures,
    conditions,
    medicines,
    bone_drugs,
    harm,
    labs,
    verification,
    lifestyle,
)
VOCABULARY: Mapping[str, Term] = {name: term for topic in TOPICS for name, term in topic.TERMS.items()}

# Facts that no resource of their own stands behind: the day, the person, what is merely missing.
SILENT = frozenset(name for name, term in VOCABULARY.items() if term.evidence is no_evidence)
