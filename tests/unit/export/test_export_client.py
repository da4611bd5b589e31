"""One request of an export each: who is asked, who is shown the token, and what each answer means."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from adapter.errors import ConfigurationFault, OsteoHandoverError, ServerStumbled, StartAgain, TryAgainLater
from adapter.fhir import BearerAuth
from adapter.fhir.export import (
    ExportClient,
    ExportFile,
    ExportGivenUp,
    ExportHosts,
    ExportLevel,
    ExportManifest,
    ExportProgress,
    ExportRequest,
    FileKind,
)
from adapter.fhir.http import HttpOptions
from tests.unit.fhir.server import Answer, Asked, FakeServer, fake_server, outcome

TOKEN = "Bearer secret"
MADE = "2026-11-20T10:00:00Z"


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with fake_server() as server:
        yield server


@pytest.fixture
def elsewhere() -> Iterator[FakeServer]:
    with fake_server() as server:
        yield server


def a_client(server: FakeServer, *listed: FakeServer) -> ExportClient:
    options = HttpOptions(headers={"X-Api-Key": "k"})
    return ExportClient(ExportHosts(server.base, [it.root for it in listed], BearerAuth("secret"), options))


def shown(server: FakeServer) -> list[str | None]:
    """The Authorization of each request that arrived."""
    return [it.headers.get("Authorization") for it in server.asked]


def a_manifest(**changes: Any) -> dict[str, Any]:
    return {"transactionTime": MADE, "requiresAccessToken": True, "output": [], "error": [], **changes}


def a_file(server: FakeServer, path: str = "/files/1") -> ExportFile:
    return ExportFile(FileKind.OUTPUT, "Patient", f"{server.root}{path}")


def fetched(client: ExportClient, file: ExportFile, *, needs_token: bool = True) -> bytes:
    pieces: list[bytes] = []
    client.file(file, pieces.append, needs_token=needs_token)
    return b"".join(pieces)


@pytest.mark.parametrize(
    ("request_", "path"),
    [
        (ExportRequest(ExportLevel.SYSTEM), "/r4/$export"),
        (
            ExportRequest(ExportLevel.PATIENT, ("Patient", "Observation")),
            "/r4/Patient/$export?_type=Patient,Observation",
        ),
        (ExportRequest(ExportLevel.GROUP, ("Patient",), "g-1"), "/r4/Group/g-1/$export?_type=Patient"),
    ],
)
def test_each_level_is_asked_for_at_its_place(server: FakeServer, request_: ExportRequest, path: str) -> None:
    server.will_answer(Answer(202, headers={"Content-Location": f"{server.root}/jobs/7"}))

    assert a_client(server).kick_off(request_) == f"{server.root}/jobs/7"
    (asked,) = server.asked
    assert (asked.path, asked.headers["Prefer"], shown(server)) == (path, "respond-async", [TOKEN])


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
        (Answer(200, a_manifest(transactionTime="today")), ConfigurationFault),
        (Answer(200, a_manifest(requiresAccessToken="yes")), ConfigurationFault),
        (Answer(200, a_manifest(link=[{"relation": "next", "url": "x"}])), ConfigurationFault),
        (Answer(200, a_manifest(output=[{"type": "../Patient", "url": "x"}])), ConfigurationFault),
        (Answer(200, a_manifest(output={"type": "Patient"})), ConfigurationFault),
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


def test_a_manifest_is_read_with_its_errors(server: FakeServer) -> None:
    output = [{"type": "Patient", "url": f"{server.root}/1?sig=x", "count": 3}]
    server.will_answer(Answer(200, a_manifest(output=output, error=[{"url": f"{server.root}/e"}])))

    found = a_client(server).status(f"{server.root}/jobs/7")

    assert isinstance(found, ExportManifest)
    assert [(it.kind, it.type, it.count) for it in found.files] == [
        (FileKind.OUTPUT, "Patient", 3),
        (FileKind.ERROR, "OperationOutcome", None),
    ]
    assert "sig" not in repr(found)


@pytest.mark.parametrize(("needs_token", "header"), [(True, TOKEN), (False, None)])
def test_the_servers_own_host_gets_the_token_where_its_files_need_it(
    server: FakeServer, needs_token: bool, header: str | None
) -> None:
    server.will_answer(Answer(200, b'{"resourceType":"Patient"}\n'))

    assert fetched(a_client(server), a_file(server), needs_token=needs_token).startswith(b'{"res')
    assert shown(server) == [header]


def test_nothing_is_sent_to_a_host_that_nobody_listed(server: FakeServer, elsewhere: FakeServer) -> None:
    client = a_client(server)
    server.will_answer(Answer(202, headers={"Content-Location": f"{elsewhere.root}/jobs/7"}))

    with pytest.raises(ConfigurationFault, match="hosts"):
        client.kick_off(ExportRequest(ExportLevel.SYSTEM))
    for needs_token in (True, False):
        with pytest.raises(ConfigurationFault, match="nothing was sent"):
            fetched(client, a_file(elsewhere), needs_token=needs_token)
    assert elsewhere.asked == []


@pytest.mark.parametrize(("needs_token", "header"), [(True, TOKEN), (False, None)])
def test_a_listed_host_gets_the_token_and_no_other_key(
    server: FakeServer, elsewhere: FakeServer, needs_token: bool, header: str | None
) -> None:
    elsewhere.will_answer(Answer(200, b"{}\n"))

    fetched(a_client(server, elsewhere), a_file(elsewhere), needs_token=needs_token)

    assert shown(elsewhere) == [header]
    assert "X-Api-Key" not in elsewhere.asked[0].headers


def test_a_redirect_to_a_listed_store_of_files_loses_the_token(
    server: FakeServer, elsewhere: FakeServer
) -> None:
    server.will_answer(Answer(307, headers={"Location": f"{elsewhere.root}/store/1?sig=x"}))
    elsewhere.will_answer(Answer(200, b"{}\n"))

    assert fetched(a_client(server, elsewhere), a_file(server)) == b"{}\n"
    assert (shown(server), shown(elsewhere)) == ([TOKEN], [None])


def test_a_redirect_to_a_host_that_nobody_listed_is_not_followed(
    server: FakeServer, elsewhere: FakeServer
) -> None:
    server.will_answer(Answer(307, headers={"Location": f"{elsewhere.root}/store/1"}))

    with pytest.raises(ConfigurationFault):
        fetched(a_client(server), a_file(server))
    assert elsewhere.asked == []


@pytest.mark.parametrize(
    "address", ["http://[broken", "ftp://127.0.0.1/x", "//evil.example/x", "http://a@127.0.0.1/"]
)
def test_an_address_that_is_none_of_ours_is_refused(server: FakeServer, address: str) -> None:
    with pytest.raises(ConfigurationFault):
        fetched(a_client(server), ExportFile(FileKind.OUTPUT, "Patient", address))
    assert server.asked == []


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
