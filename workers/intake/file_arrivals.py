"""Reads a file as arrivals: messages of HL7 v2, a Bundle, or NDJSON. It takes all or nothing."""

import re
from collections.abc import Iterator, Sequence

from adapter.input.fhir_id import is_fhir_id
from adapter.input.wire_json import Json, Unparsable, parse, write
from mappings.hl7v2.input.refusal import MessageRefused
from mappings.hl7v2.input.sender_map import SenderMap
from mappings.hl7v2.input.translation import header_of, sender_of, translated
from mappings.outbound.content import digest
from workers.intake.inbox import Arrival, ItemKind
from workers.review.references import entries_within
from workers.settings.intake_settings import FILE_TYPES

_HL7 = re.compile(rb"[\s\x0b\xef\xbb\xbf]*(MSH|FHS|BHS)")
_ENVELOPE = re.compile(rb"(FHS|BHS|BTS|FTS)[^\w\s]")
_WRITES = (None, "POST", "PUT")  # what an entry of a Bundle may ask for
_PER_ITEM = 200  # resources of an NDJSON file in one item of the inbox
_MOST_TOLD = 20


class FileRefusal(ValueError):
    """Nothing of the file is taken; why, a line for each fault, without a word of what is in it."""


def arrivals_of(name: str, content: bytes, senders: Sequence[SenderMap]) -> list[Arrival]:
    """Everything in a file; raises FileRefusal."""
    if _HL7.match(content):
        return _message_arrivals(content, senders)
    return _resource_arrivals(name, content)


def resources_of(document: Json) -> list[Json]:
    """Those of a Bundle, settled, or the single one; raises Unparsable for one lost or of nobody."""
    if document.get("resourceType") != "Bundle":
        found = [document]
    else:
        entries = list(entries_within(document))
        if any("resource" not in entry for entry in entries):
            raise Unparsable("holds an entry without a resource")
        if any(_method(entry) not in _WRITES for entry in entries):
            raise Unparsable("holds an entry that is to do something else than to write a resource")
        found = [entry["resource"] for entry in entries]
    if any(map(_points_to_an_address, found)):
        raise Unparsable("refers to an address (urn:) under which nothing stands in the same Bundle")
    return found


def content_digest(resource: Json) -> str:
    """Of what it says, its dates as well: when a drug was ordered is news."""
    return digest({name: value for name, value in resource.items() if name not in ("meta", "text")})


def _method(entry: Json) -> object:
    request = entry.get("request")
    return request.get("method") if isinstance(request, dict) else None


def _points_to_an_address(value: object) -> bool:
    match value:
        case {"reference": str(named)} if named.startswith("urn:"):
            return True
        case dict():
            return any(map(_points_to_an_address, value.values()))
        case list():
            return any(map(_points_to_an_address, value))
        case _:
            return False


def _message_arrivals(content: bytes, senders: Sequence[SenderMap]) -> list[Arrival]:
    found: list[Arrival] = []
    faults: list[str] = []
    for number, raw in enumerate(_messages_in(content), 1):
        try:
            header = header_of(raw)
            sender = sender_of(header, senders)
            translated(raw, header, sender)
        except MessageRefused as refused:
            faults.append(f"message {number}: {refused.problem.value} {refused} {refused.place}".strip())
        else:
            found.append(Arrival(ItemKind.HL7, sender.id, header.control_id, raw))
    return _all_or_none(found, faults)


def _messages_in(content: bytes) -> Iterator[bytes]:
    """Each message from its MSH to the next one, without the envelopes of batches and of MLLP."""
    held: list[bytes] = []
    for line in re.split(rb"[\r\n\x0b\x1c]+", content.removeprefix(b"\xef\xbb\xbf")):
        if line.startswith(b"MSH") and held:
            yield b"\r".join(held) + b"\r"
            held = []
        if line.strip() and not _ENVELOPE.match(line):
            held.append(line)
    if held:
        yield b"\r".join(held) + b"\r"


def _resource_arrivals(name: str, content: bytes) -> list[Arrival]:
    faults: list[str] = []
    try:
        documents = [("", parse(content))]
    except Unparsable:
        documents, faults = _documents_in(content)
    resources: list[Json] = []
    for place, document in documents:
        try:
            resources += resources_of(document)
        except Unparsable as error:
            faults.append(f"{place}{error}")
    distinct: dict[tuple[str, str], Json] = {}
    for number, resource in enumerate(resources, 1):
        if fault := _resource_fault(resource, distinct):
            faults.append(f"resource {number}: {fault}")
    if not resources and not faults:
        faults.append("holds no resource")
    return _all_or_none(list(_arrivals_by_part(name, list(distinct.values()))), faults)


def _resource_fault(resource: Json, before: dict[tuple[str, str], Json]) -> str | None:
    """What is wrong with it, beside those before it. A server takes each once in a transaction."""
    kind, name = resource.get("resourceType"), resource.get("id")
    if kind not in FILE_TYPES:
        return "its type is not taken"
    if not is_fhir_id(name):
        return "has no usable id"
    first = before.setdefault((str(kind), name), resource)
    if first is not resource and content_digest(first) != content_digest(resource):
        return "stands in the file twice, and not with the same content"
    return None


def _documents_in(content: bytes) -> tuple[list[tuple[str, Json]], list[str]]:
    documents, faults = [], []
    for number, line in enumerate(content.split(b"\n"), 1):
        if line.strip():
            try:
                documents.append((f"line {number}: ", parse(line)))
            except Unparsable as error:
                faults.append(f"line {number}: {error}")
    return documents, faults


def _arrivals_by_part(name: str, resources: Sequence[Json]) -> Iterator[Arrival]:
    """Whoever others point to comes first: a server may check that."""
    ordered = sorted(
        resources,
        key=lambda resource: resource.get("resourceType") not in ("Patient", "Practitioner", "Organization"),
    )
    for start in range(0, len(ordered), _PER_ITEM):
        part = [{"resource": resource} for resource in ordered[start : start + _PER_ITEM]]
        content = write({"resourceType": "Bundle", "type": "collection", "entry": part})
        yield Arrival(ItemKind.FHIR, "file", name, content)


def _all_or_none(found: list[Arrival], faults: list[str]) -> list[Arrival]:
    if faults:
        more = [f"and {len(faults) - _MOST_TOLD} more"] if len(faults) > _MOST_TOLD else []
        raise FileRefusal("\n".join((*faults[:_MOST_TOLD], *more)))
    return found
