"""The table of corrections, row by row on real servers: what stands there after each change at each stage."""

from collections.abc import Callable

import pytest
import requests

from mappings.handover.plan.correction import TABLE, Change, Consequence
from mappings.handover.plan.plan_history import PlanStage
from mappings.handover.release.release_codes import code_in
from tests.made_resources import a_gp, a_hip_fracture, a_patient, a_t_score
from tests.patient_care import Care, admit
from tests.server_patients import admitted

CONFLICT = 409


def draft(care: Care) -> None:
    """Nobody released it."""


def queued(care: Care) -> None:
    """Released; no transport came by."""
    care.release()


def sent(care: Care) -> None:
    """Released, and the GP's system has it."""
    care.release()
    care.delivered(care.letter("in-progress"))
    care.review()


STAGES = {PlanStage.DRAFT: draft, PlanStage.QUEUED: queued, PlanStage.SENT: sent}


def amended(care: Care) -> None:
    care.amend(-3.1)


def withdrawn(care: Care) -> None:
    """The deciding one of two scores is an error; the other still gives a class."""
    care.put(a_t_score(care.patient, status="entered-in-error"))


def basis_gone(care: Care) -> None:
    care.put(a_t_score(care.patient, status="entered-in-error"))


def deleted(care: Care) -> None:
    url = f"{care.base}/Observation/{care.patient}-spine"
    if requests.delete(url, timeout=60).status_code == CONFLICT:
        pytest.skip("this server does not delete what a plan refers to")


def newer_study(care: Care) -> None:
    admitted(
        care.base, [a_t_score(care.patient, -2.9, id=f"{care.patient}-later", effectiveDateTime="2026-06-01")]
    )


def new_fracture(care: Care) -> None:
    admitted(care.base, [a_hip_fracture(care.patient, onsetDateTime=f"{care.runtime.now().date()}")])


def gp_changed(care: Care) -> None:
    admitted(care.base, [a_gp(f"{care.gp}-new"), a_patient(care.patient, f"{care.gp}-new")])


def deceased(care: Care) -> None:
    admitted(care.base, [a_patient(care.patient, care.gp, deceasedBoolean=True)])


def merged(care: Care) -> None:
    survivor = f"{care.patient}-survivor"
    link = [{"type": "replaced-by", "other": {"reference": f"Patient/{survivor}"}}]
    admitted(care.base, [a_patient(survivor, care.gp), a_t_score(survivor)])
    admitted(care.base, [a_patient(care.patient, care.gp, link=link)])


CHANGES: dict[Change, Callable[[Care], None]] = {
    Change.AMENDED: amended,
    Change.WITHDRAWN: withdrawn,
    Change.BASIS_GONE: basis_gone,
    Change.DELETED: deleted,
    Change.NEWER_STUDY: newer_study,
    Change.NEW_FRACTURE: new_fracture,
    Change.GP_CHANGED: gp_changed,
    Change.DECEASED: deceased,
    Change.MERGED: merged,
}
TWO_SCORES = (Change.WITHDRAWN, Change.DELETED)


def redrawn(care: Care, stage: PlanStage, change: Change) -> None:
    """Silently: one plan, no correction, still a question."""
    assert care.plan()["status"] in ("draft", "revoked")
    assert not any(it.get("partOf") for it in care.all("Communication"))
    assert care.queued() == []


def withdrawn_silently(care: Care, stage: PlanStage, change: Change) -> None:
    assert care.plan()["status"] == "revoked"
    assert {it["status"] for it in care.all("Communication")} == {"not-done"}
    assert {it["status"] for it in care.all("Task")} == {"cancelled"}
    assert care.queued() == []


def corrected(care: Care, stage: PlanStage, change: Change) -> None:
    """A new plan that replaces, a letter that says why; then released, and only then the old one is over."""
    old, new = care.plan("active"), care.plan("draft")
    first = care.letter("completed" if stage is PlanStage.SENT else "in-progress")
    proposal = care.letter("preparation")
    assert new["replaces"][0]["reference"] == f"CarePlan/{old['id']}"
    assert proposal["partOf"][0]["reference"] == f"Communication/{first['id']}"
    assert "What changed and why" in proposal["payload"][0]["contentString"]
    assert care.task()["priority"] == "asap"

    care.release()

    assert care.plan("revoked")["id"] == old["id"]
    assert care.plan("active")["id"] == new["id"]
    expected = "completed" if stage is PlanStage.SENT else "stopped"
    assert {it["id"]: it["status"] for it in care.all("Communication")} == {
        first["id"]: expected,
        proposal["id"]: "in-progress",
    }
    assert [it.communication for it in care.queued()] == [proposal["id"]]


