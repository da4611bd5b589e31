"""Finding work: how far the server was read, who was found, and when the watermark may move.

Passes overlap in time: a patient who waits four hours for a retry must not keep the next pass from
reading on. So reading goes on from the `until` of the newest pass that was read to its end, while the
watermark follows behind and moves only over passes of which every patient is settled. After a loss of
memory reading starts at the watermark.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, case, func, literal, or_, select, update

from workers.ledger.database import Ledger
from workers.ledger.ledger_faults import retry_undone
from workers.ledger.positions import NOWHERE, Position
from workers.ledger.seen_versions import SeenVersion, remember_versions, unseen_versions
from workers.ledger.tables import (
    CLOCKS_APART,
    OPEN,
    Instant,
    PassState,
    ReviewState,
    Rows,
    review,
    sweep_pass,
    watermark,
)


@dataclass(frozen=True, slots=True)
class Pass:
    """One reading of the server up to a moment of its own clock."""

    id: int
    ruleset: str
    full: bool = True
    position: Position = NOWHERE


@dataclass(frozen=True, slots=True)
class EarlierPass:
    """The newest pass that was read to its end: up to where, and what both clocks said when it began."""

    until: datetime
    started_at: datetime
    server_time: datetime | None


def earlier_pass(ledger: Ledger, ruleset: str) -> EarlierPass | None:
    """The pass that the next one follows.

    A full one in which something may have been missed is followed too: the next full one comes for that.
    """
    whole = sweep_pass.c.state.in_((PassState.READ, PassState.SETTLED))
    partial = and_(sweep_pass.c.state == PassState.PARTIAL, sweep_pass.c.full == 1)
    own_rows = and_(sweep_pass.c.scope == ledger.scope, sweep_pass.c.ruleset == ruleset, or_(whole, partial))
    query = select(sweep_pass.c.until, sweep_pass.c.started_at, sweep_pass.c.server_time).where(own_rows)
    with ledger.transaction() as connection:
        row = connection.execute(query.order_by(sweep_pass.c.id.desc()).limit(1)).first()
    return EarlierPass(*row) if row else None


def cursor(ledger: Ledger, ruleset: str) -> datetime | None:
    """Server time from which the next pass reads; None: everything is to be read, as with a new ruleset."""
    before = earlier_pass(ledger, ruleset)
    return before.until if before else watermark_value(ledger, ruleset)


def watermark_value(ledger: Ledger, ruleset: str) -> datetime | None:
    """The watermark: server time before which everything is settled under this ruleset."""
    query = select(watermark.c.value).where(watermark.c.scope == ledger.scope, watermark.c.ruleset == ruleset)
    with ledger.transaction() as connection:
        found: datetime | None = connection.scalar(query)
    return found


def last_full_pass(ledger: Ledger, ruleset: str, *, partial: bool = False) -> datetime | None:
    """When the newest full pass began that was read to its end or, if ``partial``, may have missed some."""
    states = (PassState.PARTIAL,) if partial else (PassState.READ, PassState.SETTLED)
    query = select(func.max(sweep_pass.c.started_at)).where(
        sweep_pass.c.scope == ledger.scope,
        sweep_pass.c.ruleset == ruleset,
        sweep_pass.c.full == 1,
        sweep_pass.c.state.in_(states),
    )
    with ledger.transaction() as connection:
        found: datetime | None = connection.scalar(query)
    return found


def passed_over_types(ledger: Ledger, ruleset: str) -> tuple[str, ...]:
    """The types that the server did not have when it was last read for what changed."""
    ended = sweep_pass.c.state.in_((PassState.READ, PassState.SETTLED, PassState.PARTIAL))
    changes = and_(
        sweep_pass.c.scope == ledger.scope, sweep_pass.c.ruleset == ruleset, sweep_pass.c.full == 0
    )
    query = select(sweep_pass.c.passed_over).where(changes, ended).order_by(sweep_pass.c.id.desc()).limit(1)
    with ledger.transaction() as connection:
        return tuple(connection.scalar(query) or ())


@retry_undone
def forget_bases(ledger: Ledger) -> None:
    """Have everybody decided anew when they are reviewed next, whether or not anything changed."""
    with ledger.transaction() as connection:
        rows_with_basis = ledger.lock_rows(
            connection, review, and_(review.c.scope == ledger.scope, review.c.basis.is_not(None))
        )
        connection.execute(update(review).where(rows_with_basis).values(basis=None))


@retry_undone
def start_pass(ledger: Ledger, ruleset: str, now: datetime, lease: timedelta, *, full: bool) -> Pass | None:
    """Begin to read, or None while another process is reading; a reader that died is abandoned first.

    Not idempotent: each call that is not refused begins a pass of its own.
    """
    with ledger.transaction() as connection:
        ledger.lock_name(connection, "reading")
        if _another_reads(connection, ledger.scope, now, lease):
            return None
        for dead in connection.scalars(select(sweep_pass.c.id).where(_open_rows(ledger.scope))).all():
            _mark_abandoned(ledger, connection, dead)
        row = {"scope": ledger.scope, "ruleset": ruleset, "state": PassState.READING, "full": int(full)}
        times = {"lease_until": now + lease, "started_at": now}
        made = connection.execute(sweep_pass.insert().values(**row, **times).returning(sweep_pass.c.id))
        return Pass(made.scalar_one(), ruleset, full)


def resume_pass(ledger: Ledger, ruleset: str, now: datetime, lease: timedelta, *, full: bool) -> Pass | None:
    """The unfinished pass that somebody began, from its last page on; None if there is none to continue.

    Where a full pass is wanted, only a full one will do. Not idempotent: whoever gets it is its only reader.
    """
    wide = sweep_pass.c.full == 1 if full else sweep_pass.c.full >= 0
    begun = and_(
        _open_rows(ledger.scope), sweep_pass.c.ruleset == ruleset, wide, sweep_pass.c.position.is_not(None)
    )
    columns = (sweep_pass.c.id, sweep_pass.c.full, sweep_pass.c.position)
    with ledger.transaction() as connection:
        ledger.lock_name(connection, "reading")
        if _another_reads(connection, ledger.scope, now, lease):
            return None
        row = connection.execute(
            select(*columns).where(begun).order_by(sweep_pass.c.id.desc()).limit(1)
        ).first()
        if row is None or row.position is None:
            return None
        resumed_pass = update(sweep_pass).where(sweep_pass.c.id == row.id)
        connection.execute(resumed_pass.values(lease_until=now + lease))
        return Pass(row.id, ruleset, bool(row.full), Position.of_json(row.position))


def pause_pass(ledger: Ledger, current: Pass, now: datetime) -> None:
    """Let go of a pass for now: the next sweep goes on with it."""
    pass_being_read = and_(sweep_pass.c.id == current.id, sweep_pass.c.state == PassState.READING)
    with ledger.transaction() as connection:
        connection.execute(update(sweep_pass).where(pass_being_read).values(lease_until=now))


def _open_rows(scope: str) -> Rows:
    return and_(sweep_pass.c.scope == scope, sweep_pass.c.state == PassState.READING)


def _another_reads(connection: Connection, scope: str, now: datetime, lease: timedelta) -> bool:
    """Whether another reader holds a lease; one that ends later than a new one came of a wrong clock."""
    held = and_(sweep_pass.c.lease_until > now, sweep_pass.c.lease_until <= now + lease + CLOCKS_APART)
    return connection.scalar(select(sweep_pass.c.id).where(_open_rows(scope), held)) is not None


@retry_undone
def abandon_pass(ledger: Ledger, current: Pass) -> None:
    """Give up an unfinished pass: its patients stay work, and the next pass reads everything again."""
    with ledger.transaction() as connection:
        _mark_abandoned(ledger, connection, current.id)


def _mark_abandoned(ledger: Ledger, connection: Connection, pass_id: int) -> None:
    connection.execute(update(sweep_pass).where(sweep_pass.c.id == pass_id).values(state=PassState.ABANDONED))
    reviews_of_pass = and_(review.c.scope == ledger.scope, review.c.pass_id == pass_id)
    reviews_of_pass = ledger.lock_rows(connection, review, reviews_of_pass)
    connection.execute(update(review).where(reviews_of_pass).values(pass_id=None))


@retry_undone
def add_patients(
    ledger: Ledger,
    current: Pass,
    found: Sequence[SeenVersion],
    now: datetime,
    lease: timedelta,
    position: Position | None = None,
) -> bool:
    """Make these patients work unless this version of the source was seen before; renews the reader's lease.

    False when the pass is no longer ours to read, because we were taken for dead.
    """
    with ledger.transaction() as connection:
        pass_being_read = and_(sweep_pass.c.id == current.id, sweep_pass.c.state == PassState.READING)
        kept = {"position": position.as_json()} if position else {}
        renewed = update(sweep_pass).where(pass_being_read).values(lease_until=now + lease, **kept)
        if not connection.execute(renewed).rowcount:
            return False
        news = unseen_versions(connection, ledger.scope, found)
        enqueue_patients(ledger, connection, sorted({item.patient for item in news}), now, current.id)
        remember_versions(ledger, connection, news)
    return True


def enqueue_patients(
    ledger: Ledger, connection: Connection, patients: Sequence[str], now: datetime, pass_id: int | None = None
) -> None:
    """Put patients to work, in order: new ones, settled ones again; those at work learn that there is news.

    A patient of an older pass that is not settled stays with it, so that the older pass waits for it. What
    nobody has begun to read yet, or will read again anyway, is no news.
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
    again: dict[str, object] = {
        "wanted": case((to_come, review.c.wanted), else_=review.c.wanted + 1),
        "state": case((work, review.c.state), else_=ReviewState.QUEUED),
        "attempts": case((work, review.c.attempts), else_=0),
        "next_attempt_at": case((work, review.c.next_attempt_at), else_=literal(now, Instant)),
        "pass_id": case((work, func.coalesce(review.c.pass_id, pass_id)), else_=pass_id),
    }
    connection.execute(insert.on_conflict_do_update(index_elements=["scope", "patient"], set_=again), rows)


