"""The GP system's own FHIR server: the letter arrives as resources, with a Task to accept or to reject."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from adapter.errors import ConfigurationFault, NotThere, OsteoHandoverError, RecordFault, TryAgainLater
from adapter.fhir.client import FhirClient
from workers.delivery.channels.endpoints import EndpointDirectory
from workers.delivery.channels.letter_resources import document_of, letter_entries, part_ids
from workers.delivery.channels.recipient_circuit import AddressCircuit, NoCircuit
from workers.delivery.message import LetterMessage, Receipt, SendOutcome, receipt_of
from workers.delivery.message_content import MESSAGE_ID

TYPES = ("DocumentReference", "Communication", "Task")
Connect = Callable[[str], FhirClient | None]


@dataclass(frozen=True, slots=True)
class FhirChannel:
    """`connect` gives a client with the credentials of just that address, or None where letters may not go.

    With `document_only`, a server that takes nothing but documents gets the Bundle alone, and no Task.
    """

    directory: EndpointDirectory
    connect: Connect
    own_base: str
    document_only: bool = False
    circuit: AddressCircuit = field(default_factory=NoCircuit, repr=False)

    def send(self, message: LetterMessage) -> Receipt:
        """Write the letter to the recipient's server; RECEIVED if it says under which ids."""
        try:
            address = self.directory.address_of(message.recipient)
            if address is None:
                return Receipt(SendOutcome.REFUSED, reason="no-endpoint")
            client = self.connect(address)
            if client is None:
                return Receipt(SendOutcome.REFUSED, reason="endpoint-not-trusted")
        except OsteoHandoverError as fault:
            return receipt_of(fault)
        return self._send_over(client, address, message)

    def _send_over(self, client: FhirClient, address: str, message: LetterMessage) -> Receipt:
        """Leaves a recipient's server in trouble alone for a while: other letters must not wait."""
        if not self.circuit.may_ask(address):
            return Receipt(SendOutcome.TRANSIENT, reason="unavailable")
        try:
            receipt = (self._send_document if self.document_only else self._send_letter)(message, client)
        except TryAgainLater as fault:
            self.circuit.record_failure(address, fault)
            return receipt_of(fault)
        except OsteoHandoverError as fault:
            return receipt_of(fault)
        self.circuit.record_success(address)
        return receipt

    def _send_document(self, message: LetterMessage, client: FhirClient) -> Receipt:
        document = document_of(message)
        if document is None:
            return Receipt(SendOutcome.REFUSED, reason="no-document")
        if client.capabilities().require_r4().update_create("Bundle").worth_asking:
            stored = client.update(document)
            return Receipt(SendOutcome.RECEIVED, reference=f"Bundle/{stored.id}")
        unnamed = {element: value for element, value in document.items() if element != "id"}
        stored = client.create_conditional(unnamed, [("identifier", f"{MESSAGE_ID}|{message.message_id}")])
        outcome = SendOutcome.RECEIVED if stored.created else SendOutcome.DUPLICATE
        return Receipt(outcome, reference=f"Bundle/{stored.id}")

    def _send_letter(self, message: LetterMessage, client: FhirClient) -> Receipt:
        """The Task goes last and comes with all the others, so where it is there everything is.

        What is there is not written again: the recipient may have accepted the Task in the meantime.
        """
        known = client.capabilities().require_r4()
        own_ids = all(known.update_create(kind).worth_asking for kind in TYPES)
        if found := _task_id(message, client, own_ids=own_ids):
            return Receipt(SendOutcome.DUPLICATE, reference=f"Task/{found}")
        self._deposit_document(message, client)
        sent = letter_entries(replace(message, document=None), self.own_base, update_create=own_ids)
        if known.transaction.worth_asking:
            stored = client.transaction(sent)[-1].id
            return Receipt(SendOutcome.RECEIVED, reference=f"Task/{stored or part_ids(message)['Task']}")
        if not own_ids:
            raise ConfigurationFault("The recipient's server takes neither transactions nor ids of ours.")
        for entry in sent:
            client.update(entry.resource or {})
        return Receipt(SendOutcome.RECEIVED, reference=f"Task/{part_ids(message)['Task']}")

    def _deposit_document(self, message: LetterMessage, client: FhirClient) -> None:
        """Sends the document alone: in a transaction, servers look outside it for its inner references.

        Where documents are not taken the letter does without: its pages say the same.
        """
        if message.document and client.capabilities().offers("Bundle", "create").worth_asking:
            with suppress(RecordFault):
                self._send_document(message, client)


def _task_id(message: LetterMessage, client: FhirClient, *, own_ids: bool) -> str | None:
    """The id of the Task of this very message, where it is there already."""
    if not own_ids:
        condition = [("identifier", f"{MESSAGE_ID}|{message.message_id}")]
        matches = client.search("Task", condition, limit=1).matches
        return str(matches[0].get("id")) if matches else None
    try:
        return str(client.read("Task", part_ids(message)["Task"])["id"])
    except NotThere:
        return None
