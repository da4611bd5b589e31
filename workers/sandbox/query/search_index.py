"""From a resource to the rows by which it is found; what has an unexpected shape is not found."""

import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from adapter.input.wire_json import Json
from workers.sandbox.query.date_ranges import date_span, period_span
from workers.sandbox.query.search_parameters import PARAMETERS, SearchParameter

# Parameters that follow only references to one type, though their element may hold others.
ONE_TYPE = {"patient": "Patient", "practitioner": "Practitioner", "location": "Location"}


class IndexRow(NamedTuple):
    """One searchable value. What the columns hold depends on the kind of the parameter:

    token: `system` ("" for none, NULL for a code element, whose system is implied) and `value`;
    reference: the target's type ("" for a URL) and its id or URL; string: the exact and the folded text;
    uri: `value`; date: the range `lo`, `hi`.
    """

    name: str
    kind: str
    system: str | None = ""
    value: str | None = None
    lo: int | None = None
    hi: int | None = None


def index_rows(resource: Json, base: str) -> Iterator[IndexRow]:
    """All search rows of a resource; `base` tells the server's own absolute references from others."""
    for parameter in PARAMETERS[resource["resourceType"]].values():
        seen: set[IndexRow] = set()
        for element in (found for path in parameter.paths for found in _follow_path(resource, path)):
            for row in _rows(parameter, element, base):
                if row not in seen:
                    seen.add(row)
                    yield row


def fold_text(text: str) -> str:
    """Text as string parameters compare it: no case, no accents."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()


def reference_target(reference: str, base: str) -> tuple[str, str] | None:
    """(type, id) of a local reference, ("", url) of any other, None for one into the resource itself."""
    if reference.startswith("#"):
        return None
    local = reference.removeprefix(base + "/")
    if ":" not in local:
        parts = local.split("/")
        if len(parts) in (2, 4) and parts[0] in PARAMETERS:
            return parts[0], parts[1]
    return "", reference


def _follow_path(element: object, path: tuple[str, ...]) -> Iterator[object]:
    if isinstance(element, list):
        for item in element:
            yield from _follow_path(item, path)
    elif not path:
        yield element
    elif isinstance(element, dict) and path[0] in element:
        yield from _follow_path(element[path[0]], path[1:])


def _rows(parameter: SearchParameter, element: object, base: str) -> Iterator[IndexRow]:
    name = parameter.name
    match parameter.kind:
        case "token":
            yield from (IndexRow(name, "token", system, code) for system, code in _tokens(element))
        case "reference":
            yield from _references(name, element, base)
        case "date":
            yield from (IndexRow(name, "date", lo=lo, hi=hi) for lo, hi in _spans(element))
        case "string":
            yield from (IndexRow(name, "string", text, fold_text(text)) for text in _texts(element))
        case "uri":
            if isinstance(element, str):
                yield IndexRow(name, "uri", value=element)


def _tokens(element: object) -> Iterator[tuple[str | None, str | None]]:
    match element:
        case bool():
            yield None, str(element).lower()
        case str():
            yield None, element
        case {"coding": list(codings)}:
            for coding in codings:
                yield from _tokens(coding)
        case {"code": str(code), **elements} | {
            "value": str(code),
            **elements,
        }:  # Coding; Identifier, ContactPoint
            system = elements.get("system", "")
            yield (system if isinstance(system, str) else ""), code
        case _:
            return


def _references(name: str, element: object, base: str) -> Iterator[IndexRow]:
    # A canonical is a plain string; it is found with and without its version.
    if isinstance(element, str):
        for url in {element, element.split("|")[0]}:
            yield IndexRow(name, "reference", "", url)
    if not isinstance(element, dict):
        return
    for system, code in _tokens(element.get("identifier")):
        yield IndexRow(f"{name}:identifier", "token", system, code)
    reference = element.get("reference")
    found = reference_target(reference, base) if isinstance(reference, str) else None
    if found and found[0] in ("", ONE_TYPE.get(name, found[0])):
        yield IndexRow(name, "reference", *found)


def _spans(element: object) -> Iterator[tuple[int, int]]:
    candidates: list[tuple[int, int] | None] = []
    match element:
        case str():
            candidates = [date_span(element)]
        case dict() if "start" in element or "end" in element:
            candidates = [period_span(element)]
        case {"event": list(events)}:  # Timing
            candidates = [date_span(event) for event in events]
        case {"repeat": {"boundsPeriod": dict(bounds)}}:
            candidates = [period_span(bounds)]
        case _:
            return
    yield from (found for found in candidates if found)


def _texts(element: object) -> Iterator[str]:
    if isinstance(element, str):
        yield element
    elif isinstance(element, dict):  # HumanName, Address: each of its parts
        for part in (
            "text",
            "family",
            "given",
            "prefix",
            "suffix",
            "line",
            "city",
            "state",
            "postalCode",
            "country",
        ):
            values = element.get(part, [])
            yield from (
                text for text in (values if isinstance(values, list) else [values]) if isinstance(text, str)
            )
