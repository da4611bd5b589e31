"""Doing work: patients are claimed for a chunk, begun by a worker, and settled one by one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, literal, or_, select, update

from workers.ledger.database import Ledger
from workers.ledger.ledger_faults import retried
from workers.ledger.passes import want
from workers.ledger.tables import CLOCKS_APART, LONGEST_WAIT, OPEN, Instant, ReviewState, review, tally

KILLED = "WorkerKilled"  # every try ended without an answer: the worker died with it


@dataclass(frozen=True, slots=True)
class Chunk:
    """Patients for one task. `alone` has been tried before: it gets a task to itself, so that it harms nobody."""

    patients: tuple[str, ...]
    alone: bool = False


@dataclass(frozen=True, slots=True)
class ReviewLease:
    """Leave to review one patient: whose turn it is, which news it answers, which try it is, what we last wrote.

    `basis` is on what the last review rested, when that left nothing to do.
    """

    patient: str
    turn: int
    wanted: int
    attempts: int
    pass_id: int | None = None
    written: Mapping[str, str] = field(default_factory=dict)
    basis: str | None = None


@dataclass(frozen=True, slots=True)
class ReviewResult:
    """What became of a lease. `after` is when to try again; `counts` is false when it was not the patient's doing."""

    ticket: ReviewLease
    state: ReviewState
    after: timedelta = timedelta(0)
    counts: bool = True
    error_class: str | None = None
    reason: str | None = None
    basis: str | None = None
    written: Mapping[str, str] = field(default_factory=dict)
    tallies: tuple[str, ...] = ()


@retried
def claim(ledger: Ledger, now: datetime, lease: timedelta, size: int) -> Chunk | None:
    """The next patients that are due, at most `size`, or None; they are not due again until the lease is over.

    Not idempotent: that is its use. Two processes that claim at once get different patients.
    """
    due = and_(review.c.scope == ledger.scope, review.c.state.in_(OPEN), _is_due(now, lease))
    query = (
        select(review.c.patient, review.c.attempts).where(due).order_by(review.c.attempts, review.c.patient)
    )
    with ledger.transaction() as connection:
        rows = connection.execute(query.limit(size).with_for_update(skip_locked=True)).all()
        if not rows:
            return None
        fresh = tuple(patient for patient, attempts in rows if not attempts)
        found = Chunk(fresh) if fresh else Chunk((rows[0][0],), alone=True)
        _put_off(ledger, connection, found.patients, now + lease, state=ReviewState.QUEUED)
    return found


def _is_due(now: datetime, lease: timedelta) -> ColumnElement[bool]:
    """The time has come; or what was written down as the time was never one."""
    leased = or_(review.c.state == ReviewState.RUNNING, review.c.state == ReviewState.QUEUED)
    return or_(
        review.c.next_attempt_at <= now,
        and_(leased, review.c.next_attempt_at > now + lease + CLOCKS_APART),
        review.c.next_attempt_at > now + LONGEST_WAIT + CLOCKS_APART,
    )


@retried
def release(ledger: Ledger, patients: Sequence[str], now: datetime) -> None:
    """Give a claim back that could not be handed on."""
    with ledger.transaction() as connection:
        _put_off(ledger, connection, patients, now)


@retried
def put_off(
    ledger: Ledger, until: datetime, reason: str, *, now: datetime, patients: Sequence[str] | None = None
) -> None:
    """Not before then, all who are due or these; whoever is under way stays under way."""
    which = review.c.patient.in_(patients) if patients is not None else review.c.next_attempt_at <= now
    waits = or_(review.c.state == ReviewState.QUEUED, review.c.state == ReviewState.WAITING)
    values = {
        "state": ReviewState.WAITING,
        "next_attempt_at": until,
        "last_reason": reason,
        "updated_at": now,
    }
    with ledger.transaction() as connection:
        these = and_(review.c.scope == ledger.scope, which, waits)
        these = ledger.hold(connection, review, these)
        connection.execute(update(review).where(these).values(**values, last_error_class="TryAgainLater"))


