"""What the server says about itself: nothing that it cannot do."""

from adapter.input.wire_json import Json
from workers.sandbox.query.search_parameters import PARAMETERS, SearchParameter
from workers.sandbox.wire import instant

_INTERACTIONS = (
    "read", "vread", "update", "delete", "history-instance", "history-type", "create", "search-type"
)  # fmt: skip
_BULK = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition"
_EXPORTS = ("export", "patient-export", "group-export")
_COLUMNS = (("_id", "token"), ("_lastUpdated", "date"))


def capability_statement(base: str, at: int, fhir_version: str) -> Json:
    """The CapabilityStatement; `fhir_version` is 4.0.1 unless a drill wants a lie."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": instant(at),
        "kind": "instance",
        "software": {"name": "osteo-handover sandbox"},
        "implementation": {
            "description": "FHIR server for demo, tests and drills; not for production",
            "url": base,
        },
        "fhirVersion": fhir_version,
        "format": ["application/fhir+json", "json"],
        "rest": [
            {
                "mode": "server",
                "resource": [_resource(name, list(found.values())) for name, found in PARAMETERS.items()],
                "interaction": [{"code": code} for code in ("transaction", "batch", "history-system")],
                "operation": [
                    {
                        "name": "validate",
                        "definition": "http://hl7.org/fhir/OperationDefinition/Resource-validate",
                    },
                    *({"name": name, "definition": f"{_BULK}/{name}"} for name in _EXPORTS),
                ],
            }
        ],
    }


def _resource(name: str, parameters: list[SearchParameter]) -> Json:
    references = [f"{name}:{found.name}" for found in parameters if found.kind == "reference"]
    listed = [*_COLUMNS, *((found.name, found.kind) for found in parameters)]
    return {
        "type": name,
        "interaction": [{"code": code} for code in _INTERACTIONS],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalRead": "not-match",
        "conditionalUpdate": True,
        "conditionalDelete": "single",
        "searchParam": [{"name": parameter, "type": kind} for parameter, kind in listed],
    } | ({"searchInclude": references} if references else {})
