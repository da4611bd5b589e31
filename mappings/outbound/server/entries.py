"""Writes as the entries of one transaction, for servers that take our ids and for those that do not."""

from collections.abc import Iterable, Mapping

from adapter.input.wire_json import Json, JsonValue
from mappings.codes import PLAN_KEY
from mappings.outbound.draft import Action, Draft, TransactionEntry, Write
from mappings.outbound.ids import location_of
from mappings.outbound.server.conditional_create import created_once


def entries(writes: Iterable[Write], *, update_create: bool) -> list[TransactionEntry]:
    """What changes, ready to be sent; sending it again has no further effect.

    With ``update_create`` everything is a PUT under its own id. Otherwise a new resource is a conditional
    create (on HAPI parallel conditional *updates* made duplicates in one round of four, conditional creates
    in none of sixty) and only a known one is a PUT.
    """
    held = tuple(writes)
    locations = {it.draft.location: _location(it, update_create=update_create) for it in held}
    return [_entry(it, locations, update_create=update_create) for it in held if it.changes]


def _entry(write: Write, locations: Mapping[str, str], *, update_create: bool) -> TransactionEntry:
    kind = write.draft.type
    resource = _placed(write.draft, locations)
    if write.action is Action.UPDATE or update_create:
        resource["id"] = write.location.partition("/")[2]
        # A Provenance bears the name of what it says: what is said again, after a plan
        # came back, stands there already.
        first = write.action is Action.CREATE and kind != "Provenance"
        return TransactionEntry("PUT", write.location, resource, if_match=write.if_match, if_none_match=first)
    content, condition = created_once(resource, PLAN_KEY)
    return TransactionEntry("POST", kind, content, full_url=_urn(write), if_none_exist=condition)


def _location(write: Write, *, update_create: bool) -> str:
    return _urn(write) if write.action is Action.CREATE and not update_create else write.location


def _urn(write: Write) -> str:
    return f"urn:uuid:{write.draft.resource['id']}"


def _placed(draft: Draft, locations: Mapping[str, str]) -> Json:
    """A copy that points to where everything is or will be, which is mostly where the draft points."""
    if all(
        locations.get(location_of(reference), reference) == reference
        for reference in draft.outline.references
    ):
        return {**draft.resource}
    placed: Json = _pointing(draft.resource, locations)
    return placed


def _pointing(value: object, locations: Mapping[str, str]) -> JsonValue:
    """The same content with references to where their targets are, or will be."""
    match value:
        case dict():
            return {name: _reference(name, held, locations) for name, held in value.items()}
        case list():
            return [_pointing(held, locations) for held in value]
        case _:
            return value


def _reference(name: str, value: object, locations: Mapping[str, str]) -> JsonValue:
    if name == "reference" and isinstance(value, str):
        return locations.get(location_of(value), value)
    return _pointing(value, locations)