def _put_off(
    ledger: Ledger, connection: Connection, patients: Sequence[str], until: datetime, **values: Any
) -> None:
    these = and_(review.c.scope == ledger.scope, review.c.patient.in_(patients), review.c.state.in_(OPEN))
    these = ledger.hold(connection, review, these)
    connection.execute(update(review).where(these).values(next_attempt_at=until, **values))


@retried
def request(ledger: Ledger, patients: Sequence[str], now: datetime) -> None:
    """Make these patients work now, whatever became of them before."""
    with ledger.transaction() as connection:
        want(ledger, connection, sorted(set(patients)), now)
        these = and_(
            review.c.scope == ledger.scope,
            review.c.patient.in_(patients),
            review.c.state != ReviewState.RUNNING,
        )
        connection.execute(update(review).where(these).values(attempts=0, next_attempt_at=now))


def begin(
    ledger: Ledger, patients: Sequence[str], now: datetime, lease: timedelta, max_attempts: int
) -> tuple[ReviewLease, ...]:
    """Leave for those that are still work; the try is counted and committed here, before anything is touched.

    A patient who has used up all tries has killed every worker that looked: quarantined. A second delivery of the
    same task gets nothing, since its patients are settled or under a running lease.
    """
    live, dead = _begun(ledger, patients, now, lease, max_attempts)
    _count(ledger, Counter((ticket.pass_id, "outcome:failed:-") for ticket in dead))
    return tuple(live)


@retried
def _begun(
    ledger: Ledger, patients: Sequence[str], now: datetime, lease: timedelta, max_attempts: int
) -> tuple[list[ReviewLease], list[ReviewLease]]:
    free = or_(review.c.state != ReviewState.RUNNING, _is_due(now, lease))
    these = and_(
        review.c.scope == ledger.scope, review.c.patient.in_(patients), review.c.state.in_(OPEN), free
    )
    with ledger.transaction() as connection:
        query = select(review).where(ledger.hold(connection, review, these)).order_by(review.c.patient)
        tickets = [_ticket(row) for row in connection.execute(query).mappings()]
        dead = [ticket for ticket in tickets if ticket.attempts > max_attempts]
        live = [ticket for ticket in tickets if ticket.attempts <= max_attempts]
        for ticket in dead:
            _change(
                connection,
                ledger.scope,
                ticket,
                state=ReviewState.QUARANTINED,
                last_error_class=KILLED,
                updated_at=now,
            )
        for ticket in live:
            running = {"state": ReviewState.RUNNING, "turn": ticket.turn, "attempts": ticket.attempts}
            _change(connection, ledger.scope, ticket, **running, next_attempt_at=now + lease, updated_at=now)
    return live, dead


def _ticket(row: Any) -> ReviewLease:
    attempts = row["attempts"] + 1
    return ReviewLease(
        row["patient"],
        row["turn"] + 1,
        row["wanted"],
        attempts,
        row["pass_id"],
        dict(row["written"]),
        row["basis"],
    )


def _change(connection: Connection, scope: str, ticket: ReviewLease, **values: Any) -> None:
    this = and_(review.c.scope == scope, review.c.patient == ticket.patient)
    connection.execute(update(review).where(this).values(**values))


def settle(ledger: Ledger, results: Sequence[ReviewResult], now: datetime) -> None:
    """Write down what became of these leases, all in one transaction; then count it in another.

    A lease whose turn is over is ignored: its lease ran out and another worker has the patient. A patient of whom
    there was news during the review is work again at once, whatever the review came to.
    """
    done = _settle(ledger, sorted(results, key=lambda it: it.ticket.patient), now)
    _count(ledger, Counter((it.ticket.pass_id, name) for it in done for name in it.tallies))


