"""Guides as data: what each asks, what it changes, what it refuses, and what it does not claim."""

from dataclasses import replace

import pytest
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from adapter.clinical.decision import Decision
from adapter.errors import ConfigurationFault, RecordFault
from adapter.input.wire_json import Json
from mappings.codes import Snomed
from mappings.outbound import Drafts, Subject, check
from mappings.outbound.draft import WriteContext
from mappings.outbound.guides.profiles import PROFILES, GuidedDrafts, Profile, apply, claimed, load_profile
from mappings.outbound.guides.shapes import GuideContext
from mappings.outbound.resources.handover_task import handover_task
from tests.factories import a_classification, a_decision, an_activity
from tests.unit.outbound.server_in_memory import CONTEXT, GP, HOSPITAL, SUBJECT, ServerInMemory, drawn, every

ROLE: Json = {"reference": "PractitionerRole/osteoporosis-nurse", "type": "PractitionerRole"}
CONDITION: Json = {"reference": "Condition/osteoporosis"}
KNOWN = GuideContext(conditions=(CONDITION,), author=ROLE)
LONG = replace(CONTEXT, letters="x" * 321)
WITH_GOALS = a_decision(activities=(an_activity("calcium_supplement_review"),))


def under(
    name: str,
    decision: Decision = WITH_GOALS,
    known: GuideContext = KNOWN,
    subject: Subject = SUBJECT,
    context: WriteContext = CONTEXT,
) -> GuidedDrafts:
    profile = load_profile(name)
    return apply(profile, drawn(decision, subject, profile.context(context)), known)


def plan(drafts: Drafts) -> Json:
    assert drafts.plan is not None
    return drafts.plan.resource


@pytest.mark.parametrize("name", PROFILES)
def test_each_guide_names_its_source_and_says_what_it_does_not_claim_and_why(name: str) -> None:
    profile = load_profile(name)

    assert profile.id == name
    assert profile.title
    assert profile.source
    assert profile.not_claimed
    assert set(profile.claims) <= {*profile.required}


@pytest.mark.parametrize("name", PROFILES)
def test_what_is_written_under_a_guide_is_valid_and_passes_the_gate(name: str) -> None:
    for draft in every(under(name).drafts):
        get_fhir_model_class(draft.type).model_validate(draft.resource)
        assert check(draft.resource) == (), draft.type


@pytest.mark.parametrize("name", PROFILES)
def test_a_second_review_under_a_guide_writes_nothing(name: str) -> None:
    server = ServerInMemory(strips_versions=True)
    server.review(under(name).drafts, ledger={})
    written = server.written
    server.review(under(name).drafts, ledger={})
    assert server.written == written


def test_the_default_leaves_the_drafts_as_they_are() -> None:
    assert under("base").drafts == drawn(WITH_GOALS)


def test_an_unknown_guide_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigurationFault, match="there are base, ihe-dcp, scp, be"):
        load_profile("us-core")


def test_a_guide_with_a_word_that_nobody_knows_is_no_guide() -> None:
    with pytest.raises(ValidationError, match="extra_forbidden"):
        Profile.model_validate({"id": "x", "title": "x", "source": "x", "goal": "noted"})


def test_ihe_is_claimed_for_a_patient_with_a_condition_to_address() -> None:
    applied = under("ihe-dcp")

    assert applied.unclaimed == ()
    assert plan(applied.drafts)["addresses"] == [CONDITION]
    assert plan(applied.drafts)["meta"]["profile"] == [
        "http://ihe.net/fhir/StructureDefinition/IHE_DCP_CarePlan"
    ]
    systems = {it["system"] for category in plan(applied.drafts)["category"] for it in category["coding"]}
    assert systems == {"http://snomed.info/sct"}


@pytest.mark.parametrize(
    ("decision", "known", "missing"),
    [
        (WITH_GOALS, GuideContext(), "CarePlan.addresses"),
        (a_decision(goals=()), KNOWN, "CarePlan.goal"),
        (
            a_decision(classification=a_classification(deciding=None, study=())),
            KNOWN,
            "CarePlan.period.start",
        ),
    ],
)
def test_ihe_is_not_claimed_where_something_is_missing_and_the_plan_is_written_all_the_same(
    decision: Decision, known: GuideContext, missing: str
) -> None:
    applied = under("ihe-dcp", decision, known)

    assert applied.unclaimed == (missing,)
    assert "meta" not in plan(applied.drafts)


def test_shared_care_planning_has_its_category_its_team_and_a_role_as_author() -> None:
    written = plan(under("scp").drafts)

    assert [it["coding"][0]["code"] for it in written["category"]] == ["135411000146103"]
    assert written["author"] == ROLE
    assert written["contributor"][0]["reference"].startswith("Device/")
    assert HOSPITAL in written["contributor"]
    (team,) = written["contained"]
    assert (team["resourceType"], team["status"]) == ("CareTeam", "proposed")
    assert [it["member"] for it in team["participant"]] == [ROLE, {"reference": "Patient/17"}]
    assert written["careTeam"] == [{"reference": f"#{team['id']}"}]
    assert written["meta"]["profile"][0].endswith("/SCPCareplan")


