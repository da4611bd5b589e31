"""Duplicates are marked once, by whoever comes first."""

import pytest

from adapter.errors import ConfigurationFault
from adapter.input.wire_json import Json
from tests.servers.without_http import LocalServer, StraightClient
from workers.review.entered_in_error import mark_entered_in_error
from workers.sandbox import FaultEffect


def a_plan(key: str, **changes: str) -> Json:
    return {"resourceType": "CarePlan", "id": key, "status": "draft", "intent": "proposal",
            "subject": {"reference": "Patient/p"}} | changes  # fmt: skip


@pytest.fixture
def server() -> LocalServer:
    return LocalServer()


def test_each_duplicate_is_marked_and_whatever_bears_the_mark_is_left(
    server: LocalServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.load(a_plan("a"), a_plan("b", status="entered-in-error"))

    assert mark_entered_in_error(server.all("CarePlan"), StraightClient(server)) == 1
    assert {(it["id"], it["status"], it["meta"]["versionId"]) for it in server.all("CarePlan")} == {
        ("a", "entered-in-error", "2"),
        ("b", "entered-in-error", "1"),
    }
    assert [it.levelname for it in caplog.records] == ["ERROR"]


def test_without_duplicates_nothing_is_asked_and_nothing_said(
    server: LocalServer, caplog: pytest.LogCaptureFixture
) -> None:
    assert mark_entered_in_error((), StraightClient(server)) == 0
    assert (server.asked, caplog.records) == (0, [])


def test_who_changed_a_duplicate_since_keeps_the_change_and_the_others_are_marked(
    server: LocalServer,
) -> None:
    server.load(a_plan("a"), a_plan("b"))
    seen = server.all("CarePlan")
    server.load(a_plan("a", status="active"))

    mark_entered_in_error(seen, StraightClient(server))

    assert {it["id"]: it["status"] for it in server.all("CarePlan")} == {
        "a": "active",
        "b": "entered-in-error",
    }


def test_a_server_that_takes_no_mark_is_no_other_writer(server: LocalServer) -> None:
    server.load(a_plan("a"))
    server.faults.add_rule(FaultEffect.READ_ONLY)

    with pytest.raises(ConfigurationFault):
        mark_entered_in_error(server.all("CarePlan"), StraightClient(server))