def retracted(care: Care, stage: PlanStage, change: Change) -> None:
    """Revoked at once; the GP is told when a clinician says so."""
    assert care.tasks("release_retraction")
    (letter,) = (it for it in care.all("Communication") if code_in(it["category"]) == "gp_retraction_letter")
    assert letter["status"] == "preparation"
    assert [it for it in care.all("CarePlan") if it["status"] == "active"] == []
    assert care.queued() == []

    care.release("release_retraction")

    (letter,) = (it for it in care.all("Communication") if code_in(it["category"]) == "gp_retraction_letter")
    assert letter["status"] == "in-progress"
    assert "withdraw" in letter["payload"][0]["contentString"]
    assert "Dr A. Vermeer" in str(letter["note"])
    assert [(it.communication, it.retraction) for it in care.queued()] == [(letter["id"], True)]


def readdressed(care: Care, stage: PlanStage, change: Change) -> None:
    """The new GP gets the released letter; the old letter says what became of it."""
    letters = {it["recipient"][0]["reference"].rpartition("/")[2]: it for it in care.all("Communication")}
    assert letters[care.gp]["status"] == ("completed" if stage is PlanStage.SENT else "stopped")
    assert letters[f"{care.gp}-new"]["status"] == "in-progress"
    assert "Dr A. Vermeer" in letters[f"{care.gp}-new"]["payload"][0]["contentString"]
    assert letters[f"{care.gp}-new"]["id"] in {it.communication for it in care.queued()}


def closed(care: Care, stage: PlanStage, change: Change) -> None:
    assert care.plan()["status"] == "revoked"
    assert care.letter()["status"] == ("completed" if stage is PlanStage.SENT else "stopped")
    assert [it for it in care.all("Task") if it["status"] == "requested"] == []
    assert care.queued() == []


EXPECTED = {
    Consequence.REDRAW: redrawn,
    Consequence.WITHDRAW: withdrawn_silently,
    Consequence.CORRECT: corrected,
    Consequence.RETRACT: retracted,
    Consequence.READDRESS: readdressed,
    Consequence.CLOSE: closed,
}
ROWS = [(stage, change) for stage in STAGES for change in CHANGES]


@pytest.mark.parametrize(
    ("stage", "change"), ROWS, ids=[f"{stage.name}-{change.name}" for stage, change in ROWS]
)
def test_each_change_at_each_stage_leads_to_what_the_table_says(
    fhir_server: str, unique_id: Callable[[str], str], stage: PlanStage, change: Change
) -> None:
    care = admit(fhir_server, unique_id)
    if change in TWO_SCORES:
        neck = {"coding": [{"system": "http://loinc.org", "code": "80946-7"}]}
        admitted(care.base, [a_t_score(care.patient, -1.4, id=f"{care.patient}-second", code=neck)])
        care.review()
    STAGES[stage](care)

    CHANGES[change](care)
    outcome = care.review()
    assert outcome.fault is None
    for _ in care.again():
        care.review()

    EXPECTED[TABLE[stage, change]](care, stage, change)
    settled = {name: care.all(name) for name in ("CarePlan", "Communication", "Task")}
    assert care.review().fault is None
    assert {name: care.all(name) for name in settled} == settled


@pytest.mark.parametrize("change", [Change.BASIS_GONE, Change.DECEASED])
def test_a_plan_that_somebody_made_active_by_hand_is_revoked_and_never_a_draft_again(
    fhir_server: str, unique_id: Callable[[str], str], change: Change
) -> None:
    care = admit(fhir_server, unique_id)
    mine = care.plan()
    care.put(mine, status="active")

    CHANGES[change](care)
    care.review()
    care.review()
    admitted(care.base, [a_patient(care.patient, care.gp), a_t_score(care.patient, -3.3)])
    care.review()

    assert {it["id"]: it["status"] for it in care.all("CarePlan")}[mine["id"]] == "revoked"
    assert "-3.3" in care.letter("preparation")["payload"][0]["contentString"]
    assert care.plan("draft")["replaces"][0]["reference"] == f"CarePlan/{mine['id']}"
