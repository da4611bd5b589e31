"""From a Communication to a Message: which letter this is, and everything that is in it. Pure."""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from adapter.errors import RecordFault
from adapter.input import wire_json
from adapter.input.wire_json import ReadOnlyJson
from mappings.codes import BASE, PLAN_KEY
from mappings.outbound import resource_id
from mappings.outbound.content import digest
from mappings.outbound.fingerprint import carried
from mappings.outbound.ids import location_of
from workers.delivery.message import LetterMessage, Recipient

MESSAGE_ID = f"{BASE}/NamingSystem/message-id"
DOCUMENT_ID = f"{BASE}/NamingSystem/document-id"
# What a letter says; how it fares (status, sent, received) and what servers add is left out.
_SAYS = ("subject", "recipient", "payload", "language", "priority", "about", "basedOn", "inResponseTo")


@dataclass(frozen=True, slots=True)
class MessageName:
    """Which letter, and which version of its content."""

    document_id: str
    message_id: str


def name_of(communication: ReadOnlyJson) -> MessageName:
    """The ids of a Communication's letter: the same content has the same ids on every run and machine."""
    key = carried(communication, PLAN_KEY) or str(communication.get("id", ""))
    content = digest({part: communication.get(part) for part in _SAYS})
    return MessageName(resource_id("Document", key), resource_id("Message", f"{key}|{content}"))


def plan_of(communication: ReadOnlyJson) -> str | None:
    """`CarePlan/id` that the letter is about."""
    references = (based_on.get("reference") for based_on in _mappings(communication.get("basedOn")))
    local = (location_of(reference) for reference in references if isinstance(reference, str))
    return next((location for location in local if location.startswith("CarePlan/")), None)


def message_of(
    communication: ReadOnlyJson,
    patient: ReadOnlyJson,
    attached: Iterable[ReadOnlyJson] = (),
    *,
    issued: datetime,
    replaces: str | None = None,
    authenticated: bool = True,
) -> LetterMessage:
    """The message for the one recipient of a Communication.

    `attached` are the resources behind its references: a document Bundle, a DocumentReference or a Binary.
    Raises RecordFault when there is no recipient, or more than one, or nothing to read.
    """
    recipients = _mappings(communication.get("recipient"))
    if len(recipients) != 1:
        raise RecordFault("A letter needs one recipient.", resource_type="Communication")
    attached = [*attached]
    forms = _forms(communication, attached)
    if not (forms.get("text/plain") or forms.get("application/pdf") or forms.get("text/html")):
        raise RecordFault("The letter is empty.", resource_type="Communication")
    name = name_of(communication)
    pages = forms.get("text/html")
    return LetterMessage(
        message_id=name.message_id,
        document_id=name.document_id,
        issued=issued,
        recipient=Recipient(recipients[0]),
        language=str(communication.get("language") or "en"),
        patient_reference=str((communication.get("subject") or {}).get("reference") or ""),
        patient=patient,
        text=forms.get("text/plain", b"").decode(errors="replace"),
        html=pages.decode(errors="replace") if pages else None,
        pdf=forms.get("application/pdf"),
        document=next((resource for resource in attached if _is_document(resource)), None)
        or _document(forms),
        communication=communication,
        replaces=replaces,
        authenticated=authenticated,
    )


def _forms(communication: ReadOnlyJson, attached: Iterable[ReadOnlyJson]) -> dict[str, bytes]:
    """The letter by media type; the first of each type counts."""
    found: dict[str, bytes] = {}
    for media, content in (
        *_payload_parts(communication),
        *(part for resource in attached for part in _resource_parts(resource)),
    ):
        found.setdefault(media, content)
    return found


def _payload_parts(communication: ReadOnlyJson) -> Iterator[tuple[str, bytes]]:
    for payload in _mappings(communication.get("payload")):
        if isinstance(text := payload.get("contentString"), str) and text.strip():
            yield "text/plain", text.encode()
        if isinstance(attachment := payload.get("contentAttachment"), Mapping):
            yield from _attachment(attachment)


def _resource_parts(resource: ReadOnlyJson) -> Iterator[tuple[str, bytes]]:
    match resource.get("resourceType"):
        case "DocumentReference":
            for content in _mappings(resource.get("content")):
                yield from _attachment(content.get("attachment") or {})
        case "Binary":
            yield from _attachment(resource)
        case "Bundle":
            for entry in _mappings(resource.get("entry")):
                yield from _resource_parts(entry.get("resource") or {})
        case _:
            return


def _document(forms: Mapping[str, bytes]) -> ReadOnlyJson | None:
    """The document that is filed with the pages of the letter, as it was when the letter was released."""
    if (filed := forms.get("application/fhir+json")) is None:
        return None
    try:
        document = wire_json.parse(filed)
    except wire_json.Unparsable as error:
        raise RecordFault("The document of the letter is not JSON.") from error
    return document if _is_document(document) else None


def _attachment(attachment: ReadOnlyJson) -> Iterator[tuple[str, bytes]]:
    media, data = attachment.get("contentType"), attachment.get("data")
    if isinstance(media, str) and isinstance(data, str):
        try:
            yield media.partition(";")[0].strip().lower(), b64decode(data, validate=True)
        except NotBase64 as error:
            raise RecordFault("An attachment of the letter is not base64.") from error


def _is_document(resource: ReadOnlyJson) -> bool:
    return resource.get("resourceType") == "Bundle" and resource.get("type") == "document"


def _mappings(value: object) -> list[ReadOnlyJson]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
