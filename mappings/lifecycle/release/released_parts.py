"""What was released, in one digest on the letter: its pages, and the person whom it is about. Pure.

The pages lie in a resource of their own that anybody may replace, and so does the patient. The digest is part of what the
Communication says, so that it cannot be changed without becoming another message.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from adapter.wire_json import Json
from mappings.codes import BASE

PARTS = f"{BASE}/NamingSystem/released-parts"
_IDENTITY = ("identifier", "name", "birthDate")


def parts_identifier(pdf: bytes | None, html: str | None, patient: Json) -> Json:
    """The digest as the identifier of the reference to the pages."""
    return {"system": PARTS, "value": _digest(pdf, html, patient)}


def exchanged(letter: Json, pdf: bytes | None, html: str | None, patient: Mapping[str, Any]) -> bool:
    """Whether a letter no longer goes with the pages or the person that were released; one without a digest cannot tell."""
    references = (it.get("contentReference") or {} for it in letter.get("payload") or ())
    held = [it.get("identifier") or {} for it in references]
    told = [it.get("value") for it in held if it.get("system") == PARTS]
    return bool(told) and told != [_digest(pdf, html, patient)]


def _digest(pdf: bytes | None, html: str | None, patient: Mapping[str, Any]) -> str:
    who = json.dumps({name: patient.get(name) for name in _IDENTITY}, sort_keys=True, default=str)
    parts = (pdf or b"", (html or "").encode(errors="replace"), who.encode())
    return sha256(b"".join(sha256(it).digest() for it in parts)).hexdigest()
