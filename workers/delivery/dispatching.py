"""Send what is due, and tell what came of it. The one place that decides about trying again.

    dispatch   take -> load -> send -> settle, letter by letter, and then inform
    inform     Communication.status and the Tasks for humans, from what stands in the outbox

Killed between any two steps, the next call goes on: a letter may go out once more with the same message id, a status or
a Task that was not written is written then. Nothing is sent, told or asked from memory.
"""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import assert_never

from adapter.errors import OsteoHandoverError
from workers.clock import Clock
from workers.delivery.packing import name_of, plan_of
from workers.delivery.parcel import Channel, Json, Outcome, Parcel, Receipt, receipt_of
from workers.delivery.questions import ask
from workers.delivery.records import Records
from workers.delivery.status import tell
from workers.delivery.warehouse import Load, Withheld
from workers.ledger import Ledger, outbox
from workers.ledger.outbox import Delivery, Order, Result, Slip

log = logging.getLogger(__name__)

GAVE_UP = "gave-up"


@dataclass(frozen=True, slots=True)
class Patience:
    """When to try again, when to give up, and how long a recipient may take to answer."""

    delays: tuple[timedelta, ...] = tuple(timedelta(minutes=it) for it in (1, 5, 15, 60, 240))
    max_attempts: int = 8
    lease: timedelta = timedelta(minutes=5)  # longer than the slowest channel takes
    answer_within: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Office:
    """Everything that delivering needs. `records` is our own server."""

    ledger: Ledger
    records: Records = field(repr=False)
    channels: Mapping[str, Channel] = field(repr=False)
    load: Load = field(repr=False)
    clock: Clock = field(repr=False)
    patience: Patience = Patience()
    update_create: bool = True


def enqueue(
    ledger: Ledger, communication: Json, now: datetime, *, channel: str, retraction: bool = False
) -> str | None:
    """Let a released letter go; its message id, or None when this content was enqueued before.

    A newer content of the same letter takes the place of an older one that was not sent yet.
    """
    name = name_of(communication)
    order = Order(
        name.message_id,
        name.document_id,
        str(communication["id"]),
        channel,
        plan=plan_of(communication),
        retraction=retraction,
    )
    return name.message_id if outbox.put(ledger, order, now) else None


def dispatch(office: Office, limit: int = 100) -> Counter[str]:
    """Send at most so many letters; gives how many came to what. Two at once never hold the same letter."""
    done: Counter[str] = Counter()
    while done.total() < limit and (
        slip := outbox.take(office.ledger, office.clock(), office.patience.lease)
    ):
        result = attempt(slip, office)
        outbox.settle(office.ledger, slip, result, office.clock())
        done[result.state.value] += 1
        if result.reason:
            log.info("letter %s: %s (%s)", slip.message_id, result.state.value, result.reason)
    inform(office)
    return done


def attempt(slip: Slip, office: Office) -> Result:
    """One try: what the outbox must say afterwards."""
    try:
        parcel = office.load(slip)
        if isinstance(parcel, Withheld):
            return _withheld(parcel, slip, office)
        receipt = _sent(parcel, slip, office)
    except OsteoHandoverError as fault:
        receipt = receipt_of(fault)
    if receipt.strays:
        log.warning(
            "letter %s: %d answers about other messages were ignored", slip.message_id, receipt.strays
        )
    return result_of(receipt, slip, office.patience, office.clock())


def result_of(receipt: Receipt, slip: Slip, patience: Patience, now: datetime) -> Result:
    """What a receipt means for the outbox; the last of all tries ends before a human."""
    due = now + patience.answer_within
    match receipt.outcome:
        case Outcome.SENT:
            return Result(Delivery.SENT, reference=receipt.reference, answer_due_at=due)
        case Outcome.RECEIVED | Outcome.DUPLICATE:
            return Result(Delivery.RECEIVED, reference=receipt.reference, answer_due_at=due)
        case Outcome.TRANSIENT if slip.attempts < patience.max_attempts:
            again = now + _wait(receipt, slip, patience)
            return Result(Delivery.QUEUED, again_at=again, reason=receipt.reason, reference=receipt.reference)
        case Outcome.TRANSIENT:
            reason = f"{GAVE_UP}:{receipt.reason}"
            return Result(Delivery.REFUSED, reason=reason, question="delivery_failed")
        case Outcome.REFUSED:
            return Result(Delivery.REFUSED, reason=receipt.reason or "refused", question="delivery_failed")
        case unreachable:
            assert_never(unreachable)


def inform(office: Office) -> None:
    """Write what the server and the humans do not know yet. A second call finds nothing left to do."""
    for slip in outbox.untold(office.ledger):
        if not slip.told and (receipt := receipt_for(slip)):
            _guarded(slip, lambda slip=slip, receipt=receipt: _tell(office, slip, receipt))  # type: ignore[misc]
        if slip.question:
            _guarded(slip, lambda slip=slip: _ask(office, slip))  # type: ignore[misc]


def receipt_for(slip: Slip) -> Receipt | None:
    """What the outbox knows, as a receipt: whoever answers has received."""
    match slip.state:
        case Delivery.QUEUED | Delivery.CANCELLED:
            return None
        case Delivery.SENT:
            return Receipt(Outcome.SENT)
        case Delivery.RECEIVED | Delivery.ACCEPTED | Delivery.DECLINED:
            return Receipt(Outcome.RECEIVED)
        case Delivery.REFUSED:
            return Receipt(Outcome.REFUSED, reason=(slip.reason or "").partition(":")[0])
        case unreachable:
            assert_never(unreachable)


def _sent(parcel: Parcel, slip: Slip, office: Office) -> Receipt:
    channel = office.channels.get(slip.channel)
    if channel is None:
        return Receipt(Outcome.TRANSIENT, reason="configuration")
    return channel.send(parcel)


def _withheld(withheld: Withheld, slip: Slip, office: Office) -> Result:
    if withheld.later:
        receipt = Receipt(Outcome.TRANSIENT, reason=withheld.reason)
        return result_of(receipt, slip, office.patience, office.clock())
    return Result(Delivery.CANCELLED, reason=withheld.reason, question=withheld.question)


def _wait(receipt: Receipt, slip: Slip, patience: Patience) -> timedelta:
    """As the receiver says, within reason; else longer each time."""
    if receipt.retry_after is not None:
        told = timedelta(seconds=receipt.retry_after)
        return min(max(told, timedelta(seconds=1)), patience.delays[-1])
    return patience.delays[min(slip.attempts, len(patience.delays)) - 1]


def _tell(office: Office, slip: Slip, receipt: Receipt) -> None:
    at = slip.answered_at or slip.settled_at or slip.queued_at
    tell(office.records, slip.communication, slip.message_id, receipt, at)
    outbox.told(office.ledger, slip)


def _ask(office: Office, slip: Slip) -> None:
    ask(office.records, slip, slip.question or "", office.clock(), update_create=office.update_create)
    outbox.asked(office.ledger, slip)


def _guarded(slip: Slip, step: Callable[[], None]) -> None:
    """One letter's trouble is not another's; what could not be written is due again with the next call."""
    try:
        step()
    except OsteoHandoverError as fault:
        log.warning("letter %s: %s: %s", slip.message_id, type(fault).__name__, fault)
