"""`$validate`: the structure only, by the models of fhir.resources; no terminology, no profiles."""

from importlib import import_module

from pydantic import ValidationError

from adapter.input.wire_json import Json, JsonValue
from workers.sandbox.wire import operation_outcome


def validate_resource(type_: str, body: object) -> Json:
    """An OperationOutcome. It names elements and rules, and never repeats a value."""
    resource = _validated_resource(body)
    if not isinstance(resource, dict) or resource.get("resourceType") != type_:
        return operation_outcome("structure", f"The body is not a {type_}.")
    # Imported late: the models cost a second and most runs never validate. R4B differs
    # from R4 in no type we write.
    models = import_module("fhir.resources.R4B")
    try:
        models.get_fhir_model_class(type_).model_validate(resource)
    except (ValidationError, KeyError, LookupError) as refused:
        return {"resourceType": "OperationOutcome", "issue": _issues(type_, refused)}
    return operation_outcome("informational", "No structural fault was found.", severity="information")


def _validated_resource(body: object) -> JsonValue:
    """The resource itself, or the one inside Parameters."""
    if isinstance(body, dict) and body.get("resourceType") == "Parameters":
        given = [part for part in body.get("parameter", []) if isinstance(part, dict)]
        return next((part.get("resource") for part in given if part.get("name") == "resource"), body)
    return body


def _issues(type_: str, refused: Exception) -> list[Json]:
    if not isinstance(refused, ValidationError):
        return [
            {"severity": "error", "code": "not-supported", "diagnostics": f"{type_} cannot be checked here."}
        ]
    return [
        {
            "severity": "error",
            "code": "structure",
            "diagnostics": f"Rule '{fault['type']}' is not met.",
            "expression": [".".join([type_, *(str(step) for step in fault["loc"])])],
        }
        for fault in refused.errors(include_input=False, include_context=False, include_url=False)
    ]
