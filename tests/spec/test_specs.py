"""Every row of every table that a clinician signs, each a test of its own."""

import pytest

from workers.authoring.cases import CaseStatus
from workers.authoring.spec_tables import SpecRow, prove_row, spec_rows

pytestmark = pytest.mark.slow  # `make check` proves every row already, for the pages of docs/pathways


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=f"{spec.name}-{row.case.id}") for spec, row in spec_rows()]
)
def test_what_the_table_says_is_what_happens(row: SpecRow) -> None:
    proof = prove_row(row)

    assert proof.differences == ()
    assert proof.status is CaseStatus.PASSED
