"""What speaks against an order is said, and an order that was not understood is never reassuring."""

import pytest

from adapter.input.wire_json import Json
from mappings.cards import about_orders
from tests.unit.cards.card_calls import EGFR, INSTITUTION, an_order, proposal, score


@pytest.mark.parametrize(
    ("order", "record", "indicator", "says"),
    [
        (an_order("M05BA04"), [score(-3.0)], "warning", "first find out"),
        (an_order("M05BX04"), [score(-3.0)], "warning", "not among the options"),
        (an_order("M05BA04"), [score(-3.0), EGFR], "critical", "not among the options"),
        (an_order("M05BA04"), [score(-0.2)], "warning", "not among the options"),
        (an_order("x", "urn:local", text="Fosamax 70 mg"), [score(-3.0)], "warning", "could not be recognised"),
        (an_order("x", "urn:local"), [score(-3.0)], "warning", "could not be recognised"),
        ({"resourceType": "MedicationRequest", "id": "o1"}, [score(-3.0)], "warning", "could not be recognised"),
        (an_order("C09AA02"), [score(-3.0)], None, ""),
    ],
    ids=["waits", "another drug", "kidneys", "no drug", "by name only", "unknown code", "nothing said", "not for bone"],
)  # fmt: skip
def test_what_speaks_against_an_ordered_drug_is_said(
    order: Json, record: list[Json], indicator: str | None, says: str
) -> None:
    found = about_orders(proposal(*record), [order], INSTITUTION)

    assert [it.indicator.value for it in found] == ([indicator] if indicator else [])
    assert all(says in it.summary and it.rules for it in found)
