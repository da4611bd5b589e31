"""Takes each item once, in order of arrival, from the inbox to the FHIR server and into the ledger.

An item that must wait is passed by those behind it; an older version that comes late changes nothing.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import assert_never

from adapter.errors import OsteoHandoverError, SoftwareFault, TryAgainLater
from mappings.hl7v2.input.oru import ObservedResults
from mappings.hl7v2.input.refusal import MessageRefused, Problem
from mappings.hl7v2.input.sender_map import SenderMap
from mappings.hl7v2.input.translation import header_of, translated
from workers.host.clock import Clock
from workers.intake.inbox import ArrivalInbox, InboxItem, ItemKind
from workers.intake.patient_lookup import PatientUnknown, SearchResultNotWhole
from workers.intake.patient_writer import PatientWriter
from workers.intake.record_writer import RecordWriter
from workers.intake.result_writer import ResultWriter
from workers.ledger import Ledger, reviews
from workers.review.review_outcome import BUGS

log = logging.getLogger(__name__)

_AT_ONCE = 50


@dataclass(slots=True)
class InboxWork:
    """What one process does with what came. `follow_up` has workers begin with the reviews."""

    inbox: ArrivalInbox = field(repr=False)
    senders: Sequence[SenderMap]
    results: ResultWriter = field(repr=False)
    patients: PatientWriter = field(repr=False)
    records: RecordWriter = field(repr=False)
    ledger: Ledger = field(repr=False)
    clock: Clock = field(repr=False)
    delays: tuple[timedelta, ...]
    keep: bool = False
    follow_up: Callable[[bool], None] = field(default=lambda _: None, repr=False)

    def work_inbox(self) -> int:
        """Everything that is due; gives how many items were settled."""
        settled = 0
        while items := self.inbox.due_items(self.clock(), _AT_ONCE):
            done = sum(self._settle_item(item) for item in items)
            settled += done
            if done:
                self._begin_reviews()
            else:
                break
        return settled

    def _settle_item(self, item: InboxItem) -> bool:
        """Whether it is settled: written, or for a human."""
        try:
            patients = self._write_item(item)
            if patients:
                reviews.request_reviews(self.ledger, patients, self.clock())
        except MessageRefused as refused:  # the map of its sender was changed since
            self.inbox.mark_failed(item, str(refused))
        except (PatientUnknown, TryAgainLater) as fault:
            return self._postpone_item(item, fault)
        except OsteoHandoverError as fault:
            self.inbox.mark_failed(item, str(fault))
            log.warning("item %d of the inbox needs a human: %s", item.id, fault)
        except BUGS as bug:  # its text may quote the message
            self.inbox.mark_failed(item, str(SoftwareFault(f"{type(bug).__name__} in our own code")))
            log.error("item %d of the inbox: %s in our own code", item.id, type(bug).__name__)  # noqa: TRY400 - as above
        else:
            self.inbox.mark_done(item, keep=self.keep)
        return True

    def _write_item(self, item: InboxItem) -> list[str]:
        match item.kind:
            case ItemKind.HL7:
                return self._write_hl7_message(item)
            case ItemKind.FHIR:
                return self.records.write_record(item.content)
            case unreachable:
                assert_never(unreachable)

    def _write_hl7_message(self, item: InboxItem) -> list[str]:
        sender = next((sender for sender in self.senders if sender.id == item.sender), None)
        if sender is None:
            raise MessageRefused(Problem.VALUE, "The map of its sender is no longer among intake.maps.")
        found = translated(item.content, header_of(item.content), sender)
        if isinstance(found.content, ObservedResults):
            self.patients.introduce_patients(found.content, sender)
            return self.results.write_results(found.content, sender, item.control_id)
        return [patient for news in found.content for patient in self.patients.follow_news(news)]

    def _postpone_item(self, item: InboxItem, fault: PatientUnknown | TryAgainLater) -> bool:
        """Waits for an absent server as long as it takes; counts other tries, then a human looks."""
        counted = isinstance(fault, PatientUnknown | SearchResultNotWhole)
        if counted and item.attempts >= len(self.delays):
            self.inbox.mark_failed(item, str(fault))
            return True
        delay = self.delays[min(item.attempts, len(self.delays) - 1)]
        if isinstance(fault, TryAgainLater) and fault.retry_after:
            delay = timedelta(seconds=fault.retry_after)
        self.inbox.postpone_item(item, self.clock() + delay, str(fault), counts=counted)
        return False

    def _begin_reviews(self) -> None:
        try:
            self.follow_up(False)
        except OsteoHandoverError as fault:
            log.warning("what came waits for the next sweep: %s", type(fault).__name__)
