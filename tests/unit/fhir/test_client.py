"""Reading and writing: one request each, and an honest account of what became of it."""

import pytest

from adapter.errors import (
    Issue,
    OsteoHandoverError,
    RecordFault,
    SoftwareFault,
    TryAgainLater,
    VersionConflict,
)
from adapter.fhir import FhirClient, Written
from adapter.input.wire_json import Json
from tests.unit.fhir.server import NEW, PLAN, Answer, FakeServer, outcome, searchset

# --- reading ------------------------------------------------------------------------------------------------


def test_a_resource_is_read_fresh(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(Answer(200, PLAN))

    assert client.read("CarePlan", "plan-1") == PLAN
    assert (server.paths, server.asked[0].headers["Cache-Control"]) == (["/r4/CarePlan/plan-1"], "no-cache")


def test_a_version_of_the_past_is_read(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(Answer(200, PLAN))

    assert client.vread("CarePlan", "plan-1", "3") == PLAN
    assert server.paths == ["/r4/CarePlan/plan-1/_history/3"]


# --- writing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["3", '"3"', 'W/"3"'])
def test_a_change_names_the_version_that_it_changes(
    server: FakeServer, client: FhirClient, version: str
) -> None:
    server.will_answer(Answer(200), Answer(204))

    client.update(PLAN, if_match=version, prefer="representation")
    client.delete("CarePlan", "plan-1", if_match=version)

    assert [asked.headers["If-Match"] for asked in server.asked] == ['W/"3"', 'W/"3"']
    assert server.asked[0].headers["Prefer"] == "return=representation"


@pytest.mark.parametrize("status", [409, 412])
def test_a_change_of_something_that_changed_meanwhile_is_a_conflict(
    server: FakeServer, client: FhirClient, status: int
) -> None:
    server.will_answer(Answer(status, outcome("conflict")))

    with pytest.raises(VersionConflict):
        client.update(PLAN, if_match="1")


@pytest.mark.parametrize("resource", [NEW, {**PLAN, "id": "a/b"}])
def test_an_update_needs_an_id(server: FakeServer, client: FhirClient, resource: Json) -> None:
    with pytest.raises(RecordFault):
        client.update(resource)

    assert server.asked == []


def test_a_resource_without_a_type_is_our_mistake(client: FhirClient) -> None:
    with pytest.raises(SoftwareFault):
        client.create({"status": "draft"})


def test_a_conditional_creation_names_its_search(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(Answer(200, headers={"Location": "CarePlan/77/_history/4"}))

    written = client.create_conditional(NEW, {"identifier": "sys|key"})

    assert written == Written("77", "4", created=False)
    assert server.asked[0].headers["If-None-Exist"] == "identifier=sys%7Ckey"


def test_a_conditional_update_names_its_search(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(Answer(200, {**PLAN, "meta": {"versionId": "2"}}))

    assert client.update_conditional(NEW, {"identifier": "sys|key"}).version == "2"
    assert server.paths == ["/r4/CarePlan?identifier=sys%7Ckey"]


def test_a_server_that_found_one_and_does_not_say_which_is_asked(
    server: FakeServer, client: FhirClient
) -> None:
    found = {**PLAN, "meta": {"versionId": "6"}}
    server.will_answer(Answer(200), Answer(200, searchset(found)))

    assert client.create_conditional(NEW, {"identifier": "x"}) == Written("plan-1", "6", created=False)


@pytest.mark.parametrize("found", [[], [PLAN, {**PLAN, "id": "plan-2"}]])
def test_an_outcome_that_stays_unknown_is_said_to_be(
    server: FakeServer, client: FhirClient, found: list[Json]
) -> None:
    server.will_answer(Answer(201), Answer(200, searchset(*found)))

    with pytest.raises(TryAgainLater):
        client.update_conditional(NEW, {"identifier": "x"})


def test_several_matches_of_a_conditional_write_are_for_a_person(
    server: FakeServer, client: FhirClient
) -> None:
    server.will_answer(Answer(412), Answer(412))

    for write in (client.update_conditional, client.create_conditional):
        with pytest.raises(RecordFault, match="Several"):
            write(NEW, {"identifier": "x"})


@pytest.mark.parametrize("status", [200, 204, 404, 410])
def test_what_is_deleted_is_gone_whether_it_was_there_or_not(
    server: FakeServer, client: FhirClient, status: int
) -> None:
    server.will_answer(Answer(status))

    client.delete("CarePlan", "plan-1")

    assert (server.asked[0].method, server.paths) == ("DELETE", ["/r4/CarePlan/plan-1"])


def test_a_refused_deletion_is_told(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(Answer(422))

    with pytest.raises(RecordFault):
        client.delete("CarePlan", "plan-1")


# --- validation ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 400, 412, 422])
def test_an_invalid_resource_is_an_answer(server: FakeServer, client: FhirClient, status: int) -> None:
    server.will_answer(Answer(status, outcome("required", expression=["CarePlan.intent"])))

    assert client.validate(NEW) == [Issue("error", "required", "CarePlan.intent")]
    assert server.paths == ["/r4/CarePlan/$validate"]


@pytest.mark.parametrize("answer", [Answer(500, outcome()), Answer(400), Answer(404, outcome())])
def test_a_validation_that_did_not_happen_is_an_error(
    server: FakeServer, client: FhirClient, answer: Answer
) -> None:
    server.will_answer(answer)

    with pytest.raises(OsteoHandoverError):
        client.validate(NEW)
