"""Terms about conditions: active, suspected by a human, or ever recorded, one of each per kind."""

from adapter.clinical.case import Case, Term, evidence_of, present
from adapter.clinical.model import Certainty, Condition, ConditionKind


def active(case: Case, kind: ConditionKind) -> list[Condition]:
    """Confirmed and not resolved."""
    return [c for c in case.conditions.get(kind, ()) if c.active and c.certainty is Certainty.CONFIRMED]


def suspected(case: Case, kind: ConditionKind) -> list[Condition]:
    """Entered by a human as a suspicion that is still open."""
    return [c for c in case.conditions.get(kind, ()) if c.active and c.certainty is Certainty.SUSPECTED]


# These facts may also come as an Observation, so the chapter on the person answers for them.
ELSEWHERE = {ConditionKind.DENTAL_PROBLEM, ConditionKind.POSTMENOPAUSAL}


def _terms(kind: ConditionKind) -> dict[str, Term]:
    return {
        kind.value: Term(
            lambda c: present(bool(active(c, kind)), c.record.conditions.complete),
            lambda c: evidence_of(active(c, kind)),
            f"{kind.value} is active",
        ),
        f"suspected_{kind.value}": Term(
            lambda c: present(bool(suspected(c, kind)), c.record.conditions.complete),
            lambda c: evidence_of(suspected(c, kind)),
            f"{kind.value} is suspected by a human",
        ),
        f"ever_{kind.value}": Term(
            lambda c: present(bool(c.conditions.get(kind)), c.record.conditions.complete),
            lambda c: evidence_of(c.conditions.get(kind, ())),
            f"{kind.value} now, before, or suspected",
        ),
    }


TERMS: dict[str, Term] = {
    "conditions_known": Term(
        lambda c: c.record.conditions.complete, lambda c: evidence_of(c.record.conditions.items), "the list is complete"
    ),
} | {name: term for kind in ConditionKind if kind not in ELSEWHERE for name, term in _terms(kind).items()}
