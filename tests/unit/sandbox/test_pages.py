"""Histories, and lists that are longer than a page."""

import pytest

from tests.unit.sandbox.in_process import BASE, PAGE_TTL, Fhir, content, ids


@pytest.fixture
def long(fhir: Fhir) -> Fhir:
    fhir.store.load({"resourceType": "Patient", "id": f"p{number}"} for number in range(7))
    return fhir


def pages(fhir: Fhir, url: str) -> list[list[str]]:
    found = []
    while url:
        bundle = fhir.get(url)
        found.append(ids(bundle))
        url = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), "")
    return found


def test_next_links_lead_through_all_pages_and_then_end(long: Fhir) -> None:
    assert pages(long, "Patient?_count=3") == [["p0", "p1", "p2"], ["p3", "p4", "p5"], ["p6"]]
    assert pages(long, "Patient?_count=7") == [[f"p{number}" for number in range(7)]]


def test_next_links_tell_nothing_of_the_question(long: Fhir) -> None:
    bundle = long.get("Patient?_count=3&_sort=_id")
    link = bundle["link"][1]
    assert link["relation"] == "next"
    assert link["url"].startswith(f"{BASE}?_page=")
    assert "Patient" not in link["url"]


@pytest.mark.parametrize(
    ("query", "total"), [("_count=3", None), ("_count=3&_total=accurate", 7), ("", 7), ("_total=none", None)]
)
def test_a_total_comes_when_asked_for_or_when_all_is_shown(long: Fhir, query: str, total: int | None) -> None:
    assert long.get(f"Patient?{query}").get("total") == total


def test_a_page_has_50_by_default_and_200_at_most(fhir: Fhir) -> None:
    fhir.store.load({"resourceType": "Patient", "id": f"p{number}"} for number in range(201))
    assert [len(page) for page in pages(fhir, "Patient")] == [50, 50, 50, 50, 1]
    assert [len(page) for page in pages(fhir, "Patient?_count=9999")] == [200, 1]


def test_later_pages_show_what_was_there_when_the_search_was_made(long: Fhir) -> None:
    following = long.get("Patient?_count=5")["link"][1]["url"]
    long.put("Patient", "p9")
    long.put("Patient", "p5", active=True)
    long.ask("DELETE", "Patient/p6")
    bundle = long.get(following)
    assert ids(bundle) == ["p5", "p6"]
    assert "active" not in bundle["entry"][0]["resource"]


def test_pages_expire(long: Fhir) -> None:
    following = long.get("Patient?_count=5")["link"][1]["url"]
    long.clock.move(PAGE_TTL - 1)
    assert long.ask("GET", following).status == 200
    long.clock.move(2)
    answer = long.ask("GET", following)
    assert (answer.status, content(answer)["resourceType"]) == (410, "OperationOutcome")


@pytest.mark.parametrize("query", ["_page=nonsense", "_page=nonsense-3"])
def test_a_page_that_never_was_is_gone_too(fhir: Fhir, query: str) -> None:
    assert fhir.ask("GET", f"?{query}").status == 410


def test_includes_come_on_the_page_of_their_match(long: Fhir) -> None:
    long.put("Flag", "f", subject={"reference": "Patient/p6"})
    assert pages(long, "Patient?_count=6&_revinclude=Flag:patient") == [
        [f"p{n}" for n in range(6)],
        ["p6", "f"],
    ]


@pytest.fixture
def lived(fhir: Fhir) -> Fhir:
    fhir.put("Patient", "a", active=True)
    fhir.clock.move(60)
    fhir.put("Patient", "a", active=False)
    fhir.post({"resourceType": "Observation"})
    fhir.ask("DELETE", "Patient/a")
    fhir.put("Patient", "b")
    return fhir


def test_the_history_of_a_resource_is_newest_first_with_its_deletion(lived: Fhir) -> None:
    bundle = lived.get("Patient/a/_history")
    assert (bundle["type"], bundle["total"]) == ("history", 3)
    told = [
        (e["request"]["method"], e["response"]["status"][:3], e["response"]["etag"]) for e in bundle["entry"]
    ]
    assert told == [("DELETE", "204", 'W/"3"'), ("PUT", "200", 'W/"2"'), ("PUT", "201", 'W/"1"')]
    assert "resource" not in bundle["entry"][0]
    assert [entry["resource"]["active"] for entry in bundle["entry"][1:]] == [False, True]


@pytest.mark.parametrize(
    ("url", "count"),
    [
        ("_history", 5),
        ("Patient/_history", 4),
        ("Observation/_history", 1),
        ("Patient/_history?_since=2026-03-01T12:00:30Z", 3),
        ("Patient/_history?_since=2027-01-01T00:00:00Z", 0),
    ],
)
def test_histories_of_types_and_of_all(lived: Fhir, url: str, count: int) -> None:
    assert len(lived.get(url).get("entry", [])) == count


def test_a_history_has_pages_and_a_create_names_its_type(lived: Fhir) -> None:
    bundle = lived.get("_history?_count=3")
    assert bundle["entry"][2]["request"] == {"method": "POST", "url": "Observation"}
    assert len(lived.get(bundle["link"][1]["url"])["entry"]) == 2


def test_a_history_needs_a_resource_that_was_and_a_time_that_is(lived: Fhir) -> None:
    assert lived.ask("GET", "Patient/nobody/_history").status == 404
    assert lived.ask("GET", "Patient/_history?_since=yesterday").status == 400


def test_the_bundle_tells_the_servers_time_never_before_what_it_shows(long: Fhir) -> None:
    long.clock.move(-3600)
    bundle = long.get("Patient")
    assert bundle["meta"]["lastUpdated"] >= bundle["entry"][-1]["resource"]["meta"]["lastUpdated"]
