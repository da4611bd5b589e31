"""Unreadable statements about a fracture, a drug or a whole list are named; what they concern is open."""

from datetime import date

import pytest

from adapter.clinical.model import Reason
from adapter.input.wire_json import Json, JsonValue
from mappings.codes import INTAKE
from mappings.inbound import read_record
from tests.record_readings import a_record_reading

ON = date(2026, 11, 20)
PATIENT = {"resourceType": "Patient", "id": "p"}
ABOUT = [{"reference": "Condition/fx"}]


def statement(code: str, **more: JsonValue) -> Json:
    return {
        "resourceType": "Observation",
        "id": "s",
        "status": "final",
        "subject": {"reference": "Patient/p"},
        "effectiveDateTime": "2026-11-01",
        "code": {"coding": [{"system": INTAKE, "code": code}]},
        **more,
    }


def word(code: str) -> Json:
    return {"coding": [{"system": INTAKE, "code": code}]}


@pytest.mark.parametrize(
    ("said", "reason", "concerns"),
    [
        (statement("fracture-energy", focus=ABOUT, valueCodeableConcept={"text": "?"}), Reason.UNKNOWN_CODE, "answer"),
        (statement("fracture-energy", valueCodeableConcept=word("low")), Reason.UNREADABLE, "answer"),
        (statement("adherence", focus=ABOUT, valueCodeableConcept=word("now and then")), Reason.UNKNOWN_CODE, "answer"),
        (statement("no-known-conditions"), Reason.UNKNOWN_CODE, "condition"),
        (statement("no-known-fractures", valueBoolean=True, status="?"), Reason.STATUS_UNUSABLE, "fracture"),
        (statement("no-known-medications", valueBoolean=True, modifierExtension=[{}]), Reason.MODIFIER_EXTENSION, "medicine"),
    ],
)  # fmt: skip
def test_a_statement_that_nobody_can_read_is_refused_by_name(
    said: Json, reason: Reason, concerns: str
) -> None:
    reading = read_record(PATIENT, [said], a_record_reading(), on=ON)

    assert [(it.reason, it.concerns) for it in reading.needs_human] == [(reason, concerns)]


@pytest.mark.parametrize(
    "said",
    [
        statement("fracture-energy", focus=ABOUT, valueCodeableConcept=word("low")),
        statement("adherence", focus=ABOUT, valueCodeableConcept=word("poor")),
        statement("no-known-conditions", valueBoolean=True),
        *(
            statement(f"no-known-{it}", valueCodeableConcept=word("none"))
            for it in ("conditions", "fractures", "medications")
        ),
        statement("no-known-fractures", valueBoolean=False),
    ],
)
def test_a_readable_statement_asks_nobody(said: Json) -> None:
    assert read_record(PATIENT, [said], a_record_reading(), on=ON).needs_human == ()
