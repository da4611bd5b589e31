"""Resources of a patient with low bone density: plain functions with defaults."""

from adapter.input.wire_json import Json, JsonValue

LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
T_SCORE = {"unit": "{T-score}", "system": "http://unitsofmeasure.org", "code": "{T-score}"}


def a_gp(key: str = "gp") -> Json:
    """A GP whom a letter can reach."""
    return {"resourceType": "Practitioner", "id": key, "name": [{"text": "Dr Example"}]}


def a_patient(key: str, gp: str | None = "gp", **changes: JsonValue) -> Json:
    """A woman of 69 with a GP."""
    named = {"generalPractitioner": [{"reference": f"Practitioner/{gp}"}]} if gp else {}
    plain = {"resourceType": "Patient", "id": key, "gender": "female", "birthDate": "1957-03-04"}
    return plain | named | changes


def a_t_score(patient: str, value: JsonValue = -2.7, **changes: JsonValue) -> Json:
    """A T-score of the lumbar spine."""
    return {
        "resourceType": "Observation",
        "id": f"{patient}-spine",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": "38267-1"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": "2025-05-12",
        "valueQuantity": {"value": value, **T_SCORE},
    } | changes


def a_hip_fracture(patient: str, **changes: JsonValue) -> Json:
    """A broken hip, its energy not recorded."""
    hip = {"system": SNOMED, "code": "263225007", "display": "Fracture of proximal femur"}
    return {
        "resourceType": "Condition",
        "id": f"{patient}-hip",
        "clinicalStatus": {"coding": [{"system": CLINICAL, "code": "active"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "code": {"coding": [hip]},
        "onsetDateTime": "2025-04-01",
    } | changes


def a_low_egfr(patient: str) -> Json:
    """Kidneys that fail: below every limit of a drug."""
    return {
        "resourceType": "Observation",
        "id": "egfr",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "62238-1"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": "2026-11-01",
        "valueQuantity": {"value": 22, "unit": "mL/min/1.73m2", "system": "http://unitsofmeasure.org", "code": "mL/min/{1.73_m2}"},
    }  # fmt: skip
