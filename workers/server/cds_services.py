"""The CDS services: one for each hook, over the same reading and the same rules as a review.

Nothing is written to the server.

A record that did not come with the call is read from the server of the settings, and from no other: an
address in a call is compared, never followed, and the token in it is not used.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import assert_never

from typing_extensions import TypedDict

from adapter.errors import OsteoHandoverError, RecordFault
from adapter.input.wire_json import Unparsable, parse
from mappings.cards import Advice, about_orders, about_the_patient, card_of
from mappings.cards.card import CardOnTheWire, override_reasons
from mappings.handover.institution import Institution
from mappings.handover.patient_record import PatientRecord
from mappings.handover.propose import Proposal
from workers.assessment.record_assessment import proposal_of, record_of
from workers.host.clock import Clock, today
from workers.ledger import Ledger, shown_cards
from workers.ledger.shown_cards import CardOutcome
from workers.server.admission import NotAdmitted
from workers.server.cds_request import CdsRequest, prefetch_templates, request_of

log = logging.getLogger(__name__)

PATIENT_VIEW, ORDER_SELECT, DISCHARGE = "patient-view", "order-select", "encounter-discharge"
# id: hook, title, description
SERVICES: Mapping[str, tuple[str, str, str]] = {
    "bone-health": (
        PATIENT_VIEW,
        "Bone health",
        "Bone density class, what the care pathway proposes, and what has to be known first.",
    ),
    "bone-drug": (
        ORDER_SELECT,
        "Osteoporosis drugs",
        "What speaks against an osteoporosis drug that is being ordered. No card is no statement that it is safe.",
    ),
    "bone-health-discharge": (
        DISCHARGE,
        "Bone health at discharge",
        "What the care pathway proposes for the handover to the general practitioner.",
    ),
}


class ServiceOutput(TypedDict):
    """One service, as it is offered."""

    hook: str
    id: str
    title: str
    description: str
    prefetch: dict[str, str]


class ServicesOutput(TypedDict):
    """What `GET /cds-services` answers."""

    services: list[ServiceOutput]


class CardsOutput(TypedDict):
    """What a call of a service answers."""

    cards: list[CardOnTheWire]


@dataclass(frozen=True, slots=True)
class CdsServices:
    """The services of one institution. ``read`` brings a record from its server, on a day."""

    institution: Institution
    zone: str
    clock: Clock = field(repr=False)
    base_url: str = field(repr=False)
    opened: Callable[[], Ledger] = field(repr=False)
    read: Callable[[str, date], PatientRecord] = field(repr=False)

    def discovery(self) -> ServicesOutput:
        """The document of discovery: what is offered, and which searches should come along."""
        prefetch = prefetch_templates(self.institution.reading)
        return {
            "services": [
                {"hook": hook, "id": key, "title": title, "description": description, "prefetch": prefetch}
                for key, (hook, title, description) in SERVICES.items()
            ]
        }

    def cards_for(self, service: str, body: bytes) -> CardsOutput:
        """The cards of a call.

        Raises NotAdmitted: 404 no such service, 400 no call, 412 no record to be had.
        """
        hook = _hook(service)
        asked = request_of(body, hook, self.institution.reading)
        on = today(self.clock, self.zone)
        proposal = proposal_of(self._record(asked, on), self.institution, on)
        advice = _advice(hook, proposal, asked, self.institution)
        cards = [
            card_of(advice_of_card, number, asked.call, self.institution)
            for number, advice_of_card in enumerate(advice)
        ]
        self._note_cards(
            [(card["uuid"], advice_of_card.rules) for card, advice_of_card in zip(cards, advice, strict=True)]
        )
        return {"cards": cards}

    def _note_cards(self, cards: Sequence[tuple[str, Sequence[str]]]) -> None:
        """Note the cards for the count by rule; when that fails, the cards are shown all the same."""
        if not cards:
            return
        try:
            ledger = self.opened()
            try:
                shown_cards.note_cards(ledger, cards, self.clock())
            finally:
                ledger.close()
        except OsteoHandoverError as fault:
            log.warning("cards were shown and not counted: %s", type(fault).__name__)

    def _record(self, asked: CdsRequest, on: date) -> PatientRecord:
        if asked.record is not None:
            try:
                return record_of(asked.record, self.institution, on)
            except RecordFault as fault:
                raise NotAdmitted(412, f"The prefetch cannot be used: {fault}") from None
        if (asked.fhir_server or self.base_url).rstrip("/") != self.base_url:
            raise NotAdmitted(
                412, "The prefetch is not whole, and fhirServer is not the server that is read."
            )
        try:
            return self.read(asked.patient, on)
        except OsteoHandoverError:
            raise NotAdmitted(412, "The prefetch is not whole, and the record could not be read.") from None

    def keep_feedback(self, service: str, body: bytes) -> None:
        """Feedback on cards: outcome and reason by rule.

        What a clinician typed may name the patient and is not kept.
        """
        _hook(service)
        ledger = self.opened()
        try:
            for card, outcome, reason in _feedback(body, self.institution):
                shown_cards.record_card_outcome(ledger, card, outcome, reason)
        finally:
            ledger.close()


def _hook(service: str) -> str:
    if service not in SERVICES:
        raise NotAdmitted(404, f"There are the services {', '.join(SERVICES)}.")
    return SERVICES[service][0]


def _advice(hook: str, proposal: Proposal, asked: CdsRequest, institution: Institution) -> tuple[Advice, ...]:
    if hook == ORDER_SELECT:
        return about_orders(proposal, asked.orders, institution)
    return about_the_patient(proposal, institution)


def _feedback(body: bytes, institution: Institution) -> Iterator[tuple[str, CardOutcome, str | None]]:
    """Card, outcome and reason of each entry; raises NotAdmitted, to tell the sender, for any other."""
    try:
        document = parse(body)
    except Unparsable:
        raise NotAdmitted(400, "The body is no JSON that can be used.") from None
    entries = document.get("feedback")
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise NotAdmitted(400, "feedback is a list of objects.")
    known = override_reasons(institution.texts)
    for entry in entries:
        try:
            outcome = CardOutcome(entry.get("outcome"))
        except ValueError:
            raise NotAdmitted(400, "outcome is accepted or overridden.") from None
        yield str(entry.get("card")), outcome, _reason(entry, outcome, known)


def _reason(entry: Mapping[str, object], outcome: CardOutcome, known: Mapping[str, str]) -> str | None:
    match outcome:
        case CardOutcome.ACCEPTED:
            return None
        case CardOutcome.OVERRIDDEN:
            told = entry.get("overrideReason")
            reason = told.get("reason") if isinstance(told, Mapping) else None
            code = reason.get("code") if isinstance(reason, Mapping) else None
            return str(code) if code in known else None
        case unreachable:
            assert_never(unreachable)
