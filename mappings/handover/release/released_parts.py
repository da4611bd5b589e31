"""What was released, in one digest on the letter: its pages, its document, and the person whom it is about.

Pure.

The pages lie in a resource of their own that anybody may replace, and so does the patient. The digest is part
of what the Communication says, so that it cannot be changed without becoming another message.
"""

import json
from hashlib import sha256

from adapter.input import wire_json
from adapter.input.wire_json import Json, ReadOnlyJson
from mappings.codes import BASE

PARTS = f"{BASE}/NamingSystem/released-parts"
_IDENTITY = ("identifier", "name", "birthDate")


def parts_identifier(
    pdf: bytes | None, html: str | None, document: ReadOnlyJson | None, patient: ReadOnlyJson
) -> Json:
    """The digest, as identifier of the reference to the pages; takes the document as read from its bytes."""
    return {"system": PARTS, "value": _digest(pdf, html, document, patient)}


def exchanged(
    letter: Json, pdf: bytes | None, html: str | None, document: ReadOnlyJson | None, patient: ReadOnlyJson
) -> bool:
    """Whether a letter no longer fits what was released, or its patient; without a digest it is not known."""
    references = (payload.get("contentReference") or {} for payload in letter.get("payload") or ())
    held = [reference.get("identifier") or {} for reference in references]
    told = [it.get("value") for it in held if it.get("system") == PARTS]
    return bool(told) and told != [_digest(pdf, html, document, patient)]


def _digest(pdf: bytes | None, html: str | None, document: ReadOnlyJson | None, patient: ReadOnlyJson) -> str:
    who = json.dumps({name: patient.get(name) for name in _IDENTITY}, sort_keys=True, default=str)
    whole = wire_json.write(document) if document else b""
    parts = (pdf or b"", (html or "").encode(errors="replace"), whole, who.encode())
    return sha256(b"".join(sha256(part).digest() for part in parts)).hexdigest()
