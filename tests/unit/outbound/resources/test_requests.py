"""The plan that refers to its steps: each a draft proposal, none an order, and all follow the plan."""

from dataclasses import replace

import pytest
from fhir.resources.R4B import get_fhir_model_class

from adapter.clinical.decision import Activity, Decision, FollowUp
from adapter.input.wire_json import Json, JsonValue
from mappings.inbound import read_record
from mappings.outbound import Action, ActivityStyle, Drafts, check
from mappings.outbound.vocabulary import codes
from tests.factories import (
    NECK,
    SPINE,
    TODAY,
    a_decision,
    a_follow_up,
    a_treatment,
    a_why,
    an_activity,
    an_option,
)
from tests.record_readings import a_record_reading
from tests.unit.outbound.server_in_memory import CONTEXT, ServerInMemory, drawn, every

REFERRING = replace(CONTEXT, activity_style=ActivityStyle.REFERENCE)
RICH = a_decision(
    activities=(
        an_activity("dxa_request", why=a_why("ANT-05", evidence=(NECK,))),
        an_activity("physio_referral", clinical=True),
        an_activity("dental_check_first"),
        an_activity("coffee_advice"),
        an_activity("yearly_evaluation"),
    ),
    treatment=a_treatment(
        options=(
            an_option(drugs=("alendronate", "risedronate")),
            an_option("iv_zoledronate", drugs=("zoledronate",), waits_for=("renal_function",)),
            an_option("bisphosphonate", drugs=()),
        )
    ),
    follow_ups=(a_follow_up(), a_follow_up("repeat_dxa", due=None), a_follow_up("gp_letter_after_control")),
)


def referring(decision: Decision = RICH) -> Drafts:
    return drawn(decision, context=REFERRING)


def step(drafts: Drafts, code: str) -> Json:
    (found,) = (it.resource for it in drafts.requests if code in str(_coded(it.resource)))
    return found


def _coded(resource: Json) -> JsonValue:
    coded = resource.get("code") or resource.get("medicationCodeableConcept") or resource["category"][0]
    return [it["code"] for it in coded["coding"]]


def test_by_default_a_plan_holds_details_and_no_request_is_drawn() -> None:
    drafts = drawn(RICH)

    assert drafts.requests == ()
    assert drafts.plan is not None
    assert all("detail" in it for it in drafts.plan.resource["activity"])


def test_a_referring_plan_names_every_step_once_and_in_the_order_of_the_details() -> None:
    drafts = referring()

    assert drafts.plan is not None
    named = [it["reference"]["reference"] for it in drafts.plan.resource["activity"]]
    assert named == [it.location for it in drafts.requests]
    assert len(set(named)) == len(named)
    assert all(it.keys() == {"reference"} for it in drafts.plan.resource["activity"])


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("dxa_request", "ServiceRequest"),
        ("physio_referral", "ServiceRequest"),
        ("dental_check_first", "ServiceRequest"),
        ("repeat_dxa", "ServiceRequest"),
        ("phone_control_3m", "ServiceRequest"),
        ("coffee_advice", "CommunicationRequest"),
        ("gp_letter_after_control", "CommunicationRequest"),
        ("iv_zoledronate", "CommunicationRequest"),
        ("bisphosphonate", "CommunicationRequest"),
        ("alendronate", "MedicationRequest"),
        ("risedronate", "MedicationRequest"),
    ],
)
def test_each_step_is_the_kind_of_request_that_it_would_become(code: str, kind: str) -> None:
    found = [it for it in referring().requests if code in _coded(it.resource)]

    assert [it.type for it in found] == [kind]


def test_a_drug_is_proposed_by_its_substance_and_only_when_nothing_is_left_to_be_checked() -> None:
    drugs = [it.resource for it in referring().requests if it.type == "MedicationRequest"]

    assert [it["medicationCodeableConcept"]["coding"][0] for it in drugs] == [
        {"system": "http://www.whocc.no/atc", "code": "M05BA04", "display": "alendronic acid"},
        {"system": "http://www.whocc.no/atc", "code": "M05BA07", "display": "risedronic acid"},
    ]
    assert {(it["status"], it["intent"]) for it in drugs} == {("draft", "proposal")}
    assert all("at most one is chosen" in it["note"][0]["text"] for it in drugs)
    assert not any("dosageInstruction" in it or "dispenseRequest" in it for it in drugs)


def test_a_step_says_for_whom_by_whom_from_which_source_and_by_which_rule() -> None:
    drafts = referring()
    scan = step(drafts, "dxa_request")

    assert scan["subject"] == {"reference": "Patient/17"}
    assert scan["requester"] == {"reference": drafts.device.location}
    assert scan["supportingInfo"] == [{"reference": NECK, "display": "version 2"}]
    assert "[rules: ANT-05]" in scan["note"][0]["text"]
    assert scan["instantiatesUri"] == ["https://osteo-handover.org/fhir/rules/ANT-05"]
    assert {it["reference"] for it in step(drafts, "coffee_advice")["about"]} >= {SPINE, NECK}


