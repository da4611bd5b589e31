"""Reading, writing and Bundles: one request each, and an honest account of what became of it."""

from typing import Any

import pytest

from adapter.errors import (
    ConfigurationFault,
    Issue,
    NotThere,
    OsteoHandoverError,
    RecordFault,
    ServerStumbled,
    SoftwareFault,
    TryAgainLater,
    VersionConflict,
)
from adapter.fhir import Entry, FhirClient, Written
from adapter.fhir.bundles import etag, located, version_of
from tests.unit.fhir.server import Answer, FakeServer, outcome, searchset

PLAN = {"resourceType": "CarePlan", "id": "plan-1", "status": "draft"}
NEW = {"resourceType": "CarePlan", "status": "draft"}


# --- reading ------------------------------------------------------------------------------------------------


def test_a_resource_is_read_fresh(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(Answer(200, PLAN))

    assert client.read("CarePlan", "plan-1") == PLAN
    assert (server.paths, server.asked[0].headers["Cache-Control"]) == (["/r4/CarePlan/plan-1"], "no-cache")


def test_a_version_of_the_past_is_read(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(Answer(200, PLAN))

    assert client.vread("CarePlan", "plan-1", "3") == PLAN
    assert server.paths == ["/r4/CarePlan/plan-1/_history/3"]


@pytest.mark.parametrize("key", ["", "..", ".", "a/b", "../x", "a?b", "a#b", "a b", "a%2f", "x" * 129])
def test_an_id_that_would_change_the_request_is_not_sent(
    server: FakeServer, client: FhirClient, key: str
) -> None:
    with pytest.raises(RecordFault):
        client.read("Patient", key)

    assert server.asked == []


@pytest.mark.parametrize("kind", ["", "patient", "Pa/tient", None])
def test_a_type_that_is_none_is_our_mistake(server: FakeServer, client: FhirClient, kind: Any) -> None:
    with pytest.raises(SoftwareFault):
        client.read(kind, "1")

    assert server.asked == []


# --- writing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "written"),
    [
        (Answer(201, headers={"ETag": 'W/"1"'}), Written("plan-1", "1", created=True)),
        (Answer(200, headers={"ETag": "2"}), Written("plan-1", "2", created=False)),
        (Answer(200, outcome("informational", "information")), Written("plan-1", None, created=False)),
        (
            Answer(200, headers={"Location": "CarePlan/plan-1/_history/5"}),
            Written("plan-1", "5", created=False),
        ),
        (
            Answer(200, {**PLAN, "meta": {"versionId": "7"}}),
            Written("plan-1", "7", created=False, resource={**PLAN, "meta": {"versionId": "7"}}),
        ),
    ],
)
def test_an_update_says_which_version_it_led_to(
    server: FakeServer, client: FhirClient, answer: Answer, written: Written
) -> None:
    server.will_answer(answer)

    assert client.update(PLAN) == written
    assert (server.asked[0].method, server.paths) == ("PUT", ["/r4/CarePlan/plan-1"])
    assert server.asked[0].headers["Prefer"] == "return=minimal"
    assert server.asked[0].headers["Content-Type"] == "application/fhir+json; charset=utf-8"
    assert "If-Match" not in server.asked[0].headers


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


def test_a_server_that_chooses_its_own_id_on_an_update_is_noticed(
    server: FakeServer, client: FhirClient
) -> None:
    server.will_answer(Answer(201, headers={"Location": f"{server.base}/CarePlan/4711/_history/1"}))

    with pytest.raises(ConfigurationFault, match="id of its own"):
        client.update(PLAN)


@pytest.mark.parametrize("resource", [NEW, {**PLAN, "id": "a/b"}])
def test_an_update_needs_an_id(server: FakeServer, client: FhirClient, resource: dict[str, Any]) -> None:
    with pytest.raises(RecordFault):
        client.update(resource)

    assert server.asked == []


def test_a_resource_without_a_type_is_our_mistake(client: FhirClient) -> None:
    with pytest.raises(SoftwareFault):
        client.create({"status": "draft"})


def test_a_creation_says_where_it_is(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(Answer(201, headers={"Location": f"{server.base}/CarePlan/77/_history/1"}))

    assert client.create(NEW) == Written("77", "1", created=True)
    assert (server.asked[0].method, server.paths) == ("POST", ["/r4/CarePlan"])


def test_a_creation_of_which_nothing_is_told_has_an_unknown_outcome(
    server: FakeServer, client: FhirClient
) -> None:
    server.will_answer(Answer(201, headers={"Location": "elsewhere"}))

    with pytest.raises(TryAgainLater, match="Look for it"):
        client.create(NEW)


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
    server: FakeServer, client: FhirClient, found: list[dict[str, Any]]
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


# --- Bundles ------------------------------------------------------------------------------------------------


def response(*answers: dict[str, Any] | int, kind: str = "transaction-response") -> Answer:
    entries = [answer if isinstance(answer, int) else {"response": answer} for answer in answers]
    return Answer(200, {"resourceType": "Bundle", "type": kind, "entry": entries})


PUT = Entry("PUT", "CarePlan/plan-1", PLAN)
POST = Entry("POST", "Task", {"resourceType": "Task"}, full_url="urn:uuid:1", if_none_exist="identifier=x")


def test_a_transaction_sends_its_entries_and_reads_every_response(
    server: FakeServer, client: FhirClient
) -> None:
    server.will_answer(
        response(
            {
                "status": "200 OK",
                "location": "CarePlan/plan-1/_history/2",
                "etag": "2",
                "lastModified": "2026-11-20",
            },
            {"status": "201 Created", "location": f"{server.base}/Task/t/_history/1", "etag": 'W/"1"'},
        )
    )

    plan, task = client.transaction([Entry("PUT", "CarePlan/plan-1", PLAN, if_match="1"), POST])

    sent = server.asked[0].json
    assert (server.paths, sent["type"]) == (["/r4"], "transaction")
    assert sent["entry"] == [
        {"resource": PLAN, "request": {"method": "PUT", "url": "CarePlan/plan-1", "ifMatch": 'W/"1"'}},
        {
            "fullUrl": "urn:uuid:1",
            "resource": {"resourceType": "Task"},
            "request": {"method": "POST", "url": "Task", "ifNoneExist": "identifier=x"},
        },
    ]
    assert (plan.status, plan.id, plan.version, plan.last_modified) == (200, "plan-1", "2", "2026-11-20")
    assert (task.status, task.id, task.version, task.ok) == (201, "t", "1", True)


@pytest.mark.parametrize(
    ("answer", "kind", "entry"),
    [
        (response({"status": "200"}, {"status": "429"}), TryAgainLater, 1),
        (response({"status": "200"}, {"status": "422", "outcome": outcome()}), RecordFault, 1),
        (response({"status": "412"}, {"status": "200"}), VersionConflict, 0),
        (response({"status": "200"}, {"status": "412"}), RecordFault, 1),
        (response({"status": "fine"}, {"status": "200"}), ServerStumbled, 0),
        (response({"status": 200}, {"status": "201", "outcome": outcome("conflict")}), VersionConflict, 1),
        (response({"status": "200"}, 7), ServerStumbled, 1),
        (response({"status": "200"}), TryAgainLater, None),
        (Answer(200, {"resourceType": "Bundle"}), TryAgainLater, None),
        (Answer(200, {"resourceType": "Bundle", "entry": "x"}), TryAgainLater, None),
        (Answer(200), TryAgainLater, None),
        (Answer(200, PLAN), ConfigurationFault, None),
        (Answer(404), ConfigurationFault, None),
        (Answer(412), RecordFault, None),
        (Answer(400, outcome(expression=["Bundle.entry[1].resource.status"])), RecordFault, 1),
        (Answer(409, outcome("conflict")), VersionConflict, None),
        (response({"status": "201", "location": "CarePlan/other/_history/1"}, {"status": "200"}), ConfigurationFault, 0),
    ],
)  # fmt: skip
def test_a_transaction_that_failed_says_where_if_anybody_knows(
    server: FakeServer, client: FhirClient, answer: Answer, kind: type[OsteoHandoverError], entry: int | None
) -> None:
    server.will_answer(answer)

    with pytest.raises(OsteoHandoverError) as caught:
        client.transaction([PUT, POST])

    assert (type(caught.value), caught.value.entry) == (kind, entry)


def test_a_stale_version_in_a_transaction_is_a_conflict(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(Answer(412))

    with pytest.raises(VersionConflict):
        client.transaction([Entry("PUT", "CarePlan/plan-1", PLAN, if_match="1"), POST])


def test_a_batch_returns_what_failed_beside_what_worked(server: FakeServer, client: FhirClient) -> None:
    entries = [PUT, Entry("PUT", "CarePlan?identifier=x", NEW), Entry("GET", "Patient/p1")]
    server.will_answer(
        Answer(
            200,
            {
                "resourceType": "Bundle",
                "entry": [
                    {"response": {"status": "200"}, "resource": PLAN},
                    {"response": {"status": "412", "outcome": outcome("multiple-matches")}},
                    {"response": {"status": "404"}, "resource": outcome("not-found")},
                ],
            },
        )
    )

    plan, several, missing = results = client.batch(entries)

    faults = [
        result.fault(entry, index) for index, (entry, result) in enumerate(zip(entries, results, strict=True))
    ]
    assert (plan.resource, plan.id) == (PLAN, "plan-1")
    assert (several.ok, missing.ok, missing.id) == (False, False, None)
    assert [type(fault) for fault in faults] == [type(None), RecordFault, NotThere]
    assert [fault.entry for fault in faults if fault] == [1, 2]
    assert not any("Jansen" in str(fault) for fault in faults)


def test_an_unreadable_resource_in_an_answer_is_none(server: FakeServer, client: FhirClient) -> None:
    body = b'{"resourceType": "Bundle", "entry": [{"response": {"status": "200"}, "resource": {"a": NaN}}]}'
    server.will_answer(Answer(200, body))

    (result,) = client.batch([PUT])

    assert (result.ok, result.resource) == (True, None)


def test_nothing_to_send_is_no_request(server: FakeServer, client: FhirClient) -> None:
    assert client.transaction([]) == []
    assert client.batch([]) == []
    assert server.asked == []


def test_a_bundle_entry_without_a_type_in_its_url_has_none() -> None:
    assert Entry("GET", "?_type=Patient").resource_type is None


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ('W/"2"', "2"),
        ('"2"', "2"),
        ("2", "2"),
        (' W/"a-b" ', "a-b"),
        ('W/""', None),
        ("", None),
        (None, None),
    ],
)
def test_an_etag_is_read_in_each_of_its_forms(tag: str | None, version: str | None) -> None:
    assert version_of(tag) == version
    assert version is None or etag(version) == f'W/"{version}"'


@pytest.mark.parametrize(
    ("location", "parts"),
    [
        ("https://h/r4/CarePlan/a-1.b/_history/3", ("CarePlan", "a-1.b", "3")),
        ("CarePlan/a", ("CarePlan", "a", None)),
        ("CarePlan/a/", ("CarePlan", "a", None)),
        ("nowhere", (None, None, None)),
    ],
)
def test_a_location_is_taken_apart(location: str, parts: tuple[str | None, ...]) -> None:
    assert located(location) == parts
