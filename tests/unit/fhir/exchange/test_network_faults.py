"""No answer, or half of one: who must act, in words that do not quote the address."""

import socket
import ssl
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from adapter.errors import (
    AnswerTooLate,
    ConfigurationFault,
    OsteoHandoverError,
    TryAgainLater,
)
from adapter.fhir import FhirClient, HttpOptions
from adapter.fhir.exchange.network_faults import fault_of_network
from adapter.fhir.statuses import Asked
from tests.unit.fhir.server import FakeServer, caught_from


def test_a_server_that_is_not_there_is_asked_again_later() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with FhirClient(f"http://127.0.0.1:{port}/r4") as client:
        fault = caught_from(client, search=True)

    assert type(fault) is TryAgainLater
    assert fault.__cause__ is None, "the cause would quote the address with its query"
    assert fault.__context__ is None


def test_a_server_that_does_not_answer_is_asked_again_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        options = HttpOptions(read_timeout=0.05)
        with FhirClient(f"http://127.0.0.1:{silent.getsockname()[1]}", http=options) as client:
            assert type(caught_from(client)) is AnswerTooLate


def test_a_server_that_falls_silent_within_an_answer_is_too_late_as_well() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:

        def begin() -> socket.socket:
            line, _ = listener.accept()
            line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{")
            return line

        held = pool.submit(begin)
        options = HttpOptions(read_timeout=0.05)
        with FhirClient(f"http://127.0.0.1:{listener.getsockname()[1]}", http=options) as client:
            fault = caught_from(client)
        held.result().close()

    assert type(fault) is AnswerTooLate


def test_tls_that_is_none_is_for_the_operator_and_is_not_tried_again(server: FakeServer) -> None:
    with FhirClient(server.base.replace("http:", "https:")) as client:
        fault = caught_from(client)

    assert type(fault) is ConfigurationFault
    assert "TLS" in str(fault)


def test_a_certificate_that_is_not_trusted_is_for_the_operator() -> None:
    error = requests.exceptions.SSLError("certificate verify failed: ... Jansen")
    error.__context__ = ssl.SSLCertVerificationError("self-signed certificate")

    fault = fault_of_network(Asked("GET", "Patient"), error)

    assert type(fault) is ConfigurationFault
    assert "Jansen" not in str(fault)


def test_a_tls_connection_that_ends_early_is_asked_again_later() -> None:
    """Written as the library raises it: the handshake's error sits at the bottom of the chain."""
    error = requests.exceptions.SSLError("HTTPSConnectionPool(host=..., port=443): ... Jansen")
    error.__context__ = ssl.SSLEOFError(8, "EOF occurred in violation of protocol")

    fault = fault_of_network(Asked("GET", "Patient"), error)

    assert type(fault) is TryAgainLater
    assert "Jansen" not in str(fault)


DOWN = "(Caused by ProxyError('Unable to connect to proxy', NewConnectionError('refused')))"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (
            "ProxyError('Unable to connect to proxy', OSError('Tunnel connection failed: 407 Login Required'))",
            ConfigurationFault,
        ),
        (DOWN, TryAgainLater),
        (f"Max retries exceeded with url: /r4/Patient/14071 {DOWN}", TryAgainLater),
        (
            f"HTTPSConnectionPool(host='ehr', port=4070): Max retries exceeded with url: /r4/metadata {DOWN}",
            TryAgainLater,
        ),
        (f"Max retries exceeded with url: /r4/Patient?identifier=407 {DOWN}", TryAgainLater),
    ],
)
def test_a_proxy_that_wants_credentials_is_for_the_operator(
    text: str, kind: type[OsteoHandoverError]
) -> None:
    fault = fault_of_network(Asked("GET", "Patient"), requests.exceptions.ProxyError(text))

    assert type(fault) is kind


@pytest.mark.parametrize(
    "options",
    [
        HttpOptions(headers={"x-api-key": "s3cret\nline"}),
        HttpOptions(proxies={"http": "http://"}),
    ],
)
def test_options_that_cannot_be_used_are_the_operators(server: FakeServer, options: HttpOptions) -> None:
    with FhirClient(server.base, http=options) as client:
        fault = caught_from(client)

    assert type(fault) is ConfigurationFault
    assert "s3cret" not in str(fault)


def test_a_missing_ca_bundle_is_for_the_operator() -> None:
    with FhirClient("https://127.0.0.1:9/r4", http=HttpOptions(ca_bundle="/no/such.pem")) as client:
        assert "CA bundle" in str(caught_from(client))
