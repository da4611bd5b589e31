"""Duplicate resources: two writers at once can make them on servers that assign their own ids.

The oldest one stays, the others are marked as entered in error, and the run says so. Marking one that is
marked already does nothing, and two workers that notice at once choose the same one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from adapter.input.wire_json import Json
from mappings.codes import PLAN_KEY

MARKED = "entered-in-error"
# The types with that status; a DocumentReference is read in part and cannot be written back.
HAVE_IT = frozenset({
    "CarePlan", "Communication", "Task", "Device", "ServiceRequest", "MedicationRequest", "CommunicationRequest",
})  # fmt: skip


def duplicates_of(existing: Mapping[str, Json]) -> dict[str, Json]:
    """Those that have an elder with the same plan key, by Type/id; marked ones among them."""
    groups: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for location, resource in existing.items():
        if name := _plan_key(resource):
            groups[resource["resourceType"], name].append(location)
    younger = (sorted(group, key=lambda location: _age(existing[location]))[1:] for group in groups.values())
    return {location: existing[location] for group in younger for location in group}


def unmarked(duplicates: Iterable[Json]) -> list[Json]:
    """Those that nobody has marked yet."""
    return [
        duplicate
        for duplicate in duplicates
        if duplicate["resourceType"] in HAVE_IT and duplicate.get("status") != MARKED
    ]


def _plan_key(resource: Json) -> str | None:
    held = resource.get("identifier") or ()
    return next((str(it.get("value")) for it in held if it.get("system") == PLAN_KEY), None)


def _age(resource: Json) -> tuple[bool, str, str]:
    """Marked ones last, then by their last writing, which is the making of a new duplicate."""
    updated = str((resource.get("meta") or {}).get("lastUpdated", ""))
    return resource.get("status") == MARKED, updated, str(resource.get("id"))
