"""Terms about conditions: active, suspected by a human, or ever recorded, one of each per kind."""

from collections.abc import Callable, Mapping

from adapter.clinical.case import PatientOnDay, Term, evidence_of
from adapter.clinical.model import Certainty, Condition, ConditionKind


def active(case: PatientOnDay, kind: ConditionKind) -> list[Condition]:
    """Confirmed and not resolved."""
    return [c for c in case.conditions.get(kind, ()) if c.active and c.certainty is Certainty.CONFIRMED]


def suspected(case: PatientOnDay, kind: ConditionKind) -> list[Condition]:
    """Entered by a human as a suspicion that is still open."""
    return [c for c in case.conditions.get(kind, ()) if c.active and c.certainty is Certainty.SUSPECTED]


# These facts may also come as an Observation, so the terms of the person answer for them.
ELSEWHERE = {ConditionKind.DENTAL_PROBLEM, ConditionKind.POSTMENOPAUSAL}


READINGS: tuple[tuple[str, Callable[[PatientOnDay, ConditionKind], list[Condition]], str], ...] = (
    ("", active, "is active"),
    ("suspected_", suspected, "is suspected by a human"),
    ("ever_", lambda case, kind: list(case.conditions.get(kind, ())), "now, before, or suspected"),
)


def _term(
    kind: ConditionKind, found: Callable[[PatientOnDay, ConditionKind], list[Condition]], says: str
) -> Term:
    return Term(
        lambda c: (kind in c.conditions and bool(found(c, kind))) or c.unlisted["conditions"],
        lambda c: evidence_of(found(c, kind)),
        f"{kind.value} {says}",
    )


LIST: Mapping[str, Term] = {
    "conditions_known": Term(
        lambda c: "conditions" in c.whole,
        lambda c: evidence_of(c.record.conditions.items),
        "the list is complete",
    ),
}

BY_KIND: Mapping[str, Term] = {
    prefix + kind.value: _term(kind, found, says)
    for kind in ConditionKind
    for prefix, found, says in READINGS
    if prefix or kind not in ELSEWHERE
}

TERMS: Mapping[str, Term] = {**LIST, **BY_KIND}
