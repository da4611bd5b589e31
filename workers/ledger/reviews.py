"""Doing work: patients are claimed for a chunk, begun by a worker, and settled one by one."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from sqlalchemy import Connection, and_, bindparam, func, or_, select, update

from workers.ledger.database import Ledger
from workers.ledger.leases import LEASED, ReviewLease, lease_of
from workers.ledger.ledger_faults import retry_undone
from workers.ledger.passes import enqueue_patients
from workers.ledger.seen_versions import remember_versions, written_plans
from workers.ledger.tables import CLOCKS_APART, LONGEST_WAIT, OPEN, ReviewState, Rows, review, tally

SMALLER = 5  # times, with each try, is a chunk of those tried before: one by one they would wait for minutes
KILLED = "WorkerKilled"  # every try ended without an answer: the worker died with it


@dataclass(frozen=True, slots=True)
class ReviewResult:
    """What became of a lease; `after`: when to try again; `counts`: false if not the patient's doing."""

    lease: ReviewLease
    state: ReviewState
    after: timedelta = timedelta(0)
    counts: bool = True
    error_class: str | None = None
    reason: str | None = None
    basis: str | None = None
    written: Mapping[str, str] = field(default_factory=dict)
    tallies: tuple[str, ...] = ()


@retry_undone
def claim_patients(
    ledger: Ledger, now: datetime, lease: timedelta, size: int, max_attempts: int
) -> tuple[str, ...]:
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
        _set_next_attempt(ledger, connection, found, now + lease, state=ReviewState.QUEUED)
    return found


def _is_due(now: datetime, lease: timedelta) -> Rows:
    """The time has come; or what was written down as the time was never one."""
    leased = or_(review.c.state == ReviewState.RUNNING, review.c.state == ReviewState.QUEUED)
    return or_(
        review.c.next_attempt_at <= now,
        and_(leased, review.c.next_attempt_at > now + lease + CLOCKS_APART),
        review.c.next_attempt_at > now + LONGEST_WAIT + CLOCKS_APART,
    )


@retry_undone
def return_claims(ledger: Ledger, patients: Sequence[str], now: datetime) -> None:
    """Give a claim back that could not be handed on."""
    with ledger.transaction() as connection:
        _set_next_attempt(ledger, connection, patients, now)


@retry_undone
def postpone_reviews(
    ledger: Ledger, until: datetime, reason: str, *, now: datetime, patients: Sequence[str] | None = None
) -> None:
    """Not before then, all who are due or these; whoever is under way stays under way."""
    chosen_rows = review.c.patient.in_(patients) if patients is not None else review.c.next_attempt_at <= now
    waits = or_(review.c.state == ReviewState.QUEUED, review.c.state == ReviewState.WAITING)
    values = {
        "state": ReviewState.WAITING,
        "next_attempt_at": until,
        "last_reason": reason,
        "updated_at": now,
    }
    with ledger.transaction() as connection:
        due_rows = and_(review.c.scope == ledger.scope, chosen_rows, waits)
        due_rows = ledger.lock_rows(connection, review, due_rows)
        connection.execute(update(review).where(due_rows).values(**values, last_error_class="TryAgainLater"))


def _set_next_attempt(
    ledger: Ledger, connection: Connection, patients: Sequence[str], until: datetime, **values: object
) -> None:
    open_rows = and_(review.c.scope == ledger.scope, review.c.patient.in_(patients), review.c.state.in_(OPEN))
    open_rows = ledger.lock_rows(connection, review, open_rows)
    connection.execute(update(review).where(open_rows).values(next_attempt_at=until, **values))


@retry_undone
def request_reviews(ledger: Ledger, patients: Sequence[str], now: datetime) -> None:
    """Make these patients work now, whatever became of them before."""
    with ledger.transaction() as connection:
        enqueue_patients(ledger, connection, sorted(set(patients)), now)
        requested_rows = and_(
            review.c.scope == ledger.scope,
            review.c.patient.in_(patients),
            review.c.state != ReviewState.RUNNING,
        )
        connection.execute(update(review).where(requested_rows).values(attempts=0, next_attempt_at=now))


