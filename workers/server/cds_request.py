"""A call of a CDS service as it comes in: the hook, the patient, the orders, and the record if it came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from adapter.fhir.search import without_includes
from adapter.input.fhir_id import is_fhir_id
from adapter.input.wire_json import Json, JsonValue, ReadOnlyJson, Unparsable, parse
from mappings.inbound import ReadingConfig, queries
from workers.server.admission import NotAdmitted

ORDERS = frozenset({"MedicationRequest", "Medication"})
_PATIENT = "{{context.patientId}}"


@dataclass(frozen=True, slots=True)
class CdsRequest:
    """One call. ``record`` is None where something of the prefetch is missing and has to be read."""

    call: UUID
    patient: str = field(repr=False)
    orders: tuple[Json, ...] = field(repr=False)
    record: tuple[Json, ...] | None = field(repr=False)
    fhir_server: str | None = field(repr=False)


def prefetch_templates(config: ReadingConfig) -> dict[str, str]:
    """The searches of a review for one patient, without ``_include``: CDS Hooks allows none in a prefetch."""
    templates: dict[str, str] = {}
    for number, query in enumerate(queries([_PATIENT], config)):
        asked = "&".join(f"{name}={value}" for name, value in without_includes(query.params))
        key = f"{query.type[0].lower()}{query.type[1:]}{number}"
        templates[key] = f"Patient/{_PATIENT}" if query.type == "Patient" else f"{query.type}?{asked}"
    return templates


def request_of(body: bytes, hook: str, config: ReadingConfig) -> CdsRequest:
    """The call that a body holds; raises NotAdmitted where it is none of this hook."""
    try:
        document = parse(body)
    except Unparsable:
        raise NotAdmitted(400, "The body is no JSON that can be used.") from None
    if document.get("hook") != hook:
        raise NotAdmitted(400, f"This service answers the hook {hook}.")
    context = _object(document.get("context"))
    patient = context.get("patientId")
    if not is_fhir_id(patient):
        raise NotAdmitted(400, "context.patientId is the id of a Patient.")
    server = document.get("fhirServer")
    return CdsRequest(
        _call_id(document.get("hookInstance")),
        patient,
        _orders(context),
        _record(document.get("prefetch"), patient, config),
        server if isinstance(server, str) else None,
    )


def _call_id(told: object) -> UUID:
    try:
        return UUID(str(told))
    except ValueError:
        raise NotAdmitted(400, "hookInstance is a UUID.") from None


def _orders(context: ReadOnlyJson) -> tuple[Json, ...]:
    """The selected orders and every Medication; without a selection, all of them."""
    held = [
        _object(entry).get("resource") for entry in _list(_object(context.get("draftOrders")).get("entry"))
    ]
    orders = [
        resource for resource in held if isinstance(resource, dict) and resource.get("resourceType") in ORDERS
    ]
    selected = {selection for selection in _list(context.get("selections")) if isinstance(selection, str)}
    named = {id(order): f"{order['resourceType']}/{order.get('id')}" for order in orders}
    return tuple(
        order
        for order in orders
        if not selected or order["resourceType"] == "Medication" or named[id(order)] in selected
    )


def _record(prefetch: object, patient: str, config: ReadingConfig) -> tuple[Json, ...] | None:
    """The resources of all searches; null is an empty answer. None where an answer is missing or failed."""
    given, found = _object(prefetch), list[Json]()
    for key in prefetch_templates(config):
        if key not in given:
            return None
        answer = given[key]
        if answer is None:
            continue
        if not isinstance(answer, dict) or answer.get("resourceType") == "OperationOutcome":
            return None
        found.append(answer)
    whose = [resource.get("id") for resource in found if resource.get("resourceType") == "Patient"]
    return tuple(found) if whose == [patient] else None


def _object(value: object) -> ReadOnlyJson:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> Sequence[JsonValue]:
    return value if isinstance(value, list) else ()
