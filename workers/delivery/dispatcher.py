"""Send what is due, and tell what came of it. The one place that decides about trying a delivery again.

    dispatch_letters           take -> load -> send -> settle, letter by letter, and then inform
    inform_server_and_humans   Communication.status and the Tasks for humans, from what stands in the outbox

Killed between any two steps, the next call goes on: a letter may go out once more with the same message id, a
status or a Task that was not written is written then. Nothing is sent, told or asked from memory.
"""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import assert_never

from adapter.errors import OsteoHandoverError, SoftwareFault
from adapter.input.wire_json import ReadOnlyJson
from workers.delivery.communication_status import write_status
from workers.delivery.letter_store import LoadMessage, WithheldLetter
from workers.delivery.message import Channel, LetterMessage, Receipt, SendOutcome, receipt_of
from workers.delivery.message_content import name_of, plan_of
from workers.delivery.questions import ask_question
from workers.delivery.record_server import OwnFhirServer
from workers.host.clock import Clock
from workers.ledger import Ledger, outbox
from workers.ledger.outbox import Delivery, DeliveryOrder, DeliveryResult, DeliveryState
from workers.review.review_outcome import BUGS

log = logging.getLogger(__name__)

GAVE_UP = "gave-up"


@dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """When to try again, when to give up, and how long a recipient may take to answer."""

    delays: tuple[timedelta, ...] = tuple(timedelta(minutes=count) for count in (1, 5, 15, 60, 240))
    max_attempts: int = 8
    lease: timedelta = timedelta(minutes=5)  # longer than the slowest channel takes
    answer_within: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class DeliveryContext:
    """Everything that delivering needs. `records` is our own server."""

    ledger: Ledger
    records: OwnFhirServer = field(repr=False)
    channels: Mapping[str, Channel] = field(repr=False)
    load: LoadMessage = field(repr=False)
    clock: Clock = field(repr=False)
    policy: DeliveryPolicy = DeliveryPolicy()
    update_create: bool = True


def enqueue_communication(
    ledger: Ledger, communication: ReadOnlyJson, now: datetime, *, channel: str, retraction: bool = False
) -> str | None:
    """Let a released letter go; its message id, or None when this content was enqueued before.

    A newer content of the same letter takes the place of an older one that was not sent yet.
    """
    name = name_of(communication)
    order = DeliveryOrder(
        name.message_id,
        name.document_id,
        str(communication["id"]),
        channel,
        plan=plan_of(communication),
        retraction=retraction,
    )
    return name.message_id if outbox.enqueue_letter(ledger, order, now) else None


def dispatch_letters(context: DeliveryContext, limit: int = 100) -> Counter[str]:
    """Send at most so many letters; gives how many came to what. Two at once never hold the same letter."""
    done: Counter[str] = Counter()
    while done.total() < limit and (
        entry := outbox.take_letter(context.ledger, context.clock(), context.policy.lease)
    ):
        result = try_delivery(entry, context)
        outbox.settle_delivery(context.ledger, entry, result, context.clock())
        done[result.state.value] += 1
        if result.reason:
            log.info("letter %s: %s (%s)", entry.message_id, result.state.value, result.reason)
    inform_server_and_humans(context)
    return done


def try_delivery(entry: Delivery, context: DeliveryContext) -> DeliveryResult:
    """One try: what the outbox must say afterwards."""
    try:
        message = context.load(entry)
        if isinstance(message, WithheldLetter):
            return _withheld_result(message, entry, context)
        receipt = _send(message, entry, context)
    except OsteoHandoverError as fault:
        receipt = receipt_of(fault)
    # Whatever a receiver answered: this letter comes before a human, and the others go on.
    except BUGS as bug:
        log.exception("a mistake in our own code")
        receipt = receipt_of(SoftwareFault(f"{type(bug).__name__} in our own code"))
    if receipt.strays:
        log.warning(
            "letter %s: %d answers about other messages were ignored", entry.message_id, receipt.strays
        )
    return result_of(receipt, entry, context.policy, context.clock())