@retried
def _settle(ledger: Ledger, results: Sequence[ReviewResult], now: datetime) -> list[ReviewResult]:
    with ledger.transaction() as connection:
        return [it for it in results if _settled(connection, ledger.scope, it, now)]


def _settled(connection: Connection, scope: str, result: ReviewResult, now: datetime) -> bool:
    ticket = result.ticket
    mine = and_(review.c.scope == scope, review.c.patient == ticket.patient, review.c.turn == ticket.turn)
    no_news = review.c.wanted == ticket.wanted
    values = {
        "state": case((no_news, result.state), else_=ReviewState.QUEUED),
        "attempts": case((no_news, _attempts_after(result)), else_=0),
        "next_attempt_at": case((no_news, literal(now + result.after, Instant)), else_=literal(now, Instant)),
        "last_error_class": result.error_class,
        "last_reason": result.reason,
        "basis": result.basis,
        "written": {**ticket.written, **result.written},
        "updated_at": now,
    }
    running = review.c.state == ReviewState.RUNNING
    return bool(connection.execute(update(review).where(mine, running).values(**values)).rowcount)


def _attempts_after(result: ReviewResult) -> int:
    if result.state is ReviewState.DONE:
        return 0
    return result.ticket.attempts if result.counts else result.ticket.attempts - 1


@retried
def _count(ledger: Ledger, counted: Mapping[tuple[int | None, str], int]) -> None:
    """Apart from what is counted, since everybody counts on the same few rows: nobody waits long for another."""
    rows = [
        {"pass_id": pass_id, "name": name, "count": count}
        for (pass_id, name), count in sorted(counted.items(), key=lambda it: (it[0][0] or 0, it[0][1]))
        if pass_id is not None
    ]
    if not rows:
        return
    insert = ledger.upsert(tally)
    more = {"count": tally.c.count + insert.excluded.count}
    with ledger.transaction() as connection:
        connection.execute(insert.on_conflict_do_update(index_elements=["pass_id", "name"], set_=more), rows)


@retried
def forget_bases(ledger: Ledger) -> None:
    """Have everybody decided anew when they are reviewed next, whether or not anything changed."""
    with ledger.transaction() as connection:
        these = ledger.hold(
            connection, review, and_(review.c.scope == ledger.scope, review.c.basis.is_not(None))
        )
        connection.execute(update(review).where(these).values(basis=None))


def written(ledger: Ledger, patient: str) -> dict[str, str]:
    """What we last wrote about a patient, as `Type/id` to version."""
    this = and_(review.c.scope == ledger.scope, review.c.patient == patient)
    with ledger.transaction() as connection:
        return dict(connection.scalar(select(review.c.written).where(this)) or {})


def unsettled(ledger: Ledger) -> int:
    """How many patients are still work, whenever it is due."""
    these = and_(review.c.scope == ledger.scope, review.c.state.in_(OPEN))
    with ledger.transaction() as connection:
        return connection.scalar(select(func.count()).select_from(review).where(these)) or 0


@dataclass(frozen=True, slots=True)
class UnsettledReview:
    """A patient who is not settled, or was put aside: what a person at the failure desk needs to know."""

    patient: str
    state: ReviewState
    attempts: int
    next_attempt_at: datetime
    error_class: str | None
    reason: str | None


def troubles(ledger: Ledger) -> tuple[UnsettledReview, ...]:
    """Everybody who waits for another try or is quarantined, worst first."""
    columns = ("patient", "state", "attempts", "next_attempt_at", "last_error_class", "last_reason")
    these = and_(
        review.c.scope == ledger.scope, review.c.state.in_((ReviewState.QUARANTINED, ReviewState.WAITING))
    )
    query = (
        select(*(review.c[name] for name in columns)).where(these).order_by(review.c.state, review.c.patient)
    )
    with ledger.transaction() as connection:
        return tuple(
            UnsettledReview(row[0], ReviewState(row[1]), *row[2:]) for row in connection.execute(query)
        )
