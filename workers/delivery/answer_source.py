"""Whether an answer comes from the recipient and concerns this patient.

What anybody else writes is shown to a human and counts for nothing.

| asked of the answer | it counts when                                                                       |
| ------------------- | ------------------------------------------------------------------------------------ |
| who answers         | `Task.owner`, without one `Task.requester`, or `Communication.sender` is the         |
|                     | letter's recipient, the person or organisation of its role, or somebody whose role   |
|                     | is there; a name is nobody                                                           |
| about whom          | `Task.for` or `Communication.subject` is the letter's patient, or is not said        |

A reference counts by where it leads on our server or by a business identifier that both sides have.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from adapter.errors import RecordFault
from adapter.input.wire_json import JsonValue, ReadOnlyJson
from mappings.outbound.ids import is_local, location_of
from workers.delivery.record_server import OwnFhirServer
from workers.ledger.outbox import Delivery

_PEOPLE = frozenset({"Practitioner", "PractitionerRole", "Organization"})
_PATIENT = frozenset({"Patient"})
_WITHIN = ("practitioner", "organization")


@dataclass(frozen=True, slots=True)
class RecipientAnswerSource:
    """Looks up who and what the references of letters and answers mean, each once."""

    records: OwnFhirServer = field(repr=False)
    _read: dict[str, ReadOnlyJson] = field(default_factory=dict, repr=False)

    def is_recipient(self, entry: Delivery, answer: ReadOnlyJson) -> bool:
        """Whether the recipient of this letter says so, about its patient."""
        letter = self._resource(f"Communication/{entry.communication}")
        recipients = letter.get("recipient")
        known = {meaning for recipient in recipients or () for meaning in self._meanings(recipient, _PEOPLE)}
        if known.isdisjoint(self._meanings(_speaker(answer), _PEOPLE)):
            return False
        person_meant = answer.get("for") or answer.get("subject")
        return not person_meant or not set(self._meanings(person_meant, _PATIENT)).isdisjoint(
            self._meanings(letter.get("subject"), _PATIENT)
        )

    def _meanings(self, reference: object, kinds: frozenset[str]) -> Iterator[str]:
        """Everything that one reference is known by; nothing for a name alone."""
        if not isinstance(reference, Mapping):
            return
        yield from _token(reference.get("identifier"))
        literal = reference.get("reference")
        if not isinstance(literal, str) or not is_local(literal):
            return
        location = location_of(literal)
        if location.partition("/")[0] in kinds:
            yield location
            yield from self._names_in(self._resource(location))

    def _names_in(self, resource: ReadOnlyJson) -> Iterator[str]:
        identifiers = resource.get("identifier")
        for held in identifiers if isinstance(identifiers, list) else ():
            yield from _token(held)
        if resource.get("resourceType") == "PractitionerRole":
            for name in _WITHIN:
                part = resource.get(name)
                if isinstance(part, Mapping):
                    yield from _token(part.get("identifier"))
                    if isinstance(part.get("reference"), str) and is_local(part["reference"]):
                        yield location_of(part["reference"])

    def _resource(self, location: str) -> ReadOnlyJson:
        if location not in self._read:
            kind, _, name = location.partition("/")
            try:
                self._read[location] = self.records.read(kind, name)
            except RecordFault:
                self._read[location] = {}
        return self._read[location]


def _speaker(answer: ReadOnlyJson) -> JsonValue:
    if answer.get("resourceType") == "Communication":
        return answer.get("sender")
    return answer.get("owner") or answer.get("requester")


def _token(identifier: object) -> Iterator[str]:
    if isinstance(identifier, Mapping) and identifier.get("system") and identifier.get("value"):
        yield f"{identifier['system']}|{identifier['value']}"
