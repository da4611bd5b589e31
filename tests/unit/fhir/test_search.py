"""A search returns all of the answer, nothing but the answer, and says what it cannot be sure of."""

from typing import Any

import pytest

from adapter.errors import ConfigurationFault, TryAgainLater
from adapter.fhir import FhirClient, ForeignResource, Gap, SearchOptions
from adapter.input.wire_json import Json
from tests.unit.fhir.searches import ASKED, SELF, ids, of_p1, page
from tests.unit.fhir.server import Answer, FakeServer, observation, outcome, searchset


def test_a_search_asks_strictly_and_freshly(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(page(observation("a"), self_=SELF))

    result = client.search("Observation", ASKED, accept=of_p1)

    asked = server.asked[0]
    assert asked.path == "/r4/Observation?subject=Patient/p1&code=a&code=b&_count=100"
    assert (asked.headers["Prefer"], asked.headers["Cache-Control"]) == ("handling=strict", "no-cache")
    assert (ids(result.matches), result.foreign, result.ignored_parameters) == (["a"], [], ())
    assert result.complete


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
def test_an_answer_that_is_no_bundle_is_for_the_operator(
    server: FakeServer, client: FhirClient, body: Json
) -> None:
    server.will_answer(Answer(200, body))

    with pytest.raises(ConfigurationFault):
        client.search("Observation", ASKED)


@pytest.mark.parametrize("oddity", [{"entry": None}, {"link": "x"}, {"link": [7, {"relation": "next"}]}, {}])
def test_a_bundle_without_the_usual_parts_is_empty(
    server: FakeServer, client: FhirClient, oddity: Json
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


# --- many searches in one request ---------------------------------------------------------------------------
