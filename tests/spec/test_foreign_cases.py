"""Records as other systems write them: read by the searches of a review, decided, drafted, and compared.

``foreign_cases.json`` explains its keys in its ``meta``; ``further_foreign_cases.json`` holds more of the
same kinds, whose expectations were written from the rules before the program ran on them. A case that is not
right yet stands in ``foreign_not_yet.txt``; when it passes, its line has to go.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.safety.hazards import shown_by
from workers.authoring.cases import WorkedCase, read_table, run_case
from workers.authoring.cases.case_server import CaseServer, run_case_server

CASES = Path(__file__).parents[1] / "data" / "cases"
FOREIGN = [
    case
    for name in ("foreign_cases.json", "further_foreign_cases.json")
    for case in read_table(CASES / name, date.max).cases
]
NOT_YET = frozenset(
    line.split()[0]
    for line in (CASES / "foreign_not_yet.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
)

pytestmark = pytest.mark.slow  # a server, and every record of it read by searches


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest) -> Iterator[CaseServer]:
    """Holds the records of the cases that were selected: one hazard has a few of them."""
    rows = (getattr(it, "callspec", None) for it in request.session.items if it.path == request.path)
    with run_case_server([it.params["case"] for it in rows if it]) as holding:
        yield holding


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case,
            id=case.id,
            marks=[
                *([pytest.mark.xfail(strict=True)] if case.id in NOT_YET else []),
                *(pytest.mark.hazard(id=hazard) for hazard in shown_by().get(case.id, ())),
            ],
        )
        for case in FOREIGN
    ],
)
def test_a_foreign_case_comes_out_as_expected(case: WorkedCase, server: CaseServer) -> None:
    assert list(run_case(case, server=server).differences) == []


def test_every_case_that_is_not_right_yet_is_one_of_the_file() -> None:
    assert sorted(NOT_YET - {case.id for case in FOREIGN}) == []
