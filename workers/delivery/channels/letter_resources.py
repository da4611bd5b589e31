"""A letter as resources for somebody else's server: nothing in them points to a record that only we have.

Pure.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha1

from adapter.fhir.bundles import Entry
from adapter.input.wire_json import Json, JsonValue
from mappings.outbound import resource_id
from mappings.outbound.gate import admit_other
from mappings.outbound.ids import is_local
from mappings.valuesets import coding
from workers.delivery.delivery_codes import concept, words
from workers.delivery.message import LetterMessage
from workers.delivery.message_content import DOCUMENT_ID, MESSAGE_ID

URI = "urn:ietf:rfc:3986"
LETTER = coding("document-letter")
_OURS_ALONE = frozenset(
    {"id", "meta", "text", "identifier", "payload", "status", "statusReason", "sent", "received"}
)


def part_ids(message: LetterMessage) -> dict[str, str]:
    """The ids under which the parts are written: a version of a letter keeps them on every server."""
    return {
        "Bundle": message.document_id,
        **{
            kind: resource_id(kind, message.message_id)
            for kind in ("DocumentReference", "Communication", "Task")
        },
    }


def document_of(message: LetterMessage) -> Json | None:
    """The document Bundle with our names: its id is the document's, its identifier this version's."""
    if message.document is None:
        return None
    return {**message.document, "id": message.document_id, "identifier": _message_identifier(message)}


def letter_entries(message: LetterMessage, own_base: str, *, update_create: bool) -> list[Entry]:
    """One transaction: the document, the letter, the message and the question; the question last.

    With `update_create` each is written under an id of ours, otherwise unless one
    with its identifier is there.
    """
    own_parts = tuple(_parts(message, own_base, update_create))
    for part in own_parts:  # the document passed the gate when it was made
        admit_other(part)
    parts = [part for part in (document_of(message), *own_parts) if part]
    return [_entry(part, message, update_create=update_create) for part in parts]


def _entry(part: Json, message: LetterMessage, *, update_create: bool) -> Entry:
    kind, name = part["resourceType"], part["id"]
    if update_create:
        return Entry("PUT", f"{kind}/{name}", part)
    unnamed = {element: value for element, value in part.items() if element != "id"}
    only_once = f"identifier={MESSAGE_ID}|{message.message_id}"
    return Entry("POST", kind, unnamed, full_url=f"urn:uuid:{name}", if_none_exist=only_once)


def _parts(message: LetterMessage, own_base: str, update_create: bool) -> Iterator[Json]:
    ids = part_ids(message)
    at = {kind: f"{kind}/{name}" if update_create else f"urn:uuid:{name}" for kind, name in ids.items()}
    subject = _subject(message, own_base)
    yield _letter(message, ids["DocumentReference"], subject)
    yield _communication(message, ids["Communication"], subject, at["DocumentReference"], own_base)
    yield _task(message, ids["Task"], subject, at["Communication"], own_base)


def _letter(message: LetterMessage, name: str, subject: Json) -> Json:
    forms = [
        ("application/pdf", message.pdf),
        ("text/html", message.html.encode(errors="replace") if message.html else None),
        ("text/plain", message.text.encode(errors="replace") or None),
    ]
    replaced = {"type": "DocumentReference", "identifier": {"system": DOCUMENT_ID, "value": message.replaces}}
    return {
        "resourceType": "DocumentReference",
        "id": name,
        "masterIdentifier": _message_identifier(message),
        "identifier": [{"system": DOCUMENT_ID, "value": message.document_id}],
        "status": "current",
        "docStatus": "final" if message.authenticated else "preliminary",
        "type": {"coding": [LETTER]},
        "subject": subject,
        "date": message.issued.isoformat(),
        **({"relatesTo": [{"code": "replaces", "target": replaced}]} if message.replaces else {}),
        "content": [
            {"attachment": _attachment(media, data, message.language)}
            for media, data in forms
            if data is not None
        ],
    }


def _attachment(media: str, data: bytes, language: str) -> Json:
    return {
        "contentType": media,
        "language": language,
        "data": b64encode(data).decode("ascii"),
        "size": len(data),
        "hash": b64encode(sha1(data, usedforsecurity=False).digest()).decode("ascii"),  # R4 wants SHA-1
    }


def _communication(message: LetterMessage, name: str, subject: Json, letter: str, own_base: str) -> Json:
    """Ours as it reads elsewhere. Where it is stored it has arrived, so it is completed."""
    kept = {part: value for part, value in message.communication.items() if part not in _OURS_ALONE}
    payload: list[Json] = [{"contentString": message.text}] if message.text.strip() else []
    return {
        **_logical_references(kept, own_base),
        "resourceType": "Communication",
        "id": name,
        "identifier": [_message_identifier(message)],
        "status": "completed",
        "subject": subject,
        "sent": message.issued.isoformat(),
        "payload": [*payload, {"contentReference": {"reference": letter}}],
    }


def _task(message: LetterMessage, name: str, subject: Json, focus: str, own_base: str) -> Json:
    sender = message.communication.get("sender")
    task = {
        "resourceType": "Task",
        "id": name,
        "identifier": [_message_identifier(message)],
        "status": "requested",
        "intent": "proposal",
        "priority": message.communication.get("priority", "routine"),
        "code": concept("letter_for_gp", message.language),
        "description": words("letter_for_gp", message.language),
        "focus": {"reference": focus},
        "for": subject,
        "authoredOn": message.issued.isoformat(),
        "lastModified": message.issued.isoformat(),
        "requester": _logical_references(sender, own_base),
        "owner": _logical_references(message.recipient.reference, own_base),
    }
    return {part: value for part, value in task.items() if value}


def _subject(message: LetterMessage, own_base: str) -> Json:
    """The patient by an identifier that both sides know, else by where we keep the record."""
    held = message.patient.get("identifier")
    known = [
        identifier
        for identifier in (held if isinstance(held, list) else ())
        if isinstance(identifier, Mapping)
    ]
    current = next(
        (
            identifier
            for identifier in known
            if identifier.get("value") and identifier.get("system") and identifier.get("use") != "old"
        ),
        None,
    )
    if current is None:
        found: Json = _logical_references({"reference": message.patient_reference}, own_base)
        return {**found, "type": "Patient"}
    return {"type": "Patient", "identifier": {"system": current["system"], "value": current["value"]}}


def _logical_references(value: object, own_base: str) -> JsonValue:
    """References to our server as logical ones: another server refuses those that it cannot look up."""
    match value:
        case {"reference": str(reference), **elements} if is_local(reference):
            kept = {
                name: value_kept
                for name, value_kept in elements.items()
                if name in ("identifier", "type", "display")
            }
            identifier = {"system": URI, "value": f"{own_base}/{reference}"}
            return {"type": reference.partition("/")[0], "identifier": identifier, **kept}
        case Mapping():
            return {name: _logical_references(held, own_base) for name, held in value.items()}
        case list():
            return [_logical_references(held, own_base) for held in value]
        case _:
            return value


def _message_identifier(message: LetterMessage) -> Json:
    return {"system": MESSAGE_ID, "value": message.message_id}
