"""What `--json` prints about work.

Its form for the demo, releases, deliveries, what is due, subscriptions and the inbox.
"""

from typing import NotRequired

from typing_extensions import TypedDict

from workers.doctor.findings import Finding
from workers.intake.inbox import FailedItem
from workers.ledger.outbox import Delivery, DeliveryState


class DoctorOutput(TypedDict):
    """Everything that was looked at; `works` is false when something is broken."""

    works: bool
    findings: list[Finding]


WaitingRow = TypedDict(
    "WaitingRow",
    {
        "patient": str, "name": NotRequired[str | None], "class": str | None, "deciding": str | None, "asks": str,
        "urgency": str, "due": str | None, "days": int | None, "task": str, "options": NotRequired[str],
        "words": list[str],
    },
)  # fmt: skip


class WaitingOutput(TypedDict):
    """What waits for a clinician, the most urgent first."""

    waiting: list[WaitingRow]


class AnswerOutput(TypedDict):
    """What a clinician's answer came to; `fault` says why it could not be carried out."""

    patient: str
    outcome: str
    written: list[str]
    fault: str | None


ReleaseOutput = WaitingOutput | AnswerOutput


class DeclinedRow(TypedDict):
    """How often recipients declined, by rule and reason."""

    rule: str
    reason: str
    letters: int


class DeliveriesOutput(TypedDict):
    """Letters on their way."""

    counts: dict[DeliveryState, int]
    letters: list[Delivery]
    declined: list[DeclinedRow]


class RoundOutput(TypedDict):
    """One round of delivery: what became of letters, which answers came, and how many letters wait."""

    sent: dict[str, int]
    answers: dict[str, int]
    waiting: int


class StepRow(TypedDict):
    """An open step of a plan."""

    patient: str
    step: str
    due: str
    period: int  # the first, the second ... of a step that comes again
    overdue: bool


class DueOutput(TypedDict):
    """Open steps as of a day."""

    on: str
    steps: list[StepRow]


class FeedbackRow(TypedDict):
    """What became of the cards of one rule."""

    rule: str
    shown: int
    accepted: int
    overridden: int
    reasons: dict[str, int]
    says: str


class FeedbackOutput(TypedDict):
    """What clinicians made of cards, rule by rule."""

    rules: list[FeedbackRow]


class SubscriptionRow(TypedDict):
    """How one search of the sweep is subscribed to."""

    search: str
    state: str
    said: str


class SubscriptionsOutput(TypedDict):
    """All searches of the sweep."""

    subscriptions: list[SubscriptionRow]


class InboxOutput(TypedDict):
    """What waits in the inbox of HL7 v2 and files, and what failed."""

    counts: dict[str, int]
    troubles: list[FailedItem]
    tried_again: NotRequired[int]  # with --retry
