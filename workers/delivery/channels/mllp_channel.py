"""HL7 v2 over MLLP: one connection, one message, and the acknowledgement of just that message.

MLLP has no login, so it belongs into a network of its own or behind TLS with certificates on both
sides. Whatever does not end in an acknowledgement of our message leaves open whether it arrived: it is
sent again with the same id.
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from adapter.errors import ConfigurationFault
from mappings.hl7v2 import PARTIES, Ack, AckMeaning, AckUnreadable, Parties, control_id, document, read_ack
from workers.delivery.channels.hl7v2_document import mdm_document_of
from workers.delivery.message import LetterMessage, Receipt, SendOutcome

START, END = b"\x0b", b"\x1c\x0d"
MAX_ACK = 64 * 1024  # bytes of everything that comes back


@dataclass(frozen=True, slots=True)
class MllpTls:
    """Certificates are always checked; there is no switch to turn that off."""

    ca_bundle: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None


@dataclass(frozen=True, slots=True)
class MllpChannel:
    """A listener of an integration engine. `read_timeout` is for the whole of the answer."""

    host: str
    port: int
    parties: Parties = PARTIES
    tls: MllpTls | None = None
    connect_timeout: float = 5.0
    read_timeout: float = 30.0
    max_bytes: int = 10 * 1024 * 1024
    monotonic: Callable[[], float] = time.monotonic

    def send(self, message: LetterMessage) -> Receipt:
        """Send the letter and wait for what is said about it."""
        sent = document(mdm_document_of(message), self.parties)
        if len(sent) > self.max_bytes:
            return Receipt(SendOutcome.REFUSED, reason="too-large")
        wanted = control_id(message.message_id)
        try:
            with closing(self._connect()) as line:
                line.sendall(START + sent + END)
                return self._read_receipt(line, wanted)
        except ssl.SSLCertVerificationError:
            problem = ConfigurationFault("MLLP: no trusted TLS connection. Check the certificates.")
        except OSError as error:
            return Receipt(SendOutcome.TRANSIENT, reference=wanted, reason=_reason_of(error))
        raise problem

    def _connect(self) -> socket.socket:
        plain = socket.create_connection((self.host, self.port), self.connect_timeout)
        plain.settimeout(self.read_timeout)
        if self.tls is None:
            return plain
        try:
            return _tls_context(self.tls).wrap_socket(plain, server_hostname=self.host)
        except BaseException:  # also when a time limit cuts it: the process lives on, and the socket would
            plain.close()
            raise

    def _read_receipt(self, line: socket.socket, wanted: str) -> Receipt:
        """The acknowledgement of our message. Those of other messages are counted and left aside."""
        strays = 0
        for raw in received_frames(line, self.monotonic() + self.read_timeout, self.monotonic):
            try:
                ack = read_ack(raw)
            except AckUnreadable:
                return Receipt(
                    SendOutcome.TRANSIENT, reference=wanted, reason="ack-unreadable", strays=strays
                )
            if ack.control_id == wanted:
                return _receipt(ack, strays)
            strays += 1
        return Receipt(SendOutcome.TRANSIENT, reference=wanted, reason="no-ack", strays=strays)


def received_frames(line: socket.socket, deadline: float, monotonic: Callable[[], float]) -> Iterator[bytes]:
    """What comes between start and end blocks, until the other side closes or the time is up."""
    held = b""
    taken = 0
    while (left := deadline - monotonic()) > 0:
        line.settimeout(left)
        try:
            received = line.recv(4096)
        except TimeoutError:
            return
        taken += len(received)
        if not received or taken > MAX_ACK:
            return
        held += received
        while END in held:
            frame, _, held = held.partition(END)
            yield frame.rpartition(START)[2]


def _receipt(ack: Ack, strays: int) -> Receipt:
    match ack.meaning:
        case AckMeaning.RECEIVED:
            outcome = SendOutcome.RECEIVED
        case AckMeaning.DUPLICATE:
            outcome = SendOutcome.DUPLICATE
        case AckMeaning.NOT_NOW:
            outcome = SendOutcome.TRANSIENT
        case AckMeaning.REFUSED:
            outcome = SendOutcome.REFUSED
        case unreachable:
            assert_never(unreachable)
    return Receipt(outcome, reference=ack.control_id, reason=ack.reason, strays=strays)


def _reason_of(error: OSError) -> str:
    match error:
        case TimeoutError():
            return "no-ack"
        case ConnectionRefusedError():
            return "connection-refused"
        case _:
            return "connection-lost"


def _tls_context(tls: MllpTls) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=tls.ca_bundle)
        if tls.client_cert:
            context.load_cert_chain(tls.client_cert, tls.client_key)
    except OSError as error:
        raise ConfigurationFault("MLLP: a certificate file cannot be read.") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