def test_what_the_patient_does_is_said_to_the_patient() -> None:
    assert step(referring(), "coffee_advice")["recipient"] == [{"reference": "Patient/17"}]


def test_a_follow_up_keeps_its_date() -> None:
    assert step(referring(), "phone_control_3m")["occurrencePeriod"] == {"start": "2027-03-01"}


def test_two_steps_of_one_code_stay_two() -> None:
    twice = a_decision(follow_ups=(a_follow_up("treatment_review"), a_follow_up("treatment_review")))

    requests = referring(twice).requests
    assert len({it.location for it in requests}) == len(requests)


def every_step() -> Decision:
    why = a_why("ETZ-20")
    return a_decision(
        activities=tuple(Activity(code, why) for code in sorted(codes("activity"))),
        treatment=a_treatment(
            options=tuple(an_option(code, drugs=(code,)) for code in sorted(codes("drug")))
        ),
        follow_ups=tuple(
            FollowUp(code, why) for code in sorted(codes("follow-up") | codes("trigger") - {"immediate"})
        ),
    )


def test_whatever_a_pathway_asks_becomes_a_valid_draft_that_passes_the_gate() -> None:
    drafts = referring(every_step())

    assert {it.type for it in drafts.requests} == {
        "ServiceRequest",
        "MedicationRequest",
        "CommunicationRequest",
    }
    for draft in every(drafts):
        get_fhir_model_class(draft.type).model_validate(draft.resource)
        assert check(draft.resource) == (), draft.resource["resourceType"]


def test_every_drug_that_can_be_offered_has_an_atc_code() -> None:
    drugs = [it.resource for it in referring(every_step()).requests if it.type == "MedicationRequest"]

    systems = {it["medicationCodeableConcept"]["coding"][0]["system"] for it in drugs}
    assert len(drugs) == len(codes("drug"))
    assert systems == {"http://www.whocc.no/atc"}


@pytest.mark.parametrize("own_ids", [False, True], ids=["our ids", "its ids"])
def test_a_second_review_of_a_referring_plan_changes_nothing(own_ids: bool) -> None:
    server = ServerInMemory(own_ids=own_ids, strips_versions=True)
    server.review(referring(), ledger={})
    written = server.written

    server.review(referring(), ledger={})

    assert server.written == written


def test_a_step_that_is_no_longer_proposed_is_taken_back_and_may_return() -> None:
    server = ServerInMemory()
    less = replace(RICH, activities=RICH.activities[1:], treatment=a_treatment(options=()))

    for decision, service, drug in (
        (RICH, "draft", "draft"),
        (less, "revoked", "cancelled"),
        (RICH, "draft", "draft"),
    ):
        server.review(referring(decision), ledger={})
        (scan,) = (it for it in server.of("ServiceRequest") if "dxa_request" in _coded(it))
        assert scan["status"] == service
        assert {it["status"] for it in server.of("MedicationRequest")} == {drug}


def test_going_back_to_details_takes_the_requests_back() -> None:
    server = ServerInMemory()
    server.review(referring(), ledger={})

    server.review(drawn(RICH), ledger={})

    assert {it["status"] for it in server.of("ServiceRequest")} == {"revoked"}


def test_the_steps_of_a_released_plan_are_left_alone_whatever_we_would_propose_now() -> None:
    server = ServerInMemory()
    server.review(referring(), ledger={})
    server.edit("CarePlan", status="active")

    writes = server.review(referring(a_decision(activities=(an_activity("vfa_request"),))), ledger={})

    assert not [it for it in writes if it.draft.type.endswith("Request") and it.changes]
    assert Action.RELEASED in {it.action for it in writes}


def test_a_request_that_a_clinician_made_real_is_not_touched() -> None:
    server = ServerInMemory()
    server.review(referring(), ledger={})
    server.edit("MedicationRequest", status="active", intent="order")

    server.review(referring(replace(RICH, treatment=a_treatment(options=()))), ledger={})

    assert sorted(it["status"] for it in server.of("MedicationRequest")) == ["active", "cancelled"]


def test_the_reading_side_does_not_take_a_proposal_for_a_medicine() -> None:
    drugs = [it.resource for it in referring().requests if it.type == "MedicationRequest"]
    patient = {"resourceType": "Patient", "id": "17"}
    real = drugs[0] | {"id": "real", "status": "active", "intent": "order"}

    seen = [
        read_record(patient, given, a_record_reading(), on=TODAY).record.medicines.items
        for given in (drugs, [*drugs, real])
    ]

    assert [len(it) for it in seen] == [0, 1]