def test_the_category_of_shared_care_planning_is_a_code_that_can_exist() -> None:
    category = load_profile("scp").category

    assert category is not None
    assert Snomed(category.code).code == category.code


@pytest.mark.parametrize("name", ["scp", "be"])
def test_goals_that_the_guide_has_no_place_for_are_told_in_a_note(name: str) -> None:
    written = plan(under(name).drafts)

    assert "goal" not in written
    assert not any(it.get("detail", {}).get("goal") for it in written["activity"])
    assert written["note"][0]["text"].startswith("Goals: Calcium intake per day")


def test_the_steps_of_a_shared_plan_are_requests() -> None:
    drafts = under("scp").drafts

    assert drafts.requests
    assert all("reference" in it for it in plan(drafts)["activity"])


@pytest.mark.parametrize("author", [None, {"reference": "Organization/hospital"}])
def test_shared_care_planning_without_a_role_is_a_matter_of_configuration(author: Json | None) -> None:
    with pytest.raises(ConfigurationFault, match="scp asks for a PractitionerRole as the author"):
        under("scp", known=GuideContext(author=author))


def test_the_handover_task_claims_shared_care_planning() -> None:
    drafts = under("scp").drafts
    clinic = {"identifier": {"system": "https://fhir.nl/fhir/NamingSystem/ura", "value": "1"}}
    made = handover_task(plan(drafts), drafts.communications[0].resource, clinic, CONTEXT.now)

    draft, missing = claimed(load_profile("scp"), made, KNOWN)

    assert missing == ()
    assert draft.resource["meta"]["profile"][0].endswith("/SCPTask")
    assert draft.resource["requester"]["identifier"]["system"] == "http://fhir.nl/fhir/NamingSystem/ura"
    assert draft.location == made.location


def test_a_task_to_the_clinic_claims_nothing() -> None:
    nobody = replace(CONTEXT, gp=())
    tasks = under("scp", context=nobody).drafts.tasks

    assert tasks
    assert all("meta" not in it.resource for it in tasks)


def test_belgium_gets_a_long_letter_as_an_attachment_and_a_short_one_as_text() -> None:
    (long,) = under("be", context=LONG).drafts.communications
    (short,) = under("be").drafts.communications

    assert [*long.resource["payload"][0]] == ["contentAttachment"]
    assert short.resource["payload"] == [{"contentString": "Dear colleague"}]
    assert short.resource["meta"]["profile"][0].endswith("/be-communication")


@pytest.mark.parametrize(
    ("name", "said", "meant"),
    [
        (
            "be",
            "http://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/nihdi",
            "https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/nihdi",
        ),
        (
            "be",
            "https://www.ehealth.fgov.be/standards/fhir/NamingSystem/nihdi",
            "https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/nihdi",
        ),
        ("scp", "https://fhir.nl/fhir/NamingSystem/agb-z", "http://fhir.nl/fhir/NamingSystem/agb-z"),
        ("base", "https://fhir.nl/fhir/NamingSystem/agb-z", "https://fhir.nl/fhir/NamingSystem/agb-z"),
    ],
)
def test_one_system_has_one_name(name: str, said: str, meant: str) -> None:
    gp = {**GP, "identifier": {"system": said, "value": "01000001"}}
    (letter,) = under(name, context=replace(CONTEXT, gp=(gp,))).drafts.communications

    assert letter.resource["recipient"][0]["identifier"]["system"] == meant


@pytest.mark.parametrize("name", PROFILES)
def test_no_name_of_a_system_stands_for_two(name: str) -> None:
    systems = load_profile(name).identifier_systems
    aliases = [alias for held in systems.values() for alias in held]

    assert len(aliases) == len(set(aliases))
    assert not set(aliases) & set(systems)


def test_what_the_record_lacks_is_a_matter_of_the_record() -> None:
    profile = load_profile("be")
    drafts = drawn()
    nameless = replace(drafts.communications[0], resource={**drafts.communications[0].resource, "sender": {}})

    with pytest.raises(RecordFault, match=r"be asks for Communication\.sender, which is missing"):
        apply(profile, replace(drafts, communications=(nameless,)), KNOWN)


def test_the_rule_for_based_on_is_the_guides() -> None:
    profile = load_profile("scp").model_copy(update={"based_on": ("ServiceRequest",)})
    drafts = drawn(a_decision(activities=(an_activity("dxa_request"),)), context=profile.context(CONTEXT))

    based = {it.type: it.resource.get("basedOn") for it in apply(profile, drafts, KNOWN).drafts.requests}

    assert based["ServiceRequest"] == [{"reference": drafts.plan_location}]
    assert based["MedicationRequest"] is None
