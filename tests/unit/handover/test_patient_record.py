"""A release counts only where a completed Task of the same person stands behind it."""

import pytest

from adapter.input.wire_json import Json
from mappings.handover.patient_record import PatientRecord
from mappings.handover.release.signature import Clinician, Release, released

DOCTOR = Clinician({"reference": "Practitioner/1"}, "Dr A. Vermeer", "internist")
NURSE = Clinician({"reference": "Practitioner/2"}, "B. Bos", "nurse")
PLAN: Json = {"resourceType": "CarePlan", "status": "active"}
SIGNED = released(PLAN, Release(DOCTOR, "2026-11-20T12:00:00+01:00", "Task/1"), "en")
UNBACKED = released(PLAN, Release(DOCTOR, "2026-11-20T12:00:00+01:00"), "en")


@pytest.mark.parametrize(
    ("resource", "answered", "counts"),
    [
        (SIGNED, {"Task/1": DOCTOR}, True),
        (SIGNED, {"Task/1": NURSE}, False),
        (SIGNED, {"Task/2": DOCTOR}, False),
        (SIGNED, {}, False),
        (UNBACKED, {"Task/1": DOCTOR}, False),
        (PLAN, {"Task/1": DOCTOR}, False),
    ],
)
def test_what_is_only_written_on_a_plan_releases_nothing(
    resource: Json, answered: dict[str, Clinician], counts: bool
) -> None:
    record = PatientRecord("p", {}, (), {}, clinicians=answered)

    assert (record.release_of(resource) is not None) is counts
