"""How far the patients of a pass are, and how many of them ended how."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from workers.ledger.database import Ledger
from workers.ledger.passes import Pass
from workers.ledger.tables import ReviewState, review, tally


@dataclass(frozen=True, slots=True)
class PassProgress:
    """How many patients of a pass there are, are settled, are put aside, and wait for a later try."""

    found: int
    settled: int
    quarantined: int
    waiting: int
    next_attempt_at: datetime | None


def pass_progress(ledger: Ledger, current: Pass) -> PassProgress:
    """How far the patients of a pass are."""
    reviews_of_pass = and_(review.c.scope == ledger.scope, review.c.pass_id == current.id)
    query = (
        select(review.c.state, func.count(), func.min(review.c.next_attempt_at))
        .where(reviews_of_pass)
        .group_by(review.c.state)
    )
    with ledger.transaction() as connection:
        rows = {state: (count, due) for state, count, due in connection.execute(query)}
    count = {state: rows.get(state, (0, None))[0] for state in ReviewState}
    return PassProgress(
        found=sum(count.values()),
        settled=count[ReviewState.DONE] + count[ReviewState.QUARANTINED],
        quarantined=count[ReviewState.QUARANTINED],
        waiting=count[ReviewState.WAITING],
        next_attempt_at=rows.get(ReviewState.WAITING, (0, None))[1],
    )


def pass_tallies(ledger: Ledger, current: Pass) -> dict[str, int]:
    """How many reviews of a pass ended how, by name."""
    query = select(tally.c.name, tally.c.count).where(tally.c.pass_id == current.id).order_by(tally.c.name)
    with ledger.transaction() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}
