"""Each way in which an answer can fail becomes the error of whoever must act."""

import logging

import pytest

from adapter.errors import (
    ConfigurationFault,
    OsteoHandoverError,
    RecordFault,
    SoftwareFault,
    TryAgainLater,
)
from adapter.fhir import BearerAuth, FhirClient, HttpOptions
from adapter.fhir.http import Wire
from adapter.fhir.origin import Base
from adapter.fhir.statuses import Asked
from tests.unit.fhir.server import PATIENT, Answer, FakeServer, caught_from, fake_server, searchset


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
        (Answer(200, {"resourceType": "Patient", "id": "p1", "meta": []}), RecordFault),
    ],
)
def test_a_success_that_is_none_is_noticed(
    server: FakeServer, client: FhirClient, answer: Answer, kind: type[OsteoHandoverError]
) -> None:
    server.will_answer(answer)

    assert type(caught_from(client)) is kind


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


def test_the_operator_chooses_the_limit(server: FakeServer) -> None:
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


def test_an_address_outside_the_base_is_never_sent(server: FakeServer, elsewhere: FakeServer) -> None:
    wire = Wire(Base.parse(server.base), BearerAuth("t"))

    with pytest.raises(SoftwareFault):
        wire.send(Asked("GET", "Patient"), f"{elsewhere.base}/Patient/p1")

    assert elsewhere.asked == []


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
