"""A search returns all of the answer, nothing but the answer, and says what it cannot be sure of."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from adapter.errors import ConfigurationFault, RecordFault, TryAgainLater
from adapter.fhir import BearerAuth, FhirClient, ForeignResource, Gap, SearchOptions
from tests.unit.fhir.server import Answer, FakeServer, observation, outcome, searchset

ASKED = {"subject": "Patient/p1", "code": ["a", "b"]}
SELF = "http://any/r4/Observation?subject=Patient%2Fp1&code=a&code=b&_count=100"


def of_p1(resource: dict[str, Any]) -> bool:
    return bool(resource["subject"]["reference"] == "Patient/p1")


def ids(resources: list[dict[str, Any]]) -> list[str]:
    return [resource["id"] for resource in resources]


def page(*resources: Any, **links: str) -> Answer:
    return Answer(200, searchset(*resources, **links))


def test_a_search_asks_strictly_and_freshly(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(page(observation("a"), self_=SELF))

    result = client.search("Observation", ASKED, accept=of_p1)

    asked = server.asked[0]
    assert asked.path == "/r4/Observation?subject=Patient/p1&code=a&code=b&_count=100"
    assert (asked.headers["Prefer"], asked.headers["Cache-Control"]) == ("handling=strict", "no-cache")
    assert (ids(result.matches), result.foreign, result.ignored_parameters) == (["a"], [], ())
    assert result.complete


def test_all_pages_are_read_by_the_links_as_they_are_written(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(
        page(observation("a"), self_=SELF, next=f"{server.base}?_getpages=x%7Cy&n=1"),
        page(observation("b"), next="?page=2"),
        page(observation("c"), next="/r4/Observation?page=3"),
        page(),
    )

    result = client.search("Observation", ASKED)

    assert ids(result.matches) == ["a", "b", "c"]
    assert server.paths[1:] == ["/r4?_getpages=x%7Cy&n=1", "/r4/Observation?page=2", "/r4/Observation?page=3"]


HOSTILE = [
    "{elsewhere}/r4/Observation?page=2",
    "http://127.0.0.1.evil.com/r4?page=2",
    "http://{host}@127.0.0.1:{port}/r4?page=2",
    "//127.0.0.1:{port}/r4?page=2",
    "https://{host}/r4?page=2",
    "{root}/r4-evil?page=2",
    "{root}/r4/../admin",
    "http://[::1]:{port}/r4?page=2",
]


@pytest.mark.parametrize("link", HOSTILE)
def test_a_token_never_goes_to_another_host(server: FakeServer, elsewhere: FakeServer, link: str) -> None:
    port = urlsplit(elsewhere.root).port
    link = link.format(
        elsewhere=elsewhere.root, root=server.root, host=urlsplit(server.root).netloc, port=port
    )
    server.will_answer(page(observation("a"), next=link))
    elsewhere.will_answer(page(observation("b")))

    with FhirClient(server.base, auth=BearerAuth("t")) as client, pytest.raises(ConfigurationFault):
        client.search("Observation", ASKED)

    assert elsewhere.asked == []
    assert len(server.asked) == 1


def test_a_server_that_does_not_know_its_outer_name_is_followed_on_request(
    server: FakeServer, elsewhere: FakeServer
) -> None:
    server.will_answer(page(observation("a"), next=f"{elsewhere.base}?page=2"), page(observation("b")))

    with FhirClient(server.base, searching=SearchOptions(rewrite_next_links=True)) as client:
        assert ids(client.search("Observation", ASKED).matches) == ["a", "b"]

    assert elsewhere.asked == []


@pytest.mark.parametrize("expired", [410, 404])
def test_a_page_that_expired_starts_the_search_again_once(
    server: FakeServer, client: FhirClient, expired: int
) -> None:
    server.will_answer(
        page(observation("a"), observation("gone"), next="?page=2"),
        Answer(expired, outcome("not-found")),
        page(observation("a"), next="?page=2b"),
        page(observation("b")),
    )

    assert ids(client.search("Observation", ASKED).matches) == ["a", "b"], (
        "no half of the first attempt is kept"
    )


def test_a_page_that_expires_again_is_left_for_later(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(*[page(observation("a"), next="?page=2"), Answer(410)] * 2)

    with pytest.raises(TryAgainLater) as caught:
        client.search("Observation", ASKED)

    assert caught.value.status == 410
    assert len(server.asked) == 4


def test_a_busy_server_in_the_middle_gives_no_half_result(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(page(observation("a"), next="?page=2"), Answer(503))

    with pytest.raises(TryAgainLater):
        client.search("Observation", ASKED)

    assert len(server.asked) == 2


def test_pages_that_lead_in_a_circle_are_left(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(*[page(next="?page=2"), page(next="?page=3"), page(next="?page=2")])

    with pytest.raises(ConfigurationFault, match="repeat"):
        client.search("Observation", ASKED)

    assert len(server.asked) == 3


def test_pages_that_never_end_are_left(server: FakeServer) -> None:
    server.will_answer(*[page(next=f"?page={number}") for number in range(9)])

    with (
        FhirClient(server.base, searching=SearchOptions(max_pages=3)) as client,
        pytest.raises(ConfigurationFault, match="never end"),
    ):
        client.search("Observation", ASKED)

    assert len(server.asked) == 3


# --- what is an answer, and what only came along ------------------------------------------------------------


def test_what_was_not_asked_for_is_named_and_never_a_match(server: FakeServer, client: FhirClient) -> None:
    patient = {"resourceType": "Patient", "id": "p1"}
    server.will_answer(page(observation("a"), observation("b", patient="p2"), patient, {"id": 7}, self_=SELF))

    result = client.search("Observation", ASKED, accept=of_p1)

    assert ids(result.matches) == ["a"]
    assert result.foreign == [
        ForeignResource("Observation", "b", "refused"),
        ForeignResource("Patient", "p1", "type"),
    ]
    assert result.gaps == {Gap.UNREADABLE}, "of what says not even its type nobody knows what it was"


@pytest.mark.parametrize(
    ("link", "ignored"),
    [
        ({"self_": SELF}, ()),
        ({"self_": "Observation?subject:Patient=p1&code:in=x"}, ()),
        ({"self_": "http://any/r4/Observation?code=a"}, ("subject",)),
        ({"self_": "http://any/r4/Observation"}, ("subject", "code")),
        ({"self_": "http://[broken"}, ("subject", "code")),
        ({}, ("subject", "code")),
    ],
)
def test_a_parameter_that_the_server_does_not_confirm_is_reported(
    server: FakeServer, client: FhirClient, link: dict[str, str], ignored: tuple[str, ...]
) -> None:
    server.will_answer(page(observation("a"), observation("b", patient="p2"), **link))

    result = client.search("Observation", ASKED, accept=of_p1)

    assert result.ignored_parameters == ignored
    assert ids(result.matches) == ["a"]


def test_a_broken_resource_is_listed_and_the_rest_of_the_page_is_used(
    server: FakeServer, client: FhirClient
) -> None:
    body = (
        b'{"resourceType": "Bundle", "entry": ['
        b'{"resource": {"resourceType": "Observation", "id": "x", "status": "final", "status": "final"}},'
        b'{"resource": {"resourceType": "Observation", "id": "a"}}, 7, {"fullUrl": "urn:x"}]}'
    )
    server.will_answer(Answer(200, body))

    result = client.search("Observation", ASKED)

    assert ids(result.matches) == ["a"]
    assert result.foreign == []
    assert result.gaps == {Gap.UNREADABLE}


UNREADABLE = [
    b'{"resourceType": "Observation", "id": "x", "valueQuantity": {"value": NaN}}',
    b'{"resourceType": "Observation", "id": "x", "valueQuantity": {"value": 1e99999}}',
    b'{"resourceType": "Observation", "id": "x", "valueQuantity": {"value": -2.' + b"5" * 70 + b"}}",
    b'{"resourceType": "Observation", "id": "x", "status": "final", "status": "entered-in-error"}',
    b'{"resourceType": "Observation", "id": "x", "note": [{"text": "' + rb"\u0000" + b'"}]}',
    b'{"resourceType": "Observation", "id": "x", "note": [{"text": "' + rb"\ud83d" + b'"}]}',
    b'{"resourceType": "Observation", "id": "x", "component": ' + b"[" * 80 + b"]" * 80 + b"}",
    b'{"resourceType": "Observation", "id": ["x"]}',
    b'{"resourceType": "Observation", "id": "x", "meta": [1]}',
    b'{"resourceType": 7, "id": "x"}',
    b"null",
]


@pytest.mark.parametrize("broken", UNREADABLE)
@pytest.mark.parametrize("mode", ["match", "include"])
def test_an_entry_that_cannot_be_believed_leaves_a_gap_and_its_neighbours(
    server: FakeServer, client: FhirClient, broken: bytes, mode: str
) -> None:
    body = (
        b'{"resourceType": "Bundle", "type": "searchset", "total": 2, "entry": ['
        b'{"resource": {"resourceType": "Observation", "id": "a"}},'
        b'{"resource": ' + broken + b', "search": {"mode": "' + mode.encode() + b'"}}]}'
    )
    server.will_answer(Answer(200, body))

    result = client.search("Observation", ASKED)

    assert (ids(result.matches), result.included) == (["a"], [])
    assert result.gaps == {Gap.UNREADABLE}
    assert not result.complete


@pytest.mark.parametrize(
    ("total", "gaps"),
    [
        (2, set()), (1, set()), (0, set()), (3, {Gap.SHORT}), (99, {Gap.SHORT}), ("99", {Gap.SHORT}),
        (None, set()), (-4, set()), (True, set()), ("many", set()), ([99], set()), (2.5, set()),
    ],
)  # fmt: skip
def test_what_came_is_compared_with_the_total_of_the_server(
    server: FakeServer, client: FhirClient, total: Any, gaps: set[Gap]
) -> None:
    """Over all pages, each resource once, and what was included or not asked for does not fill the gap."""
    medication = {"resource": {"resourceType": "Medication", "id": "m"}, "search": {"mode": "include"}}
    first = searchset(observation("a"), next="?page=2") | {"total": total}
    first["entry"].append(medication)
    server.will_answer(Answer(200, first), page(observation("a"), observation("b", patient="p2")))

    assert client.search("Observation", ASKED, accept=of_p1).gaps == gaps


def test_the_last_page_of_a_sweep_tells_of_the_gap(server: FakeServer, client: FhirClient) -> None:
    first = searchset(observation("a"), next="?page=2") | {"total": 3}
    server.will_answer(Answer(200, first), page(observation("b")))

    assert [it.gaps for it in client.search_pages("Observation", ASKED)] == [set(), {Gap.SHORT}]


@pytest.mark.parametrize("severity", ["warning", "information"])
@pytest.mark.parametrize(
    ("code", "gaps"),
    [
        ("incomplete", {Gap.INCOMPLETE}), ("too-costly", {Gap.INCOMPLETE}), ("timeout", {Gap.INCOMPLETE}),
        ("suppressed", {Gap.SUPPRESSED}), ("forbidden", {Gap.SUPPRESSED}),
        ("informational", set()), ("processing", set()), ("not-found", set()), ("not-supported", set()),
    ],
)  # fmt: skip
def test_a_server_that_owns_up_to_a_gap_is_believed(
    server: FakeServer, client: FhirClient, severity: str, code: str, gaps: set[Gap]
) -> None:
    told = searchset(observation("a"))
    told["entry"].append({"resource": outcome(code, severity), "search": {"mode": "outcome"}})
    server.will_answer(Answer(200, told))

    result = client.search("Observation", ASKED)

    assert ids(result.matches) == ["a"]
    assert result.gaps == gaps


@pytest.mark.parametrize("entry", [None, "x", {"resource": {}}, 7])
def test_entries_that_are_no_list_are_a_gap_and_not_nothing(
    server: FakeServer, client: FhirClient, entry: Any
) -> None:
    server.will_answer(Answer(200, {"resourceType": "Bundle", "entry": entry}))

    assert client.search("Observation").gaps == {Gap.UNREADABLE}


@pytest.mark.parametrize("mode", ["include", None])
def test_included_resources_are_kept_apart(server: FakeServer, client: FhirClient, mode: str | None) -> None:
    bundle = searchset(observation("a"))
    bundle["entry"] += searchset({"resourceType": "Patient", "id": "p1"}, mode=mode)["entry"]
    server.will_answer(Answer(200, bundle))

    result = client.search("Observation", [("_include", "Observation:subject")])

    assert (ids(result.matches), ids(result.included), result.foreign) == (["a"], ["p1"], [])


@pytest.mark.parametrize("severity", ["error", "fatal"])
def test_an_outcome_of_failure_among_the_entries_fails_the_search(
    server: FakeServer, client: FhirClient, severity: str
) -> None:
    bundle = searchset(observation("a"))
    bundle["entry"] += searchset(outcome("incomplete", severity), mode="outcome")["entry"]
    server.will_answer(Answer(200, bundle))

    with pytest.raises(TryAgainLater):
        client.search("Observation", ASKED)


@pytest.mark.parametrize("mode", ["outcome", None])
def test_a_warning_among_the_entries_is_no_match(
    server: FakeServer, client: FhirClient, mode: str | None
) -> None:
    server.will_answer(Answer(200, searchset(outcome("informational", "warning"), mode=mode)))

    result = client.search("Observation", ASKED)

    assert (result.matches, result.foreign) == ([], [])


@pytest.mark.parametrize(
    "body", [{"resourceType": "Patient"}, {"resourceType": "OperationOutcome", "issue": []}, {"entry": []}]
)
def test_an_answer_that_is_no_bundle_is_the_operators(
    server: FakeServer, client: FhirClient, body: dict[str, Any]
) -> None:
    server.will_answer(Answer(200, body))

    with pytest.raises(ConfigurationFault):
        client.search("Observation", ASKED)


@pytest.mark.parametrize("oddity", [{"entry": None}, {"link": "x"}, {"link": [7, {"relation": "next"}]}, {}])
def test_a_bundle_without_the_usual_parts_is_empty(
    server: FakeServer, client: FhirClient, oddity: dict[str, Any]
) -> None:
    server.will_answer(Answer(200, {"resourceType": "Bundle", **oddity}))

    assert client.search("Observation").matches == []


@pytest.mark.parametrize(
    ("versions", "kept"), [(("1", "2"), "2"), (("2", "1"), "2"), (("10", "9"), "10"), (("a", "b"), "b")]
)
def test_a_resource_that_comes_twice_counts_once_in_its_newest_version(
    server: FakeServer, client: FhirClient, versions: tuple[str, str], kept: str
) -> None:
    first, second = (observation("a", version=version) for version in versions)
    server.will_answer(page(first, observation("b"), next="?page=2"), page(second))

    matches = client.search("Observation", ASKED).matches

    assert ids(matches) == ["a", "b"]
    assert matches[0]["meta"]["versionId"] == kept


def test_resources_without_an_id_are_not_taken_for_each_other(server: FakeServer, client: FhirClient) -> None:
    nameless = {"resourceType": "Observation"}
    server.will_answer(*[page({**nameless, "x": 1}, {**nameless, "x": 2})] * 2)

    assert len(client.search("Observation").matches) == 2
    assert len(next(client.search_pages("Observation")).matches) == 2


# --- time, size, form ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stamp", "date", "time"),
    [
        ("2026-11-20T09:59:58.5Z", None, "2026-11-20T09:59:58.500000+00:00"),
        ("2026-11-20T11:00:02+01:00", None, "2026-11-20T10:00:00+00:00"),
        ("2026-11-20T09:59:58", None, "2026-11-20T10:00:00+00:00"),
        ("yesterday", None, "2026-11-20T10:00:00+00:00"),
        (None, None, "2026-11-20T10:00:00+00:00"),
        (None, "", None),
    ],
)
def test_the_servers_time_is_the_earlier_of_the_two_that_it_tells(
    server: FakeServer, client: FhirClient, stamp: str | None, date: str | None, time: str | None
) -> None:
    bundle = {**searchset(), "meta": {"lastUpdated": stamp}}
    server.will_answer(Answer(200, bundle, headers={} if date is None else {"Date": date}))

    assert client.search("Observation").server_time == time


@pytest.mark.parametrize(
    ("limit", "found", "complete", "requests"),
    [
        (1, ["a"], False, 1),
        (2, ["a", "b"], False, 1),
        (3, ["a", "b", "c"], True, 2),
        (9, ["a", "b", "c"], True, 2),
    ],
)
def test_a_limit_stops_the_search_and_says_so(
    server: FakeServer, client: FhirClient, limit: int, found: list[str], complete: bool, requests: int
) -> None:
    server.will_answer(page(observation("a"), observation("b"), next="?page=2"), page(observation("c")))

    result = client.search("Observation", limit=limit)

    assert (ids(result.matches), result.complete, len(server.asked)) == (found, complete, requests)


@pytest.mark.parametrize(
    ("size", "params", "path"),
    [
        (100, (), "/r4/Observation?_count=100"),
        (None, (), "/r4/Observation"),
        (100, {"_count": "5"}, "/r4/Observation?_count=5"),
        (None, {"date": "ge2026-01-01T00:00:00+01:00"}, "/r4/Observation?date=ge2026-01-01T00:00:00%2B01:00"),
        (
            None,
            {"code": "http://loinc.org|80948-3,x y&z"},
            "/r4/Observation?code=http://loinc.org%7C80948-3,x%20y%26z",
        ),
    ],
)
def test_parameters_arrive_as_they_were_meant(
    server: FakeServer, size: int | None, params: Any, path: str
) -> None:
    server.will_answer(page())

    with FhirClient(server.base, searching=SearchOptions(page_size=size)) as client:
        client.search("Observation", params)

    assert server.paths == [path]


@pytest.mark.parametrize("post", [True, False])
def test_long_or_discreet_searches_are_sent_as_a_form(server: FakeServer, post: bool) -> None:
    many = ",".join(f"patient-{number}" for number in range(3 if post else 200))
    server.will_answer(page({"resourceType": "Patient", "id": "p1"}, next="?page=2"), page())

    with FhirClient(server.base, searching=SearchOptions(post=post)) as client:
        result = client.search("Patient", {"_id": many})

    asked, following = server.asked
    assert (asked.method, asked.path) == ("POST", "/r4/Patient/_search")
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert parse_qs(asked.body.decode())["_id"] == [many]
    assert (following.method, following.path) == ("GET", "/r4/Patient?page=2")
    assert ids(result.matches) == ["p1"]


@pytest.mark.parametrize(
    ("link", "ignored"),
    [
        ({"self_": "http://any/r4/Patient/_search"}, ()),
        ({"self_": "http://any/r4/Patient?_id=p1"}, ()),
        ({"self_": "http://any/r4/Patient?active=true"}, ("_id",)),
        ({}, ("_id",)),
    ],
)
def test_a_form_is_confirmed_by_what_the_self_link_says_if_it_says_anything(
    server: FakeServer, link: dict[str, str], ignored: tuple[str, ...]
) -> None:
    server.will_answer(page(**link))

    with FhirClient(server.base, searching=SearchOptions(post=True)) as client:
        assert client.search("Patient", {"_id": "p1"}).ignored_parameters == ignored


# --- streaming ----------------------------------------------------------------------------------------------


def test_a_sweep_gets_its_pages_one_by_one(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(page(observation("a"), self_=SELF, next="?page=2"), page(observation("b")))

    pages = client.search_pages("Observation", ASKED)

    assert ids(next(pages).matches) == ["a"]
    assert len(server.asked) == 1
    assert ids(next(pages).matches) == ["b"]
    assert list(pages) == []


def test_a_sweep_that_starts_again_gives_only_what_is_new(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(
        page(observation("a"), observation("b"), next="?page=2"),
        Answer(410),
        page(observation("a"), observation("b", version="2"), next="?page=2b"),
        page(observation("c")),
    )

    pages = list(client.search_pages("Observation", ASKED))

    assert [ids(page.matches) for page in pages] == [["a", "b"], ["b"], ["c"]]


def test_a_sweep_that_expires_again_is_left_for_later(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(*[page(observation("a"), next="?page=2"), Answer(410)] * 2)

    with pytest.raises(TryAgainLater):
        list(client.search_pages("Observation", ASKED))


def test_a_sweep_that_meets_a_busy_server_says_so(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(page(observation("a"), next="?page=2"), Answer(503))

    with pytest.raises(TryAgainLater):
        list(client.search_pages("Observation", ASKED))

    assert len(server.asked) == 2


# --- many searches in one request ---------------------------------------------------------------------------


def answered(*bodies: dict[str, Any], status: str = "200 OK") -> Answer:
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
    server: FakeServer, client: FhirClient, answer: dict[str, Any]
) -> None:
    alone = lambda _: page(observation("b"), self_=SELF)  # noqa: E731 - two lines would say no more
    server.will_answer(Answer(200, answer), alone, alone)

    first, second = client.batch_searches([("Observation", ASKED, None), ("Observation", ASKED, None)])

    assert [ids(first.matches), ids(second.matches)] in ([["a"], ["b"]], [["b"], ["b"]])
    assert first.complete
    assert second.complete
