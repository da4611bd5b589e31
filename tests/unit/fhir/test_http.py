"""Each way in which an answer can fail becomes the error of whoever must act."""

import logging
import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
import requests

from adapter.errors import (
    ConfigurationFault,
    Deleted,
    NotThere,
    OsteoHandoverError,
    RecordFault,
    ServerStumbled,
    SoftwareFault,
    TryAgainLater,
    VersionConflict,
)
from adapter.fhir import BearerAuth, FhirClient, HttpOptions
from adapter.fhir.http import Wire
from adapter.fhir.network_faults import fault_of_network
from adapter.fhir.origin import Base
from adapter.fhir.statuses import BY_STATUS, Asked, Purpose
from tests.unit.fhir.server import Answer, FakeServer, fake_server, outcome, searchset

PATIENT = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Jansen"}]}
SECRETS = ["Jansen", "111222333", "1950-02-03"]


def caught_from(client: FhirClient, *, search: bool = False) -> OsteoHandoverError:
    with pytest.raises(OsteoHandoverError) as caught:
        _ = client.search("Patient", {"identifier": "111222333"}) if search else client.read("Patient", "p1")
    assert not [secret for secret in SECRETS if secret in f"{caught.value} {caught.value!r}"]
    return caught.value


WHO_MUST_ACT: dict[int, type[OsteoHandoverError]] = {
    400: RecordFault, 401: ConfigurationFault, 403: ConfigurationFault, 404: NotThere,
    405: ConfigurationFault, 406: ConfigurationFault, 407: ConfigurationFault, 408: TryAgainLater,
    409: VersionConflict, 410: Deleted, 412: VersionConflict, 413: RecordFault,
    414: SoftwareFault, 415: ConfigurationFault, 418: ConfigurationFault, 422: RecordFault,
    423: TryAgainLater, 425: TryAgainLater, 429: TryAgainLater, 500: ServerStumbled,
    501: ConfigurationFault, 502: TryAgainLater, 503: TryAgainLater, 504: TryAgainLater,
    505: ConfigurationFault, 507: TryAgainLater, 304: ConfigurationFault,
}  # fmt: skip


def test_every_status_of_the_table_has_a_row() -> None:
    assert BY_STATUS.keys() <= WHO_MUST_ACT.keys()


@pytest.mark.parametrize(("status", "kind"), WHO_MUST_ACT.items())
def test_a_status_says_who_must_act(
    server: FakeServer, client: FhirClient, status: int, kind: type[OsteoHandoverError]
) -> None:
    server.will_answer(Answer(status, outcome("processing", expression=["Patient.name[0].family"])))

    fault = caught_from(client)

    assert type(fault) is kind
    assert (fault.status, fault.resource_type) == (status, "Patient")
    assert str(fault).startswith(f"GET Patient: HTTP {status}")
    assert len(server.asked) == 1, "nothing is tried again in here"


@pytest.mark.parametrize("status", [400, 404, 410, 422])
def test_a_search_that_is_refused_is_the_operators(
    server: FakeServer, client: FhirClient, status: int
) -> None:
    server.will_answer(Answer(status, outcome()))

    assert type(caught_from(client, search=True)) is ConfigurationFault


