"""The mark of what a resource says: a digest of its lasting content, kept on it as an identifier."""

from collections.abc import Mapping
from dataclasses import replace

from adapter.input.wire_json import Json, ReadOnlyJson
from mappings.codes import PLAN_KEY
from mappings.outbound.content import digest
from mappings.outbound.draft import Draft
from mappings.outbound.ids import CONTENT_FINGERPRINT, location_of, resource_id

VOLATILE = frozenset({"id", "meta", "created", "authoredOn", "recorded", "lastModified"})


def seal(resource: Json, key: str) -> Draft:
    """A draft with its id, its business identifier and its fingerprint; sealing twice changes nothing.

    A Provenance, the one type of ours without an identifier, has no fingerprint: it is written
    once and compared with none.
    """
    name = resource_id(resource["resourceType"], key)
    named = {"resourceType": resource["resourceType"]} | resource | {"id": name}
    if resource["resourceType"] == "Provenance":
        return Draft(named, key, "")
    others = [
        identifier
        for identifier in resource.get("identifier", ())
        if identifier["system"] not in (PLAN_KEY, CONTENT_FINGERPRINT)
    ]
    named["identifier"] = [{"system": PLAN_KEY, "value": name}, *others]
    sealed = marked(named)
    return Draft(sealed, key, sealed["identifier"][-1]["value"])


def marked(resource: Json, aliases: Mapping[str, str] | None = None) -> Json:
    """The resource carrying its own fingerprint: as an identifier, for tags add up over updates on HAPI."""
    kept = [
        identifier for identifier in resource["identifier"] if identifier.get("system") != CONTENT_FINGERPRINT
    ]
    mark = {"system": CONTENT_FINGERPRINT, "value": fingerprint(resource, aliases)}
    return {**resource, "identifier": [*kept, mark]}


def marked_under_our_names(draft: Draft, aliases: Mapping[str, str]) -> Draft:
    """The draft, in whose mark what stands on the server has the name that we gave it.

    The mark is compared with what is read back, where ``aliases`` turn each id of the server's into ours.
    """
    renamed = {place for place, name in aliases.items() if place != name}
    if not renamed or renamed.isdisjoint(map(location_of, draft.outline.references)):
        return draft
    content = marked(draft.resource, aliases)
    return replace(draft, resource=content, fingerprint=carried(content, CONTENT_FINGERPRINT) or "")


def fingerprint(resource: ReadOnlyJson, aliases: Mapping[str, str] | None = None) -> str:
    """SHA-256 of the lasting content; ``aliases`` translates a server's own ``Type/id`` into ours."""
    return digest({name: value for name, value in resource.items() if name not in VOLATILE}, aliases)


def carried(resource: ReadOnlyJson, system: str) -> str | None:
    """The value that a resource carries as identifier of a system."""
    values = (
        identifier.get("value")
        for identifier in resource.get("identifier") or ()
        if identifier.get("system") == system
    )
    return next(values, None)
