"""What comes out for a foreign record does not depend on the server: sandbox and HAPI lead to the same."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from adapter.errors import RecordFault
from adapter.fhir.bundles import Entry
from workers.authoring.cases import WorkedCase, read_table
from workers.authoring.cases.case_details import details_of
from workers.authoring.cases.case_review import CaseReview
from workers.authoring.cases.case_server import CaseServer, case_client, run_case_server
from workers.authoring.cases.expectations.case_outcome import CaseProposal

TABLES = Path(__file__).parents[1] / "data" / "cases"
CASES = tuple(
    case
    for name in ("foreign_cases.json", "further_foreign_cases.json")
    for case in read_table(TABLES / name, date.max).cases
)
COMPARED = (
    "class", "deciding", "study", "decision", "options", "activities", "flags", "unknown", "tasks", "recipients",
    "refused", "named", "letter",
)  # fmt: skip
# Records that are not on HAPI as they were sent, and why.
REFUSED = {
    "FR-035": "a panel names a member that is nowhere",
    "FF-732": "a day is written as 10-11-2026",
    "FF-757": "a medicine refers to another server",
    "FF-759": "a medicine refers to another server",
    "FF-797": "the patient names another one who is nowhere",
    "FF-085": "the patient names a GP practice that is nowhere",
}
ALTERED = {
    "FR-138": "of two values in one Observation it keeps one",
    "FF-724": "it makes a number of a quantity that is a text",
}


@dataclass(frozen=True)
class Reviews:
    """Of all records that both servers accept, as each of them gives them, and which HAPI refused."""

    sandbox: dict[str, CaseReview]
    hapi: dict[str, CaseReview]
    refused: frozenset[str]


@pytest.fixture(scope="module")
def reviews(hapi: str) -> Iterator[Reviews]:
    with case_client(hapi) as client, run_case_server(CASES) as sandbox:
        refused = frozenset(case.id for case in CASES if not accepted(case, client))
        both = [case for case in CASES if case.id not in refused]
        there = CaseReview.of_records(both, CaseServer(client, hapi))
        yield Reviews(CaseReview.of_records(both, sandbox), there, refused)


def accepted(case: WorkedCase, client: Any) -> bool:
    """A record goes in whole, or not at all."""
    entries = [Entry("PUT", f"{it['resourceType']}/{it['id']}", it) for it in case.resources]
    try:
        client.transaction(entries)
    except RecordFault:
        return False
    return True


def test_hapi_takes_every_record_but_those_whose_reason_is_known(reviews: Reviews) -> None:
    assert reviews.refused == REFUSED.keys()


@pytest.mark.parametrize(
    "case", [it for it in CASES if it.id not in REFUSED | ALTERED], ids=lambda case: case.id
)
def test_a_foreign_record_leads_to_the_same_on_both_servers(case: WorkedCase, reviews: Reviews) -> None:
    here, there = outcome(reviews.sandbox[case.id]), outcome(reviews.hapi[case.id])

    assert {it: there[it] for it in COMPARED} == {it: here[it] for it in COMPARED}


def outcome(review: CaseReview) -> Mapping[str, object]:
    return details_of(CaseProposal.of(review.proposal(), review.language))
