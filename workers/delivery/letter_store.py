"""The letter behind a delivery as the server holds it now, or the reason why it may no longer go."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from adapter.errors import NotThere
from adapter.input.wire_json import ReadOnlyJson
from mappings.outbound.ids import is_local, location_of
from workers.delivery.delivery_codes import DELIVERY
from workers.delivery.message import LetterMessage
from workers.delivery.message_content import DOCUMENT_ID, message_of, name_of
from workers.delivery.record_server import RecordServer
from workers.ledger.outbox import Delivery

REVOKED = frozenset({"revoked", "entered-in-error"})
RECIPIENTS = frozenset({"Practitioner", "PractitionerRole", "Organization"})
_ATTACHED = frozenset({"DocumentReference", "Binary", "Bundle"})
_MAY_GO = frozenset({"preparation", "in-progress", "unknown"})


@dataclass(frozen=True, slots=True)
class Withheld:
    """The letter does not go; `question` is what to ask a human, `later` whether it may go another time."""

    reason: str
    question: str | None = None
    later: bool = False


LoadMessage = Callable[[Delivery], LetterMessage | Withheld]


def as_it_is(message: LetterMessage) -> LetterMessage:
    """The message with nothing added."""
    return message


@dataclass(frozen=True, slots=True)
class LetterStore:
    """Letters by what the server holds; `dress` may add a form that is not stored, such as the PDF."""

    records: RecordServer = field(repr=False)
    dress: Callable[[LetterMessage], LetterMessage] = as_it_is

    def load(self, entry: Delivery) -> LetterMessage | Withheld:
        """The message of a delivery.

        Raises faults of the wire; RecordFault when the letter cannot be made out.
        """
        communication = self._read_if_there("Communication", entry.communication)
        if communication is None:
            return Withheld("communication-gone")
        if withheld := self._withheld(entry, communication):
            return withheld
        attached = list(self._attached(communication))
        patient = self._resolved(communication.get("subject")) or {}
        message = message_of(
            communication,
            patient,
            attached,
            issued=entry.queued_at,
            replaces=_replaced(attached),
            authenticated=not any(_preliminary(it) for it in attached),
        )
        known = replace(message.recipient, record=self._recipient(communication) or {})
        return self.dress(replace(message, recipient=known))

    def _withheld(self, entry: Delivery, communication: ReadOnlyJson) -> Withheld | None:
        if communication.get("status") == "on-hold":
            return Withheld("on-hold", later=True)
        if communication.get("status") not in _MAY_GO and not _failed_before(communication):
            return Withheld("communication-closed")
        if entry.plan and not entry.retraction:
            plan = self._read_if_there(*_parts(entry.plan))
            if plan is None or plan.get("status") in REVOKED:
                return Withheld("plan-revoked")
        if name_of(communication).message_id != entry.message_id:
            return Withheld("content-changed", question="delivery_content_changed")
        return None

    def _recipient(self, communication: ReadOnlyJson) -> ReadOnlyJson | None:
        """The record of the one recipient; of a role without identifier, that of its organisation."""
        named = communication.get("recipient")
        record = self._resolved(named[0] if isinstance(named, list) and named else None, RECIPIENTS)
        if record and not record.get("identifier") and record.get("resourceType") == "PractitionerRole":
            return self._resolved(record.get("organization"), RECIPIENTS) or record
        return record

    def _attached(self, communication: ReadOnlyJson) -> Iterator[ReadOnlyJson]:
        payloads = communication.get("payload")
        for payload in payloads if isinstance(payloads, list) else ():
            attachment = payload.get("contentAttachment") or {}
            for pointer in (payload.get("contentReference"), {"reference": attachment.get("url")}):
                found = self._resolved(pointer, _ATTACHED)
                if found:
                    yield found
                    yield from self._behind(found)

    def _behind(self, letter: ReadOnlyJson) -> Iterator[ReadOnlyJson]:
        """What a DocumentReference only points to."""
        contents = letter.get("content") if letter.get("resourceType") == "DocumentReference" else None
        for content in contents if isinstance(contents, list) else ():
            pointer = {"reference": (content.get("attachment") or {}).get("url")}
            if found := self._resolved(pointer, _ATTACHED):
                yield found

    def _resolved(
        self, reference: object, kinds: frozenset[str] = frozenset({"Patient"})
    ) -> ReadOnlyJson | None:
        literal = reference.get("reference") if isinstance(reference, Mapping) else None
        if not isinstance(literal, str) or not is_local(literal):
            return None
        kind, name = _parts(location_of(literal))
        return self._read_if_there(kind, name) if kind in kinds else None

    def _read_if_there(self, kind: str, name: str) -> ReadOnlyJson | None:
        try:
            return self.records.read(kind, name)
        except NotThere:
            return None


def _failed_before(communication: ReadOnlyJson) -> bool:
    """Not done for a reason of ours: then it may be tried again; what a human or a review stopped may not."""
    reason = communication.get("statusReason")
    codings = reason.get("coding") if isinstance(reason, Mapping) else None
    ours = any(it.get("system") == DELIVERY for it in codings or ())
    return communication.get("status") == "not-done" and ours


def _preliminary(resource: ReadOnlyJson) -> bool:
    if resource.get("resourceType") == "Bundle":
        first = (resource.get("entry") or [{}])[0].get("resource") or {}
        return first.get("resourceType") == "Composition" and first.get("status") == "preliminary"
    return resource.get("docStatus") == "preliminary"


def _replaced(attached: list[ReadOnlyJson]) -> str | None:
    """The earlier document that a DocumentReference says it takes the place of."""
    related = (it for one in attached for it in one.get("relatesTo") or () if isinstance(it, Mapping))
    targets = (it.get("target") or {} for it in related if it.get("code") == "replaces")
    named = (it.get("identifier") or {} for it in targets)
    return next(
        (str(it["value"]) for it in named if it.get("system") == DOCUMENT_ID and it.get("value")), None
    )


def _parts(location: str) -> tuple[str, str]:
    kind, _, name = location.partition("/")
    return kind, name
