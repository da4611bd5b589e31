"""Reading broadly costs little: what no code finds and what a category brings add few bytes."""

import json
from collections.abc import Callable
from datetime import date

from adapter.fhir.search import SearchResult
from mappings.inbound import Query, queries
from tests.record_readings import a_record_reading
from workers.authoring.cases.case_server import case_client
from workers.demo import patients
from workers.review.searches.includes import Search
from workers.review.searches.version_search import for_versions
from workers.sandbox import Sandbox

TODAY = date(2026, 11, 20)
FEW = 0.5  # of the bytes of whole resources
MOST = 1.3  # of the bytes that the narrow searches bring
BROAD = frozenset({"category", "type", "date"})


def test_the_broad_searches_bring_few_bytes_that_the_narrow_ones_do_not() -> None:
    asked, found = _found()

    narrow = [it for query, it in zip(asked, found, strict=True) if not _is_broad(query)]

    assert len(narrow) < len(found)
    assert 0 < _bytes(found) <= MOST * _bytes(narrow)


def test_versions_alone_are_a_fraction_of_the_bytes() -> None:
    _, whole = _found()
    _, versions = _found(for_versions)

    assert 0 < _bytes(versions) < FEW * _bytes(whole)


def _found(
    asking: Callable[[Search], Search] = lambda it: it,
) -> tuple[tuple[Query, ...], list[SearchResult]]:
    people = list(patients())
    ids = [it["id"] for it in people if it["resourceType"] == "Patient"][:50]
    reading = a_record_reading()
    asked = queries(ids, reading, reading.uncoded_since(TODAY))
    with Sandbox() as sandbox:
        sandbox.load(people)
        with case_client(sandbox.base_url) as client:
            return asked, client.batch_searches([asking((it.type, it.params, None)) for it in asked])


def _is_broad(query: Query) -> bool:
    return not BROAD.isdisjoint(dict(query.params))


def _bytes(results: list[SearchResult]) -> int:
    """What came over the wire, a resource that came twice counted twice."""
    return sum(
        len(json.dumps(it, default=str)) for result in results for it in (*result.matches, *result.included)
    )
