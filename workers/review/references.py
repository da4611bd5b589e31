"""Finds the patient of a resource, and what a reference points to on this server."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from adapter.input.fhir_id import PATTERN as FHIR_ID
from adapter.input.wire_json import Json, JsonValue, ReadOnlyJson, Unparsable, Unreadable

URN = "urn:uuid:"
# Names that are remembered: the resources of a patient under way name the same two or three, and who was
# reviewed is not met again for a long time.
NAMES = 1_000
_NOBODY = frozenset[str]()
_WHOSE = ("subject", "patient", "for")
_LITERAL = re.compile(rf"([A-Z][A-Za-z]+)/({FHIR_ID})(?:/_history/[^/?#]+)?")


def patients_of(resource: ReadOnlyJson, base_url: str) -> frozenset[str]:
    """The ids of the patients on this server that a resource names as its own."""
    if resource.get("resourceType") == "Patient":
        return frozenset({str(resource.get("id"))})
    said: list[object] = [*map(resource.get, _WHOSE)]
    if isinstance(participants := resource.get("participant"), list):
        said += [participant.get("actor") for participant in participants if isinstance(participant, dict)]
    found = _NOBODY
    for mention in said:
        if isinstance(mention, dict) and isinstance(named := mention.get("reference"), str):
            whose = _patient(named, base_url)
            found = found | whose if found else whose
    return found


def target(reference: object, base_url: str) -> tuple[str, str] | None:
    """Type and id of a literal Reference to this server; None for a contained, logical or foreign one."""
    text = reference.get("reference") if isinstance(reference, dict) else None
    return _location(text, base_url) if isinstance(text, str) else None


@lru_cache(NAMES)
def _patient(text: str, base_url: str) -> frozenset[str]:
    found = _location(text, base_url)
    return frozenset({found[1]}) if found and found[0] == "Patient" else _NOBODY


@lru_cache(NAMES)
def _location(text: str, base_url: str) -> tuple[str, str] | None:
    if "://" in text:
        if not base_url or not text.startswith(base_url.rstrip("/") + "/"):
            return None
        text = text[len(base_url.rstrip("/")) + 1 :]
    found = _LITERAL.fullmatch(text)
    return (found[1], found[2]) if found else None


def settled(bundle: Json) -> Json:
    """The same Bundle, in which what its entries say of each other by ``urn:uuid`` is said by type and id.

    An entry without an id, which a server would give, gets that of its address.
    """
    entries = bundle.get("entry")
    if not isinstance(entries, list) or not any(map(_addressed, entries)):
        return bundle
    named = [_with_id(entry) if _addressed(entry) else entry for entry in entries]
    locations = {
        it["fullUrl"]: f"{it['resource'].get('resourceType')}/{it['resource']['id']}"
        for it in named
        if _addressed(it)
    }
    whole: Json = pointing({**bundle, "entry": named}, locations)
    return whole


def entries_within(bundle: Json) -> Iterator[Json]:
    """The settled entries of a Bundle, and of Bundles in it; raises Unparsable for what is none."""
    entries = settled(bundle).get("entry", [])
    if not isinstance(entries, list) or not all(isinstance(it, dict) for it in entries):
        raise Unparsable("is a Bundle whose entries are none")
    for entry in entries:
        resource = entry.get("resource", {"resourceType": ""})
        if isinstance(resource, Unreadable):
            raise Unparsable(
                "holds an entry that must not be believed: NaN, a repeated key or an absurd number"
            )
        if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
            raise Unparsable("holds an entry that is not a FHIR resource")
        if resource["resourceType"] == "Bundle":
            yield from entries_within(resource)
        else:
            yield entry


def _with_id(entry: Json) -> Json:
    return {**entry, "resource": {"id": entry["fullUrl"].removeprefix(URN), **entry["resource"]}}


def _addressed(entry: object) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry.get("resource"), dict):
        return False
    address = entry.get("fullUrl")
    return isinstance(address, str) and address.startswith(URN)


def pointing(value: JsonValue, locations: Mapping[str, str]) -> JsonValue:
    """The same with references to where their targets are, or will be."""
    match value:
        case {"reference": str(named)} if named in locations:
            return {**value, "reference": locations[named]}
        case dict():
            return {name: pointing(held, locations) for name, held in value.items()}
        case list():
            return [pointing(held, locations) for held in value]
        case _:
            return value
