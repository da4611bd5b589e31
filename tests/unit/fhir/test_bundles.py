"""Many requests in one: what became of each entry, and what nobody knows."""

import pytest

from adapter.errors import (
    ConfigurationFault,
    NotThere,
    OsteoHandoverError,
    RecordFault,
    ServerStumbled,
    TryAgainLater,
    VersionConflict,
)
from adapter.fhir import Entry, FhirClient
from adapter.fhir.bundles import answers_in, etag, located, purpose_of, version_of
from adapter.fhir.statuses import Purpose
from adapter.input.wire_json import Json
from tests.unit.fhir.server import NEW, PLAN, Answer, FakeServer, outcome


def response(*answers: Json | int, kind: str = "transaction-response") -> Answer:
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


CREATE = Entry("POST", "Task", if_none_exist="identifier=x")
UPDATE = Entry("PUT", "Task/t", if_match="1")


@pytest.mark.parametrize(
    ("entries", "purpose"),
    [
        ([PUT], Purpose.BUNDLE),
        ([PUT, CREATE], Purpose.CONDITIONAL),
        ([Entry("PUT", "Task?identifier=x")], Purpose.CONDITIONAL),
        ([Entry("GET", "Task?identifier=x")], Purpose.BUNDLE),
        ([CREATE, UPDATE], Purpose.BUNDLE),
    ],
)
def test_a_refused_precondition_is_a_duplicate_only_where_searches_name_the_resources(
    entries: list[Entry], purpose: Purpose
) -> None:
    assert purpose_of(entries) is purpose


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ("201 Created", 201), ("201", 201), (201, 201), ("2010", 0), ("20", 0), ("Created", 0), (None, 0), ([201], 0),
    ],
)  # fmt: skip
def test_a_status_that_is_no_number_of_three_digits_was_not_told(told: object, status: int) -> None:
    (answer,) = answers_in({"entry": [{"response": {"status": told}}]})

    assert (answer.status, answer.ok) == (status, status == 201)


def test_a_first_write_asks_that_nothing_stands_there_yet() -> None:
    request = Entry("PUT", "CarePlan/plan-1", PLAN, if_none_match=True).as_json()["request"]

    assert request["ifNoneMatch"] == "*"