def result_of(receipt: Receipt, entry: Delivery, policy: DeliveryPolicy, now: datetime) -> DeliveryResult:
    """What a receipt means for the outbox; after the last try a human is asked."""
    due = now + policy.answer_within
    match receipt.outcome:
        case SendOutcome.SENT:
            return DeliveryResult(DeliveryState.SENT, reference=receipt.reference, answer_due_at=due)
        case SendOutcome.RECEIVED | SendOutcome.DUPLICATE:
            return DeliveryResult(DeliveryState.RECEIVED, reference=receipt.reference, answer_due_at=due)
        case SendOutcome.TRANSIENT if entry.attempts < policy.max_attempts:
            again = now + _waiting_time(receipt, entry, policy)
            return DeliveryResult(
                DeliveryState.QUEUED, again_at=again, reason=receipt.reason, reference=receipt.reference
            )
        case SendOutcome.TRANSIENT:
            reason = f"{GAVE_UP}:{receipt.reason}"
            return DeliveryResult(DeliveryState.REFUSED, reason=reason, question="delivery_failed")
        case SendOutcome.REFUSED:
            return DeliveryResult(
                DeliveryState.REFUSED, reason=receipt.reason or "refused", question="delivery_failed"
            )
        case unreachable:
            assert_never(unreachable)


def inform_server_and_humans(context: DeliveryContext) -> None:
    """Write what the server and the humans do not know yet. A second call finds nothing left to do."""
    for entry in outbox.uninformed_deliveries(context.ledger):
        if not entry.told and (receipt := receipt_for(entry)):
            guard_letter(entry, partial(_write_status, context, entry, receipt))
        if entry.question:
            guard_letter(entry, partial(_ask_question, context, entry))


def receipt_for(entry: Delivery) -> Receipt | None:
    """What the outbox knows, as a receipt: who answered a letter has received it."""
    match entry.state:
        case DeliveryState.QUEUED | DeliveryState.CANCELLED:
            return None
        case DeliveryState.SENT:
            return Receipt(SendOutcome.SENT)
        case DeliveryState.RECEIVED | DeliveryState.ACCEPTED | DeliveryState.DECLINED:
            return Receipt(SendOutcome.RECEIVED)
        case DeliveryState.REFUSED:
            return Receipt(SendOutcome.REFUSED, reason=(entry.reason or "").partition(":")[0])
        case unreachable:
            assert_never(unreachable)


def _send(message: LetterMessage, entry: Delivery, context: DeliveryContext) -> Receipt:
    channel = context.channels.get(entry.channel)
    if channel is None:
        return Receipt(SendOutcome.TRANSIENT, reason="configuration")
    return channel.send(message)


def _withheld_result(withheld: WithheldLetter, entry: Delivery, context: DeliveryContext) -> DeliveryResult:
    if withheld.later:
        receipt = Receipt(SendOutcome.TRANSIENT, reason=withheld.reason)
        return result_of(receipt, entry, context.policy, context.clock())
    return DeliveryResult(DeliveryState.CANCELLED, reason=withheld.reason, question=withheld.question)


def _waiting_time(receipt: Receipt, entry: Delivery, policy: DeliveryPolicy) -> timedelta:
    """As the receiver says, within reason; else longer each time."""
    if receipt.retry_after is not None:
        told = timedelta(seconds=receipt.retry_after)
        return min(max(told, timedelta(seconds=1)), policy.delays[-1])
    return policy.delays[min(entry.attempts, len(policy.delays)) - 1]


def _write_status(context: DeliveryContext, entry: Delivery, receipt: Receipt) -> None:
    at = entry.answered_at or entry.settled_at or entry.queued_at
    write_status(context.records, entry.communication, entry.message_id, receipt, at)
    outbox.mark_informed(context.ledger, entry)


def _ask_question(context: DeliveryContext, entry: Delivery) -> None:
    ask_question(
        context.records, entry, entry.question or "", context.clock(), update_create=context.update_create
    )
    outbox.mark_asked(context.ledger, entry)


def guard_letter(entry: Delivery, step: Callable[[], None]) -> None:
    """One letter's trouble is not another's; what could not be written is due again with the next call."""
    try:
        step()
    except OsteoHandoverError as fault:
        log.warning("letter %s: %s: %s", entry.message_id, type(fault).__name__, fault)
    except BUGS:
        log.exception("letter %s: a mistake in our own code", entry.message_id)
