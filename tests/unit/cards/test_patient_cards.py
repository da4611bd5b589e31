"""Cards say what the letter says, as gravely, and never reassure about an order that was not understood."""

import pytest

from adapter.input.wire_json import Json
from mappings.cards import about_orders, about_the_patient, card_of
from mappings.outbound import check
from mappings.outbound.content import outline_of
from mappings.outbound.gate import obstacles
from tests.made_resources import a_patient
from tests.unit.cards.card_calls import CALL, INSTITUTION, an_order, proposal, score


@pytest.mark.parametrize(
    ("resources", "indicator", "says"),
    [
        ([score(-3.0)], "warning", "Osteoporosis by bone density"),
        ([score(-1.5)], "warning", "Osteopenia"),
        ([score(-0.2)], "warning", "Normal bone density"),  # and the hip was not measured
        ([score("high")], "warning", "no usable T-score"),
    ],
)  # fmt: skip
def test_a_card_says_the_class_and_offers_the_plan_as_a_proposal(
    resources: list[Json], indicator: str, says: str
) -> None:
    (advice,) = about_the_patient(proposal(*resources), INSTITUTION)
    card = card_of(advice, 0, CALL, INSTITUTION)

    assert card["indicator"] == indicator
    assert says.lower() in card["summary"].lower()
    assert len(card["summary"]) < 140
    assert "a clinician confirms or changes it" in card["detail"]
    (suggestion,) = card["suggestions"]
    (action,) = suggestion["actions"]
    plan = action["resource"]
    assert (action["type"], plan["intent"], plan["status"]) == ("create", "proposal", "draft")
    assert check(plan) == ()
    assert obstacles(plan, outline_of(plan)) == ()
    assert "id" not in plan
    assert "systemActions" not in card


@pytest.mark.parametrize(
    "patient", [{"deceasedBoolean": True}, {"active": False}, {"meta": {"tag": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}]}}]
)  # fmt: skip
@pytest.mark.hazard(id="H25")
def test_nobody_is_advised_about_whom_nobody_plans_for(patient: Json) -> None:
    found = proposal(score(-3.0), patient={**a_patient("p1"), **patient})

    assert about_the_patient(found, INSTITUTION) == ()
    assert about_orders(found, [an_order("M05BA04")], INSTITUTION) == ()
