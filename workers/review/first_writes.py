"""A first write says that nothing stands there yet.

Where a server does not hold us to that, it is put right afterwards.

A writer that stalls beyond its lease writes late: over the plan of its successor, and over what a clinician
has made of that. `If-None-Match: *` forbids it, and a server that does not know the header shows by status
and version that there was something. Then what was there is written back at once, naming our own version, and
the patient is looked at again.
"""

import logging
from typing import Protocol

from adapter.errors import RecordFault, VersionConflict
from adapter.fhir.bundles import Entry
from adapter.input.wire_json import Json, ReadOnlyJson
from mappings.outbound.fingerprint import fingerprint

log = logging.getLogger(__name__)

OF_THE_SERVER = ("versionId", "lastUpdated")


class VersionedServer(Protocol):
    """What putting back needs of a FHIR server."""

    def vread(self, resource_type: str, resource_id: str, version_id: str) -> Json:
        """One version of the past."""

    def update(self, resource: Json, *, if_match: str | None = None) -> object:
        """PUT by id."""


def overwrote(entry: Entry, *, created: bool, version: str | None) -> bool:
    """Whether a write that was to be the first was none: something else stood there."""
    return entry.if_none_match and not created and version not in (None, "1")


def put_back(entry: Entry, version: str | None, server: VersionedServer) -> bool:
    """Write back what a late first write replaced; whether that was something else than what we wrote."""
    resource = entry.resource or {}
    kind, name = str(resource.get("resourceType")), str(resource.get("id"))
    before = _before(kind, name, version, server)
    if before is None or fingerprint(before) == fingerprint(resource):
        return False
    log.error("a first write of a %s came late; what stood there is written back", kind)
    try:
        server.update(own_content(before), if_match=version)
    except VersionConflict:  # somebody wrote since, and saw what stood there
        log.warning("a %s was written again before it could be put back", kind)
    return True


def _before(kind: str, name: str, version: str | None, server: VersionedServer) -> Json | None:
    """The version that was replaced; None where it cannot be told, or was deleted."""
    if version is None or not version.isdecimal():
        return None
    try:
        return server.vread(kind, name, str(int(version) - 1))
    except RecordFault:
        return None


def own_content(resource: ReadOnlyJson) -> Json:
    """Without what only the server may say."""
    meta = {name: value for name, value in (resource.get("meta") or {}).items() if name not in OF_THE_SERVER}
    return {
        **{name: value for name, value in resource.items() if name != "meta"},
        **({"meta": meta} if meta else {}),
    }
