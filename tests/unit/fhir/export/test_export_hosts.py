"""Nothing is sent to a host that nobody listed, and the token only to where it belongs."""

import pytest

from adapter.errors import ConfigurationFault
from adapter.fhir.export import (
    ExportFile,
    ExportLevel,
    ExportRequest,
    FileKind,
)
from tests.unit.fhir.export.exports import TOKEN, a_client, a_file, fetched, shown
from tests.unit.fhir.server import Answer, FakeServer


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


def test_redirects_of_a_file_do_not_go_on_for_ever(server: FakeServer) -> None:
    server.will_answer(*[Answer(307, headers={"Location": f"{server.root}/store/1"})] * 9)

    with pytest.raises(ConfigurationFault):
        fetched(a_client(server), a_file(server))

    assert len(server.asked) == 4
