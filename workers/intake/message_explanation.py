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
from mappings.inbound import ReadingConfig, read_record

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


def message_explanation(raw: bytes, sender: SenderMap, on: date, reading: ReadingConfig) -> MessageOutput:
    """What the listener would take by this sender's map, and what a review with these settings would read."""
    try:
        header = header_of(raw)
        found = translated(raw, header, sender_of(header, [sender]))
    except MessageRefused as refused:
        why: RefusedMessage = {"code": refused.problem.value, "place": refused.place, "why": str(refused)}
        return {**_nothing_of(sender.id, ""), "refused": why}
    nothing = _nothing_of(sender.id, f"{header.kind}^{header.event}")
    if not isinstance(found.content, ObservedResults):
        return {**nothing, "news": [it.event.value for it in found.content]}
    drafts = [it for one in found.content.patients for it in _drafts(one)]
    places = {f"{it['resource']}/{it['content']['id']}": it["from"] for it in drafts}
    scores, rejected = _read_of_nobody(found.content, on, reading)
    return {
        **nothing,
        "drafts": drafts,
        "t_scores": [_score_row(it) for it in scores],
        "rejected": [_unused_row(it, places) for it in rejected if it.evidence],
        "left_out": [{"segment": it.place, "why": it.reason.value} for it in found.content.left_out],
        "unmapped": [
            {"segment": it.place, "field": it.field_name, "says": it.says, "key": it.key}
            for it in map_gaps(message_of(raw, sender), sender)
        ],
    }


def _nothing_of(sender: str, event: str) -> MessageOutput:
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


def _drafts(one: PatientResults) -> Iterator[DraftRow]:
    for study in one.studies:
        yield _draft_row("OBR", study.report)
        for result in study.results:
            yield _draft_row(result.place, result.observation)


def _draft_row(place: str, resource: Json) -> DraftRow:
    code = resource.get("code", {})
    codes = [
        f"{it.get('system', '').rpartition('/')[2]}|{it.get('code', '')}" for it in code.get("coding", ())
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


def _read_of_nobody(
    content: ObservedResults, on: date, config: ReadingConfig
) -> tuple[list[TScore], list[Rejected]]:
    """As a review reads each patient of the message, of whom it knows nothing else."""
    scores: list[TScore] = []
    rejected: list[Rejected] = []
    for one in content.patients:
        subject = {"reference": f"Patient/{_NOBODY}"}
        held = [it for study in one.studies for it in (study.report, *(r.observation for r in study.results))]
        reading = read_record(
            {"resourceType": "Patient", "id": _NOBODY},
            [{**it, "subject": subject} for it in held],
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


def _unused_row(it: Rejected, places: dict[str, str]) -> UnusedRow:
    return {
        "from": places.get(it.evidence.partition("/_history")[0], ""),
        "reason": it.reason.value,
        "what": it.concerns,
        "evidence": it.evidence,
    }
