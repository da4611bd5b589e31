"""From the first page to the last: no page twice, none left out, none of another server."""

from urllib.parse import parse_qs, urlsplit

import pytest

from adapter.errors import ConfigurationFault, TryAgainLater
from adapter.fhir import BearerAuth, FhirClient, Gap, SearchOptions
from tests.unit.fhir.searches import ASKED, SELF, ids, page
from tests.unit.fhir.server import Answer, FakeServer, observation, outcome, searchset


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


def test_the_last_page_of_a_sweep_tells_of_the_gap(server: FakeServer, client: FhirClient) -> None:
    first = searchset(observation("a"), next="?page=2") | {"total": 3}
    server.will_answer(Answer(200, first), page(observation("b")))

    assert [it.gaps for it in client.search_pages("Observation", ASKED)] == [set(), {Gap.SHORT}]


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
