import socket
import ssl
import subprocess
import threading
from base64 import b64decode
from pathlib import Path

import pytest

from adapter.errors import ConfigurationFault
from mappings.hl7v2 import control_id
from mappings.hl7v2.er7_reader import read_message
from tests.unit.delivery.letters import PDF, SECRETS, a_message
from tests.unit.delivery.listener import listening
from workers.delivery.channels.mllp_channel import MllpChannel, MllpTls
from workers.delivery.message import Receipt, SendOutcome


def sent_to(port: int, read_timeout: float = 5.0) -> Receipt:
    return MllpChannel("127.0.0.1", port, read_timeout=read_timeout).send(a_message())


@pytest.mark.parametrize(
    ("answer", "outcome", "reason"),
    [
        ("AA", SendOutcome.RECEIVED, "AA"),
        ("CA", SendOutcome.RECEIVED, "CA"),
        ("in-pieces", SendOutcome.RECEIVED, "AA"),
        ("AE+205", SendOutcome.DUPLICATE, "AE-205"),
        ("AE", SendOutcome.TRANSIENT, "AE"),
        ("AE+207", SendOutcome.TRANSIENT, "AE-207"),
        ("AE+101", SendOutcome.REFUSED, "AE-101"),
        ("AR", SendOutcome.REFUSED, "AR"),
        ("garbage", SendOutcome.TRANSIENT, "ack-unreadable"),
        ("unframed", SendOutcome.TRANSIENT, "no-ack"),
        ("flood", SendOutcome.TRANSIENT, "no-ack"),
        ("close", SendOutcome.TRANSIENT, "no-ack"),
    ],
)
def test_every_answer_has_one_outcome(answer: str, outcome: SendOutcome, reason: str) -> None:
    with listening(answer) as listener:
        receipt = sent_to(listener.port)

    assert (receipt.outcome, receipt.reason) == (outcome, reason)
    assert receipt.reference == control_id(a_message().message_id)
    assert not any(secret in repr(receipt) for secret in SECRETS)


def test_an_answer_about_another_message_is_ignored_and_counted() -> None:
    with listening("other-then-AA", "other") as listener:
        first = sent_to(listener.port)
        second = sent_to(listener.port)

    assert (first.outcome, first.strays) == (SendOutcome.RECEIVED, 1)
    assert (second.outcome, second.reason, second.strays) == (SendOutcome.TRANSIENT, "no-ack", 1)


def test_silence_leaves_it_open_and_the_same_message_goes_again() -> None:
    with listening("silence", "AA") as listener:
        first = sent_to(listener.port, read_timeout=0.1)
        second = sent_to(listener.port)

    assert (first.outcome, first.reason) == (SendOutcome.TRANSIENT, "no-ack")
    assert second.outcome is SendOutcome.RECEIVED
    assert listener.messages[0] == listener.messages[1]


def test_the_pdf_arrives_in_one_whole_message() -> None:
    with listening() as listener:
        sent_to(listener.port)

    (message,) = listener.messages
    obx = read_message(message).first("OBX")
    assert obx
    assert b64decode(obx.value(5, 5)) == PDF


def test_nobody_listening_is_weather() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    assert sent_to(port) == Receipt(
        SendOutcome.TRANSIENT, control_id(a_message().message_id), reason="connection-refused"
    )


def test_a_letter_that_is_too_large_is_not_sent() -> None:
    with listening() as listener:
        receipt = MllpChannel("127.0.0.1", listener.port, max_bytes=100).send(a_message())

    assert (receipt.outcome, receipt.reason) == (SendOutcome.REFUSED, "too-large")
    assert listener.messages == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a self-signed certificate for 127.0.0.1, in one file."""
    folder = tmp_path_factory.mktemp("tls")
    both = folder / "both.pem"
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("TLS over MLLP is not tested: openssl is not on the PATH")
    both.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return both


@pytest.mark.parametrize("trusted", [True, False])
def test_tls_is_spoken_only_with_a_trusted_certificate(certificate: Path, trusted: bool) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    tls = MllpTls(ca_bundle=certificate if trusted else None)
    with listening() as listener, socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=behind_tls, args=(door, context, listener.port))
        thread.start()
        channel = MllpChannel("127.0.0.1", door.getsockname()[1], tls=tls)
        try:
            if trusted:
                assert channel.send(a_message()).outcome is SendOutcome.RECEIVED
            else:
                with pytest.raises(ConfigurationFault):
                    channel.send(a_message())
        finally:
            thread.join()


def behind_tls(door: socket.socket, context: ssl.SSLContext, port: int) -> None:
    """Pass one message and its answer through TLS."""
    plain, _ = door.accept()
    try:
        with (
            context.wrap_socket(plain, server_side=True) as line,
            socket.create_connection(("127.0.0.1", port)) as on,
        ):
            held = b""
            while b"\x1c\x0d" not in held:
                held += line.recv(65536)
            on.sendall(held)
            line.sendall(on.recv(65536))
    except (ssl.SSLError, ConnectionError):
        pass
