"""Where a recipient takes letters, by the directory or else the settings, and whether they may go there.

The directory is our own FHIR server. Whoever may write there could send letters anywhere, so
an address counts only on a host that the settings name, and credentials go only to the
addresses that they were given for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from adapter.errors import ConfigurationFault, RecordFault
from adapter.fhir.origin import Base
from adapter.input.wire_json import JsonValue, ReadOnlyJson
from mappings.outbound.ids import is_local, location_of
from workers.delivery.message import Recipient
from workers.delivery.record_server import OwnFhirServer

FHIR_REST = "hl7-fhir-rest"
_SEARCHED = ("PractitionerRole", "Organization", "Practitioner")
_STEPS = 4  # role, its organization, the organization's parent, and one to spare


@dataclass(frozen=True, slots=True)
class EndpointDirectory:
    """Who can be reached where. `configured`: address by `system|value` or `Type/id` of a recipient."""

    records: OwnFhirServer = field(repr=False)
    configured: Mapping[str, str] = field(default_factory=dict, repr=False)

    def address_of(self, recipient: Recipient) -> str | None:
        """The base URL of the recipient's FHIR server; None when nobody knows it.

        May raise faults of the wire.
        """
        if recipient.endpoint:
            return recipient.endpoint
        names = [f"{system}|{value}" for system, value in recipient.identifiers]
        if isinstance(reference := recipient.reference.get("reference"), str):
            names.append(location_of(reference))
        told = next((self.configured[name] for name in names if name in self.configured), None)
        return told or next(self._addresses_of(recipient), None)

    def _addresses_of(self, recipient: Recipient) -> Iterator[str]:
        for resource in self._entries(recipient):
            yield from self._addresses(resource, _STEPS)

    def _entries(self, recipient: Recipient) -> Iterator[ReadOnlyJson]:
        """The recipient's own resources: by reference, else by identifier unless two share it."""
        if resource := self._resolve_reference(recipient.reference):
            yield resource
            return
        kind = recipient.reference.get("type")
        for system, value in recipient.identifiers:
            for searched in [kind] if kind in _SEARCHED else _SEARCHED:
                found = self.records.search(str(searched), [("identifier", f"{system}|{value}")], limit=2)
                if len(found.matches) == 1:
                    yield found.matches[0]

    def _addresses(self, resource: ReadOnlyJson, steps: int) -> Iterator[str]:
        if steps == 0 or resource.get("active") is False:
            return
        for reference in _references(resource.get("endpoint")):
            endpoint = self._resolve_reference(reference)
            if endpoint and (address := usable_address(endpoint)):
                yield address
        for above in self._parents(resource):
            yield from self._addresses(above, steps - 1)

    def _parents(self, resource: ReadOnlyJson) -> Iterator[ReadOnlyJson]:
        """Where to look when somebody has no endpoint of their own."""
        match resource.get("resourceType"):
            case "Practitioner":
                role = [("practitioner", f"Practitioner/{resource.get('id')}")]
                yield from self.records.search("PractitionerRole", role, limit=10).matches
            case "PractitionerRole":
                yield from filter(None, [self._resolve_reference(resource.get("organization"))])
            case "Organization":
                yield from filter(None, [self._resolve_reference(resource.get("partOf"))])
            case _:
                return

    def _resolve_reference(self, reference: object) -> ReadOnlyJson | None:
        literal = reference.get("reference") if isinstance(reference, Mapping) else None
        if not isinstance(literal, str) or not is_local(literal):
            return None
        kind, _, name = location_of(literal).partition("/")
        try:
            return self.records.read(kind, name)
        except RecordFault:
            return None


def usable_address(endpoint: ReadOnlyJson) -> str | None:
    """The address of an Endpoint that takes FHIR over HTTP just now."""
    kind = endpoint.get("connectionType")
    address = endpoint.get("address")
    fits = isinstance(kind, Mapping) and kind.get("code") == FHIR_REST and endpoint.get("status") == "active"
    return address.rstrip("/") if fits and isinstance(address, str) and address else None


def is_trusted(address: str, hosts: Sequence[str], configured: Sequence[str]) -> bool:
    """Whether letters may go there: an address of the settings, or HTTPS on a host of the settings."""
    try:
        Base.parse(address)
        if any(Base.parse(base).holds(address) for base in configured):
            return True
    except ConfigurationFault:
        return False
    parts = urlsplit(address)
    return parts.scheme == "https" and (parts.hostname or "") in hosts


def _references(value: object) -> list[JsonValue]:
    return value if isinstance(value, list) else []
