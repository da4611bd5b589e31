"""Explains a message to the person who asks: drafts, what a review would read, what is left out."""

from collections.abc import Iterator
from datetime import date

from typing_extensions import TypedDict

from adapter.clinical.model import Rejected, TScore
from adapter.input.wire_json import Json
from mappings.hl7v2.input.map_gaps import map_gaps
from mappings.hl7v2.input.oru import ObservedResults, PatientResults
from mappings.hl7v2.input.refusal import MessageRefused
from mappings.hl7v2.input.sender_map import SenderMap
from mappings.hl7v2.input.translation import header_of, message_of, sender_of, translated
from mappings.inbound import RecordReading, read_record

_NOBODY = "unknown-here"


class RefusedMessage(TypedDict):
    """Why a message would be refused: the code of ERR-3, the place and the reason."""

    code: str
    place: str
    why: str


DraftRow = TypedDict(
    "DraftRow",
    {"from": str, "resource": str, "status": str, "code": str, "value": str, "when": str, "content": Json},
)  # fmt: skip


class ScoreRow(TypedDict):
    """A T-score that a review would read."""

    site: str
    side: str
    t_score: str
    on: str


UnusedRow = TypedDict("UnusedRow", {"from": str, "reason": str, "what": str, "evidence": str})


class GapRow(TypedDict):
    """What a field says that the map does not know, and the key of the map that would tell."""

    segment: str
    field: str
    says: str
    key: str


class LeftOutRow(TypedDict):
    """A segment that is not translated."""

    segment: str
    why: str


class MessageOutput(TypedDict):
    """What a message of a sender comes to."""

    sender: str
    event: str
    refused: RefusedMessage | None
    drafts: list[DraftRow]
    t_scores: list[ScoreRow]
    rejected: list[UnusedRow]
    left_out: list[LeftOutRow]
    unmapped: list[GapRow]
    news: list[str]


def explain_message(raw: bytes, sender: SenderMap, on: date, reading: RecordReading) -> MessageOutput:
    """What the listener would take by this sender's map, and what a review by this pathway would read."""
    try:
        header = header_of(raw)
        found = translated(raw, header, sender_of(header, [sender]))
    except MessageRefused as refused:
        why: RefusedMessage = {"code": refused.problem.value, "place": refused.place, "why": str(refused)}
        return {**_empty_output(sender.id, ""), "refused": why}
    nothing = _empty_output(sender.id, f"{header.kind}^{header.event}")
    if not isinstance(found.content, ObservedResults):
        return {**nothing, "news": [news.event.value for news in found.content]}
    drafts = [draft for patient in found.content.patients for draft in _draft_rows(patient)]
    places = {f"{draft['resource']}/{draft['content']['id']}": draft["from"] for draft in drafts}
    scores, rejected = _read_without_patient(found.content, on, reading)
    return {
        **nothing,
        "drafts": drafts,
        "t_scores": [_score_row(score) for score in scores],
        "rejected": [_unused_row(unused, places) for unused in rejected if unused.evidence],
        "left_out": [{"segment": part.place, "why": part.reason.value} for part in found.content.left_out],
        "unmapped": [
            {"segment": map_gap.place, "field": map_gap.field_name, "says": map_gap.says, "key": map_gap.key}
            for map_gap in map_gaps(message_of(raw, sender), sender)
        ],
    }


def _empty_output(sender: str, event: str) -> MessageOutput:
    return {
        "sender": sender,
        "event": event,
        "refused": None,
        "drafts": [],
        "t_scores": [],
        "rejected": [],
        "left_out": [],
        "unmapped": [],
        "news": [],
    }


def _draft_rows(results: PatientResults) -> Iterator[DraftRow]:
    for study in results.studies:
        yield _draft_row("OBR", study.report)
        for result in study.results:
            yield _draft_row(result.place, result.observation)


def _draft_row(place: str, resource: Json) -> DraftRow:
    code = resource.get("code", {})
    codes = [
        f"{coding.get('system', '').rpartition('/')[2]}|{coding.get('code', '')}"
        for coding in code.get("coding", ())
    ]
    return {
        "from": place,
        "resource": resource["resourceType"],
        "status": resource["status"],
        "code": ", ".join(codes) or code.get("text", ""),
        "value": _value(resource),
        "when": resource.get("effectiveDateTime", ""),
        "content": resource,
    }


def _value(resource: Json) -> str:
    for name, held in resource.items():
        if name == "valueQuantity":
            return f"{held.get('comparator', '')}{held['value']} {held.get('code') or held.get('unit', '')}".strip()
        if name.startswith("value"):
            return str(held.get("text", "")) if isinstance(held, dict) else str(held)
    return ""


def _read_without_patient(
    content: ObservedResults, on: date, config: RecordReading
) -> tuple[list[TScore], list[Rejected]]:
    """As a review reads each patient of the message, of whom it knows nothing else."""
    scores: list[TScore] = []
    rejected: list[Rejected] = []
    for patient in content.patients:
        subject = {"reference": f"Patient/{_NOBODY}"}
        held = [
            resource
            for study in patient.studies
            for resource in (study.report, *(r.observation for r in study.results))
        ]
        reading = read_record(
            {"resourceType": "Patient", "id": _NOBODY},
            [{**resource, "subject": subject} for resource in held],
            config,
            on=on,
        )
        scores += reading.record.t_scores
        rejected += reading.record.rejected
    return scores, rejected


def _score_row(score: TScore) -> ScoreRow:
    return {
        "site": score.site.value,
        "side": score.side.value if score.side else "",
        "t_score": str(score.value),
        "on": score.on.isoformat(),
    }


def _unused_row(rejected: Rejected, places: dict[str, str]) -> UnusedRow:
    return {
        "from": places.get(rejected.evidence.partition("/_history")[0], ""),
        "reason": rejected.reason.value,
        "what": rejected.concerns,
        "evidence": rejected.evidence,
    }
