"""The resources on the server under our own ids, and whether somebody else has edited them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from types import MappingProxyType

from adapter.input.wire_json import Json
from mappings.codes import PLAN_KEY
from mappings.outbound.draft import Draft
from mappings.outbound.fingerprint import carried, fingerprint
from mappings.outbound.ids import CONTENT_FINGERPRINT, location_of

# The status that we write, and the one that we write when there is no longer anything to say.
OPEN = MappingProxyType(
    {
        "CarePlan": "draft",
        "Communication": "preparation",
        "Task": "requested",
        "ServiceRequest": "draft",
        "MedicationRequest": "draft",
        "CommunicationRequest": "draft",
    }
)
WITHDRAWN = MappingProxyType(
    {
        "CarePlan": "revoked",
        "Communication": "not-done",
        "Task": "cancelled",
        "ServiceRequest": "revoked",
        "MedicationRequest": "cancelled",
        "CommunicationRequest": "revoked",
    }
)
GROUP = MappingProxyType(  # the element that says to which plan a step of it belongs
    {
        "Task": "groupIdentifier",
        "ServiceRequest": "requisition",
        "MedicationRequest": "groupIdentifier",
        "CommunicationRequest": "groupIdentifier",
    }
)


class DraftStanding(Enum):
    """How a resource on the server stands to a draft."""

    ABSENT = auto()
    SAME = auto()
    BEHIND = auto()
    EDITED = auto()
    AWAY = auto()


@dataclass(frozen=True)
class ServerView:
    """Current resources by ``Type/id``, and their last versions by us according to the ledger.

    What one read found: nobody changes it.
    """

    existing: Mapping[str, Json]
    ours: Mapping[str, str]

    def find(self, draft: Draft) -> str | None:
        """Where a draft already is: under its own id, or under the server's id with our identifier.

        Of two with the same identifier (conditional requests race on some servers) the older one is it.
        """
        return draft.location if draft.location in self.existing else self.oldest.get(draft.location)

    def standing(self, draft: Draft) -> DraftStanding:
        """Total over everything that can have happened to a resource of ours."""
        location = self.find(draft)
        if location is None:
            return DraftStanding.ABSENT
        edited = self.edited(location)
        if self._has_left(location) and (edited or not self._withdrawn(location)):
            return DraftStanding.AWAY
        if edited:
            return DraftStanding.EDITED
        return DraftStanding.BEHIND if self.outdated(location, draft) else DraftStanding.SAME

    def edited(self, location: str) -> bool:
        """Whether somebody else changed it: not the version in the ledger, and no longer what its mark says.

        The ledger alone is not enough (it may be lost), nor is the mark (a server
        may tidy up what it stores).
        """
        resource = self.existing[location]
        if location in self.ours and self.ours[location] == _version(resource):
            return False
        return carried(resource, CONTENT_FINGERPRINT) != fingerprint(resource, self.aliases)

    def same_but_for_status(self, location: str) -> bool:
        """Whether it says what we wrote, whatever its status is."""
        resource = self.existing[location]
        as_written = resource | {"status": OPEN[resource["resourceType"]]}
        return carried(resource, CONTENT_FINGERPRINT) == fingerprint(as_written, self.aliases)

    def outdated(self, location: str, draft: Draft) -> bool:
        """Whether we would now say something else than when we wrote it."""
        return carried(self.existing[location], CONTENT_FINGERPRINT) != draft.fingerprint

    def etag(self, location: str) -> str | None:
        """The version that a change must replace, as an ETag."""
        version = _version(self.existing[location])
        return f'W/"{version}"' if version else None

    @cached_property
    def aliases(self) -> Mapping[str, str]:
        """The server's ``Type/id`` to ours: the plan-key identifier holds the id that we would have given."""
        return MappingProxyType(dict(self._names()))

    @cached_property
    def oldest(self) -> Mapping[str, str]:
        """Our ``Type/id`` to the server's: of several with one identifier the one that was written first."""
        newest_first = sorted(self.aliases, key=lambda location: (self._updated(location), location))[::-1]
        return MappingProxyType({self.aliases[location]: location for location in newest_first})

    def belonging_to(self, plan_location: str) -> Iterator[str]:
        """The Communications and Tasks about a plan, and the requests that are its steps."""
        names = self.aliases
        for location, resource in self.existing.items():
            based = {
                names.get(at, at)
                for reference in resource.get("basedOn") or ()
                if (at := _location(reference))
            }
            element = GROUP.get(resource["resourceType"], "groupIdentifier")
            group = f"CarePlan/{(resource.get(element) or {}).get('value')}"
            if plan_location in based or group == plan_location:
                yield location

    def _names(self) -> Iterator[tuple[str, str]]:
        for location, resource in self.existing.items():
            if name := carried(resource, PLAN_KEY):
                yield location, f"{resource['resourceType']}/{name}"

    def _has_left(self, location: str) -> bool:
        resource = self.existing[location]
        return resource["resourceType"] in OPEN and resource.get("status") != OPEN[resource["resourceType"]]

    def _withdrawn(self, location: str) -> bool:
        resource = self.existing[location]
        return bool(resource.get("status") == WITHDRAWN[resource["resourceType"]])

    def _updated(self, location: str) -> str:
        return str((self.existing[location].get("meta") or {}).get("lastUpdated", ""))


def _version(resource: Json) -> str | None:
    version = (resource.get("meta") or {}).get("versionId")
    return str(version) if version else None


def _location(reference: Json) -> str | None:
    literal = reference.get("reference")
    return location_of(literal) if isinstance(literal, str) else None
