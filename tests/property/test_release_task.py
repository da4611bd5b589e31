"""Whatever is on the server: no letter passes without a named clinician, none about a revoked plan."""

from hypothesis import given
from hypothesis import strategies as st

from adapter.input.wire_json import Json
from mappings.handover.plan.correction import TABLE, Change, Consequence
from mappings.handover.plan.plan_history import PlanStage
from mappings.handover.release.clearance import why_not
from mappings.handover.release.release_codes import release_concept
from mappings.handover.release.signature import Clinician, Release, release_of, released, unreleased
from mappings.outbound import check

LETTERS = (
    "preparation",
    "in-progress",
    "completed",
    "not-done",
    "on-hold",
    "stopped",
    "entered-in-error",
    "unknown",
)
PLANS = ("draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown")
KINDS = (None, "gp_interim_letter", "gp_correction_letter", "gp_retraction_letter")
NAMES = st.sampled_from(["", "Dr A. Vermeer"])
ROLES = st.sampled_from(["", "internist"])
WHO: st.SearchStrategy[Json] = st.sampled_from(
    [{}, {"reference": "Practitioner/1"}, {"identifier": {"value": "9"}}]
)
RELEASES = st.builds(Release, st.builds(Clinician, WHO, NAMES, ROLES), st.just("2026-11-20T12:00:00+01:00"))


@st.composite
def letters(draw: st.DrawFn) -> Json:
    kind = draw(st.sampled_from(KINDS))
    letter: Json = {
        "resourceType": "Communication",
        "status": draw(st.sampled_from(LETTERS)),
        "subject": {"reference": draw(st.sampled_from(["Patient/1", "Patient/2"]))},
        "category": [release_concept(kind, "en")] if kind else [],
    }
    release = draw(st.none() | RELEASES)
    if release:
        letter = released(letter, release, "en")
    return unreleased(letter) if draw(st.booleans()) else letter


PLAN = st.none() | st.builds(
    lambda status, subject: {"resourceType": "CarePlan", "status": status, "subject": {"reference": subject}},
    st.sampled_from(PLANS),
    st.sampled_from(["Patient/1", "Patient/2"]),
)


@given(letters(), PLAN)
def test_what_passes_the_gate_has_a_name_on_it_or_is_an_interim_letter_that_may_go_without(
    letter: Json, plan: Json | None
) -> None:
    if why_not(letter, plan) is None:
        codes = {coding["code"] for it in letter["category"] for coding in it["coding"]}
        release = release_of(letter)
        named = release is not None and release.by.name
        assert named or codes == {"gp_interim_letter"}
        assert "gp_retraction_letter" in codes or (
            plan and plan["status"] not in ("revoked", "entered-in-error")
        )
        assert letter["status"] in ("in-progress", "unknown")


@given(st.sampled_from(LETTERS), st.sampled_from(PLANS))
def test_without_any_mark_nothing_passes(letter_status: str, plan_status: str) -> None:
    subject = {"reference": "Patient/1"}
    letter = {"resourceType": "Communication", "status": letter_status, "subject": subject}
    assert why_not(letter, {"status": plan_status, "subject": subject}) is not None


def test_the_last_gate_before_writing_refuses_a_plan_in_force_that_names_nobody() -> None:
    assert "released" in check({"resourceType": "CarePlan", "status": "active"})
    assert "released" in check(unreleased({"resourceType": "CarePlan", "status": "active"}))


def test_every_change_has_an_action_at_every_stage() -> None:
    assert TABLE.keys() == {(stage, change) for stage in PlanStage for change in Change}


def test_nobody_who_was_never_told_gets_a_correction_or_a_withdrawal() -> None:
    quiet = {TABLE[stage, change] for stage in (PlanStage.NONE, PlanStage.DRAFT) for change in Change}
    assert quiet <= {Consequence.REDRAW, Consequence.WITHDRAW}


def test_about_the_dead_and_the_merged_nothing_new_is_ever_said() -> None:
    ended = {TABLE[stage, change] for stage in PlanStage for change in (Change.DECEASED, Change.MERGED)}
    assert ended <= {Consequence.WITHDRAW, Consequence.CLOSE}
