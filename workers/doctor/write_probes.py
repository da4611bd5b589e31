"""The least that R4 takes of each type we write: about nobody, entered in error if a status can say so."""

from adapter.input.wire_json import Json

NO_ONE = "nobody: a right is tried"
_NONE = {"display": NO_ONE}
_NOTHING = {"text": "nothing"}
_MISTAKEN: Json = {"status": "entered-in-error", "subject": _NONE}
_PROPOSED: Json = {**_MISTAKEN, "intent": "proposal"}
_OBSERVED: Json = {**_MISTAKEN, "code": _NOTHING}
_NO_LONGER: Json = {"active": False, "name": [{"text": NO_ONE}]}

PROBES: dict[str, Json] = {
    "AllergyIntolerance": {"patient": _NONE},
    "CarePlan": _PROPOSED,
    "Communication": _MISTAKEN,
    "CommunicationRequest": _MISTAKEN,
    "Condition": {"subject": _NONE},
    "DiagnosticReport": _OBSERVED,
    "DocumentReference": {**_MISTAKEN, "content": [{"attachment": {"title": "nothing"}}]},
    "Encounter": {**_MISTAKEN, "class": {"display": "nothing"}},
    "FamilyMemberHistory": {"status": "entered-in-error", "patient": _NONE, "relationship": _NOTHING},
    "List": {**_MISTAKEN, "mode": "working"},
    "Medication": {"status": "entered-in-error", "code": {"text": NO_ONE}},
    "MedicationRequest": {**_PROPOSED, "medicationCodeableConcept": _NOTHING},
    "MedicationStatement": {**_MISTAKEN, "medicationCodeableConcept": _NOTHING},
    "Observation": _OBSERVED,
    "Organization": {"active": False, "name": NO_ONE},
    "Patient": _NO_LONGER,
    "Practitioner": _NO_LONGER,
    "PractitionerRole": {"active": False, "practitioner": _NONE},
    "Procedure": _MISTAKEN,
    "Provenance": {"recorded": "2000-01-01T00:00:00Z", "target": [_NONE], "agent": [{"who": _NONE}]},
    "QuestionnaireResponse": _MISTAKEN,
    "RiskAssessment": _MISTAKEN,
    "ServiceRequest": _PROPOSED,
    "Subscription": {
        "status": "off",
        "reason": NO_ONE,
        "criteria": "Patient?active=false",
        "channel": {"type": "message"},
    },
    "Task": {"status": "entered-in-error", "intent": "proposal", "for": _NONE},
}
