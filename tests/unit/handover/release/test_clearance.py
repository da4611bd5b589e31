"""The last question before a letter leaves, as a table over kinds of letters and states of the plan."""

import pytest

from adapter.input.wire_json import Json
from mappings.handover.release.clearance import why_not
from mappings.handover.release.release_codes import release_concept
from mappings.handover.release.signature import Clinician, Release, released, unreleased

DOCTOR = Clinician({"reference": "Practitioner/1"}, "Dr A. Vermeer", "internist")
HERS: Json = {"reference": "Patient/1"}
BARE: Json = {"resourceType": "Communication", "status": "in-progress", "subject": HERS}
SIGNED = released(BARE, Release(DOCTOR, "2026-11-20T12:00:00+01:00"), "en")


def kind(code: str, letter: Json = SIGNED) -> Json:
    return {**letter, "category": [release_concept(code, "en")]}


def of(subject: str | None) -> Json:
    """A released letter about somebody, or about nobody."""
    letter = {name: it for name, it in SIGNED.items() if name != "subject"}
    return {**letter, "subject": {"reference": subject}} if subject else letter


def a_plan(status: str, subject: str = "Patient/1") -> Json:
    return {"resourceType": "CarePlan", "status": status, "subject": {"reference": subject}}


INTERIM, RETRACTION = "gp_interim_letter", "gp_retraction_letter"
ROWS: list[tuple[str, Json, Json | None, str | None]] = [
    ("released, plan in force", SIGNED, a_plan("active"), None),
    ("plan on hold", SIGNED, a_plan("on-hold"), None),
    ("plan completed", SIGNED, a_plan("completed"), None),
    ("subject with a base", SIGNED, a_plan("active", "https://h/r4/Patient/1"), None),
    ("already unknown to the transport", {**SIGNED, "status": "unknown"}, a_plan("active"), None),
    ("nobody released it", BARE, a_plan("active"), "not-released"),
    ("in preparation", {**SIGNED, "status": "preparation"}, a_plan("active"), "not-released"),
    ("stopped", {**SIGNED, "status": "stopped"}, a_plan("active"), "communication-closed"),
    ("sent", {**SIGNED, "status": "completed"}, a_plan("active"), "communication-closed"),
    ("no plan", SIGNED, None, "plan-revoked"),
    ("plan revoked", SIGNED, a_plan("revoked"), "plan-revoked"),
    ("plan in error", SIGNED, a_plan("entered-in-error"), "plan-revoked"),
    ("plan still proposed", SIGNED, a_plan("draft"), "plan-not-released"),
    ("plan of another", SIGNED, a_plan("active", "Patient/2"), "another-patient"),
    ("plan of another in the same version", of("Patient/1/_history/3"), a_plan("active", "Patient/2/_history/3"), "another-patient"),
    ("another version of the subject", of("Patient/1/_history/3"), a_plan("active", "Patient/1/_history/4"), None),
    ("plan of something else of that id", of("Group/1"), a_plan("active"), "another-patient"),
    ("letter about nobody", of(None), a_plan("active"), "another-patient"),
    ("letter and plan of nobody", of(None), {"resourceType": "CarePlan", "status": "active"}, "another-patient"),
    ("plan of nobody", SIGNED, {"resourceType": "CarePlan", "status": "active"}, "another-patient"),
    ("interim, released", kind(INTERIM), a_plan("draft"), None),
    ("interim, freely", kind(INTERIM, unreleased(BARE)), a_plan("draft"), None),
    ("interim, by nobody", kind(INTERIM, BARE), a_plan("draft"), "not-released"),
    ("interim, plan revoked", kind(INTERIM), a_plan("revoked"), "plan-revoked"),
    ("no interim letter, freely", unreleased(BARE), a_plan("active"), "not-released"),
    ("withdrawal, plan revoked", kind(RETRACTION), a_plan("revoked"), None),
    ("withdrawal, plan gone", kind(RETRACTION), None, None),
    ("withdrawal, by nobody", kind(RETRACTION, BARE), a_plan("revoked"), "not-released"),
    ("withdrawal, freely", kind(RETRACTION, unreleased(BARE)), a_plan("revoked"), "not-released"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("letter", "plan", "reason"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_a_letter_leaves_only_by_a_name_and_with_its_plan(
    letter: Json, plan: Json | None, reason: str | None
) -> None:
    assert why_not(letter, plan) == reason
