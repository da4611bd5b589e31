"""Letters about an invented patient whose name must not turn up anywhere but in a letter."""

from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

from adapter.input.wire_json import Json, JsonValue
from mappings.codes import BASE, PLAN_KEY
from workers.delivery import LetterMessage, message_of

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
PDF = b"%PDF-1.7 the letter"
SECRETS = ("Zonneveld", "999990019", "1948-07-06", "-3.1")  # name, identifier, birth date, T-score
PATIENT: Json = {
    "resourceType": "Patient",
    "id": "p1",
    "identifier": [{"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": "999990019"}],
    "name": [{"family": "Zonneveld", "given": ["Truus"]}],
    "birthDate": "1948-07-06",
    "gender": "female",
}
PLAN: Json = {
    "resourceType": "CarePlan",
    "id": "plan1",
    "status": "active",
    "intent": "proposal",
    "subject": {"reference": "Patient/p1"},
    "activity": [
        {
            "detail": {
                "status": "not-started",
                "instantiatesUri": [f"{BASE}/rules/TRT-01", f"{BASE}/rules/ACT-2"],
            }
        },
        {
            "detail": {
                "status": "not-started",
                "instantiatesUri": [f"{BASE}/rules/TRT-01", "http://other/rule"],
            }
        },
    ],
}


def a_communication(text: str = "Mrs Zonneveld has a T-score of -3.1.", **changes: JsonValue) -> Json:
    """A released letter to one GP, with text and PDF."""
    data = b64encode(PDF).decode()
    return {
        "resourceType": "Communication",
        "id": "c1",
        "language": "nl",
        "identifier": [{"system": PLAN_KEY, "value": "0e9a5c3e-0000-5000-8000-0000000000c1"}],
        "basedOn": [{"reference": "CarePlan/plan1"}],
        "status": "preparation",
        "subject": {"reference": "Patient/p1"},
        "recipient": [{"reference": "Organization/gp", "display": "GP practice"}],
        "sender": {"reference": "Device/d1"},
        "payload": [
            {"contentString": text},
            {"contentAttachment": {"contentType": "application/pdf", "data": data}},
        ],
        **changes,
    }


def a_message(communication: Json | None = None, **facts: Any) -> LetterMessage:
    return message_of(communication or a_communication(), PATIENT, issued=NOON, **facts)
