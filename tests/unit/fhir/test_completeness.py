""" "None found" is said only of an answer that holds all: every gap is named."""

import pytest

from adapter.fhir import FhirClient, Gap, SearchResult
from adapter.fhir.completeness import believable
from tests.unit.fhir.searches import ASKED, ids, of_p1, page
from tests.unit.fhir.server import Answer, FakeServer, observation, outcome, searchset

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
    server: FakeServer, client: FhirClient, total: object, gaps: set[Gap]
) -> None:
    """Over all pages, each resource once, and what was included or not asked for does not fill the gap."""
    medication = {"resource": {"resourceType": "Medication", "id": "m"}, "search": {"mode": "include"}}
    first = searchset(observation("a"), next="?page=2") | {"total": total}
    first["entry"].append(medication)
    server.will_answer(Answer(200, first), page(observation("a"), observation("b", patient="p2")))

    assert client.search("Observation", ASKED, accept=of_p1).gaps == gaps


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
    server: FakeServer, client: FhirClient, entry: object
) -> None:
    server.will_answer(Answer(200, {"resourceType": "Bundle", "entry": entry}))

    assert client.search("Observation").gaps == {Gap.UNREADABLE}


@pytest.mark.parametrize(
    ("resource", "believed"),
    [
        ({"resourceType": "Observation"}, True),
        ({"resourceType": "Observation", "id": "a", "meta": {}}, True),
        ({"id": "a"}, False),
        ({"resourceType": 7}, False),
        ({"resourceType": "Observation", "id": 7}, False),
        ({"resourceType": "Observation", "id": None}, False),
        ({"resourceType": "Observation", "meta": []}, False),
        ([], False),
        (None, False),
    ],
)
def test_only_what_has_the_parts_of_a_resource_is_believed(resource: object, believed: bool) -> None:
    assert believable(resource) is believed


def test_what_a_server_withholds_on_principle_is_not_told_as_a_lack_each_time() -> None:
    withheld, short = (SearchResult([], [], [], gaps=frozenset(it)) for it in ([Gap.SUPPRESSED], [Gap.SHORT]))

    assert (withheld.complete, withheld.lacks) == (False, False)
    assert (short.complete, short.lacks) == (False, True)
