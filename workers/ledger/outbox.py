"""Letters on their way: one row per message id, from when it may go until the recipient has answered.

It holds opaque ids and codes: whom the letter is about and what it says are read
from the server when it is sent.

    queued --take_letter/settle_delivery--> sent | received --record_recipient_answer--> accepted | declined
    queued ---------------> refused    (final, or all tries used up)
    queued ---------------> cancelled  (a newer version, a revoked plan, a content that nobody released)

Killed between any two calls, the row is due again when its lease is over, and the same
message id goes out once more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, and_, case, func, or_, select, update

from workers.ledger.database import Ledger
from workers.ledger.deliveries import (
    ANSWERED,
    DELIVERED,
    Delivery,
    DeliveryOrder,
    DeliveryResult,
    DeliveryState,
    declined,
    delivery,
)
from workers.ledger.ledger_faults import retry_undone
from workers.ledger.tables import Rows

__all__ = [
    "ANSWERED", "DELIVERED", "Delivery", "DeliveryOrder", "DeliveryResult", "DeliveryState",
    "answerable_deliveries", "cancel_letters", "count_declined_rules", "count_states", "deliveries_in_state",
    "enqueue_letter", "mark_asked", "mark_informed", "question_overdue", "record_recipient_answer",
    "record_recipient_reply", "retry_letter", "settle_delivery", "take_letter", "uninformed_deliveries",
]  # fmt: skip


@retry_undone
def enqueue_letter(ledger: Ledger, order: DeliveryOrder, now: datetime) -> bool:
    """Queue a letter; False when this message is there already, unless it was cancelled before it went out.

    Earlier versions of the document that are still queued are cancelled; nobody is asked about them any more.
    """
    named = ("message_id", "document_id", "communication", "channel", "plan")
    values: dict[str, object] = {
        **{name: getattr(order, name) for name in named},
        "retraction": int(order.retraction),
        "state": DeliveryState.QUEUED,
        "attempts": 0,
        "next_attempt_at": now,
        "reason": None,
        "superseded_by": None,
        "told": 0,
        "question": None,
        "queued_at": now,
    }
    insert = ledger.upsert(delivery).values(scope=ledger.scope, turn=0, **values)
    revived = insert.on_conflict_do_update(
        index_elements=["scope", "message_id"],
        set_={**values, "turn": delivery.c.turn + 1},
        where=delivery.c.state == DeliveryState.CANCELLED,
    )
    with ledger.transaction() as connection:
        ledger.lock_name(connection, order.document_id)  # or two versions would not see each other
        # Drivers count an INSERT in their own ways.
        changed = connection.execute(revived.returning(delivery.c.message_id))
        if changed.first() is None:
            return False
        _supersede_versions(connection, ledger, order, now)
    return True


def _supersede_versions(connection: Connection, ledger: Ledger, order: DeliveryOrder, now: datetime) -> None:
    older = and_(
        delivery.c.scope == ledger.scope,
        delivery.c.document_id == order.document_id,
        delivery.c.message_id != order.message_id,
    )
    still_asked = case((delivery.c.question == "delivery_declined", delivery.c.question), else_=None)
    marks: dict[str, object] = {"superseded_by": order.message_id, "question": still_asked}
    older = ledger.lock_rows(connection, delivery, older)
    connection.execute(update(delivery).where(older).values(**marks))
    _cancel_rows(connection, older, now, "superseded")


@retry_undone
def cancel_letters(ledger: Ledger, plan: str, now: datetime) -> int:
    """Stop every letter of a revoked plan but a retraction; gives how many letters that stopped."""
    about = and_(delivery.c.scope == ledger.scope, delivery.c.plan == plan, delivery.c.retraction == 0)
    with ledger.transaction() as connection:
        about = ledger.lock_rows(connection, delivery, about)
        return _cancel_rows(connection, about, now, "plan-revoked")


def _cancel_rows(connection: Connection, rows_meant: Rows, now: datetime, reason: str) -> int:
    values = {"state": DeliveryState.CANCELLED, "reason": reason, "settled_at": now, "told": 1}
    stopped = update(delivery).where(rows_meant, delivery.c.state == DeliveryState.QUEUED).values(**values)
    return int(connection.execute(stopped).rowcount)


@retry_undone
def take_letter(ledger: Ledger, now: datetime, lease: timedelta) -> Delivery | None:
    """The next due letter, its try counted and committed; nobody else gets it until the lease is over.

    Not idempotent: that is its use.
    """
    due = and_(
        delivery.c.scope == ledger.scope,
        delivery.c.state == DeliveryState.QUEUED,
        delivery.c.next_attempt_at <= now,
    )
    query = select(delivery).where(due).order_by(delivery.c.next_attempt_at, delivery.c.message_id).limit(1)
    with ledger.transaction() as connection:
        row = connection.execute(query.with_for_update(skip_locked=True)).mappings().first()
        if row is None:
            return None
        counted = {"turn": row["turn"] + 1, "attempts": row["attempts"] + 1, "next_attempt_at": now + lease}
        taken_row = and_(_delivery_row(ledger, row["message_id"]), delivery.c.turn == row["turn"])
        connection.execute(update(delivery).where(taken_row).values(**counted))
    return replace(_delivery_of(row), **counted)


@retry_undone
def settle_delivery(ledger: Ledger, entry: Delivery, result: DeliveryResult, now: datetime) -> bool:
    """Write down what became of a delivery; False when its turn is over and another has it.

    A letter that was cancelled while it was being sent and went out all the same did go out.
    """
    went_out = result.state in DELIVERED
    open_to = (DeliveryState.QUEUED, DeliveryState.CANCELLED) if went_out else (DeliveryState.QUEUED,)
    values: dict[str, object] = {
        "state": result.state,
        "reason": result.reason,
        "reference": result.reference,
        "question": result.question,
        "answer_due_at": result.answer_due_at,
        "told": int(result.state in (DeliveryState.QUEUED, DeliveryState.CANCELLED)),
        "settled_at": now,
    }
    if result.again_at:
        values["next_attempt_at"] = result.again_at
    open_row = and_(
        _delivery_row(ledger, entry.message_id), delivery.c.turn == entry.turn, delivery.c.state.in_(open_to)
    )
    with ledger.transaction() as connection:
        return bool(connection.execute(update(delivery).where(open_row).values(**values)).rowcount)


@retry_undone
def retry_letter(ledger: Ledger, message_id: str, now: datetime) -> bool:
    """Send again now, with all tries; only what is queued or was refused, and was not superseded."""
    again = and_(
        _delivery_row(ledger, message_id),
        delivery.c.state.in_((DeliveryState.QUEUED, DeliveryState.REFUSED)),
        delivery.c.superseded_by.is_(None),
    )
    # A turn of its own: whoever is sending it just now may not settle what is to be sent again.
    values = {
        "state": DeliveryState.QUEUED,
        "attempts": 0,
        "next_attempt_at": now,
        "question": None,
        "turn": delivery.c.turn + 1,
    }
    with ledger.transaction() as connection:
        return bool(connection.execute(update(delivery).where(again).values(**values)).rowcount)


def record_recipient_answer(
    ledger: Ledger,
    entry: Delivery,
    state: DeliveryState,
    now: datetime,
    *,
    reason: str | None = None,
    rules: Iterable[str] = (),
) -> bool:
    """The recipient accepted or declined; False when known. A refusal counts for each of these rules."""
    question = "delivery_declined" if state is DeliveryState.DECLINED else None
    values = {"state": state, "reason": reason, "answered_at": now, "question": question, "told": 0}
    news = and_(
        _delivery_row(ledger, entry.message_id),
        delivery.c.state.in_((*DELIVERED, *ANSWERED, DeliveryState.REFUSED)),  # who answers did get it
        delivery.c.state != state,
    )
    with ledger.transaction() as connection:
        if not connection.execute(update(delivery).where(news).values(**values)).rowcount:
            return False
    if state is DeliveryState.DECLINED:
        _count_declined(ledger, sorted(set(rules)), reason or "unstated")
    return True


@retry_undone
def _count_declined(ledger: Ledger, rules: Sequence[str], reason: str) -> None:
    counts = [{"scope": ledger.scope, "rule": rule, "reason": reason, "count": 1} for rule in rules]
    if not counts:
        return
    insert = ledger.upsert(declined)
    more = {"count": declined.c.count + insert.excluded.count}
    keys = ["scope", "rule", "reason"]
    with ledger.transaction() as connection:
        connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=more), counts)


def record_recipient_reply(ledger: Ledger, entry: Delivery, now: datetime) -> bool:
    """The recipient answered in words, which a human must read; False when that is known."""
    news = and_(
        _delivery_row(ledger, entry.message_id),
        delivery.c.state.in_(DELIVERED),
        delivery.c.answered_at.is_(None),
    )
    values: dict[str, object] = {"answered_at": now, "answer_due_at": None, "question": "delivery_replied"}
    with ledger.transaction() as connection:
        return bool(connection.execute(update(delivery).where(news).values(**values)).rowcount)


@retry_undone
def question_overdue(ledger: Ledger, now: datetime) -> int:
    """Letters that should have been answered by now become a question, once each; gives how many."""
    silent = and_(
        delivery.c.scope == ledger.scope,
        delivery.c.state.in_(DELIVERED),
        delivery.c.superseded_by.is_(None),
        delivery.c.answer_due_at <= now,
    )
    values: dict[str, object] = {"question": "delivery_unacknowledged", "answer_due_at": None}
    with ledger.transaction() as connection:
        silent = ledger.lock_rows(connection, delivery, silent)
        return int(connection.execute(update(delivery).where(silent).values(**values)).rowcount)


def mark_informed(ledger: Ledger, entry: Delivery) -> None:
    """Communication.status says what this delivery says, unless the row has moved on since."""
    unchanged_row = and_(_delivery_row(ledger, entry.message_id), delivery.c.state == entry.state)
    with ledger.transaction() as connection:
        connection.execute(update(delivery).where(unchanged_row).values(told=1))


def mark_asked(ledger: Ledger, entry: Delivery) -> None:
    """The question of this delivery was put to a human."""
    asked_row = and_(_delivery_row(ledger, entry.message_id), delivery.c.question == entry.question)
    with ledger.transaction() as connection:
        connection.execute(update(delivery).where(asked_row).values(question=None))


def uninformed_deliveries(ledger: Ledger) -> tuple[Delivery, ...]:
    """Those of which the server does not know yet how they fare, or a human what is to be done."""
    unknown = and_(delivery.c.told == 0, delivery.c.state != DeliveryState.QUEUED)
    return _deliveries(ledger, or_(unknown, delivery.c.question.is_not(None)))


def deliveries_in_state(ledger: Ledger, *states: DeliveryState) -> tuple[Delivery, ...]:
    """Letters that stand there, the oldest first."""
    return _deliveries(ledger, delivery.c.state.in_(states))


def answerable_deliveries(ledger: Ledger, since: datetime) -> tuple[Delivery, ...]:
    """Letters to which an answer may come: delivered, or answered or given up since then."""
    late = and_(delivery.c.state.in_((*ANSWERED, DeliveryState.REFUSED)), delivery.c.settled_at >= since)
    return _deliveries(ledger, or_(delivery.c.state.in_(DELIVERED), late))


def count_states(ledger: Ledger) -> dict[DeliveryState, int]:
    """How many letters stand where."""
    rows_of_scope = delivery.c.scope == ledger.scope
    query = select(delivery.c.state, func.count()).where(rows_of_scope).group_by(delivery.c.state)
    with ledger.transaction() as connection:
        found = {DeliveryState(state): count for state, count in connection.execute(query)}
    return {state: found.get(state, 0) for state in DeliveryState}


def count_declined_rules(ledger: Ledger) -> dict[tuple[str, str], int]:
    """How often recipients declined, by rule and reason."""
    query = select(declined.c.rule, declined.c.reason, declined.c.count).where(
        declined.c.scope == ledger.scope
    )
    with ledger.transaction() as connection:
        return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def _deliveries(ledger: Ledger, rows_meant: Rows) -> tuple[Delivery, ...]:
    query = select(delivery).where(delivery.c.scope == ledger.scope, rows_meant)
    with ledger.transaction() as connection:
        rows = connection.execute(query.order_by(delivery.c.queued_at, delivery.c.message_id)).mappings()
        return tuple(_delivery_of(row) for row in rows)


def _delivery_of(row: RowMapping) -> Delivery:
    held = {str(name): value for name, value in row.items() if name != "scope"}
    flags = {name: bool(row[name]) for name in ("retraction", "told")}
    return Delivery(**{**held, **flags, "state": DeliveryState(row["state"])})


def _delivery_row(ledger: Ledger, message_id: str) -> Rows:
    return and_(delivery.c.scope == ledger.scope, delivery.c.message_id == message_id)
