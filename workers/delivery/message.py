"""The message, the channel and the receipt: the one interface of all channels."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from adapter.errors import ConfigurationFault, OsteoHandoverError, RecordFault, SoftwareFault, TryAgainLater
from adapter.input.wire_json import ReadOnlyJson

# An id of ours: it becomes the name of files and resources.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,63}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Recipient:
    """A recipient as the Communication names them, and their address where it is known already."""

    reference: ReadOnlyJson = field(default_factory=dict, repr=False)
    endpoint: str | None = field(default=None, repr=False)
    # What the reference leads to on our server.
    record: ReadOnlyJson = field(default_factory=dict, repr=False)

    @property
    def display(self) -> str:
        """The name to write on the letter; may be empty."""
        return str(self.reference.get("display") or "")

    @property
    def identifiers(self) -> tuple[tuple[str, str], ...]:
        """Business identifiers as (system, value)."""
        held = self.reference.get("identifier")
        if not isinstance(held, Mapping) or not isinstance(held.get("value"), str):
            return ()
        return ((str(held.get("system") or ""), held["value"]),)

    @property
    def routes(self) -> tuple[tuple[str, str], ...]:
        """All identifiers for an engine to route on: those in the letter, then those of the record."""
        named = self.record.get("identifier")
        held = (
            [identifier for identifier in named if isinstance(identifier, Mapping)]
            if isinstance(named, list)
            else []
        )
        current = [
            identifier
            for identifier in held
            if identifier.get("use") != "old" and isinstance(identifier.get("value"), str)
        ]
        return tuple(
            dict.fromkeys(
                (
                    *self.identifiers,
                    *((str(identifier.get("system") or ""), identifier["value"]) for identifier in current),
                )
            )
        )


@dataclass(frozen=True, slots=True)
class LetterMessage:
    """One letter to one recipient, in every form that a channel may want.

    `message_id` changes with the content, `document_id` never: a receiver that has seen the message id has
    this letter, and one that has seen the document id has an earlier version of it. Neither the repr nor the
    ids tell anything about the patient.
    """

    message_id: str
    document_id: str
    issued: datetime
    recipient: Recipient
    language: str
    patient_reference: str = field(repr=False)
    patient: ReadOnlyJson = field(repr=False)
    text: str = field(repr=False)
    communication: ReadOnlyJson = field(repr=False)
    html: str | None = field(default=None, repr=False)
    pdf: bytes | None = field(default=None, repr=False)
    document: ReadOnlyJson | None = field(default=None, repr=False)
    replaces: str | None = None  # an earlier document that this one takes the place of
    authenticated: bool = True  # a named clinician released it

    def __post_init__(self) -> None:
        names = (self.message_id, self.document_id, *filter(None, [self.replaces]))
        if not all(_NAME.fullmatch(name) for name in names):
            raise SoftwareFault("an id of a letter must be letters, digits, '-' and '.'")


class SendOutcome(StrEnum):
    """What came of sending; every caller matches all five."""

    SENT = "sent"  # handed over; whether it arrived is not known
    RECEIVED = "received"  # the receiver says that it has stored it
    DUPLICATE = "duplicate"  # the receiver says that it had it already
    TRANSIENT = "transient"  # unknown or not now: send the same again
    REFUSED = "refused"  # sending the same again will fail again


@dataclass(frozen=True, slots=True)
class Receipt:
    """`reason` is a code, `reference` the transport's name of the message; neither quotes anybody."""

    outcome: SendOutcome
    reference: str = ""
    reason: str = ""
    retry_after: float | None = None
    strays: int = 0  # answers about other messages, which were ignored


class Channel(Protocol):
    """A way to the receiver. Sending the same message twice is harmless at the receiver."""

    def send(self, message: LetterMessage) -> Receipt:
        """Hand the message over.

        Raises faults of `adapter.errors` alone, and only for what may pass by itself.
        """
        ...


def receipt_of(fault: OsteoHandoverError) -> Receipt:
    """What a fault of the wire means for a letter: only the record's own fault is final.

    A faulty configuration is tried again, since somebody will correct it, and in the
    end it comes before a person.
    """
    match fault:
        case TryAgainLater():
            return Receipt(SendOutcome.TRANSIENT, reason=_reason(fault), retry_after=fault.retry_after)
        case ConfigurationFault():
            return Receipt(SendOutcome.TRANSIENT, reason=_reason(fault))
        case RecordFault() | SoftwareFault() | _:
            return Receipt(SendOutcome.REFUSED, reason=_reason(fault))


def _reason(fault: OsteoHandoverError) -> str:
    kind = {TryAgainLater: "unavailable", ConfigurationFault: "configuration", RecordFault: "rejected"}
    name = next((word for family, word in kind.items() if isinstance(fault, family)), "software")
    return f"{name}-{fault.status}" if fault.status else name


def is_code(text: object) -> bool:
    """Whether a text that somebody else sent may be kept: codes may, sentences may not."""
    return isinstance(text, str) and _CODE.fullmatch(text) is not None