def test_a_wrong_base_url_is_the_operators(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(Answer(404, b"<h1>Not Found</h1>", "text/html"))

    with pytest.raises(ConfigurationFault, match="base URL"):
        client.capabilities()


def test_an_outcome_is_kept_without_what_it_quotes(server: FakeServer, client: FhirClient) -> None:
    body = outcome("invalid", location=["Patient.birthDate"])
    body["issue"] += [
        "Jansen",
        {"severity": "Jansen", "code": "Jansen 1950-02-03", "expression": ["Line[1] Jansen", 7]},
    ]
    server.will_answer(Answer(422, body))

    first, second = caught_from(client).issues

    assert (first.severity, first.code, first.expression) == ("error", "invalid", "Patient.birthDate")
    assert (second.severity, second.code, second.expression) == ("error", "unknown", None)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "-5"}, 0.0),
        ({"Retry-After": "999999999"}, 3600.0),
        ({"Retry-After": "Fri, 20 Nov 2026 10:00:30 GMT"}, 30.0),
        ({"Retry-After": "Fri, 20 Nov 2026 09:00:00 GMT"}, 0.0),
        ({"Retry-After": "Fri, 20 Nov 2037 09:00:00 GMT"}, 3600.0),
        ({"Retry-After": "Fri, 20 Nov 2026 10:00:30 GMT", "Date": ""}, None),
        ({"Retry-After": "Fri, 20 Nov 2026 10:00:30"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "nan"}, None),
        ({"x-ms-retry-after-ms": "250"}, 0.25),
        ({}, None),
    ],
)
def test_the_time_to_wait_is_what_the_server_says_within_reason(
    server: FakeServer, client: FhirClient, headers: dict[str, str], seconds: float | None
) -> None:
    server.will_answer(Answer(429, headers=headers))

    fault = caught_from(client)

    assert isinstance(fault, TryAgainLater)
    assert fault.retry_after == seconds


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(200, b"<html>Please log in</html>", "text/html"), ConfigurationFault),
        (Answer(200, b"<html>Please log in</html>", None), ConfigurationFault),
        (Answer(200, b"<Patient/>", "application/fhir+xml"), ConfigurationFault),
        (Answer(200, b"hello", "text/plain"), RecordFault),
        (Answer(502, b"<html>Bad gateway</html>", "text/html"), TryAgainLater),
        (Answer(200, b'{"resourceType": "Patient", "name": [{"family": "Jans'), TryAgainLater),
        (Answer(200, b'{"resourceType": "Patient"}', promised=4000), TryAgainLater),
        (Answer(200, b"\x1f\x8bnot gzip", headers={"Content-Encoding": "gzip"}), TryAgainLater),
        (Answer(200, b""), TryAgainLater),
        (Answer(200, b'{"resourceType": "Patient", "weight": NaN}'), RecordFault),
        (Answer(200, b'{"resourceType": "Patient", "id": "p1", "id": "Jansen"}'), RecordFault),
        (Answer(200, b"[" * 100_000), RecordFault),
        (Answer(200, {"resourceType": "Practitioner", "id": "p1"}), RecordFault),
        (Answer(200, {"resourceType": "Patient", "id": "p2"}), RecordFault),
    ],
)
def test_a_success_that_is_none_is_noticed(
    server: FakeServer, client: FhirClient, answer: Answer, kind: type[OsteoHandoverError]
) -> None:
    server.will_answer(answer)

    assert type(caught_from(client)) is kind


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("throttled", TryAgainLater), ("timeout", TryAgainLater), ("conflict", VersionConflict),
        ("forbidden", ConfigurationFault), ("not-supported", ConfigurationFault), ("deleted", Deleted),
        ("not-found", NotThere), ("invalid", RecordFault), ("made-up", RecordFault),
    ],
)  # fmt: skip
def test_an_outcome_of_failure_that_comes_with_200_is_a_failure(
    server: FakeServer, client: FhirClient, code: str, kind: type[OsteoHandoverError]
) -> None:
    server.will_answer(Answer(200, outcome(code, "fatal")))

    assert type(caught_from(client)) is kind


@pytest.mark.parametrize("search", [False, True])
def test_an_outcome_of_a_busy_server_says_when_to_come_back(
    server: FakeServer, client: FhirClient, search: bool
) -> None:
    server.will_answer(Answer(200, outcome("throttled", "fatal"), headers={"Retry-After": "7"}))

    fault = caught_from(client, search=search)

    assert isinstance(fault, TryAgainLater)
    assert fault.retry_after == 7


