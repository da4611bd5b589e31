"""Put the delivery of letters together from settings: once per process, after a fork.

Close it, or use it as a context.
"""

import threading
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Self

from adapter.errors import ConfigurationFault, RecordFault
from adapter.fhir.auth import NO_AUTH, Auth, BearerAuth
from adapter.fhir.client import FhirClient
from adapter.fhir.exchange.http_options import HttpOptions
from adapter.fhir.origin import Base
from adapter.input.wire_json import ReadOnlyJson
from mappings.hl7v2 import Parties
from workers.delivery.channels.endpoints import EndpointDirectory, is_trusted
from workers.delivery.channels.fhir_channel import TYPES, FhirChannel
from workers.delivery.channels.folder_channel import FolderChannel
from workers.delivery.channels.mllp_channel import MllpChannel, MllpTls
from workers.delivery.channels.recipient_circuit import AddressCircuit, RecipientCircuit
from workers.delivery.dispatcher import DeliveryContext, DeliveryPolicy
from workers.delivery.letter_store import LetterStore, LoadMessage
from workers.delivery.message import Channel, Recipient
from workers.host.clock import Clock, system_clock
from workers.ledger import Ledger
from workers.ledger.outbox import Delivery
from workers.settings.delivery_settings import DeliverySettings
from workers.settings.smart_login import SmartLogin, smart_auth

WRITTEN = ("Bundle", *TYPES)


@dataclass(frozen=True, slots=True)
class OwnServer:
    """Our own server, and whether it takes ids of ours."""

    client: FhirClient
    base_url: str
    update_create: bool = True


@dataclass(slots=True)
class RecipientConnections:
    """Clients for recipients' servers: one per address, each with the credentials for it alone."""

    settings: DeliverySettings
    clock: Clock = system_clock
    _open: dict[str, FhirClient] = field(default_factory=dict, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def client_to(self, address: str) -> FhirClient | None:
        """A client for this base address; None where letters may not go."""
        configured = (
            *self.settings.fhir_addresses.values(),
            *self.settings.fhir_tokens,
            *self.settings.fhir_smart,
        )
        if not is_trusted(address, self.settings.fhir_hosts, configured):
            return None
        with self._lock:
            if address not in self._open:
                self._open[address] = FhirClient(address, auth=self._auth(address), http=self._http())
            return self._open[address]

    def close(self) -> None:
        """Let go of all of them; a second call does nothing."""
        with self._lock:
            while self._open:
                self._open.popitem()[1].close()

    def _auth(self, address: str) -> Auth:
        """The credentials of the longest base address that holds this one."""
        given = (*self.settings.fhir_smart, *self.settings.fhir_tokens)
        fitting = [base for base in given if Base.parse(base).holds(address)]
        if not fitting:
            return NO_AUTH
        base = max(fitting, key=len)
        if login := self.settings.fhir_smart.get(base):
            return self._smart(login, address)
        file = self.settings.fhir_tokens[base]
        try:
            return BearerAuth(file.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationFault("A file with a token for a recipient cannot be read.") from error

    def _smart(self, login: SmartLogin, address: str) -> Auth:
        plain = "fhir" in self.settings.allow_unprotected
        return smart_auth(
            login, address, read=(), write=WRITTEN, http=self._http(), clock=self.clock, allow_plain=plain
        )

    def _http(self) -> HttpOptions:
        given = self.settings
        return HttpOptions(
            connect_timeout=given.connect_timeout,
            read_timeout=given.read_timeout,
            ca_bundle=str(given.fhir_ca_bundle) if given.fhir_ca_bundle else None,
            client_cert=str(given.fhir_client_cert) if given.fhir_client_cert else None,
        )


@dataclass(frozen=True, slots=True)
class DeliveryService:
    """The context of delivery, and the connections that are closed with it."""

    context: DeliveryContext
    connections: RecipientConnections = field(repr=False)
    directory: EndpointDirectory = field(repr=False)

    def task_at_recipient(self, entry: Delivery) -> ReadOnlyJson | None:
        """The Task that we wrote to the recipient's server, as it is there now; None where there is none."""
        kind, _, name = (entry.reference or "").partition("/")
        if entry.channel != "fhir" or kind != "Task" or not name:
            return None
        try:
            held = self.context.records.read("Communication", entry.communication).get("recipient") or [{}]
            address = self.directory.address_of(Recipient(held[0]))
            client = self.connections.client_to(address) if address else None
            return client.read("Task", name) if client else None
        except RecordFault:
            return None

    def close(self) -> None:
        """Let go of the connections to recipients; the ledger and our own client are their owners'."""
        self.connections.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def delivery_service(
    settings: DeliverySettings,
    home: OwnServer,
    ledger: Ledger,
    clock: Clock,
    *,
    load: LoadMessage | None = None,
) -> DeliveryService:
    """The delivery by these settings.

    `load` makes the message of a delivery; else it is read from what the server holds.
    """
    connections = RecipientConnections(settings, clock)
    directory = EndpointDirectory(home.client, settings.fhir_addresses)
    circuit = RecipientCircuit(ledger, clock)
    channels = channels_of(settings, connections, directory, home.base_url, circuit)
    context = DeliveryContext(
        ledger,
        home.client,
        channels,
        load or LetterStore(home.client).load,
        clock,
        policy_of(settings),
        home.update_create,
    )
    return DeliveryService(context, connections, directory)


def channels_of(
    settings: DeliverySettings,
    connections: RecipientConnections,
    directory: EndpointDirectory,
    own_base: str,
    circuit: AddressCircuit,
) -> dict[str, Channel]:
    """Every channel that the settings describe: letters may wait for one that new letters no longer take."""
    found: dict[str, Channel] = {
        "fhir": FhirChannel(
            directory, connections.client_to, own_base.rstrip("/"), settings.fhir_document_only, circuit
        )
    }
    if settings.folder:
        found["folder"] = FolderChannel(settings.folder, parties_of(settings))
    if settings.mllp_port:
        found["mllp"] = MllpChannel(
            settings.mllp_host,
            settings.mllp_port,
            parties_of(settings),
            tls_of(settings),
            settings.connect_timeout,
            settings.read_timeout,
            settings.max_bytes,
        )
    return found


def tls_of(settings: DeliverySettings) -> MllpTls | None:
    """How MLLP is protected."""
    if not settings.mllp_tls:
        return None
    return MllpTls(settings.mllp_ca_bundle, settings.mllp_client_cert, settings.mllp_client_key)


def parties_of(settings: DeliverySettings) -> Parties:
    """How HL7 v2 messages name us and them."""
    return Parties(
        settings.application,
        settings.facility,
        settings.receiving_application,
        settings.receiving_facility,
        settings.document_type,
        settings.processing,
    )


def policy_of(settings: DeliverySettings) -> DeliveryPolicy:
    """When to try again, and when to give up."""
    return DeliveryPolicy(
        tuple(timedelta(seconds=delay) for delay in settings.retry_delays),
        settings.max_attempts,
        timedelta(seconds=settings.lease),
        timedelta(days=settings.answer_within_days),
    )
