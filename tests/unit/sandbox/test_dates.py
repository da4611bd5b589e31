"""What a date means as a range, and which resources each prefix finds."""

import pytest

from tests.unit.sandbox.in_process import Fhir
from workers.sandbox.query.date_ranges import FOREVER, date_span, period_span
from workers.sandbox.wire import instant


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024", "2024-01-01T00:00:00.000Z", "2025-01-01T00:00:00.000Z"),
        ("2024-02", "2024-02-01T00:00:00.000Z", "2024-03-01T00:00:00.000Z"),
        ("2024-12", "2024-12-01T00:00:00.000Z", "2025-01-01T00:00:00.000Z"),
        ("2024-02-29", "2024-02-29T00:00:00.000Z", "2024-03-01T00:00:00.000Z"),
        ("2024-02-29T10:30", "2024-02-29T10:30:00.000Z", "2024-02-29T10:31:00.000Z"),
        ("2024-02-29T10:30:05", "2024-02-29T10:30:05.000Z", "2024-02-29T10:30:06.000Z"),
        ("2024-02-29T10:30:05.250Z", "2024-02-29T10:30:05.250Z", "2024-02-29T10:30:05.251Z"),
        ("2024-02-29T00:30:00+01:00", "2024-02-28T23:30:00.000Z", "2024-02-28T23:30:01.000Z"),
        ("1931-07-04", "1931-07-04T00:00:00.000Z", "1931-07-05T00:00:00.000Z"),
    ],
)
def test_a_date_covers_all_that_its_precision_leaves_open(text: str, start: str, end: str) -> None:
    found = date_span(text)
    assert found is not None
    assert (instant(found[0]), instant(found[1])) == (start, end)


@pytest.mark.parametrize(
    "text", ["", "24", "2024-13", "2023-02-29", "2024-1-1", "05-03-2024", "2024-03-05T25:00", 2024, None]
)
def test_what_is_no_date_has_no_range(text: object) -> None:
    assert date_span(text) is None


def test_a_period_without_an_end_goes_on_for_ever() -> None:
    assert period_span({"start": "1970"}) == (0, FOREVER)
    assert period_span({"end": "1969"}) == (-FOREVER, 0)
    assert period_span({"start": "1970", "end": "soon"}) is None
    assert period_span({}) is None


STORED = {
    "year": "2024",
    "month": "2024-03",
    "day": "2024-03-14",
    "noon": "2024-03-14T12:00:00Z",
    "next-day": "2024-03-15",
    "before": "2024-03-13",
}
RUNNING = {"since-march": {"start": "2024-03-01"}, "around": {"start": "2024-03-10", "end": "2024-03-20"}}


@pytest.fixture
def dated(fhir: Fhir) -> Fhir:
    for id_, date in STORED.items():
        fhir.put("Observation", id_, effectiveDateTime=date)
    for id_, bounds in RUNNING.items():
        fhir.put("Observation", id_, effectivePeriod=bounds)
    fhir.put("Observation", "undated")
    fhir.put("Observation", "misdated", effectiveDateTime="last spring")
    return fhir


@pytest.mark.parametrize(
    ("searched", "expected"),
    [
        ("2024-03-14", {"day", "noon"}),
        ("eq2024-03-14", {"day", "noon"}),
        ("eq2024-03", {"month", "day", "noon", "next-day", "before", "around"}),
        ("eq2024", {"year", "month", "day", "noon", "next-day", "before", "around"}),
        ("eq2024-03-14T12:00", {"noon"}),
        ("ne2024-03-14", {"year", "month", "next-day", "before", "since-march", "around"}),
        ("gt2024-03-14", {"year", "month", "next-day", "since-march", "around"}),
        ("ge2024-03-14", {"year", "month", "day", "noon", "next-day", "since-march", "around"}),
        ("lt2024-03-14", {"year", "month", "before", "since-march", "around"}),
        ("le2024-03-14", {"year", "month", "day", "noon", "before", "since-march", "around"}),
        ("gt2024-03-14T12:00:00Z", {"year", "month", "day", "next-day", "since-march", "around"}),
        ("sa2024-03-14", {"next-day"}),
        ("sa2024-02", {"month", "day", "noon", "next-day", "before", "since-march", "around"}),
        ("eb2024-03-14", {"before"}),
        ("eb2025", {"year", "month", "day", "noon", "next-day", "before", "around"}),
        ("2024-03-13,2024-03-15", {"before", "next-day"}),
        ("ge2024-03-14&date=le2024-03-14", {"year", "month", "day", "noon", "since-march", "around"}),
        ("eq2024-03-14T13:00:00%2B01:00", {"noon"}),
        ("eq2024-03-14T13:00:00+01:00", {"noon"}),
    ],
)
def test_prefixes_compare_ranges(dated: Fhir, searched: str, expected: set[str]) -> None:
    assert set(dated.found(f"Observation?date={searched}")) == expected


@pytest.mark.parametrize("searched", ["yesterday", "xx2024", "ap2024", "2024-02-30", "ge"])
def test_a_date_that_is_not_understood_is_refused(dated: Fhir, searched: str) -> None:
    assert dated.ask("GET", f"Observation?date={searched}").status == 400


def test_an_undated_resource_is_found_as_missing(dated: Fhir) -> None:
    assert dated.found("Observation?date:missing=true") == ["undated", "misdated"]


def test_results_are_sorted_by_date_with_the_undated_last(fhir: Fhir) -> None:
    for id_, date in {"b": "2024-02", "c": "2024-03", "a": "2024-01"}.items():
        fhir.put("Observation", id_, effectiveDateTime=date)
    fhir.put("Observation", "none")
    assert fhir.found("Observation?_sort=date") == ["a", "b", "c", "none"]
    assert fhir.found("Observation?_sort=-date") == ["c", "b", "a", "none"]


def test_periods_are_sorted_by_their_start_both_ways(fhir: Fhir) -> None:
    fhir.put("Observation", "period", effectivePeriod={"start": "2024-01-01"})
    fhir.put("Observation", "day", effectiveDateTime="2024-02-01")
    assert fhir.found("Observation?_sort=date") == ["period", "day"]
    assert fhir.found("Observation?_sort=-date") == ["day", "period"]


def test_last_updated_is_searched_and_sorted_to_the_millisecond(fhir: Fhir) -> None:
    for id_ in ("first", "second", "third"):
        fhir.clock.move(1)
        fhir.put("Patient", id_)
    at = fhir.get("Patient/second")["meta"]["lastUpdated"]
    assert at == "2026-03-01T12:00:02.000Z"
    assert fhir.found(f"Patient?_lastUpdated={at}") == ["second"]
    assert fhir.found(f"Patient?_lastUpdated=ge{at}") == ["second", "third"]
    assert fhir.found(f"Patient?_lastUpdated=gt{at}") == ["third"]
    assert fhir.found(f"Patient?_lastUpdated=lt{at}") == ["first"]
    assert fhir.found("Patient?_sort=-_lastUpdated") == ["third", "second", "first"]


def test_last_updated_rises_even_when_the_clock_stands_still_or_goes_back(fhir: Fhir) -> None:
    fhir.put("Patient", "a")
    fhir.put("Patient", "b")
    fhir.clock.move(-3600)
    fhir.put("Patient", "c")
    stamps = [fhir.get(f"Patient/{id_}")["meta"]["lastUpdated"][-5:] for id_ in "abc"]
    assert stamps == [".000Z", ".001Z", ".002Z"]