@pytest.mark.parametrize(
    "media", ["application/fhir+json; charset=utf-8", "application/json", "text/json", None]
)
def test_servers_name_json_in_their_own_ways(
    server: FakeServer, client: FhirClient, media: str | None
) -> None:
    server.will_answer(Answer(200, PATIENT, media))

    assert client.read("Patient", "p1") == PATIENT


def test_a_packed_answer_is_unpacked(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(Answer(200, PATIENT, gzipped=True))

    assert client.read("Patient", "p1") == PATIENT
    assert server.asked[0].headers["Accept-Encoding"] == "gzip"
    assert server.asked[0].headers["Accept"] == "application/fhir+json"


def test_a_small_answer_that_unpacks_to_a_huge_one_is_dropped_on_the_way(server: FakeServer) -> None:
    server.will_answer(Answer(200, b'{"a": "' + b" " * 30_000_000 + b'"}', gzipped=True))

    with FhirClient(server.base) as client, pytest.raises(RecordFault, match="larger than"):
        client.read("Patient", "p1")


def test_the_limit_is_the_operators_to_choose(server: FakeServer) -> None:
    server.will_answer(Answer(200, PATIENT))

    with FhirClient(server.base, http=HttpOptions(max_bytes=20)) as client, pytest.raises(RecordFault):
        client.read("Patient", "p1")


def test_extra_headers_are_sent(server: FakeServer) -> None:
    server.will_answer(Answer(200, PATIENT))

    with FhirClient(server.base, http=HttpOptions(headers={"x-api-key": "k"})) as client:
        client.read("Patient", "p1")

    assert server.asked[0].headers["x-api-key"] == "k"


# --- redirects ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_of_a_read_is_followed_within_the_base(server: FakeServer, status: int) -> None:
    server.will_answer(Answer(status, headers={"Location": "/r4/moved/Patient/p1"}), Answer(200, PATIENT))

    with FhirClient(server.base, auth=BearerAuth("t")) as client:
        assert client.read("Patient", "p1") == PATIENT

    assert server.paths == ["/r4/Patient/p1", "/r4/moved/Patient/p1"]
    assert server.asked[1].headers["Authorization"] == "Bearer t"


def test_a_redirect_to_another_host_is_not_followed(server: FakeServer, elsewhere: FakeServer) -> None:
    server.will_answer(Answer(302, headers={"Location": f"{elsewhere.base}/Patient/p1"}))

    with FhirClient(server.base, auth=BearerAuth("t")) as client, pytest.raises(ConfigurationFault):
        client.read("Patient", "p1")

    assert elsewhere.asked == []


@pytest.mark.parametrize("location", ["http://[x", "http://x:port/", "\\\\", "//"])
def test_a_redirect_to_what_is_no_address_is_an_error_of_the_tree(
    server: FakeServer, client: FhirClient, location: str
) -> None:
    server.will_answer(Answer(302, headers={"Location": location}))

    assert isinstance(caught_from(client), ConfigurationFault | TryAgainLater)


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_the_body_of_a_redirect_has_the_same_limit_as_any_other(server: FakeServer, method: str) -> None:
    server.will_answer(Answer(302, b" " * 5_000_000, headers={"Location": "/r4/Patient/p1"}, gzipped=True))

    with FhirClient(server.base, http=HttpOptions(max_bytes=1000)) as client, pytest.raises(RecordFault):
        client.read("Patient", "p1") if method == "GET" else client.update(PATIENT)
    assert len(server.asked) == 1


def test_a_redirect_of_a_write_is_never_followed(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(Answer(307, headers={"Location": "/r4/elsewhere"}), Answer(200))

    with pytest.raises(ConfigurationFault):
        client.update(PATIENT)

    assert len(server.asked) == 1


@pytest.mark.parametrize("location", ["/r4/Patient/p1", ""])
def test_redirects_do_not_go_on_for_ever(server: FakeServer, client: FhirClient, location: str) -> None:
    server.will_answer(*[Answer(302, headers={"Location": location})] * 9)

    with pytest.raises(ConfigurationFault):
        client.read("Patient", "p1")

    assert len(server.asked) <= 4


# --- the network --------------------------------------------------------------------------------------------


def test_a_server_that_is_not_there_is_weather() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with FhirClient(f"http://127.0.0.1:{port}/r4") as client:
        fault = caught_from(client, search=True)

    assert type(fault) is TryAgainLater
    assert fault.__cause__ is None, "the cause would quote the address with its query"
    assert fault.__context__ is None


def test_a_server_that_does_not_answer_is_weather() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        options = HttpOptions(read_timeout=0.05)
        with FhirClient(f"http://127.0.0.1:{silent.getsockname()[1]}", http=options) as client:
            assert type(caught_from(client)) is TryAgainLater


DRIPS = {
    "head": b"HTTP/1.1 200 OK\r\nX-Slow: ",
    "body": b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: 9999\r\n\r\n{",
    "body without end": b"HTTP/1.0 200 OK\r\nContent-Type: application/fhir+json\r\n\r\n",
    "redirect": b"HTTP/1.1 302 Found\r\nLocation: /r4/x\r\nContent-Length: 9999\r\n\r\n",
}


@pytest.mark.slow  # each waits until time is up
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("part", DRIPS)
def test_an_answer_that_drips_ends_when_its_time_is_up(part: str, scheme: str) -> None:
    """Over https, it is the handshake that drips."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            with suppress(OSError):
                line, _ = listener.accept()
                with line:
                    line.sendall(DRIPS[part] if scheme == "http" else b"\x16\x03\x03\x40\x00\x02")
                    while True:
                        line.sendall(b" ")
                        time.sleep(0.05)

        threading.Thread(target=drip, daemon=True).start()
        base, began = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}", time.monotonic()
        with FhirClient(base, http=HttpOptions(total_timeout=0.4)) as client:
            assert isinstance(caught_from(client), TryAgainLater)

    assert time.monotonic() - began < 3


def test_threads_that_come_and_go_leave_no_connections_behind(server: FakeServer) -> None:
    server.will_answer(*[Answer(200, PATIENT)] * 6)

    with FhirClient(server.base) as client:
        for _ in range(6):
            with ThreadPoolExecutor(1) as pool:
                pool.submit(client.read, "Patient", "p1").result()

    assert len({it.port for it in server.asked}) == 1


def test_no_more_requests_are_under_way_than_are_allowed(server: FakeServer) -> None:
    under_way, most = list[None](), 0

    def answered(_: object) -> Answer:
        nonlocal most
        under_way.append(None)
        most = max(most, len(under_way))
        time.sleep(0.02)
        under_way.pop()
        return Answer(200, PATIENT)

    server.will_answer(*[answered] * 12)
    with FhirClient(server.base, http=HttpOptions(at_once=2)) as client, ThreadPoolExecutor(6) as pool:
        assert len(list(pool.map(lambda _: client.read("Patient", "p1"), range(12)))) == 12

    assert most == 2


def test_a_line_that_was_kept_open_is_watched_again(server: FakeServer) -> None:
    given_up = threading.Event()

    def late(_: object) -> Answer:
        given_up.wait(60)
        return Answer(200, PATIENT)

    server.will_answer(Answer(200, PATIENT), late)
    with FhirClient(server.base, http=HttpOptions(total_timeout=0.4)) as client:
        client.read("Patient", "p1")
        assert isinstance(caught_from(client), TryAgainLater)
        given_up.set()


def test_tls_that_is_none_is_the_operators_and_is_not_tried_again(server: FakeServer) -> None:
    with FhirClient(server.base.replace("http:", "https:")) as client:
        fault = caught_from(client)

    assert type(fault) is ConfigurationFault
    assert "TLS" in str(fault)


def test_a_certificate_that_is_not_trusted_is_the_operators() -> None:
    error = requests.exceptions.SSLError("certificate verify failed: ... Jansen")
    error.__context__ = ssl.SSLCertVerificationError("self-signed certificate")

    fault = fault_of_network(Asked("GET", "Patient"), error)

    assert type(fault) is ConfigurationFault
    assert "Jansen" not in str(fault)


def test_a_tls_connection_that_ends_early_is_weather() -> None:
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
def test_a_proxy_that_wants_credentials_is_the_operators(text: str, kind: type[OsteoHandoverError]) -> None:
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


def test_a_missing_ca_bundle_is_the_operators() -> None:
    with FhirClient("https://127.0.0.1:9/r4", http=HttpOptions(ca_bundle="/no/such.pem")) as client:
        assert "CA bundle" in str(caught_from(client))


def test_an_address_outside_the_base_is_never_sent(server: FakeServer, elsewhere: FakeServer) -> None:
    wire = Wire(Base.parse(server.base), BearerAuth("t"))

    with pytest.raises(SoftwareFault):
        wire.send(Asked("GET", "Patient"), f"{elsewhere.base}/Patient/p1")

    assert elsewhere.asked == []


def test_the_environment_is_not_looked_at(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    server.will_answer(Answer(200, PATIENT))

    with FhirClient(server.base) as client:
        assert client.read("Patient", "p1") == PATIENT


def test_threads_share_a_client_and_not_a_connection(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(*[Answer(200, PATIENT)] * 8)
    read: list[Any] = []

    threads = [threading.Thread(target=lambda: read.append(client.read("Patient", "p1"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert read == [PATIENT] * 8


def test_a_closed_client_may_be_used_again(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(Answer(200, PATIENT), Answer(200, PATIENT))
    client.read("Patient", "p1")
    client.close()

    assert client.read("Patient", "p1") == PATIENT


def test_the_library_below_does_not_log_addresses(
    server: FakeServer, client: FhirClient, caplog: pytest.LogCaptureFixture
) -> None:
    server.will_answer(Answer(200, searchset()))

    with caplog.at_level(logging.DEBUG):
        client.search("Patient", {"identifier": "111222333"})

    assert "111222333" not in caplog.text


def test_a_request_says_in_safe_words_what_it_asks() -> None:
    assert str(Asked("GET", "Patient", Purpose.SEARCH)) == "GET Patient (search)"
    assert str(Asked("GET", None, Purpose.SYSTEM)) == "GET system"


def test_the_fake_answers_500_when_nothing_was_scripted() -> None:
    with fake_server() as server, FhirClient(server.base) as client, pytest.raises(TryAgainLater):
        client.read("Patient", "p1")


def test_a_request_says_which_program_asks_and_has_a_number_of_its_own(
    server: FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.will_answer(*[Answer(body={"resourceType": "Patient", "id": "p1"})] * 2)

    with FhirClient(server.base) as client, caplog.at_level("DEBUG", "adapter.fhir.http"):
        client.read("Patient", "p1")
        client.read("Patient", "p1")

    first, second = (it.headers for it in server.asked)
    assert first["User-Agent"].startswith("osteo-handover")
    assert first["X-Request-ID"] != second["X-Request-ID"]
    assert f"GET Patient: HTTP 200, request {first['X-Request-ID']}" in caplog.text
    assert "p1" not in caplog.text


def test_of_a_refused_request_the_number_is_logged_without_being_asked_for(
    server: FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.will_answer(Answer(503))

    with (
        FhirClient(server.base) as client,
        caplog.at_level("INFO", "adapter.fhir.http"),
        pytest.raises(TryAgainLater),
    ):
        client.read("Patient", "p1")

    assert f"GET Patient: HTTP 503, request {server.asked[0].headers['X-Request-ID']}" in caplog.text
    assert "p1" not in caplog.text
