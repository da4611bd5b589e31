"""One OBR as a DiagnosticReport: its results, its text, and the files that came with it."""

import binascii
from base64 import b64decode
from collections.abc import Iterator, Sequence

from adapter.input.wire_json import Json
from mappings.hl7v2.er7_reader import Hl7Segment
from mappings.hl7v2.input.oru_result import ResultDraft, StudyFrame, coded_locally, identifiers
from mappings.hl7v2.input.sender_map import SenderMap
from mappings.hl7v2.input.v2_times import day_of, fhir_time
from mappings.hl7v2.input.v2_values import concept_of
from mappings.outbound.ids import resource_id
from mappings.valuesets import coding, concept_map

_STATUS = {key: target.code for (_, key), target in concept_map("v2-report-status").items()}
_DXA = coding("v2-dxa-report")


def diagnostic_report(
    obr: Hl7Segment,
    results: Sequence[ResultDraft],
    texts: Sequence[str],
    files: Sequence[Hl7Segment],
    frame: StudyFrame,
) -> Json:
    """Without its subject."""
    sender = frame.sender
    when = fhir_time(frame.taken, sender.timezone)
    identity = resource_id("DiagnosticReport", "|".join((sender.id, frame.owner, day_of(when), obr.value(4))))
    parts: Json = {
        "resourceType": "DiagnosticReport",
        "id": identity,
        "identifier": identifiers(identity, frame),
        "status": _STATUS.get(obr.value(25).strip().upper(), "unknown"),
        "code": _code(obr, sender),
        "effectiveDateTime": when,
        "issued": frame.issued,
        "result": [{"reference": f"Observation/{result.observation['id']}"} for result in results],
        "conclusion": "\n".join(text for text in texts if text.strip()),
        "presentedForm": list(_forms(files)),
    }
    return {name: it for name, it in parts.items() if it}


def _code(obr: Hl7Segment, sender: SenderMap) -> Json:
    asked = obr.coded(4)
    known = concept_of(asked)
    mapped = sender.reports_on(asked.code, asked.system)
    codings = [*([_DXA] if mapped else known.get("coding", [])), *coded_locally(asked, sender)]
    words = known.get("text") or _DXA["display"]
    return {**({"coding": codings} if codings else {}), "text": words}


def _forms(files: Sequence[Hl7Segment]) -> Iterator[Json]:
    """ED: the file itself, in Base64; RP: where it is.

    What cannot be read is named, so that it is not silence.
    """
    for obx in files:
        title = obx.coded(3).text or obx.coded(3).code or "file"
        if obx.value(2).strip().upper() == "RP":
            yield {"url": obx.value(5).strip(), "title": title} if obx.value(5).strip() else {"title": title}
            continue
        kind = "/".join(it for it in (obx.value(5, 2).strip(), obx.value(5, 3).strip()) if it).lower()
        data = "".join(obx.value(5, 5).split())
        yield {
            **({"contentType": kind} if "/" in kind else {}),
            **({"data": data} if obx.value(5, 4).strip().lower() == "base64" and _is_base64(data) else {}),
            "title": title,
        }


def _is_base64(data: str) -> bool:
    try:
        return bool(b64decode(data, validate=True))
    except (binascii.Error, ValueError):
        return False
