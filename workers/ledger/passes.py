"""Finding work: how far the server was read, who was found, and when the watermark may move.

Passes overlap in time: a patient who waits four hours for a retry must not keep the next pass from reading on. So
reading goes on from the `until` of the newest pass that was read to its end, while the watermark follows behind and
moves only over passes of which every patient is settled. After a loss of memory reading starts at the watermark.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, case, delete, func, literal, or_, select, tuple_, update

from workers.ledger.database import Ledger
from workers.ledger.ledger_faults import retried
from workers.ledger.tables import (
    OPEN,
    Instant,
    PassState,
    ReviewState,
    review,
    seen,
    sweep_pass,
    tally,
    watermark,
)


@dataclass(frozen=True, slots=True)
class Pass:
    """One reading of the server up to a moment of its own clock."""

    id: int
    ruleset: str


@dataclass(frozen=True, slots=True)
class Found:
    """A source resource that a pass came across, and the patient it belongs to."""

    patient: str
    source: str
    version: str = ""
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How many patients of a pass there are, are settled, are put aside, and wait for a later try."""

    found: int
    settled: int
    quarantined: int
    waiting: int
    next_attempt_at: datetime | None


def cursor(ledger: Ledger, ruleset: str) -> datetime | None:
    """Server time from which the next pass reads; None: everything is to be read, as with a new ruleset."""
    read = (PassState.READ, PassState.SETTLED)
    newest = select(func.max(sweep_pass.c.until)).where(
        sweep_pass.c.scope == ledger.scope, sweep_pass.c.ruleset == ruleset, sweep_pass.c.state.in_(read)
    )
    with ledger.transaction() as connection:
        found: datetime | None = connection.scalar(newest)
    return found or reached(ledger, ruleset)


def reached(ledger: Ledger, ruleset: str) -> datetime | None:
    """The watermark: server time before which everything is settled under this ruleset."""
    query = select(watermark.c.value).where(watermark.c.scope == ledger.scope, watermark.c.ruleset == ruleset)
    with ledger.transaction() as connection:
        found: datetime | None = connection.scalar(query)
    return found


def last_full(ledger: Ledger, ruleset: str) -> datetime | None:
    """When the newest full pass that was read to its end had begun."""
    query = select(func.max(sweep_pass.c.started_at)).where(
        sweep_pass.c.scope == ledger.scope,
        sweep_pass.c.ruleset == ruleset,
        sweep_pass.c.full == 1,
        sweep_pass.c.state.in_((PassState.READ, PassState.SETTLED)),
    )
    with ledger.transaction() as connection:
        found: datetime | None = connection.scalar(query)
    return found


@retried
def start(ledger: Ledger, ruleset: str, now: datetime, lease: timedelta, *, full: bool) -> Pass | None:
    """Begin to read, or None while another process is reading; a reader that died is abandoned first.

    Not idempotent: each call that is not refused begins a pass of its own.
    """
    with ledger.transaction() as connection:
        ledger.alone(connection, "reading")
        if _another_reads(ledger, connection, now):
            return None
        row = {"scope": ledger.scope, "ruleset": ruleset, "state": PassState.READING, "full": int(full)}
        times = {"lease_until": now + lease, "started_at": now}
        made = connection.execute(sweep_pass.insert().values(**row, **times).returning(sweep_pass.c.id))
        return Pass(made.scalar_one(), ruleset)


def _another_reads(ledger: Ledger, connection: Connection, now: datetime) -> bool:
    reading = and_(sweep_pass.c.scope == ledger.scope, sweep_pass.c.state == PassState.READING)
    if connection.scalar(select(sweep_pass.c.id).where(reading, sweep_pass.c.lease_until > now)):
        return True
    for dead in connection.scalars(select(sweep_pass.c.id).where(reading)).all():
        _abandon(ledger, connection, dead)
    return False


@retried
def abandon(ledger: Ledger, this: Pass) -> None:
    """Give up a pass that was not read to the end: those it found stay work, and the next one reads it all again."""
    with ledger.transaction() as connection:
        _abandon(ledger, connection, this.id)


def _abandon(ledger: Ledger, connection: Connection, pass_id: int) -> None:
    connection.execute(update(sweep_pass).where(sweep_pass.c.id == pass_id).values(state=PassState.ABANDONED))
    mine = and_(review.c.scope == ledger.scope, review.c.pass_id == pass_id)
    ledger.hold(connection, review, mine)
    connection.execute(update(review).where(mine).values(pass_id=None))


@retried
def add(ledger: Ledger, this: Pass, found: Sequence[Found], now: datetime, lease: timedelta) -> bool:
    """Make these patients work unless this version of the source was seen before; renews the reader's lease.

    False when the pass is no longer ours to read, because we were taken for dead.
    """
    with ledger.transaction() as connection:
        mine = and_(sweep_pass.c.id == this.id, sweep_pass.c.state == PassState.READING)
        if not connection.execute(update(sweep_pass).where(mine).values(lease_until=now + lease)).rowcount:
            return False
        news = _unseen(connection, ledger.scope, found)
        want(ledger, connection, sorted({item.patient for item in news}), now, this.id)
        marks = sorted(
            (it for it in news if it.version and it.updated), key=lambda it: (it.source, it.version)
        )
        ledger.insert(
            connection,
            seen,
            ({"source": m.source, "version": m.version, "updated": m.updated} for m in marks),
        )
    return True