def begin_reviews(
    ledger: Ledger, patients: Sequence[str], now: datetime, lease: timedelta, max_attempts: int
) -> tuple[ReviewLease, ...]:
    """Leave for those that are still work; the try is counted and committed here, before anything is touched.

    A patient who has used up all tries has killed every worker that looked: quarantined. A second delivery of
    the same task gets nothing, since its patients are settled or under a running lease.
    """
    live, dead = _begin_free_reviews(ledger, patients, now, lease, max_attempts)
    _count_tallies(ledger, Counter((lost.pass_id, "outcome:failed:-") for lost in dead))
    return tuple(live)


@retry_undone
def _begin_free_reviews(
    ledger: Ledger, patients: Sequence[str], now: datetime, lease: timedelta, max_attempts: int
) -> tuple[list[ReviewLease], list[ReviewLease]]:
    free = or_(review.c.state != ReviewState.RUNNING, _is_due(now, lease))
    free_rows = and_(
        review.c.scope == ledger.scope, review.c.patient.in_(patients), review.c.state.in_(OPEN), free
    )
    with ledger.transaction() as connection:
        free_rows = ledger.lock_rows(connection, review, free_rows)
        query = select(*LEASED).where(free_rows).order_by(review.c.patient)
        begun = [lease_of(row) for row in connection.execute(query).mappings()]
        dead = [taken for taken in begun if taken.attempts > max_attempts]
        live = [taken for taken in begun if taken.attempts <= max_attempts]
        put_aside = {"state": ReviewState.QUARANTINED, "last_error_class": KILLED, "updated_at": now}
        _change_reviews(connection, ledger.scope, [taken.patient for taken in dead], put_aside)
        running = {"state": ReviewState.RUNNING, "next_attempt_at": now + lease, "updated_at": now}
        counted = {"turn": review.c.turn + 1, "attempts": review.c.attempts + 1}
        _change_reviews(connection, ledger.scope, [taken.patient for taken in live], {**running, **counted})
    return live, dead


def _change_reviews(
    connection: Connection, scope: str, patients: Sequence[str], values: Mapping[str, object]
) -> None:
    """The same new values for several patients."""
    if patients:
        rows_of_patients = and_(review.c.scope == scope, review.c.patient.in_(patients))
        connection.execute(update(review).where(rows_of_patients).values(**values))


def settle_reviews(ledger: Ledger, results: Sequence[ReviewResult], now: datetime) -> None:
    """Write down what became of these leases, all in one transaction; then count it in another.

    A lease whose turn is over is ignored: its lease ran out and another worker has the patient. A patient of
    whom there was news during the review is work again at once, whatever the review came to.
    """
    done = _settle_leases(ledger, sorted(results, key=lambda result: result.lease.patient), now)
    counts = Counter((result.lease.pass_id, name) for result in done for name in result.tallies)
    _count_tallies(ledger, counts)


@retry_undone
def _settle_leases(ledger: Ledger, results: Sequence[ReviewResult], now: datetime) -> list[ReviewResult]:
    leased = {result.lease.patient: result for result in results}
    running_rows = and_(
        review.c.scope == ledger.scope,
        review.c.patient.in_(list(leased)),
        review.c.state == ReviewState.RUNNING,
    )
    with ledger.transaction() as connection:
        query = select(review.c.patient, review.c.turn, review.c.wanted)
        rows = connection.execute(query.where(ledger.lock_rows(connection, review, running_rows))).all()
        own_rows = [row for row in rows if row.turn == leased[row.patient].lease.turn]
        settled = [leased[row.patient] for row in own_rows]
        wanted = [row.wanted for row in own_rows]
        _settle_equal_results(connection, ledger.scope, list(zip(settled, wanted, strict=True)), now)
        _write_basis_and_versions(connection, ledger.scope, settled)
        plans = [written_plans(result.lease.patient, result.written, now) for result in settled]
        remember_versions(ledger, connection, list(chain.from_iterable(plans)))
    return settled


