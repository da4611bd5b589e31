"""Between the review and the outbox: what was released is queued, what was revoked is called back.

It follows the writing and comes before the review is settled, so that a process which dies in between does it
again: released letters are those that the server calls so, never those that somebody remembers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from adapter.input.wire_json import Json
from mappings.codes import PLAN_KEY
from mappings.handover.release.clearance import why_not
from mappings.handover.release.release_codes import code_in
from mappings.handover.release.released_parts import exchanged
from mappings.handover.release.signature import may_go_unreleased
from mappings.outbound.fingerprint import carried
from mappings.outbound.ids import location_of
from workers.delivery.dispatcher import enqueue_communication
from workers.delivery.letter_store import LoadMessage, WithheldLetter
from workers.delivery.message import LetterMessage
from workers.delivery.message_content import name_of, plan_of
from workers.delivery.record_server import OwnFhirServer
from workers.host.clock import Clock
from workers.ledger import Ledger, due_dates, outbox, reviews
from workers.ledger.deliveries import Delivery
from workers.review.batches import batches
from workers.review.fhir_server import FhirServer
from workers.review.review_outcome import OutcomeCode, ReviewOutcome

AT_ONCE = 30  # letters in one search


def queue_letters(
    outcomes: Sequence[ReviewOutcome], server: FhirServer, ledger: Ledger, clock: Clock, channel: str
) -> None:
    """Queue, call back, and ask for those who have to be looked at next. A second call does nothing new."""
    # A fault or AS_BEFORE decided nothing new about its patient: due dates and outbox stay as they are.
    written = [
        outcome for outcome in outcomes if outcome.fault is None and outcome.code is not OutcomeCode.AS_BEFORE
    ]
    for plan in (plan for write in written for plan in write.revoked):
        outbox.cancel_letters(ledger, plan, clock())
    names = [name for write in written for name in write.outgoing]
    if channel != "none":
        for some in batches(names, AT_ONCE):
            for letter in _may_go(some, server):
                retraction = code_in(letter.get("category")) == "gp_retraction_letter"
                enqueue_communication(ledger, letter, clock(), channel=channel, retraction=retraction)
    due_dates.note_due_days(ledger, {write.patient: write.next_due for write in written})
    again = sorted({patient for write in written for patient in write.again})
    if again:
        reviews.request_reviews(ledger, again, clock())


def _may_go(names: Sequence[str], server: FhirServer) -> Iterable[Json]:
    """The letters as the server has them now, as far as nothing speaks against sending them."""
    tokens = ",".join(f"{PLAN_KEY}|{name}" for name in names)
    asked = frozenset(names)
    (letters,) = server.batch_searches(
        [("Communication", [("identifier", tokens)], lambda it: carried(it, PLAN_KEY) in asked)]
    )
    ids = ",".join(sorted({plan.partition("/")[2] for match in letters.matches if (plan := plan_of(match))}))
    plans: dict[str, Json] = {}
    if ids:
        (found,) = server.batch_searches([("CarePlan", [("_id", ids)], None)])
        plans = {f"CarePlan/{match['id']}": match for match in found.matches}
    return [match for match in letters.matches if why_not(match, plans.get(plan_of(match) or "")) is None]


@dataclass(frozen=True, slots=True)
class GatedLoad:
    """The letter behind a delivery, checked by the gate again: much may have happened in between."""

    load: LoadMessage = field(repr=False)
    records: OwnFhirServer = field(repr=False)

    def __call__(self, entry: Delivery) -> LetterMessage | WithheldLetter:
        message = self.load(entry)
        if isinstance(message, WithheldLetter):
            return message
        letter = dict(message.communication)
        kind, _, name = (entry.plan or "").partition("/")
        plan = self.records.read(kind, name) if name and not entry.retraction else None
        if (reason := why_not(letter, plan)) and letter.get("status") != "not-done":
            return WithheldLetter(reason)
        if exchanged(letter, message.pdf, message.html, message.document, message.patient):
            return WithheldLetter("content-changed", question="delivery_content_changed")
        return replace(message, replaces=self._earlier(letter), authenticated=not may_go_unreleased(letter))

    def _earlier(self, letter: Json) -> str | None:
        """The document that this one takes the place of."""
        for part in letter.get("partOf") or ():
            location = location_of(str(part.get("reference")))
            if location.startswith("Communication/"):
                return name_of(self.records.read("Communication", location.partition("/")[2])).document_id
        return None
