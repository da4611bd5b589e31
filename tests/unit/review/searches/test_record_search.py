"""A gap in the answer about several patients is told of that one alone whose it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from adapter.clinical.model import Reason
from adapter.errors import RecordFault
from adapter.fhir import Gap
from adapter.fhir.capabilities import Capabilities, ServerRefusals
from adapter.fhir.search import SearchResult
from workers.review.searches.includes import Search
from workers.review.searches.record_search import AT_ONCE, RecordAnswers, reason_of, search_records

KINDS = ("Condition", "Observation")
OWN: Search = ("CarePlan", [("patient", "ours")], None)


@dataclass
class GappedServer:
    """Finds one resource for each patient in each type; some of it may not have come."""

    gaps: dict[tuple[str, str], Gap] = field(default_factory=dict)  # by patient and type
    requests: list[list[tuple[str, str]]] = field(default_factory=list)
    refused: ServerRefusals = field(default_factory=ServerRefusals)

    def capabilities(self) -> Capabilities:
        return Capabilities.parse({})

    def batch_searches(self, searches: Sequence[Search]) -> list[SearchResult]:
        asked = [(kind, dict(params)["patient"]) for kind, params, _ in searches]
        self.requests.append([(kind, str(ids)) for kind, ids in asked])
        return [self._found(kind, str(ids).split(",")) for kind, ids in asked]

    def _found(self, kind: str, ids: Sequence[str]) -> SearchResult:
        gaps = frozenset(self.gaps[one, kind] for one in ids if (one, kind) in self.gaps)
        return SearchResult([{"resourceType": kind, "id": f"{kind}-{one}"} for one in ids], [], [], gaps=gaps)


def searches_of(ids: Sequence[str]) -> list[Search]:
    return [(kind, [("patient", ",".join(ids))], None) for kind in KINDS]


def found(server: GappedServer, ids: str, size: int = 2) -> RecordAnswers:
    return search_records(list(ids), size, searches_of, [OWN], server)


def names(answers: RecordAnswers) -> list[str]:
    return sorted(it["id"] for result in answers.record for it in result.matches)


def test_a_whole_answer_costs_one_request_and_says_that_it_is_whole() -> None:
    server = GappedServer()

    answers = found(server, "abc")

    assert server.requests == [
        [
            ("Condition", "a,b"),
            ("Observation", "a,b"),
            ("Condition", "c"),
            ("Observation", "c"),
            ("CarePlan", "ours"),
        ]
    ]
    assert names(answers) == sorted(f"{kind}-{one}" for kind in KINDS for one in "abc")
    assert [it["id"] for result in answers.own for it in result.matches] == ["CarePlan-ours"]
    assert answers.gaps == {}


@pytest.mark.parametrize("size", [1, 2, 3, 12])
@pytest.mark.parametrize("one", "abc")
def test_a_gap_is_told_of_whose_it_is_however_many_are_asked_for_at_once(one: str, size: int) -> None:
    server = GappedServer({(one, "Condition"): Gap.UNREADABLE})

    answers = found(server, "abc", size)

    assert answers.gaps == {one: {"Condition": {Reason.UNREADABLE}}}
    assert names(answers) == sorted(f"{kind}-{it}" for kind in KINDS for it in "abc")


def test_only_the_search_with_a_gap_is_asked_for_each_alone() -> None:
    server = GappedServer({("a", "Condition"): Gap.SHORT})

    found(server, "ab")

    assert server.requests[1:] == [[("Condition", "a"), ("Condition", "b")]]


def test_gaps_of_two_types_and_of_two_patients_stay_apart() -> None:
    server = GappedServer({("a", "Condition"): Gap.SHORT, ("b", "Observation"): Gap.SUPPRESSED})

    assert found(server, "abc", 12).gaps == {
        "a": {"Condition": {Reason.ANSWER_INCOMPLETE}},
        "b": {"Observation": {Reason.WITHHELD}},
    }


def test_no_request_asks_for_more_than_a_hundred_alone() -> None:
    server = GappedServer({("0", "Condition"): Gap.SHORT})
    ids = [str(it) for it in range(AT_ONCE + 1)]

    search_records(ids, len(ids), searches_of, (), server)

    assert [len(it) for it in server.requests] == [len(KINDS), AT_ONCE, 1]


@pytest.mark.parametrize("gap", Gap)
def test_ours_has_to_come_whole_but_for_what_a_server_withholds_on_principle(gap: Gap) -> None:
    server = GappedServer({("ours", "CarePlan"): gap})

    if gap is Gap.SUPPRESSED:
        assert found(server, "a").gaps == {}
    else:
        with pytest.raises(RecordFault, match="could not be read whole"):
            found(server, "a")


def test_each_gap_has_a_reason_that_is_unknown_and_never_absent() -> None:
    assert {gap: reason_of(gap) for gap in Gap} == {
        Gap.SHORT: Reason.ANSWER_INCOMPLETE,
        Gap.INCOMPLETE: Reason.ANSWER_INCOMPLETE,
        Gap.LIMITED: Reason.ANSWER_INCOMPLETE,
        Gap.SUPPRESSED: Reason.WITHHELD,
        Gap.UNREADABLE: Reason.UNREADABLE,
    }
