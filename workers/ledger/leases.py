"""Leases say whose turn a patient is: they are renewed during work and checked before every write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import RowMapping, bindparam, select, update

from workers.ledger.database import Ledger
from workers.ledger.ledger_faults import retry_undone
from workers.ledger.tables import ReviewState, review


@dataclass(frozen=True, slots=True)
class ReviewLease:
    """Leave to review a patient: whose turn it is, which news, which try, and what we last wrote.

    `basis` is on what the last review rested, when that left nothing to do.
    """

    patient: str
    turn: int
    wanted: int
    attempts: int
    pass_id: int | None = None
    written: Mapping[str, str] = field(default_factory=dict)
    basis: str | None = None


LEASED = tuple(
    review.c[name] for name in ("patient", "turn", "wanted", "attempts", "pass_id", "written", "basis")
)


def lease_of(row: RowMapping) -> ReviewLease:
    """The next turn, for whoever takes it."""
    kept_values = {name: row[name] for name in ("patient", "wanted", "pass_id", "basis")}
    return ReviewLease(
        turn=row["turn"] + 1, attempts=row["attempts"] + 1, written=dict(row["written"]), **kept_values
    )


@retry_undone
def renew_leases(ledger: Ledger, leases: Sequence[ReviewLease], until: datetime) -> None:
    """Still at work: not due again before then. Whose turn is over stays with whoever has it now."""
    if not leases:
        return
    with ledger.transaction() as connection:
        leased_row = update(review).where(
            review.c.scope == ledger.scope,
            review.c.patient == bindparam("whose"),
            review.c.state == ReviewState.RUNNING,
            review.c.turn == bindparam("of_turn"),
        )
        rows = [
            {"whose": lease.patient, "of_turn": lease.turn}
            for lease in sorted(leases, key=lambda lease: lease.patient)
        ]
        connection.execute(leased_row.values(next_attempt_at=until), rows)


def held_patients(ledger: Ledger, leases: Sequence[ReviewLease]) -> frozenset[str]:
    """Those whose turn is still that of the lease: only about them may anything be written."""
    names = [lease.patient for lease in leases]
    query = select(review.c.patient, review.c.turn).where(
        review.c.scope == ledger.scope,
        review.c.patient.in_(names),
        review.c.state == ReviewState.RUNNING,
    )
    with ledger.transaction() as connection:
        turns = {row.patient: row.turn for row in connection.execute(query)}
    return frozenset(lease.patient for lease in leases if turns.get(lease.patient) == lease.turn)
