"""What comes out for a foreign record does not depend on the server: the sandbox and HAPI lead to the same."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from adapter.errors import RecordFault
from adapter.fhir.bundles import Entry
from workers.cases import WorkedCase, read_table
from workers.cases.case_details import details
from workers.cases.case_review import CaseReview
from workers.cases.case_server import CaseServer, case_client, case_server
from workers.cases.expectations.case_outcome import CaseOutcome

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
REFUSED = {"FR-035": "a panel names a member that is nowhere"}
ALTERED = {"FR-138": "of two values in one Observation it keeps one"}


@dataclass(frozen=True)
class Servers:
    """Both, each with all records that it accepts."""

    sandbox: CaseServer
    hapi: CaseServer
    refused: frozenset[str]


@pytest.fixture(scope="module")
def servers(hapi: str) -> Iterator[Servers]:
    with case_client(hapi) as client, case_server(CASES) as sandbox:
        refused = frozenset(case.id for case in CASES if not accepted(case, client))
        yield Servers(sandbox, CaseServer(client, hapi), refused)


def accepted(case: WorkedCase, client: Any) -> bool:
    """A record goes in whole, or not at all."""
    entries = [Entry("PUT", f"{it['resourceType']}/{it['id']}", it) for it in case.resources]
    try:
        client.transaction(entries)
    except RecordFault:
        return False
    return True


def test_hapi_takes_every_record_but_those_whose_reason_is_known(servers: Servers) -> None:
    assert servers.refused == REFUSED.keys()


@pytest.mark.parametrize(
    "case", [it for it in CASES if it.id not in REFUSED | ALTERED], ids=lambda case: case.id
)
def test_a_foreign_record_leads_to_the_same_on_both_servers(case: WorkedCase, servers: Servers) -> None:
    here, there = outcome(case, servers.sandbox), outcome(case, servers.hapi)

    assert {it: there[it] for it in COMPARED} == {it: here[it] for it in COMPARED}


def outcome(case: WorkedCase, server: CaseServer) -> dict[str, Any]:
    review = CaseReview.of(case, server)
    return details(CaseOutcome.of(review.proposal(), review.language))
