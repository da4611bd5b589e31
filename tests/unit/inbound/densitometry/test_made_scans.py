"""A scan known from an ImagingStudy only: named as one without a number, unless its study has one."""

import pytest

from adapter.input.wire_json import Json, JsonValue
from tests.unit.inbound.made_records import DXA_DAY, SUBJECT, coded, read, t_score

DICOM = "http://dicom.nema.org/resources/ontology/DCM"


def study(**more: JsonValue) -> Json:
    made = {"status": "available", "started": f"{DXA_DAY}T10:00:00+01:00", "subject": SUBJECT}
    return {"resourceType": "ImagingStudy", "id": "it", **made, **more}


def machine(code: str) -> Json:
    return {"system": DICOM, "code": code}


def named(*resources: Json) -> bool:
    refused = read(*resources).record.rejected
    return any(it.evidence == "ImagingStudy/it" and it.concerns == "t_score" for it in refused)


@pytest.mark.parametrize(
    "scan",
    [
        study(description="DXA heup en LWK"),
        study(procedureCode=[{"text": "Botdensitometrie"}]),
        study(procedureCode=[coded(("http://loinc.org", "38269-7"))]),
        study(modality=[machine("BMD")]),
        study(modality=[machine("BMD")], started=None),
        study(modality=[{"\u2318": "?"}]),
        study(procedureCode=[{"\u2318": "?"}]),
        study(description="\u2318?"),
    ],
)
@pytest.mark.hazard(id="H26")
def test_a_scan_that_was_made_or_may_have_been_is_named(scan: Json) -> None:
    assert named(scan)
    assert named(scan, t_score(effectiveDateTime="2025-10-01"))


@pytest.mark.parametrize(
    "nothing",
    [
        study(),
        study(modality=[machine("DX")], description="Knie links"),
        study(modality=[machine("BMD")], description="Body composition"),
        study(modality=[machine("BMD")], status="cancelled"),
        study(modality=[machine("BMD")], started="2019-01-01"),  # of long ago
    ],
)
def test_another_study_or_none_asks_nothing(nothing: Json) -> None:
    assert not named(nothing)


def test_the_study_of_the_scan_that_brought_the_numbers_asks_nothing() -> None:
    assert not named(study(modality=[machine("BMD")]), t_score())
