"""Puts a published pathway on a server: writes what is missing or differs, all or nothing, and no more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from adapter.fhir.bundles import Entry, EntryResult
from adapter.fhir.search import Accept, Params, SearchResult
from adapter.input.wire_json import Json
from mappings.outbound.fingerprint import fingerprint

_PER_SEARCH = 20  # ids in one search, so that its address stays short


class PublicationServer(Protocol):
    """What publishing needs of a FHIR server."""

    def batch_searches(self, searches: Sequence[tuple[str, Params, Accept | None]]) -> list[SearchResult]:
        """Many searches in one request."""

    def transaction(self, entries: Sequence[Entry]) -> list[EntryResult]:
        """All or nothing."""


class Published(StrEnum):
    """What became of a resource."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Publication:
    """One resource and what becomes of it; ``same_version``: it changed under its old version."""

    location: str
    outcome: Published
    same_version: bool = False


def publish_resources(
    resources: Sequence[Json], server: PublicationServer, *, dry_run: bool = False
) -> tuple[Publication, ...]:
    """Write what differs from the server, in the order given; a second call writes nothing."""
    existing = _existing_resources(resources, server)
    judged = [_publication_of(resource, existing.get(_location(resource))) for resource in resources]
    entries = [
        _entry(resource, existing.get(publication.location))
        for resource, publication in zip(resources, judged, strict=True)
        if publication.outcome is not Published.UNCHANGED
    ]
    if entries and not dry_run:
        server.transaction(entries)
    return tuple(judged)


def _publication_of(resource: Json, held: Json | None) -> Publication:
    if held is None:
        return Publication(_location(resource), Published.CREATED)
    if fingerprint(held) == fingerprint(resource):
        return Publication(_location(resource), Published.UNCHANGED)
    same = held.get("version") == resource.get("version") and resource["resourceType"] == "PlanDefinition"
    return Publication(_location(resource), Published.UPDATED, same)


def _entry(resource: Json, held: Json | None) -> Entry:
    version = (held or {}).get("meta", {}).get("versionId")
    return Entry("PUT", _location(resource), resource, if_match=version)


def _existing_resources(resources: Sequence[Json], server: PublicationServer) -> Mapping[str, Json]:
    ids: dict[str, list[str]] = {}
    for resource in resources:
        ids.setdefault(resource["resourceType"], []).append(resource["id"])
    asked = [
        (kind, [("_id", ",".join(names[start : start + _PER_SEARCH]))], None)
        for kind, names in ids.items()
        for start in range(0, len(names), _PER_SEARCH)
    ]
    found = server.batch_searches(asked)
    return {_location(match): match for result in found for match in result.matches}


def _location(resource: Json) -> str:
    return f"{resource['resourceType']}/{resource['id']}"
