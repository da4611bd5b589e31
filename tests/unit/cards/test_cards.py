"""Cards say what the letter says, as gravely, and never reassure about an order that was not understood."""

from datetime import date
from uuid import UUID

import pytest

from adapter.input.wire_json import Json, JsonValue
from mappings import pathways, texts
from mappings.cards import about_orders, about_the_patient, card_of
from mappings.handover.institution import Institution
from mappings.handover.propose import Proposal
from mappings.inbound import ReadingConfig
from mappings.outbound import check
from mappings.outbound.content import outline_of
from mappings.outbound.gate import obstacles
from tests.made_resources import a_gp, a_patient, a_t_score
from workers.assessment.record_assessment import proposal_of, record_of

ON = date(2026, 11, 20)
CALL = UUID("d1577c69-dfbe-44ad-ba6d-3e05e953b2ea")
INSTITUTION = Institution("here", "1", pathways.load("antonius"), ReadingConfig(), texts.load("en"))
ATC = "http://www.whocc.no/atc"
# Everything that antonius asks about before a drug is firm stands in the case
# table; here one order is enough.
EGFR = {
    "resourceType": "Observation",
    "id": "egfr",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "62238-1"}]},
    "subject": {"reference": "Patient/p1"},
    "effectiveDateTime": "2026-11-01",
    "valueQuantity": {"value": 22, "unit": "mL/min/1.73m2", "system": "http://unitsofmeasure.org", "code": "mL/min/{1.73_m2}"},
}  # fmt: skip


def proposal(*resources: Json, patient: Json | None = None) -> Proposal:
    given = [patient or a_patient("p1"), a_gp(), *resources]
    return proposal_of(record_of(given, INSTITUTION, ON), INSTITUTION, ON)


def score(value: object, **changes: JsonValue) -> Json:
    return a_t_score("p1", value, effectiveDateTime="2026-11-10", **changes)


def an_order(code: str, system: str = ATC, **more: JsonValue) -> Json:
    concept = {"coding": [{"system": system, "code": code}], **more}
    return {
        "resourceType": "MedicationRequest",
        "id": "o1",
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": concept,
    }


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


def test_whoever_repeats_a_call_gets_the_same_ids() -> None:
    (advice,) = about_the_patient(proposal(score(-3.0)), INSTITUTION)

    assert card_of(advice, 0, CALL, INSTITUTION) == card_of(advice, 0, CALL, INSTITUTION)
    assert card_of(advice, 0, CALL, INSTITUTION)["uuid"] != card_of(advice, 1, CALL, INSTITUTION)["uuid"]


@pytest.mark.parametrize(
    "patient", [{"deceasedBoolean": True}, {"active": False}, {"meta": {"tag": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}]}}]
)  # fmt: skip
@pytest.mark.hazard(id="H25")
def test_nobody_is_advised_about_whom_nobody_plans_for(patient: Json) -> None:
    found = proposal(score(-3.0), patient={**a_patient("p1"), **patient})

    assert about_the_patient(found, INSTITUTION) == ()
    assert about_orders(found, [an_order("M05BA04")], INSTITUTION) == ()


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


def test_words_of_a_record_make_no_markup() -> None:
    odd = an_order("M05BX04") | {
        "subject": {"reference": "Patient/p1"},
        "status": "active",
        "authoredOn": "2026-06-01",
        "medicationCodeableConcept": {
            "coding": [{"system": ATC, "code": "M05BX04"}],
            "text": "Prolia 60 mg [here](http://evil.example) <b>",
        },
    }
    (advice,) = about_the_patient(proposal(score(-3.0), odd), INSTITUTION)

    assert "[here](" not in advice.detail
    assert "<b>" not in advice.detail
