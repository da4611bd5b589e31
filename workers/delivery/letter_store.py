"""The letter behind a delivery as the server holds it now, or the reason why it may no longer go."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from adapter.errors import NotThere
from adapter.input.wire_json import ReadOnlyJson
from mappings.outbound.ids import is_local, location_of
from workers.delivery.delivery_codes import DELIVERY
from workers.delivery.message import LetterMessage
from workers.delivery.message_content import DOCUMENT_ID, message_of, name_of
from workers.delivery.record_server import OwnFhirServer
from workers.ledger.outbox import Delivery

REVOKED = frozenset({"revoked", "entered-in-error"})
RECIPIENTS = frozenset({"Practitioner", "PractitionerRole", "Organization"})
_ATTACHED = frozenset({"DocumentReference", "Binary", "Bundle"})
_MAY_GO = frozenset({"preparation", "in-progress", "unknown"})


@dataclass(frozen=True, slots=True)
class WithheldLetter:
    """The letter does not go; `question` is what to ask a human, `later` whether it may go another time."""

    reason: str
    question: str | None = None
    later: bool = False


LoadMessage = Callable[[Delivery], LetterMessage | WithheldLetter]


def undressed_message(message: LetterMessage) -> LetterMessage:
    """The message with nothing added."""
    return message


@dataclass(frozen=True, slots=True)
class LetterStore:
    """Letters by what the server holds; `dress` may add a form that is not stored, such as the PDF."""

    records: OwnFhirServer = field(repr=False)
    dress: Callable[[LetterMessage], LetterMessage] = undressed_message

    def load(self, entry: Delivery) -> LetterMessage | WithheldLetter:
        """The message of a delivery.

        Raises faults of the wire; RecordFault when the letter cannot be made out.
        """
        communication = self._read_if_there("Communication", entry.communication)
        if communication is None:
            return WithheldLetter("communication-gone")
        if withheld := self._reason_to_withhold(entry, communication):
            return withheld
        attached = list(self._attached_resources(communication))
        patient = self._resolve_reference(communication.get("subject")) or {}
        message = message_of(
            communication,
            patient,
            attached,
            issued=entry.queued_at,
            replaces=_replaced_document(attached),
            authenticated=not any(_is_preliminary(resource) for resource in attached),
        )
        known = replace(message.recipient, record=self._recipient(communication) or {})
        return self.dress(replace(message, recipient=known))

    def _reason_to_withhold(self, entry: Delivery, communication: ReadOnlyJson) -> WithheldLetter | None:
        if communication.get("status") == "on-hold":
            return WithheldLetter("on-hold", later=True)
        if communication.get("status") not in _MAY_GO and not _has_failed_before(communication):
            return WithheldLetter("communication-closed")
        if entry.plan and not entry.retraction:
            plan = self._read_if_there(*_location_parts(entry.plan))
            if plan is None or plan.get("status") in REVOKED:
                return WithheldLetter("plan-revoked")
        if name_of(communication).message_id != entry.message_id:
            return WithheldLetter("content-changed", question="delivery_content_changed")
        return None

    def _recipient(self, communication: ReadOnlyJson) -> ReadOnlyJson | None:
        """The record of the one recipient; of a role without identifier, that of its organisation."""
        named = communication.get("recipient")
        record = self._resolve_reference(named[0] if isinstance(named, list) and named else None, RECIPIENTS)
        if record and not record.get("identifier") and record.get("resourceType") == "PractitionerRole":
            return self._resolve_reference(record.get("organization"), RECIPIENTS) or record
        return record

    def _attached_resources(self, communication: ReadOnlyJson) -> Iterator[ReadOnlyJson]:
        payloads = communication.get("payload")
        for payload in payloads if isinstance(payloads, list) else ():
            attachment = payload.get("contentAttachment") or {}
            for pointer in (payload.get("contentReference"), {"reference": attachment.get("url")}):
                found = self._resolve_reference(pointer, _ATTACHED)
                if found:
                    yield found
                    yield from self._pointed_resources(found)

    def _pointed_resources(self, letter: ReadOnlyJson) -> Iterator[ReadOnlyJson]:
        """What a DocumentReference only points to."""
        contents = letter.get("content") if letter.get("resourceType") == "DocumentReference" else None
        for content in contents if isinstance(contents, list) else ():
            pointer = {"reference": (content.get("attachment") or {}).get("url")}
            if found := self._resolve_reference(pointer, _ATTACHED):
                yield found

    def _resolve_reference(
        self, reference: object, kinds: frozenset[str] = frozenset({"Patient"})
    ) -> ReadOnlyJson | None:
        literal = reference.get("reference") if isinstance(reference, Mapping) else None
        if not isinstance(literal, str) or not is_local(literal):
            return None
        kind, name = _location_parts(location_of(literal))
        return self._read_if_there(kind, name) if kind in kinds else None

    def _read_if_there(self, kind: str, name: str) -> ReadOnlyJson | None:
        try:
            return self.records.read(kind, name)
        except NotThere:
            return None


def _has_failed_before(communication: ReadOnlyJson) -> bool:
    """Not done for a reason of ours: then it may be tried again; what a human or a review stopped may not."""
    reason = communication.get("statusReason")
    codings = reason.get("coding") if isinstance(reason, Mapping) else None
    is_own_reason = any(coding.get("system") == DELIVERY for coding in codings or ())
    return communication.get("status") == "not-done" and is_own_reason


def _is_preliminary(resource: ReadOnlyJson) -> bool:
    if resource.get("resourceType") == "Bundle":
        first = (resource.get("entry") or [{}])[0].get("resource") or {}
        return first.get("resourceType") == "Composition" and first.get("status") == "preliminary"
    return resource.get("docStatus") == "preliminary"


def _replaced_document(attached: list[ReadOnlyJson]) -> str | None:
    """The earlier document that a DocumentReference says it takes the place of."""
    related = (
        relation
        for resource in attached
        for relation in resource.get("relatesTo") or ()
        if isinstance(relation, Mapping)
    )
    targets = (relation.get("target") or {} for relation in related if relation.get("code") == "replaces")
    named = (target.get("identifier") or {} for target in targets)
    return next(
        (
            str(identifier["value"])
            for identifier in named
            if identifier.get("system") == DOCUMENT_ID and identifier.get("value")
        ),
        None,
    )


def _location_parts(location: str) -> tuple[str, str]:
    kind, _, name = location.partition("/")
    return kind, name
