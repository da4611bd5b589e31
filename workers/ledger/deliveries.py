"""The rows of the outbox: opaque ids and codes.

Whom a letter is about and what it says stays on the server.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, Index, Integer, String, Table

from workers.ledger.tables import Instant, metadata


class DeliveryState(StrEnum):
    """Where one letter stands."""

    QUEUED = "queued"  # to be sent, or being sent: then due again at next_attempt_at
    SENT = "sent"  # handed to a transport that confirms nothing
    RECEIVED = "received"  # the receiver's system has it
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REFUSED = "refused"
    CANCELLED = "cancelled"


DELIVERED = (DeliveryState.SENT, DeliveryState.RECEIVED)
ANSWERED = (DeliveryState.ACCEPTED, DeliveryState.DECLINED)

delivery = Table(
    "delivery",
    metadata,
    Column("scope", String, primary_key=True),
    Column("message_id", String, primary_key=True),
    Column("document_id", String, nullable=False),
    Column("communication", String, nullable=False),  # the id of the Communication
    Column("plan", String),  # CarePlan/id
    Column("channel", String, nullable=False),
    Column("retraction", Integer, nullable=False),  # 1: goes out though its plan is revoked
    Column("state", String, nullable=False),
    Column("turn", Integer, nullable=False),  # rises with each take: only the newest holder may settle
    Column("attempts", Integer, nullable=False),  # counted before sending
    Column("next_attempt_at", Instant, nullable=False),
    Column("reason", String),  # a code: of the transport, or of the recipient who declined
    Column("reference", String),  # what the transport calls it
    Column("superseded_by", String),
    Column("told", Integer, nullable=False),  # 1: Communication.status says what this row says
    Column("question", String),  # what a human must be asked; empty again once it was
    Column("queued_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("answer_due_at", Instant),
    Column("answered_at", Instant),
    Index("delivery_due", "scope", "state", "next_attempt_at"),
    Index("delivery_of_document", "scope", "document_id"),
)

# Counts only: how often recipients declined for which reason what a rule had led to.
declined = Table(
    "declined",
    metadata,
    Column("scope", String, primary_key=True),
    Column("rule", String, primary_key=True),
    Column("reason", String, primary_key=True),
    Column("count", Integer, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One row, as its holder or a reader sees it."""

    message_id: str
    document_id: str
    communication: str
    plan: str | None
    channel: str
    retraction: bool
    state: DeliveryState
    turn: int
    attempts: int
    next_attempt_at: datetime
    reason: str | None
    reference: str | None
    superseded_by: str | None
    told: bool
    question: str | None
    queued_at: datetime
    settled_at: datetime | None
    answer_due_at: datetime | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeliveryOrder:
    """A letter that may go."""

    message_id: str
    document_id: str
    communication: str
    channel: str
    plan: str | None = None
    retraction: bool = False


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """What became of a delivery. `again_at` keeps it queued; `question` is what a human must be asked."""

    state: DeliveryState
    again_at: datetime | None = None
    reason: str | None = None
    reference: str | None = None
    question: str | None = None
    answer_due_at: datetime | None = None
