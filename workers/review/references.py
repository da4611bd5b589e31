"""Whose a resource is, and what a reference points to on this server."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_LITERAL = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[^/?#]+)?")


def patients_of(resource: Mapping[str, Any], base_url: str) -> frozenset[str]:
    """The ids of the patients on this server that a resource names as its own."""
    if resource.get("resourceType") == "Patient":
        return frozenset({str(resource.get("id"))})
    named = (target(reference, base_url) for reference in _subjects(resource))
    return frozenset(found[1] for found in named if found and found[0] == "Patient")


def target(reference: object, base_url: str) -> tuple[str, str] | None:
    """Type and id of a literal Reference to this server; None for a contained, logical or foreign one."""
    text = reference.get("reference") if isinstance(reference, dict) else None
    if not isinstance(text, str):
        return None
    if "://" in text:
        if not base_url or not text.startswith(base_url.rstrip("/") + "/"):
            return None
        text = text[len(base_url.rstrip("/")) + 1 :]
    found = _LITERAL.fullmatch(text)
    return (found[1], found[2]) if found else None


def _subjects(resource: Mapping[str, Any]) -> Iterator[object]:
    for name in ("subject", "patient", "for"):
        if name in resource:
            yield resource[name]
    participants = resource.get("participant")
    for participant in participants if isinstance(participants, list) else ():
        if isinstance(participant, dict):
            yield participant.get("actor")
