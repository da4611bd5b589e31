"""A letter as resources for somebody else's server: nothing in them points to a record that only we have. Pure."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha1
from typing import Any

from adapter.fhir.bundles import Entry
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


def names(parcel: LetterMessage) -> dict[str, str]:
    """The ids under which the parts are written: a version of a letter keeps them on every server."""
    return {
        "Bundle": parcel.document_id,
        **{
            kind: resource_id(kind, parcel.message_id)
            for kind in ("DocumentReference", "Communication", "Task")
        },
    }


def document_of(parcel: LetterMessage) -> dict[str, Any] | None:
    """The document Bundle with our names: its id is the document's, its identifier this version's."""
    if parcel.document is None:
        return None
    return {**parcel.document, "id": parcel.document_id, "identifier": _message(parcel)}


def entries(parcel: LetterMessage, own_base: str, *, update_create: bool) -> list[Entry]:
    """One transaction: the document, the letter, the message and the question; the question last.

    With `update_create` each is written under an id of ours, otherwise unless one with its identifier is there.
    """
    ours = tuple(_parts(parcel, own_base, update_create))
    for part in ours:  # the document passed the gate when it was made
        admit_other(part)
    parts = [it for it in (document_of(parcel), *ours) if it]
    return [_entry(part, parcel, update_create=update_create) for part in parts]


def _entry(part: dict[str, Any], parcel: LetterMessage, *, update_create: bool) -> Entry:
    kind, name = part["resourceType"], part["id"]
    if update_create:
        return Entry("PUT", f"{kind}/{name}", part)
    unnamed = {element: value for element, value in part.items() if element != "id"}
    only_once = f"identifier={MESSAGE_ID}|{parcel.message_id}"
    return Entry("POST", kind, unnamed, full_url=f"urn:uuid:{name}", if_none_exist=only_once)


def _parts(parcel: LetterMessage, own_base: str, update_create: bool) -> Iterator[dict[str, Any]]:
    place = names(parcel)
    at = {kind: f"{kind}/{name}" if update_create else f"urn:uuid:{name}" for kind, name in place.items()}
    subject = _subject(parcel, own_base)
    yield _letter(parcel, place["DocumentReference"], subject)
    yield _communication(parcel, place["Communication"], subject, at["DocumentReference"], own_base)
    yield _task(parcel, place["Task"], subject, at["Communication"], own_base)


def _letter(parcel: LetterMessage, name: str, subject: dict[str, Any]) -> dict[str, Any]:
    forms = [
        ("application/pdf", parcel.pdf),
        ("text/html", parcel.html.encode(errors="replace") if parcel.html else None),
        ("text/plain", parcel.text.encode(errors="replace") or None),
    ]
    replaced = {"type": "DocumentReference", "identifier": {"system": DOCUMENT_ID, "value": parcel.replaces}}
    return {
        "resourceType": "DocumentReference",
        "id": name,
        "masterIdentifier": _message(parcel),
        "identifier": [{"system": DOCUMENT_ID, "value": parcel.document_id}],
        "status": "current",
        "docStatus": "final" if parcel.authenticated else "preliminary",
        "type": {"coding": [LETTER]},
        "subject": subject,
        "date": parcel.issued.isoformat(),
        **({"relatesTo": [{"code": "replaces", "target": replaced}]} if parcel.replaces else {}),
        "content": [
            {"attachment": _attachment(media, data, parcel.language)}
            for media, data in forms
            if data is not None
        ],
    }


def _attachment(media: str, data: bytes, language: str) -> dict[str, Any]:
    return {
        "contentType": media,
        "language": language,
        "data": b64encode(data).decode("ascii"),
        "size": len(data),
        "hash": b64encode(sha1(data, usedforsecurity=False).digest()).decode("ascii"),  # R4 wants SHA-1
    }


def _communication(
    parcel: LetterMessage, name: str, subject: dict[str, Any], letter: str, own_base: str
) -> dict[str, Any]:
    """Ours as it reads elsewhere. Where it is stored it has arrived, so it is completed."""
    kept = {part: value for part, value in parcel.communication.items() if part not in _OURS_ALONE}
    said: list[dict[str, Any]] = [{"contentString": parcel.text}] if parcel.text.strip() else []
    return {
        **_abroad(kept, own_base),
        "resourceType": "Communication",
        "id": name,
        "identifier": [_message(parcel)],
        "status": "completed",
        "subject": subject,
        "sent": parcel.issued.isoformat(),
        "payload": [*said, {"contentReference": {"reference": letter}}],
    }


def _task(
    parcel: LetterMessage, name: str, subject: dict[str, Any], focus: str, own_base: str
) -> dict[str, Any]:
    sender = parcel.communication.get("sender")
    task = {
        "resourceType": "Task",
        "id": name,
        "identifier": [_message(parcel)],
        "status": "requested",
        "intent": "proposal",
        "priority": parcel.communication.get("priority", "routine"),
        "code": concept("letter_for_gp", parcel.language),
        "description": words("letter_for_gp", parcel.language),
        "focus": {"reference": focus},
        "for": subject,
        "authoredOn": parcel.issued.isoformat(),
        "lastModified": parcel.issued.isoformat(),
        "requester": _abroad(sender, own_base),
        "owner": _abroad(parcel.recipient.reference, own_base),
    }
    return {part: value for part, value in task.items() if value}


def _subject(parcel: LetterMessage, own_base: str) -> dict[str, Any]:
    """The patient by an identifier that both sides know, else by where we keep the record."""
    held = parcel.patient.get("identifier")
    known = [it for it in (held if isinstance(held, list) else ()) if isinstance(it, Mapping)]
    current = next(
        (it for it in known if it.get("value") and it.get("system") and it.get("use") != "old"), None
    )
    if current is None:
        found: dict[str, Any] = _abroad({"reference": parcel.patient_reference}, own_base)
        return {**found, "type": "Patient"}
    return {"type": "Patient", "identifier": {"system": current["system"], "value": current["value"]}}


def _abroad(value: Any, own_base: str) -> Any:
    """A reference to our server as a logical one: a server refuses what it cannot look up, and must not need to."""
    match value:
        case {"reference": str(reference), **others} if is_local(reference):
            kept = {name: it for name, it in others.items() if name in ("identifier", "type", "display")}
            place = {"system": URI, "value": f"{own_base}/{reference}"}
            return {"type": reference.partition("/")[0], "identifier": place, **kept}
        case Mapping():
            return {name: _abroad(held, own_base) for name, held in value.items()}
        case list():
            return [_abroad(held, own_base) for held in value]
        case _:
            return value


def _message(parcel: LetterMessage) -> dict[str, Any]:
    return {"system": MESSAGE_ID, "value": parcel.message_id}
