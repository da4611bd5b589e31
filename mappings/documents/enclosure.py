"""What the document contains: every resource of ours that it refers to, and no reference to anything outside.

A reference to something that is not inside cannot be followed by whoever gets the letter, so it becomes a
logical one: type and identifier, with the words that it had.
"""

import re
from collections.abc import Iterator, Mapping

from adapter.input.wire_json import Json, JsonValue
from mappings.codes import BASE, PLAN_KEY
from mappings.outbound.fingerprint import carried
from mappings.outbound.gate import faults
from mappings.outbound.ids import is_local, location_of, resource_id

SOURCE = f"{BASE}/NamingSystem/source-reference"
# Who the letter is about and no more: a record holds much that is not this reader's business.
OF_PATIENT = ("resourceType", "id", "identifier", "active", "name", "gender", "birthDate", "_birthDate")
OF_META = ("profile", "security")
OURS = ("Composition", "Binary")  # of ours, and without the identifier that all the others have


def enclosed(first: Json, held: Mapping[str, Json], key: str) -> list[tuple[str, Json]]:
    """``first`` and everything reached from it, each with its fullUrl, in the order of the references.

    Without ids: those of our server mean nothing elsewhere, and inside a document the fullUrl is the name.
    """
    found: dict[str, Json] = {f"{first['resourceType']}/{first['id']}": first}
    waiting = [first]
    while waiting:
        for location in references(waiting.pop(0)):
            if location in held and location not in found and (travelling := _travelling(held[location])):
                found[location] = travelling
                waiting.append(travelling)
    urls = {location: _full_url(location, resource, key) for location, resource in found.items()}
    return [(urls[location], pointing(_nameless(resource), urls)) for location, resource in found.items()]


def references(value: object) -> Iterator[str]:
    """``Type/id`` of every local reference in a resource, in order."""
    if isinstance(value, Mapping):
        literal = value.get("reference")
        if isinstance(literal, str) and is_local(literal):
            yield location_of(literal)
        for held in value.values():
            yield from references(held)
    elif isinstance(value, list):
        for held in value:
            yield from references(held)


def pointing(value: object, urls: Mapping[str, str]) -> JsonValue:
    """The same content, with a fullUrl or a logical reference for each reference that leads elsewhere."""
    if isinstance(value, list):
        return [pointing(held, urls) for held in value]
    if not isinstance(value, dict):
        return value
    literal = value.get("reference")
    if isinstance(literal, str) and not literal.startswith(("#", "urn:")):
        return _reference(value, literal, urls)
    return {name: pointing(held, urls) for name, held in value.items()}


def _reference(reference: Json, literal: str, urls: Mapping[str, str]) -> Json:
    """An absolute address is never taken for a resource of ours: another server may have the same id."""
    rest = {name: value for name, value in reference.items() if name != "reference"}
    location = location_of(literal)
    if is_local(literal) and location in urls:
        return {"reference": urls[location], **rest}
    named = {"identifier": {"system": SOURCE, "value": location if is_local(literal) else literal}}
    return {**({"type": location.partition("/")[0]} if is_local(location) else {}), **named, **rest}


def _travelling(resource: Json) -> Json | None:
    """As it leaves the house: without the server's own marks, and of the patient only who it is."""
    if resource["resourceType"] == "Patient":
        named = {name: resource[name] for name in OF_PATIENT if name in resource}
        return _fitting(named) or {"resourceType": "Patient", "id": resource["id"]}
    meta = {name: value for name, value in (resource.get("meta") or {}).items() if name in OF_META}
    kept = {name: value for name, value in resource.items() if name != "meta"}
    marked = {**kept, "meta": meta} if meta else kept
    return marked if resource["resourceType"] in OURS or _ours(resource) else _fitting(marked)


def _ours(resource: Json) -> bool:
    return isinstance(resource.get("identifier"), list) and carried(resource, PLAN_KEY) is not None


def _fitting(resource: Json) -> Json | None:
    """A resource of another author, without narratives and elements that no R4 reader accepts."""
    odd = {re.split(r"[.\[ ]", fault)[0] for fault in faults(resource)} | {"text"}
    kept = {name: value for name, value in resource.items() if name not in odd or name == "resourceType"}
    if isinstance(inner := kept.get("contained"), list):
        kept["contained"] = [
            {name: it for name, it in one.items() if name != "text"} for one in inner if isinstance(one, dict)
        ]
    return None if faults(kept) else kept


def _nameless(resource: Json) -> Json:
    return {name: value for name, value in resource.items() if name != "id"}


def _full_url(location: str, resource: Json, key: str) -> str:
    """A resource of ours is the same one in every document; others are told apart by document and place."""
    kind = location.partition("/")[0]
    own = carried(resource, PLAN_KEY) if isinstance(resource.get("identifier"), list) else None
    return f"urn:uuid:{own or resource_id(kind, f'{key}|{location}')}"
