"""What a notification says: the patients who changed, and whether it tells of one without a patient.

Two kinds are understood: a resource, or nothing, as an R4 Subscription sends it; and the Bundle
of a topic subscription (R5 backport) with its status and numbered events. Whatever else comes
means that something changed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from adapter.input.fhir_id import is_fhir_id
from adapter.input.wire_json import ReadOnlyJson, Unparsable, parse
from workers.review.references import patients_of, target

_QUIET = frozenset({"handshake", "heartbeat", "query-status"})


@dataclass(frozen=True, slots=True)
class Notification:
    """What a notification tells.

    `unnamed`: something changed, and it does not say of whom. `number`: of its last event, of this
    subscription.
    """

    patients: tuple[str, ...] = field(default=(), repr=False)
    unnamed: bool = False
    subscription: str = ""
    number: int | None = None
    first: int | None = None


def notification_of(body: bytes, base_url: str) -> Notification:
    """Whom a body is about. Never fails: what cannot be read means that something changed about somebody."""
    try:
        document = parse(body)
    except Unparsable:
        return Notification(unnamed=True)
    if document.get("resourceType") != "Bundle":
        found = tuple(_patients(document, base_url))
        return Notification(found, unnamed=not found)
    entries = [entry.get("resource") for entry in _objects(document.get("entry"))]
    resources = [resource for resource in entries if isinstance(resource, Mapping)]
    status = next((resource for resource in resources if resource.get("resourceType") == "Parameters"), None)
    return _topic_notification(status, resources, base_url) if status else Notification(unnamed=True)


def _topic_notification(status: ReadOnlyJson, resources: list[ReadOnlyJson], base_url: str) -> Notification:
    said = {str(parameter.get("name")): parameter for parameter in _objects(status.get("parameter"))}
    subscription = _reference(said.get("subscription"))
    total = _number(said.get("events-since-subscription-start", {}))
    if said.get("type", {}).get("valueCode") in _QUIET:
        return Notification(
            subscription=subscription, number=total, first=None if total is None else total + 1
        )
    events = [
        parameter
        for parameter in _objects(status.get("parameter"))
        if parameter.get("name") == "notification-event"
    ]
    parts = [{str(part.get("name")): part for part in _objects(event.get("part"))} for event in events]
    numbers = [number for part in parts if (number := _number(part.get("event-number", {}))) is not None]
    sent = {
        f"{resource.get('resourceType')}/{resource.get('id')}": tuple(_patients(resource, base_url))
        for resource in resources
    }
    found, unnamed = set[str](), not parts
    for part in parts:
        # On another server it is nobody that we know.
        at = target({"reference": _reference(part.get("focus"))}, base_url)
        whose = (at[1],) if at and at[0] == "Patient" else sent.get("/".join(at or ()), ())
        found.update(whose)
        unnamed = unnamed or not whose
    last, first = max(numbers, default=total), min(numbers, default=total)
    return Notification(tuple(sorted(found)), unnamed, subscription, last, first)


def _patients(resource: ReadOnlyJson, base_url: str) -> Iterator[str]:
    yield from (patient for patient in patients_of(dict(resource), base_url) if is_fhir_id(patient))


def _reference(parameter: ReadOnlyJson | None) -> str:
    held = (parameter or {}).get("valueReference")
    return str(held.get("reference")) if isinstance(held, Mapping) else ""


def _number(parameter: ReadOnlyJson) -> int | None:
    """Numbers of events are 64 bits, and JSON has them as text."""
    value = (
        parameter.get("valueString") or parameter.get("valueInteger64") or parameter.get("valueUnsignedInt")
    )
    return int(str(value)) if value is not None and str(value).isdecimal() else None


def _objects(value: object) -> list[ReadOnlyJson]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