def _unseen(connection: Connection, scope: str, found: Sequence[Found]) -> list[Found]:
    keys = [(item.source, item.version) for item in found if item.version]
    known = select(seen.c.source, seen.c.version).where(
        seen.c.scope == scope, tuple_(seen.c.source, seen.c.version).in_(keys)
    )
    old = {(source, version) for source, version in connection.execute(known)} if keys else set()
    return [item for item in found if (item.source, item.version) not in old]


def want(
    ledger: Ledger, connection: Connection, patients: Sequence[str], now: datetime, pass_id: int | None = None
) -> None:
    """Put patients, in their order, to work: new ones, settled ones again; those at work are told that there is news.

    A patient of an older pass that is not settled stays with it, so that the older pass waits for it. What nobody has
    begun to read yet, or will read again anyway, is no news.
    """
    if not patients:
        return
    new = {
        "state": ReviewState.QUEUED,
        "wanted": 1,
        "turn": 0,
        "attempts": 0,
        "next_attempt_at": now,
        "written": {},
    }
    rows = [
        {"scope": ledger.scope, "patient": p, "pass_id": pass_id, "updated_at": now, **new} for p in patients
    ]
    insert = ledger.upsert(review)
    # Spelt out, because IN cannot be used in a statement with many rows.
    to_come = or_(review.c.state == ReviewState.QUEUED, review.c.state == ReviewState.WAITING)
    work = or_(to_come, review.c.state == ReviewState.RUNNING)
    again: dict[str, Any] = {
        "wanted": case((to_come, review.c.wanted), else_=review.c.wanted + 1),
        "state": case((work, review.c.state), else_=ReviewState.QUEUED),
        "attempts": case((work, review.c.attempts), else_=0),
        "next_attempt_at": case((work, review.c.next_attempt_at), else_=literal(now, Instant)),
        "pass_id": case((work, func.coalesce(review.c.pass_id, pass_id)), else_=pass_id),
    }
    connection.execute(insert.on_conflict_do_update(index_elements=["scope", "patient"], set_=again), rows)


@retried
def finish(ledger: Ledger, this: Pass, until: datetime) -> None:
    """Every page was read, up to this moment of the server's clock: the next pass goes on from there."""
    mine = and_(sweep_pass.c.id == this.id, sweep_pass.c.state == PassState.READING)
    with ledger.transaction() as connection:
        connection.execute(update(sweep_pass).where(mine).values(state=PassState.READ, until=until))


@retried
def advance(ledger: Ledger, ruleset: str) -> datetime | None:
    """Move the watermark over the passes whose patients are all settled, oldest first; gives where it is now."""
    unfinished = select(review.c.patient).where(
        review.c.scope == ledger.scope, review.c.pass_id == sweep_pass.c.id, review.c.state.in_(OPEN)
    )
    mine = and_(sweep_pass.c.scope == ledger.scope, sweep_pass.c.state == PassState.READ)
    with ledger.transaction() as connection:
        query = select(sweep_pass.c.id, sweep_pass.c.ruleset, sweep_pass.c.until, unfinished.exists())
        for pass_id, of, until, has_work in connection.execute(
            query.where(mine).order_by(sweep_pass.c.id)
        ).all():
            if has_work:
                break
            done = update(sweep_pass).where(sweep_pass.c.id == pass_id).values(state=PassState.SETTLED)
            connection.execute(done)
            if of == ruleset:
                _set_watermark(ledger, connection, ruleset, until)
    return reached(ledger, ruleset)


def _set_watermark(ledger: Ledger, connection: Connection, ruleset: str, until: datetime) -> None:
    insert = ledger.upsert(watermark)
    ahead = or_(watermark.c.ruleset != ruleset, watermark.c.value < until)
    new = {"ruleset": ruleset, "value": until}
    statement = insert.on_conflict_do_update(index_elements=["scope"], set_=new, where=ahead)
    connection.execute(statement, [{"scope": ledger.scope, **new}])


@retried
def forget_seen(ledger: Ledger, before: datetime) -> None:
    """Drop what no later pass can come across again."""
    with ledger.transaction() as connection:
        connection.execute(delete(seen).where(seen.c.scope == ledger.scope, seen.c.updated < before))


def progress(ledger: Ledger, this: Pass) -> Progress:
    """How far the patients of a pass are."""
    mine = and_(review.c.scope == ledger.scope, review.c.pass_id == this.id)
    query = (
        select(review.c.state, func.count(), func.min(review.c.next_attempt_at))
        .where(mine)
        .group_by(review.c.state)
    )
    with ledger.transaction() as connection:
        rows = {state: (count, due) for state, count, due in connection.execute(query)}
    count = {state: rows.get(state, (0, None))[0] for state in ReviewState}
    return Progress(
        found=sum(count.values()),
        settled=count[ReviewState.DONE] + count[ReviewState.QUARANTINED],
        quarantined=count[ReviewState.QUARANTINED],
        waiting=count[ReviewState.WAITING],
        next_attempt_at=rows.get(ReviewState.WAITING, (0, None))[1],
    )


def tallies(ledger: Ledger, this: Pass) -> dict[str, int]:
    """How many reviews of a pass ended how, by name."""
    query = select(tally.c.name, tally.c.count).where(tally.c.pass_id == this.id).order_by(tally.c.name)
    with ledger.transaction() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}
