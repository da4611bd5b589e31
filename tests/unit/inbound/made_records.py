"""FHIR resources with sensible defaults: a test names only what it is about."""

from datetime import date
from decimal import Decimal
from typing import Any

from adapter.input.wire_json import Json, JsonValue, ReadOnlyJson
from mappings.codes import ATC, INTAKE, LOINC, SNOMED, UCUM
from mappings.inbound import Reading, ReadingConfig, RecordReading, read_record
from tests.record_readings import read_by

TODAY = date(2026, 11, 20)
DXA_DAY = "2026-11-10"
ANNA: Json = {
    "resourceType": "Patient",
    "id": "anna",
    "meta": {"versionId": "3"},
    "gender": "female",
    "birthDate": "1954-03-01",
}
SUBJECT = {"reference": "Patient/anna"}
CONFIRMED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"


def coded(*codings: tuple[str, str], text: str | None = None) -> Json:
    """A CodeableConcept."""
    concept: Json = {"coding": [{"system": system, "code": code} for system, code in codings]}
    return {**concept, "text": text} if text else concept


def snomed(*codes: str) -> Json:
    return coded(*((SNOMED, code) for code in codes))


def intake(code: str) -> Json:
    return coded((INTAKE, code))


def observation(code: Json, **more: JsonValue) -> Json:
    """A final Observation of the DXA day; a keyword set to None leaves that element out."""
    body = {
        "resourceType": "Observation",
        "id": "obs",
        "meta": {"versionId": "1"},
        "status": "final",
        "code": code,
        "subject": SUBJECT,
        "effectiveDateTime": DXA_DAY,
        **more,
    }
    return {key: value for key, value in body.items() if value is not None}


def t_score(value: Any = Decimal("-2.7"), code: str = "38267-1", **more: Any) -> Json:
    """A T-score, of the lumbar spine unless said otherwise."""
    quantity = {"value": value, "unit": "T-Score", "system": UCUM, "code": "1"}
    return observation(coded((LOINC, code)), **{"valueQuantity": quantity, **more})


def quantity(value: JsonValue, unit: str | None, **more: JsonValue) -> Json:
    return {"value": value, **({"system": UCUM, "code": unit} if unit is not None else {}), **more}


def answer(code: str, value: bool | str | Decimal = True, **more: JsonValue) -> Json:
    """An intake Observation; a text is one of our answer codes."""
    given: Json
    if isinstance(value, bool):
        given = {"valueBoolean": value}
    elif isinstance(value, str):
        given = {"valueCodeableConcept": intake(value)}
    else:
        given = {"valueQuantity": quantity(value, None)}
    return observation(intake(code), **{"id": f"answer-{code}", **given, **more})


def condition(code: Json, *, sure: str = "confirmed", state: str = "active", **more: JsonValue) -> Json:
    """A confirmed and active Condition."""
    return {
        "resourceType": "Condition",
        "id": "con",
        "subject": SUBJECT,
        "code": code,
        "verificationStatus": coded((CONFIRMED, sure)),
        "clinicalStatus": coded((CLINICAL, state)),
        **more,
    }


def medicine(atc: str = "M05BA04", *, kind: str = "MedicationStatement", **more: JsonValue) -> Json:
    """An active medicine by ATC."""
    return {
        "resourceType": kind,
        "id": "med",
        "status": "active",
        **({"intent": "order"} if kind == "MedicationRequest" else {}),
        "subject": SUBJECT,
        "medicationCodeableConcept": coded((ATC, atc)),
        **more,
    }


def read(
    *resources: Json, patient: ReadOnlyJson = ANNA, config: ReadingConfig | None = None, on: date = TODAY
) -> Reading:
    by = config if isinstance(config, RecordReading) else read_by(config or ReadingConfig())
    return read_record(dict(patient), resources, by, on=on)


def reasons(reading: Reading) -> list[tuple[str, str]]:
    """What was refused, as (what it would have been, why)."""
    return [(r.concerns, r.reason.value) for r in reading.record.rejected]