def _settle_equal_results(
    connection: Connection, scope: str, results_and_wanted: Sequence[tuple[ReviewResult, int]], now: datetime
) -> None:
    """Sets the state, one statement for all in the same one; who had news meanwhile is work again."""
    alike: defaultdict[tuple[tuple[str, object], ...], list[str]] = defaultdict(list)
    for result, wanted in results_and_wanted:
        alike[tuple(_settled_values(result, wanted, now).items())].append(result.lease.patient)
    for values, patients in alike.items():
        _change_reviews(connection, scope, patients, dict(values))


def _settled_values(result: ReviewResult, wanted: int, now: datetime) -> dict[str, object]:
    no_news = wanted == result.lease.wanted
    return {
        "state": result.state if no_news else ReviewState.QUEUED,
        "attempts": _attempts_after(result) if no_news else 0,
        "next_attempt_at": now + result.after if no_news else now,
        "last_error_class": result.error_class,
        "last_reason": result.reason,
        "updated_at": now,
    }


def _write_basis_and_versions(connection: Connection, scope: str, results: Sequence[ReviewResult]) -> None:
    """What only some have anew: what was written, and on what the review rested."""
    rows = [
        {
            "whose": result.lease.patient,
            "basis": result.basis,
            "written": {**result.lease.written, **result.written},
        }
        for result in results
        if result.written or result.basis != result.lease.basis
    ]
    if rows:
        row_of_patient = and_(review.c.scope == scope, review.c.patient == bindparam("whose"))
        connection.execute(update(review).where(row_of_patient), rows)


def _attempts_after(result: ReviewResult) -> int:
    if result.state is ReviewState.DONE:
        return 0
    return result.lease.attempts if result.counts else result.lease.attempts - 1


@retry_undone
def _count_tallies(ledger: Ledger, counted: Mapping[tuple[int | None, str], int]) -> None:
    """In a transaction of its own, as all count on the same few rows: nobody waits long for another."""
    rows = [
        {"pass_id": pass_id, "name": name, "count": count}
        for (pass_id, name), count in sorted(counted.items(), key=lambda item: (item[0][0] or 0, item[0][1]))
        if pass_id is not None
    ]
    if not rows:
        return
    insert = ledger.upsert(tally)
    more = {"count": tally.c.count + insert.excluded.count}
    with ledger.transaction() as connection:
        connection.execute(insert.on_conflict_do_update(index_elements=["pass_id", "name"], set_=more), rows)


def written_versions(ledger: Ledger, patient: str) -> dict[str, str]:
    """What we last wrote about a patient, as `Type/id` to version."""
    row_of_patient = and_(review.c.scope == ledger.scope, review.c.patient == patient)
    with ledger.transaction() as connection:
        return dict(connection.scalar(select(review.c.written).where(row_of_patient)) or {})


def count_unsettled(ledger: Ledger) -> int:
    """How many patients are still work, whenever it is due."""
    open_rows = and_(review.c.scope == ledger.scope, review.c.state.in_(OPEN))
    with ledger.transaction() as connection:
        return connection.scalar(select(func.count()).select_from(review).where(open_rows)) or 0


@dataclass(frozen=True, slots=True)
class UnsettledReview:
    """A patient who is not settled, or was put aside: what whoever handles failures needs to know."""

    patient: str
    state: ReviewState
    attempts: int
    next_attempt_at: datetime
    error_class: str | None
    reason: str | None


def unsettled_reviews(ledger: Ledger) -> tuple[UnsettledReview, ...]:
    """Everybody who waits for another try or is quarantined, worst first."""
    columns = ("patient", "state", "attempts", "next_attempt_at", "last_error_class", "last_reason")
    unsettled_rows = and_(
        review.c.scope == ledger.scope, review.c.state.in_((ReviewState.QUARANTINED, ReviewState.WAITING))
    )
    query = select(*(review.c[name] for name in columns)).where(unsettled_rows)
    query = query.order_by(review.c.state, review.c.patient)
    with ledger.transaction() as connection:
        return tuple(
            UnsettledReview(row[0], ReviewState(row[1]), *row[2:]) for row in connection.execute(query)
        )
