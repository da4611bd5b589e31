"""What a message would come to, told to the person who asks: drafts, what a review would read in them, what is left out."""

from collections.abc import Iterator
from datetime import date

from adapter.wire_json import Json
from mappings.hl7v2.input.map_gaps import map_gaps
from mappings.hl7v2.input.oru import ObservedResults, PatientResults
from mappings.hl7v2.input.refusal import MessageRefused
from mappings.hl7v2.input.sender_map import SenderMap
from mappings.hl7v2.input.translation import header_of, message_of, sender_of, translated
from mappings.inbound import ReadingConfig, read_record

_NOBODY = "unknown-here"
_NOTHING: Json = {
    "refused": None,
    "drafts": [],
    "t_scores": [],
    "rejected": [],
    "left_out": [],
    "unmapped": [],
    "news": [],
}


def explained(raw: bytes, sender: SenderMap, on: date, reading: ReadingConfig) -> Json:
    """By the map of this sender, as the listener would take it, and as a review with these settings would read it."""
    try:
        header = header_of(raw)
        found = translated(raw, header, sender_of(header, [sender]))
    except MessageRefused as refused:
        why = {"code": refused.problem.value, "place": refused.place, "why": str(refused)}
        return {"sender": sender.id, "event": "", **_NOTHING, "refused": why}
    told = {"sender": sender.id, "event": f"{header.kind}^{header.event}", **_NOTHING}
    if not isinstance(found.content, ObservedResults):
        return {**told, "news": [it.event.value for it in found.content]}
    left = [{"segment": it.place, "why": it.reason.value} for it in found.content.left_out]
    drafts = [it for one in found.content.patients for it in _drafts(one)]
    gaps = [
        {"segment": it.place, "field": it.field_name, "says": it.says, "key": it.key}
        for it in map_gaps(message_of(raw, sender), sender)
    ]
    places = {f"{it['resource']}/{it['content']['id']}": str(it["from"]) for it in drafts}
    seen = _read(found.content, on, reading, places)
    return {**told, "drafts": drafts, "left_out": left, "unmapped": gaps, **seen}


def _drafts(one: PatientResults) -> Iterator[Json]:
    for study in one.studies:
        yield _row("OBR", study.report)
        for result in study.results:
            yield _row(result.place, result.observation)


def _row(place: str, resource: Json) -> Json:
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


def _read(content: ObservedResults, on: date, config: ReadingConfig, places: dict[str, str]) -> Json:
    """As a review reads them, of nobody in particular."""
    scores, rejected = [], []
    for one in content.patients:
        subject = {"reference": f"Patient/{_NOBODY}"}
        held = [it for study in one.studies for it in (study.report, *(r.observation for r in study.results))]
        reading = read_record(
            {"resourceType": "Patient", "id": _NOBODY},
            [{**it, "subject": subject} for it in held],
            config,
            on=on,
        )
        scores += [
            {
                "site": it.site.value,
                "side": it.side.value if it.side else "",
                "t_score": str(it.value),
                "on": it.on.isoformat(),
            }
            for it in reading.record.t_scores
        ]
        rejected += [
            {
                "from": places.get(it.evidence.partition("/_history")[0], ""),
                "reason": it.reason.value,
                "what": it.concerns,
                "evidence": it.evidence,
            }
            for it in reading.record.rejected
        ]
    return {"t_scores": scores, "rejected": [it for it in rejected if it["evidence"]]}
