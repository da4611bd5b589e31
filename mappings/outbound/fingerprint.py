"""The digest of what a resource says, whatever a server does to it on the way in and out.

HAPI strips ``/_history/n`` from stored references and re-encodes narratives; others make references absolute or
give ids of their own; ours change with each release (the Device). None of that is a change of content, and all
of it is taken out before hashing. The version of a source survives in the reference's ``display``.
"""

import html
import re
from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

import orjson

from adapter.wire_json import Json
from mappings.codes import PLAN_KEY
from mappings.outbound.draft import Draft
from mappings.outbound.ids import CONTENT_FINGERPRINT, location_of, resource_id

VOLATILE = frozenset({"id", "meta", "created", "authoredOn", "recorded", "lastModified"})
_TAG = re.compile(r"<[^>]*>")
_MARK = frozenset({"system", "value"})
_RESPELT = frozenset({"reference", "div"})  # elements whose text a server may write otherwise


def seal(resource: Json, key: str) -> Draft:
    """A draft with its id, its business identifier and its fingerprint; sealing twice changes nothing.

    A Provenance, the one type of ours without an identifier, has no fingerprint: it is written once and compared with none.
    """
    name = resource_id(resource["resourceType"], key)
    named = {"resourceType": resource["resourceType"]} | resource | {"id": name}
    if resource["resourceType"] == "Provenance":
        return Draft(named, key, "")
    others = [
        it for it in resource.get("identifier", ()) if it["system"] not in (PLAN_KEY, CONTENT_FINGERPRINT)
    ]
    named["identifier"] = [{"system": PLAN_KEY, "value": name}, *others]
    sealed = marked(named)
    return Draft(sealed, key, sealed["identifier"][-1]["value"])


def marked(resource: Json, aliases: Mapping[str, str] | None = None) -> Json:
    """The resource carrying its own fingerprint: as an identifier, for tags add up over updates on HAPI."""
    kept = [it for it in resource["identifier"] if it.get("system") != CONTENT_FINGERPRINT]
    mark = {"system": CONTENT_FINGERPRINT, "value": fingerprint(resource, aliases)}
    return {**resource, "identifier": [*kept, mark]}


def fingerprint(resource: Mapping[str, Any], aliases: Mapping[str, str] | None = None) -> str:
    """SHA-256 of the lasting content; ``aliases`` translates a server's own ``Type/id`` into ours."""
    return digest({name: value for name, value in resource.items() if name not in VOLATILE}, aliases)


def digest(content: object, aliases: Mapping[str, str] | None = None) -> str:
    """SHA-256 of any piece of JSON, read as content."""
    plain = orjson.dumps(_plain(content, aliases or {}), option=orjson.OPT_SORT_KEYS)
    return sha256(plain).hexdigest()


def carried(resource: Mapping[str, Any], system: str) -> str | None:
    """The value that a resource carries as identifier of a system."""
    values = (it.get("value") for it in resource.get("identifier") or () if it.get("system") == system)
    return next(values, None)


def _plain(value: object, aliases: Mapping[str, str]) -> Any:
    """Text, which is most of it, is passed by without a call: this walks through all that is read or written."""
    if isinstance(value, dict):
        if value.get("system") == CONTENT_FINGERPRINT and value.keys() <= _MARK:
            return None
        kept: Json = {}
        for name, it in value.items():
            if isinstance(it, str):
                kept[name] = _respelt(name, it, aliases) if name in _RESPELT else it
            elif (held := _plain(it, aliases)) or held is False:  # null and what is empty say nothing
                kept[name] = held
        return kept
    if isinstance(value, list | tuple):
        return [held for it in value if (held := _plain(it, aliases)) is not None]
    return _single(value)


def _single(value: object) -> Any:
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal):
        # 2.50 comes back as 2.5 from servers that keep numbers as numbers; R4 wants the digits kept
        # (datatypes.html#decimal).
        return format(Decimal(str(value)).normalize(), "f")
    raise TypeError(f"not JSON: {type(value).__name__}")


def _respelt(name: str, value: str, aliases: Mapping[str, str]) -> str:
    if name == "div":
        return " ".join(html.unescape(_TAG.sub(" ", value)).split())
    location = location_of(value)
    location = aliases.get(location, location)
    # Our Device is another one with each version of the program, and is no change of the plan.
    return "Device" if location.startswith("Device/") else location