@retry_undone
def finish_pass(
    ledger: Ledger, current: Pass, until: datetime, ended: Position = NOWHERE, *, whole: bool = True
) -> None:
    """Every page was read, up to this moment of the server's clock: the next pass goes on from there.

    Unless it is `whole`, something may not have come: then it moves no watermark, and is repeated.
    """
    pass_being_read = and_(sweep_pass.c.id == current.id, sweep_pass.c.state == PassState.READING)
    state = PassState.READ if whole else PassState.PARTIAL
    told = {"server_time": ended.server_time, "passed_over": list(ended.passed_over)}
    values = {"state": state, "until": until, "position": None, **told}
    with ledger.transaction() as connection:
        connection.execute(update(sweep_pass).where(pass_being_read).values(**values))


@retry_undone
def advance_watermark(ledger: Ledger, ruleset: str) -> datetime | None:
    """Move the watermark over fully settled passes, oldest first; returns where it is now."""
    unfinished = select(review.c.patient).where(
        review.c.scope == ledger.scope, review.c.pass_id == sweep_pass.c.id, review.c.state.in_(OPEN)
    )
    read_passes = and_(sweep_pass.c.scope == ledger.scope, sweep_pass.c.state == PassState.READ)
    with ledger.transaction() as connection:
        query = select(sweep_pass.c.id, sweep_pass.c.ruleset, sweep_pass.c.until, unfinished.exists())
        for pass_id, ruleset_of_pass, until, has_work in connection.execute(
            query.where(read_passes).order_by(sweep_pass.c.id)
        ).all():
            if has_work:
                break
            done = update(sweep_pass).where(sweep_pass.c.id == pass_id).values(state=PassState.SETTLED)
            connection.execute(done)
            if ruleset_of_pass == ruleset:
                _set_watermark(ledger, connection, ruleset, until)
    return watermark_value(ledger, ruleset)


def _set_watermark(ledger: Ledger, connection: Connection, ruleset: str, until: datetime) -> None:
    insert = ledger.upsert(watermark)
    ahead = or_(watermark.c.ruleset != ruleset, watermark.c.value < until)
    new = {"ruleset": ruleset, "value": until}
    statement = insert.on_conflict_do_update(index_elements=["scope"], set_=new, where=ahead)
    connection.execute(statement, [{"scope": ledger.scope, **new}])
