"""Many searches in one request, and where a server takes no batches or answers in part."""

import pytest

from adapter.errors import ConfigurationFault, RecordFault, TryAgainLater
from adapter.fhir import FhirClient, ForeignResource
from adapter.input.wire_json import Json
from tests.unit.fhir.searches import ASKED, SELF, ids, of_p1, page
from tests.unit.fhir.server import Answer, FakeServer, observation, outcome, searchset


def answered(*bodies: Json, status: str = "200 OK") -> Answer:
    entries = [{"resource": body, "response": {"status": status}} for body in bodies]
    return Answer(200, {"resourceType": "Bundle", "type": "batch-response", "entry": entries})


SEARCHES = [
    ("Observation", {"subject": "Patient/p1"}, of_p1),
    ("Patient", {"_id": "p1"}, None),
]


def test_many_searches_go_in_one_request(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(
        answered(
            searchset(observation("a"), observation("x", patient="p2"), self_="?subject=Patient/p1"),
            searchset({"resourceType": "Patient", "id": "p1"}),
        )
    )

    observations, patients = client.batch_searches(SEARCHES)

    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/r4")
    assert [entry["request"] for entry in asked.json["entry"]] == [
        {"method": "GET", "url": "Observation?subject=Patient/p1&_count=100"},
        {"method": "GET", "url": "Patient?_id=p1&_count=100"},
    ]
    assert (ids(observations.matches), ids(patients.matches)) == (["a"], ["p1"])
    assert observations.foreign == [ForeignResource("Observation", "x", "refused")]
    assert (observations.ignored_parameters, patients.ignored_parameters) == ((), ("_id",))
    assert patients.server_time == "2026-11-20T10:00:00+00:00"


def test_each_of_many_searches_is_read_to_its_last_page(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(
        answered(searchset(observation("a"), next="?page=2"), searchset()),
        page(observation("b"), next="?page=3"),
        Answer(410),
        page(observation("a"), observation("b"), observation("c")),
    )

    observations, _ = client.batch_searches(SEARCHES)

    assert ids(observations.matches) == ["a", "b", "c"]
    assert server.paths[-1] == "/r4/Observation?subject=Patient/p1&_count=100"


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_server_without_batch_gets_the_searches_one_by_one(
    server: FakeServer, client: FhirClient, status: int
) -> None:
    server.will_answer(Answer(status), page(observation("a")), page(), page(observation("b")), page())

    first = client.batch_searches(SEARCHES)
    second = client.batch_searches(SEARCHES)

    assert [ids(result.matches) for result in first + second] == [["a"], [], ["b"], []]
    assert [asked.method for asked in server.asked] == ["POST", "GET", "GET", "GET", "GET"]


def test_a_server_that_declares_no_batch_is_not_asked_for_one(server: FakeServer, client: FhirClient) -> None:
    rest = [{"mode": "server", "interaction": [{"code": "history-system"}]}]
    server.will_answer(Answer(200, {"resourceType": "CapabilityStatement", "rest": rest}), page(), page())
    client.capabilities()

    client.batch_searches(SEARCHES)

    assert [asked.method for asked in server.asked] == ["GET", "GET", "GET"]


def test_a_busy_server_is_not_taken_for_one_without_batch(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(Answer(503, headers={"Retry-After": "4"}))

    with pytest.raises(TryAgainLater) as caught:
        client.batch_searches(SEARCHES)

    assert caught.value.retry_after == 4.0


@pytest.mark.parametrize(("status", "kind"), [("429", TryAgainLater), ("400 Bad Request", RecordFault)])
def test_a_search_that_fails_among_others_is_named(
    server: FakeServer, client: FhirClient, status: str, kind: type[Exception]
) -> None:
    entries = [
        {"response": {"status": "200 OK"}, "resource": searchset()},
        {"response": {"status": status, "outcome": outcome("processing")}},
    ]
    server.will_answer(Answer(200, {"resourceType": "Bundle", "entry": entries}))

    with pytest.raises(kind) as caught:
        client.batch_searches(SEARCHES)

    assert getattr(caught.value, "entry", None) == 1


def test_a_batch_in_which_nothing_worked_is_explained_by_the_first_single_search(
    server: FakeServer, client: FhirClient
) -> None:
    server.will_answer(answered(outcome(), outcome(), status="400"), Answer(400))

    with pytest.raises(ConfigurationFault) as caught:
        client.batch_searches(SEARCHES)

    assert caught.value.entry == 0


def test_no_searches_are_no_request(server: FakeServer, client: FhirClient) -> None:
    assert client.batch_searches([]) == []
    assert server.asked == []


FIRSTS = [(kind, params) for kind, params, _ in SEARCHES]


def test_first_pages_come_in_one_request_and_their_links_are_not_followed(
    server: FakeServer, client: FhirClient
) -> None:
    server.will_answer(answered(searchset(observation("a"), next="?page=2"), searchset()))

    observations, patients = client.first_pages(FIRSTS)

    assert observations
    assert patients
    assert (ids(observations.result.matches), observations.next_link) == (["a"], "?page=2")
    assert (patients.result.matches, patients.next_link) == ([], None)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        {"response": {"status": "429"}},
        {"response": {"status": "404", "outcome": outcome("not-supported")}},
        {"response": {"status": "200"}},
        {"response": {"status": "200"}, "resource": outcome("processing")},
        {"response": {"status": "200"}, "resource": {"resourceType": "Patient"}},
        {},
    ],
)
def test_a_first_page_that_did_not_come_is_told_apart_from_an_empty_one(
    server: FakeServer, client: FhirClient, answer: Json
) -> None:
    entries = [{"response": {"status": "200 OK"}, "resource": searchset()}, answer]
    server.will_answer(Answer(200, {"resourceType": "Bundle", "entry": entries}))

    empty, missing = client.first_pages(FIRSTS)

    assert empty is not None
    assert missing is None


def test_a_server_without_batch_gives_no_first_pages_and_is_asked_for_them_once(
    server: FakeServer, client: FhirClient
) -> None:
    server.will_answer(Answer(405))

    assert [client.first_pages(FIRSTS) for _ in range(2)] == [[None, None]] * 2
    assert len(server.asked) == 1


ONE_PAGE = {"resource": searchset(observation("a"), self_=SELF), "response": {"status": "200"}}


@pytest.mark.parametrize(
    "answer",
    [
        {"resourceType": "Bundle", "type": "batch-response"},
        {"resourceType": "Bundle", "type": "batch-response", "entry": 7},
        {"resourceType": "Bundle", "type": "batch-response", "entry": [ONE_PAGE]},
        {
            "resourceType": "Bundle",
            "type": "batch-response",
            "entry": [ONE_PAGE, {"response": {"status": "200"}}],
        },
        {"resourceType": "Bundle", "type": "batch-response", "entry": [ONE_PAGE, {}]},
        {"resourceType": "Bundle", "type": "batch-response", "entry": [ONE_PAGE, None]},
    ],
)
def test_a_search_of_which_a_batch_brought_no_page_is_asked_alone(
    server: FakeServer, client: FhirClient, answer: Json
) -> None:
    alone = lambda _: page(observation("b"), self_=SELF)  # noqa: E731 - two lines would say no more
    server.will_answer(Answer(200, answer), alone, alone)

    first, second = client.batch_searches([("Observation", ASKED, None), ("Observation", ASKED, None)])

    assert [ids(first.matches), ids(second.matches)] in ([["a"], ["b"]], [["b"], ["b"]])
    assert first.complete
    assert second.complete
