"""Take messages: understand them, keep them, and answer. What was answered with AA or CA is on disk."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from adapter.errors import OsteoHandoverError
from mappings.hl7v2.input.own_ack import AckCode, acknowledgement, wanted
from mappings.hl7v2.input.refusal import MessageRefused, Problem
from mappings.hl7v2.input.sender_map import SenderMap
from mappings.hl7v2.input.translation import MessageHeader, header_of, sender_of, translated
from workers.host.clock import Clock
from workers.intake.inbox import Arrival, ArrivalInbox, ItemKind

log = logging.getLogger(__name__)

_NOBODY = MessageHeader("", "", "", "", "", "", "", "P", "2.5.1", "")


@dataclass(slots=True)
class MessageReception:
    """What arrives together is kept by one commit."""

    inbox: ArrivalInbox = field(repr=False)
    senders: Sequence[SenderMap]
    clock: Clock = field(repr=False)

    def take_frames(self, frames: Sequence[bytes]) -> list[bytes | None]:
        """The answer to each message, in their order; None where its sender wants none."""
        understood = [self._understand_frame(raw) for raw in frames]
        arrivals = [arrival for _, arrival in understood if isinstance(arrival, Arrival)]
        try:
            self.inbox.keep_arrivals(arrivals, self.clock())
            problem = None
        except OsteoHandoverError as fault:
            log.error("%d messages were not kept: %s", len(arrivals), fault)  # noqa: TRY400 - the trace tells nothing
            problem = MessageRefused(
                Problem.APPLICATION, "The message could not be kept. Send it again later."
            )
        return [
            self._acknowledgement(header, problem if isinstance(arrival, Arrival) else arrival)
            for header, arrival in understood
        ]

    def refuse_frame(self, beginning: bytes, why: str) -> bytes | None:
        """The answer to a message that is not even looked at."""
        try:
            header = header_of(beginning)
        except MessageRefused:
            header = _NOBODY
        return self._acknowledgement(header, MessageRefused(Problem.VALUE, why))

    def _understand_frame(self, raw: bytes) -> tuple[MessageHeader, Arrival | MessageRefused]:
        header = _NOBODY
        try:
            header = header_of(raw)
            sender = sender_of(header, self.senders)
            translated(raw, header, sender)
        except MessageRefused as refused:
            log.warning("a message was refused: %s %s", refused.problem.value, refused)
            return header, refused
        return header, Arrival(ItemKind.HL7, sender.id, header.control_id, raw)

    def _acknowledgement(self, header: MessageHeader, refused: MessageRefused | None) -> bytes | None:
        answer = AckCode.ACCEPT
        if refused:
            answer = AckCode.ERROR if refused.problem is Problem.APPLICATION else AckCode.REJECT
        if not wanted(header, answer):
            return None
        now = self.clock()
        own_id = sha256(f"{header.control_id}|{now.isoformat()}".encode()).hexdigest()[:20]
        return acknowledgement(header, answer, now, own_id, refused)
