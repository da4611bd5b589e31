"""The interface in the words of OpenAPI 3.1."""

from adapter.input.wire_json import Json

_TEXT: Json = {"type": "string"}
_FAULT: Json = {
    "description": "One sentence that says who must act; nothing of what was sent is quoted.",
    "content": {"application/json": {"schema": {"type": "object", "properties": {"error": _TEXT}}}},
}
ASSESSMENT: Json = {
    "type": "object",
    "required": ["patient", "outcome", "on", "decision", "resources", "letter", "alarms"],
    "properties": {
        "patient": _TEXT,
        "outcome": {**_TEXT, "description": "planned, nothing_to_propose, or why nobody makes a plan"},
        "on": {**_TEXT, "format": "date"},
        "decision": {"type": ["object", "null"], "description": "the decision with its reasons"},
        "resources": {
            "type": "array",
            "items": {"type": "object"},
            "description": "FHIR R4: drafts and proposals",
        },
        "letter": {"type": ["string", "null"], "description": "the letter to the GP, as text"},
        "alarms": {"type": "array", "items": _TEXT},
    },
}


def _get_operation(summary: str, *statuses: str) -> Json:
    return {
        "get": {"summary": summary, "responses": {status: {"description": summary} for status in statuses}}
    }


def api_description(version: str) -> Json:
    """The OpenAPI document of this version."""
    bundle = {
        "schema": {
            "type": "object",
            "description": "a FHIR R4 Bundle with exactly one Patient and all that is known",
        }
    }
    told = {
        "description": "What a review would come to; nothing was written.",
        "content": {"application/json": {"schema": ASSESSMENT}},
    }
    assess = {
        "summary": "Decide and draft for one patient. A proposal: a clinician decides, and what is not sent is unknown.",
        "security": [{"secret": []}],
        "parameters": [
            {"name": "on", "in": "query", "schema": {**_TEXT, "format": "date"}, "description": "else today"}
        ],
        "requestBody": {
            "required": True,
            "content": {"application/fhir+json": bundle, "application/json": bundle},
        },
        "responses": {
            "200": told,
            **dict.fromkeys(("400", "401", "413", "415", "422", "429", "500"), _FAULT),
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "osteo-handover", "version": version},
        "components": {"securitySchemes": {"secret": {"type": "http", "scheme": "bearer"}}},
        "paths": {
            "/assess": {"post": assess},
            "/health/live": _get_operation("This process answers.", "200"),
            "/health/ready": _get_operation("Whether the work gets done, and what lags.", "200", "503"),
            "/.well-known/jwks.json": _get_operation("Our public keys, where there are any.", "200", "404"),
        },
    }  # fmt: skip
