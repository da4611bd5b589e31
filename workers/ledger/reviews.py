"""Doing work: patients are claimed for a chunk, begun by a worker, and settled one by one."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, or_, select, update

from workers.ledger.database import Ledger
from workers.ledger.leases import LEASED, ReviewLease, lease_of
from workers.ledger.ledger_faults import retried
from workers.ledger.passes import want
from workers.ledger.seen_versions import own_plans, remember
from workers.ledger.tables import CLOCKS_APART, LONGEST_WAIT, OPEN, ReviewState, Rows, review, tally

SMALLER = 5  # times, with each try, is a chunk of those tried before: one by one they would wait for minutes
KILLED = "WorkerKilled"  # every try ended without an answer: the worker died with it


@dataclass(frozen=True, slots=True)
class ReviewResult:
    """What became of a lease. `after` is when to try again;
    `counts` is false when it was not the patient's doing.
    """

    lease: ReviewLease
    state: ReviewState
    after: timedelta = timedelta(0)
    counts: bool = True
    error_class: str | None = None
    reason: str | None = None
    basis: str | None = None
    written: Mapping[str, str] = field(default_factory=dict)
    tallies: tuple[str, ...] = ()


@retried
def claim(ledger: Ledger, now: datetime, lease: timedelta, size: int, max_attempts: int) -> tuple[str, ...]:
    """The next patients that are due, at most `size`; they are not due again until the lease is over.

    The last two tries each has alone: nobody is put aside for having been beside somebody who kills workers.

    Not idempotent: that is its use. Two processes that claim at once get different patients.
    """
    due = and_(review.c.scope == ledger.scope, review.c.state.in_(OPEN), _is_due(now, lease))
    query = (
        select(review.c.patient, review.c.attempts).where(due).order_by(review.c.attempts, review.c.patient)
    )
    with ledger.transaction() as connection:
        rows = connection.execute(query.limit(size).with_for_update(skip_locked=True)).all()
        if not rows:
            return ()
        tries = rows[0].attempts
        most = 1 if tries and tries >= max_attempts - 2 else max(1, size // SMALLER**tries)
        found = tuple(patient for patient, attempts in rows if attempts == tries)[:most]
        _put_off(ledger, connection, found, now + lease, state=ReviewState.QUEUED)
    return found


def _is_due(now: datetime, lease: timedelta) -> Rows:
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

    A patient who has used up all tries has killed every worker that looked: quarantined. A second delivery of
    the same task gets nothing, since its patients are settled or under a running lease.
    """
    live, dead = _begin_free(ledger, patients, now, lease, max_attempts)
    _count(ledger, Counter((it.pass_id, "outcome:failed:-") for it in dead))
    return tuple(live)


@retried
def _begin_free(
    ledger: Ledger, patients: Sequence[str], now: datetime, lease: timedelta, max_attempts: int
) -> tuple[list[ReviewLease], list[ReviewLease]]:
    free = or_(review.c.state != ReviewState.RUNNING, _is_due(now, lease))
    these = and_(
        review.c.scope == ledger.scope, review.c.patient.in_(patients), review.c.state.in_(OPEN), free
    )
    with ledger.transaction() as connection:
        query = select(*LEASED).where(ledger.hold(connection, review, these)).order_by(review.c.patient)
        begun = [lease_of(row) for row in connection.execute(query).mappings()]
        dead = [it for it in begun if it.attempts > max_attempts]
        live = [it for it in begun if it.attempts <= max_attempts]
        put_aside = {"state": ReviewState.QUARANTINED, "last_error_class": KILLED, "updated_at": now}
        _change(connection, ledger.scope, [it.patient for it in dead], put_aside)
        running = {"state": ReviewState.RUNNING, "next_attempt_at": now + lease, "updated_at": now}
        counted = {"turn": review.c.turn + 1, "attempts": review.c.attempts + 1}
        _change(connection, ledger.scope, [it.patient for it in live], {**running, **counted})
    return live, dead


def _change(connection: Connection, scope: str, patients: Sequence[str], values: Mapping[str, Any]) -> None:
    """The same new values for several patients."""
    if patients:
        these = and_(review.c.scope == scope, review.c.patient.in_(patients))
        connection.execute(update(review).where(these).values(**values))


def settle(ledger: Ledger, results: Sequence[ReviewResult], now: datetime) -> None:
    """Write down what became of these leases, all in one transaction; then count it in another.

    A lease whose turn is over is ignored: its lease ran out and another worker has the patient. A patient of
    whom there was news during the review is work again at once, whatever the review came to.
    """
    done = _settle(ledger, sorted(results, key=lambda it: it.lease.patient), now)
    _count(ledger, Counter((it.lease.pass_id, name) for it in done for name in it.tallies))


@retried
def _settle(ledger: Ledger, results: Sequence[ReviewResult], now: datetime) -> list[ReviewResult]:
    leased = {it.lease.patient: it for it in results}
    these = and_(
        review.c.scope == ledger.scope,
        review.c.patient.in_(list(leased)),
        review.c.state == ReviewState.RUNNING,
    )
    with ledger.transaction() as connection:
        query = select(review.c.patient, review.c.turn, review.c.wanted)
        rows = connection.execute(query.where(ledger.hold(connection, review, these))).all()
        mine = {row.patient: row.wanted for row in rows if row.turn == leased[row.patient].lease.turn}
        _settle_alike(connection, ledger.scope, [(leased[it], wanted) for it, wanted in mine.items()], now)
        _learnt(connection, ledger.scope, [leased[it] for it in mine])
        remember(ledger, connection, [plan for it in mine for plan in own_plans(it, leased[it].written, now)])
    return [it for it in results if it.lease.patient in mine]


def _settle_alike(
    connection: Connection, scope: str, mine: Sequence[tuple[ReviewResult, int]], now: datetime
) -> None:
    """How they stand, in one statement for all who stand alike;
    of whom there was news meanwhile is work again.
    """
    alike: defaultdict[tuple[tuple[str, Any], ...], list[str]] = defaultdict(list)
    for result, wanted in mine:
        alike[tuple(_standing(result, wanted, now).items())].append(result.lease.patient)
    for values, patients in alike.items():
        _change(connection, scope, patients, dict(values))


def _standing(result: ReviewResult, wanted: int, now: datetime) -> dict[str, Any]:
    no_news = wanted == result.lease.wanted
    return {
        "state": result.state if no_news else ReviewState.QUEUED,
        "attempts": _attempts_after(result) if no_news else 0,
        "next_attempt_at": now + result.after if no_news else now,
        "last_error_class": result.error_class,
        "last_reason": result.reason,
        "updated_at": now,
    }


def _learnt(connection: Connection, scope: str, results: Sequence[ReviewResult]) -> None:
    """What only some have anew: what was written, and on what the review rested."""
    rows = [
        {
            "whose": it.lease.patient,
            "basis": it.basis,
            "written": {**it.lease.written, **it.written},
        }
        for it in results
        if it.written or it.basis != it.lease.basis
    ]
    if rows:
        this = and_(review.c.scope == scope, review.c.patient == bindparam("whose"))
        connection.execute(update(review).where(this), rows)


def _attempts_after(result: ReviewResult) -> int:
    if result.state is ReviewState.DONE:
        return 0
    return result.lease.attempts if result.counts else result.lease.attempts - 1


@retried
def _count(ledger: Ledger, counted: Mapping[tuple[int | None, str], int]) -> None:
    """Apart from what is counted,
    since everybody counts on the same few rows: nobody waits long for another.
    """
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
    """A patient who is not settled, or was put aside: what whoever handles failures needs to know."""

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
