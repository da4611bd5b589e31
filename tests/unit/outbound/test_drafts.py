"""What is written about a decision, resource by resource."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from adapter.clinical.decision import Category, TreatmentDecision
from adapter.clinical.model import Reason
from adapter.input.wire_json import Json
from mappings.outbound import Drafts, Subject
from mappings.outbound.ids import OUTPUT
from tests.factories import (
    NECK,
    SPINE,
    a_classification,
    a_decision,
    a_flag,
    a_follow_up,
    a_goal,
    a_handover,
    a_rejected,
    a_treatment,
    an_activity,
    an_option,
)
from tests.unit.outbound.server_in_memory import CONTEXT, GP, HOSPITAL, OTHER_GP, SUBJECT, drawn, every

INDETERMINATE = a_classification(Category.INDETERMINATE)
NO_PROPOSAL = a_treatment(TreatmentDecision.CLINICIAN_DECIDES)
FOREIGN = "Observation/somebody-else/_history/1"


def plan_of(drafts: Drafts) -> Json:
    assert drafts.plan is not None
    return drafts.plan.resource


def details(drafts: Drafts) -> list[Json]:
    return [it["detail"] for it in plan_of(drafts)["activity"]]


def reasons(drafts: Drafts) -> list[str]:
    return [task.resource["code"]["coding"][0]["code"] for task in drafts.tasks]


@pytest.mark.hazard(id="H24")
def test_the_plan_proposes_and_does_not_order() -> None:
    plan = plan_of(drawn())

    assert (plan["status"], plan["intent"]) == ("draft", "proposal")
    assert plan["instantiatesCanonical"] == ["https://osteo-handover.org/fhir/PlanDefinition/antonius|2026.1"]
    assert plan["category"][0]["coding"][0]["code"] == "734163000"
    assert plan["author"]["reference"].startswith("Device/")
    assert plan["contributor"] == [HOSPITAL]
    assert "addresses" not in plan


def test_the_plan_starts_on_the_day_of_the_deciding_study_whatever_the_day_of_deciding() -> None:
    plans = [plan_of(drawn(a_decision(on=day))) for day in (date(2026, 11, 20), date(2026, 12, 24))]

    assert plans[0]["period"] == {"start": "2026-11-10"}
    assert plans[0] == plans[1]


def test_the_plan_cites_the_sources_that_the_decision_rests_on_in_the_version_read() -> None:
    cited = plan_of(drawn())["supportingInfo"]

    assert cited == [
        {"reference": NECK, "display": "version 2"},
        {"reference": SPINE, "display": "version 1"},
    ]


def test_a_source_that_was_not_read_is_never_cited() -> None:
    only_spine = Subject("Patient/17", (SPINE,))

    assert [it["reference"] for it in plan_of(drawn(subject=only_spine))["supportingInfo"]] == [SPINE]


def test_a_refused_input_is_cited_so_that_a_human_can_look_it_up() -> None:
    refused = (a_rejected(evidence="Observation/odd/_history/4"), a_rejected(evidence="urn:uuid:nowhere"))

    drafts = drawn(
        a_decision(classification=INDETERMINATE, rejected=refused), Subject("Patient/17", (SPINE,))
    )

    assert [it["reference"] for it in plan_of(drafts)["supportingInfo"]] == [
        "Observation/odd/_history/4",
        SPINE,
    ]
    assert [sorted(it.keys() - {"type"}) for it in drafts.tasks[0].resource["input"]] == [
        ["valueReference"],
        ["valueString"],
    ]


def test_a_resource_of_another_patient_is_never_cited_anywhere() -> None:
    refused = a_rejected(Reason.WRONG_PATIENT, evidence=FOREIGN)
    subject = replace(SUBJECT, needs_human=(refused,), foreign=1)

    drafts = drawn(a_decision(rejected=(refused,)), subject)

    assert reasons(drafts) == ["foreign_data_seen"]
    assert "somebody-else" not in str([draft.resource for draft in every(drafts)])


def test_every_activity_names_its_rules_and_its_pathway_version() -> None:
    for detail in details(drawn()):
        assert detail["status"] == "not-started"
        assert detail["instantiatesUri"]
        assert all(
            uri.startswith("https://osteo-handover.org/fhir/rules/") for uri in detail["instantiatesUri"]
        )
        assert detail["instantiatesCanonical"] == [
            "https://osteo-handover.org/fhir/PlanDefinition/antonius|2026.1"
        ]


def test_an_activity_carries_our_code_and_the_verified_snomed_code() -> None:
    referral = details(drawn(a_decision(activities=(an_activity("physio_referral", clinical=True),))))[0]

    assert [(it["system"], it["code"]) for it in referral["code"]["coding"]] == [
        (OUTPUT, "physio_referral"),
        ("http://snomed.info/sct", "308447003"),
    ]
    assert referral["kind"] == "ServiceRequest"
    assert "a clinician confirms" in referral["description"]


def test_a_drug_is_an_option_in_words_and_never_a_kind_of_request() -> None:
    options = (
        an_option("iv_zoledronate", drugs=("zoledronate",)),
        an_option("denosumab", drugs=("denosumab",), waits_for=("renal_function", "dental_state")),
    )

    firm, conditional = details(
        drawn(a_decision(activities=(), treatment=a_treatment(options=options), follow_ups=()))
    )

    assert firm["description"] == "Option for the clinician: Zoledronate by yearly infusion (Zoledronate)"
    assert conditional["description"] == (
        "Option for the clinician: Denosumab - only after checking: renal function, dental state"
    )
    assert "kind" not in firm
    assert "kind" not in conditional


@pytest.mark.parametrize(
    ("follow_up", "scheduled"),
    [
        (a_follow_up(), {"scheduledPeriod": {"start": "2027-03-01"}}),
        (
            a_follow_up("gp_letter_after_control", due=None, trigger="phone_control_3m"),
            {"scheduledString": "after Phone control after three months"},
        ),
        (a_follow_up("treatment_review", due=None, interval="3y"), {"scheduledString": "interval 3y"}),
        (a_follow_up("repeat_dxa", due=None), {"scheduledString": "date to be set by the clinician"}),
    ],
)
def test_a_follow_up_is_scheduled_as_far_as_its_moment_is_known(follow_up: object, scheduled: Json) -> None:
    detail = details(
        drawn(a_decision(activities=(), treatment=a_treatment(options=()), follow_ups=(follow_up,)))
    )[0]

    assert {name: value for name, value in detail.items() if name.startswith("scheduled")} == scheduled


@pytest.mark.parametrize(
    ("goal", "target"),
    [
        (a_goal(), {"detailQuantity": {"value": 1000, "comparator": ">=", "unit": "mg/d", "code": "mg/d"}}),
        (
            a_goal("alcohol_max_per_day", "{glass}/d", low=None, high=Decimal(1)),
            {
                "detailQuantity": {
                    "value": 1,
                    "comparator": "<=",
                    "unit": "{glass}/d",
                    "code": "{glass}/d",
                }
            },
        ),
        (
            a_goal("vitamin_d_iu_per_day", "IU/d", low=Decimal(800), high=Decimal(1000)),
            {
                "detailRange": {
                    "low": {"value": 800, "unit": "IU/d", "code": "[iU]/d"},
                    "high": {"value": 1000, "unit": "IU/d", "code": "[iU]/d"},
                }
            },
        ),
        (
            a_goal("vitamin_d_ug", "ug/d", low=Decimal("12.5"), high=Decimal("12.5")),
            {"detailQuantity": {"value": 12.5, "unit": "ug/d", "code": "ug/d"}},
        ),
    ],
)
def test_a_goal_is_proposed_with_a_measured_target_in_ucum(goal: Any, target: Json) -> None:
    held = plan_of(drawn(a_decision(goals=(goal,))))["contained"][0]

    detail = {name: value for name, value in held["target"][0].items() if name != "measure"}
    assert held["lifecycleStatus"] == "proposed"
    assert held["target"][0]["measure"]["coding"][0]["code"] == goal.code
    assert str(detail).replace("'system': 'http://unitsofmeasure.org', ", "") == str(target)


def test_a_goal_without_numbers_has_a_description_and_no_target() -> None:
    held = plan_of(drawn(a_decision(goals=(a_goal(low=None),))))["contained"][0]

    assert "target" not in held
    assert held["description"]["text"] == "Calcium intake per day, all sources together"


def test_an_activity_points_to_the_goal_that_it_serves() -> None:
    review = an_activity("calcium_supplement_review")

    plan = plan_of(drawn(a_decision(activities=(review, an_activity()), treatment=a_treatment(options=()))))

    assert (
        plan["activity"][0]["detail"]["goal"] == plan["goal"] == [{"reference": "#goal-0-calcium-mg-per-day"}]
    )
    assert "goal" not in plan["activity"][1]["detail"]


def test_the_narrative_tells_class_site_value_rules_and_refused_inputs() -> None:
    div = plan_of(drawn(a_decision(rejected=(a_rejected(),))))["text"]["div"]

    for said in (
        "Osteoporosis (bone density class), decided by Lumbar spine T -2.7 on 2026-11-10 [rules: C-07]",
        "Femoral neck left T -1.9",
        "non_numeric_t_score Observation/text/_history/1",
        "renal_function_missing [rules: C-29]",
        "version 2026.1",
    ):
        assert said in div


def test_nothing_from_outside_reaches_the_narrative_unescaped() -> None:
    hostile = a_decision(
        unknown=('<img src="x">',),
        rejected=(a_rejected(concerns="<script>alert(1)</script>"),),
        flags=(a_flag("rf_disease", detail="<b>&"),),
    )

    div = plan_of(drawn(hostile))["text"]["div"]

    assert "<script" not in div
    assert "<img" not in div
    assert "&lt;b&gt;&amp;" in div


def test_skin_and_veil_are_not_passed_on() -> None:
    supplement = an_activity(
        "vitamin_d_supplement", details=(("dose", "20 ug"), ("skin_dark", "yes"), ("row", "veil"))
    )

    text = str(plan_of(drawn(a_decision(activities=(supplement,)))))

    assert "dose: 20 ug" in text
    assert "skin" not in text
    assert "veil" not in text


def test_the_reader_gets_the_plan_in_the_language_of_the_context() -> None:
    plan = plan_of(drawn(context=replace(CONTEXT, language="nl")))

    assert plan["language"] == "nl"
    assert plan["title"] == "Voorgesteld zorgplan osteoporose: Osteoporose (botdichtheidsklasse)"
    assert plan["activity"][0]["detail"]["code"]["text"] == "Leefstijladvies"
    assert plan["activity"][0]["detail"]["code"]["coding"][0]["display"] == "Lifestyle advice"


def test_each_gp_gets_one_letter_in_preparation_and_nobody_is_told_that_it_was_sent() -> None:
    context = replace(CONTEXT, gp=(GP, OTHER_GP, dict(GP)), letters={0: "first", 1: "second"})

    letters = [draft.resource for draft in drawn(context=context).communications]

    assert [it["recipient"] for it in letters] == [[GP], [OTHER_GP]]
    assert [it["payload"] for it in letters] == [[{"contentString": "first"}], [{"contentString": "second"}]]
    assert {it["status"] for it in letters} == {"preparation"}
    assert all(not {"sent", "received"} & it.keys() for it in letters)


def test_a_letter_that_nobody_wrote_is_no_empty_payload() -> None:
    assert "payload" not in drawn(context=replace(CONTEXT, letters={})).communications[0].resource


@pytest.mark.parametrize(
    ("decision", "priority"),
    [
        (a_decision(), "routine"),
        (a_decision(handover=a_handover(interim_release_offered=True)), "urgent"),
        (a_decision(activities=(an_activity("urgent_contact_prescriber"),)), "asap"),
    ],
)
def test_a_letter_is_as_urgent_as_what_it_asks(decision: Any, priority: str) -> None:
    assert drawn(decision).communications[0].resource["priority"] == priority


def test_without_a_known_gp_a_human_is_asked_and_no_letter_is_made() -> None:
    drafts = drawn(context=replace(CONTEXT, gp=()))

    assert drafts.communications == ()
    assert reasons(drafts) == ["no_general_practitioner"]
    assert drafts.tasks[0].resource["owner"] == HOSPITAL
    assert drafts.tasks[0].resource["focus"] == {"reference": drafts.plan_location}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"classification": INDETERMINATE}, []),
        ({"classification": INDETERMINATE, "rejected": (a_rejected(),)}, ["cannot_classify"]),
        (
            {"classification": INDETERMINATE, "activities": (an_activity("dxa_result_clarification"),)},
            ["cannot_classify"],
        ),
        ({"classification": a_classification(Category.NOT_CLASSIFIABLE)}, ["cannot_classify"]),
        ({"rejected": (a_rejected(),)}, []),
        ({"flags": (a_flag("duplicate_conflict"),)}, ["conflicting_data"]),
        ({"flags": (a_flag("sign_suspect"),)}, ["conflicting_data"]),
        ({"rejected": (a_rejected(Reason.CODES_DISAGREE),)}, ["conflicting_data"]),
    ],
)
def test_a_human_is_asked_where_the_data_do_not_decide(changes: Json, expected: list[str]) -> None:
    assert reasons(drawn(a_decision(treatment=NO_PROPOSAL, **changes))) == expected


def test_a_task_lists_what_was_refused_with_its_reason_and_where_it_is() -> None:
    refused = (a_rejected(), a_rejected(Reason.MALFORMED, evidence="", concerns="condition"))

    task = drawn(subject=replace(SUBJECT, needs_human=refused)).tasks[0].resource

    assert task["code"]["coding"][0]["code"] == "input_needs_human"
    assert [it["type"]["coding"][0]["code"] for it in task["input"]] == [
        "malformed_resource",
        "non_numeric_t_score",
    ]
    assert task["input"][0]["valueString"] == "condition"
    assert task["input"][1]["valueReference"]["reference"] == "Observation/text/_history/1"


def test_a_task_says_nothing_about_the_patient_beyond_the_reference() -> None:
    subject = replace(SUBJECT, needs_human=(a_rejected(),))

    for task in drawn(subject=subject, context=replace(CONTEXT, gp=())).tasks:
        assert "-2.7" not in str(task.resource)
        assert task.resource["description"].endswith(("read it", "letter goes"))


def test_a_decision_that_warrants_no_plan_still_says_what_a_human_must_see() -> None:
    drafts = drawn(a_decision(warranted=False), replace(SUBJECT, foreign=2), replace(CONTEXT, gp=()))

    assert drafts.plan is None
    assert drafts.communications == ()
    assert reasons(drafts) == ["foreign_data_seen"]
    assert "focus" not in drafts.tasks[0].resource


def test_a_decision_that_warrants_nothing_writes_nothing() -> None:
    assert every(drawn(a_decision(warranted=False))) == ()


def test_provenance_names_device_institution_sources_rules_and_the_fingerprint_of_the_pathway() -> None:
    drafts = drawn()
    trail = every(drafts)[-1].resource

    assert {it["reference"] for it in trail["target"]} == {it.location for it in drafts.content()}
    assert trail["agent"][0]["who"] == {"reference": drafts.device.location}
    assert trail["agent"][0]["onBehalfOf"] == HOSPITAL
    assert [it["what"].get("reference") for it in trail["entity"][:-1]] == sorted(SUBJECT.sources)
    assert trail["entity"][-1]["what"]["identifier"]["value"] == "f" * 64
    assert trail["policy"][0].endswith("PlanDefinition/antonius|2026.1")
    assert "https://osteo-handover.org/fhir/rules/HVRT-43" in trail["policy"]


def test_one_release_on_one_server_is_one_device() -> None:
    same, other = (
        drawn(context=replace(CONTEXT, now="2030-01-01T00:00:00Z")),
        drawn(context=replace(CONTEXT, software_version="9")),
    )

    assert same.device == drawn().device
    assert other.device.location != drawn().device.location
    assert drawn().device.resource["version"] == [{"value": "0.1.0"}]


@pytest.mark.parametrize(
    "other",
    [
        drawn(context=replace(CONTEXT, site="hospital-b")),
        drawn(subject=replace(SUBJECT, patient_reference="Patient/18")),
        drawn(a_decision(pathway=replace(a_decision().pathway, id="etz"))),
    ],
    ids=["server", "patient", "pathway"],
)
@pytest.mark.hazard(id="H21")
def test_plans_are_one_per_server_patient_and_pathway(other: Drafts) -> None:
    assert other.plan_location != drawn().plan_location
    assert other.communications[0].location != drawn().communications[0].location


def test_a_corrected_result_is_the_same_plan_with_other_content() -> None:
    corrected = drawn(a_decision(classification=a_classification(Category.OSTEOPENIA)))
    first = drawn()

    assert corrected.plan is not None
    assert first.plan is not None
    assert corrected.plan.location == first.plan.location
    assert corrected.plan.fingerprint != first.plan.fingerprint


def test_a_new_release_of_the_software_says_nothing_new() -> None:
    first, next_release = drawn(), drawn(context=replace(CONTEXT, software_version="0.2.0"))

    assert [it.fingerprint for it in first.content()] == [it.fingerprint for it in next_release.content()]
