"""One request of an export each: who is asked, who is shown the token, and what each answer means."""

from collections.abc import Callable

import pytest

from adapter.errors import ConfigurationFault, OsteoHandoverError, ServerStumbled, StartAgain, TryAgainLater
from adapter.fhir import BearerAuth
from adapter.fhir.export import (
    ExportClient,
    ExportGivenUp,
    ExportHosts,
    ExportLevel,
    ExportProgress,
    ExportRequest,
)
from tests.unit.fhir.export.exports import a_client, a_file, a_manifest, fetched, shown
from tests.unit.fhir.server import Answer, Asked, FakeServer, outcome


def test_a_server_that_takes_no_types_is_asked_without(server: FakeServer) -> None:
    server.will_answer(
        Answer(400, outcome("not-supported")), Answer(202, headers={"Content-Location": "/jobs/7"})
    )

    assert (
        a_client(server).kick_off(ExportRequest(ExportLevel.SYSTEM, ("Patient",))) == f"{server.root}/jobs/7"
    )
    assert server.paths == ["/r4/$export?_type=Patient", "/r4/$export"]


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_server_without_export_is_named_with_a_way_out(server: FakeServer, status: int) -> None:
    server.will_answer(Answer(status, outcome("not-supported")))

    with pytest.raises(ConfigurationFault, match="patient_source"):
        a_client(server).kick_off(ExportRequest(ExportLevel.SYSTEM))


def test_progress_is_a_number_and_none_of_the_words(server: FakeServer) -> None:
    told = {"X-Progress": "Jansen is 40% done", "Retry-After": "120"}
    server.will_answer(Answer(202, headers=told), Answer(202, headers={"X-Progress": "in progress"}))
    client = a_client(server)

    assert client.status(f"{server.root}/jobs/7") == ExportProgress(40, 120.0)
    assert client.status(f"{server.root}/jobs/7") == ExportProgress(None, None)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (Answer(404), StartAgain),
        (Answer(429, headers={"Retry-After": "7"}), TryAgainLater),
        (Answer(503), TryAgainLater),
        (Answer(500, outcome("processing")), ExportGivenUp),
        (Answer(500, outcome("transient")), ServerStumbled),
        (Answer(500, b"<html>"), ServerStumbled),
        (Answer(401), ConfigurationFault),
        (Answer(200, b'{"transactionTime": "2026'), TryAgainLater),
        (Answer(200, a_manifest(output=[{"type": "../Patient", "url": "x"}])), ConfigurationFault),
    ],
)
def test_each_answer_about_the_status_says_who_must_act(
    server: FakeServer, answer: Answer, fault: type[OsteoHandoverError]
) -> None:
    server.will_answer(answer)

    with pytest.raises(OsteoHandoverError) as raised:
        a_client(server).status(f"{server.root}/jobs/7")

    assert type(raised.value) is fault
    assert "Jansen" not in str(raised.value)


def test_a_file_that_breaks_off_is_tried_again_later(server: FakeServer) -> None:
    server.will_answer(Answer(200, b'{"resourceType":', promised=500))

    with pytest.raises(TryAgainLater):
        fetched(a_client(server), a_file(server))


@pytest.mark.parametrize("status", [403, 404, 410, 429, 500, 503])
def test_a_file_that_is_not_given_is_tried_again_later_and_none_of_it_is_taken(
    server: FakeServer, status: int
) -> None:
    taken: list[bytes] = []
    server.will_answer(Answer(status, b"a page of a proxy", content_type="text/html"))

    with pytest.raises(TryAgainLater) as raised:
        a_client(server).file(a_file(server), taken.append, needs_token=True)

    assert (raised.value.status, taken) == (status, [])


@pytest.mark.parametrize(
    ("status", "refused"), [(202, False), (204, False), (404, False), (405, True), (500, True)]
)
def test_a_deletion_that_fails_is_told_and_stops_nobody(
    server: FakeServer, status: int, refused: bool
) -> None:
    server.will_answer(Answer(status))

    assert bool(a_client(server).delete(f"{server.root}/jobs/7")) is refused
    assert [it.method for it in server.asked] == ["DELETE"]


ASKS: dict[str, tuple[Callable[[ExportClient, FakeServer], object], Answer]] = {
    "a kick-off": (
        lambda client, _: client.kick_off(ExportRequest(ExportLevel.SYSTEM)),
        Answer(202, headers={"Content-Location": "/jobs/7"}),
    ),
    "a look": (lambda client, server: client.status(f"{server.root}/jobs/7"), Answer(202)),
    "a deletion": (lambda client, server: client.delete(f"{server.root}/jobs/7"), Answer(202)),
    "a file": (lambda client, server: fetched(client, a_file(server)), Answer(200, b"{}\n")),
}


@pytest.mark.parametrize("name", ASKS)
def test_an_expired_token_is_renewed_once(name: str, server: FakeServer) -> None:
    asks, served = ASKS[name]
    tokens = iter(["old", "new", "newest"])
    client = ExportClient(ExportHosts(server.base, [], BearerAuth(lambda: next(tokens))))

    def fussy(asked: Asked) -> Answer:
        return served if asked.headers["Authorization"] == "Bearer new" else Answer(401)

    server.will_answer(fussy, fussy)

    asks(client, server)

    assert shown(server) == ["Bearer old", "Bearer new"]


def test_an_export_of_which_nobody_says_where_it_is_is_asked_for_again(server: FakeServer) -> None:
    server.will_answer(Answer(202))

    with pytest.raises(TryAgainLater, match="where its status is"):
        a_client(server).kick_off(ExportRequest(ExportLevel.SYSTEM))


def test_a_deletion_that_reaches_nobody_is_told_and_stops_nobody() -> None:
    client = ExportClient(ExportHosts("http://127.0.0.1:9/r4", []))

    assert isinstance(client.delete("http://127.0.0.1:9/jobs/7"), TryAgainLater)
