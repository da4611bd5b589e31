"""One OBX as an Observation: by the map of its sender, else with the code and the words that it came with."""

from dataclasses import dataclass, field

from adapter.input.wire_json import Json, ReadOnlyJson
from mappings.codes import BASE, LOINC, SNOMED
from mappings.hl7v2.er7_reader import CodedField, Hl7Segment
from mappings.hl7v2.input.refusal import MessageRefused, Problem
from mappings.hl7v2.input.sender_map import ResultCode, SenderMap
from mappings.hl7v2.input.v2_times import day_of, fhir_time
from mappings.hl7v2.input.v2_values import NUMERIC, WORDS, concept_of, number, value_of
from mappings.inbound.densitometry import words
from mappings.outbound.ids import resource_id
from mappings.valuesets import coding, concept_map, members, snomed_name

RECEIVED = f"{BASE}/NamingSystem/received"  # our own name of what came by HL7 v2
_STATUS = {key: target.code for (_, key), target in concept_map("v2-result-status").items()}
_FLAGS = {key: system for system, key in members("v2-abnormal-flags")}
_LATERALITY = coding("attribute-laterality")["code"]
_SIDES = {target.code: key for (_, key), target in concept_map("sides").items()}
_STATUS_ONLY = frozenset({"U", "D", "W", "X"})  # OBX-11: what came before keeps its value


Slot = tuple[str, str, str, str]  # of a result: whose order, code, site and day


@dataclass(frozen=True, slots=True)
class ResultDraft:
    """An Observation without its subject; ``status_only``: it changes only the status of an earlier one."""

    place: str
    observation: Json = field(repr=False)
    status_only: bool = False
    corrects: bool = False


@dataclass(frozen=True, slots=True)
class StudyFrame:
    """What the results of one study (OBR) share: who sends them, the number of the order, and when."""

    sender: SenderMap
    order: str  # empty where the message has none
    owner: str = field(repr=False)  # the order, or the patient where there is none
    taken: str = field(repr=False)  # OBR-7
    # When this version was made, by the study (OBR-22), else by the message (MSH-7); empty for a day.
    issued: str
    slots: dict[Slot, int] = field(repr=False)  # how often each result came, in all studies of the patient


def result_of(obx: Hl7Segment, notes: list[Hl7Segment], frame: StudyFrame) -> ResultDraft | None:
    """The Observation of an OBX, or None when it is a line of the report's text."""
    sender, slots = frame.sender, frame.slots
    asked = obx.coded(3)
    meant = sender.result(asked.code, asked.system)
    if meant is None and _is_text(obx, asked):
        return None
    if not asked.words:
        raise MessageRefused(Problem.REQUIRED, "A result does not say what it is (OBX-3).", "OBX^1^3")
    when = fhir_time(obx.value(14).strip() or frame.taken, sender.timezone)
    named, site = _code(asked, meant, sender), _site(obx, meant, sender)
    slot = (frame.owner, code_key(named), code_key(site), day_of(when))
    again = slots[slot] = slots.get(slot, 0) + 1
    turn = f"|{obx.value(4).strip() or again}" if again > 1 else ""
    identity = resource_id("Observation", "|".join((sender.id, *slot)) + turn)
    status = obx.value(11).strip().upper()
    value = {} if status == "X" else value_of(obx, sender.units)
    parts: Json = {
        "resourceType": "Observation",
        "id": identity,
        "identifier": identifiers(identity, frame),
        "status": _STATUS.get(status, "unknown"),
        "code": named,
        "effectiveDateTime": when,
        "issued": frame.issued,
        "interpretation": _interpretation(obx),
        "bodySite": site,
        "note": [{"text": text} for note in notes if (text := note.written(3).strip())],
        **value,
    }
    found = {name: it for name, it in parts.items() if it}
    return ResultDraft(
        f"OBX {obx.value(1)}".strip(), found, status in _STATUS_ONLY and not value, status == "C"
    )


def identifiers(identity: str, frame: StudyFrame) -> list[Json]:
    """Our own name, and the order number where there is one."""
    named = [{"system": RECEIVED, "value": identity}]
    return [*named, {"system": frame.sender.order.system, "value": frame.order}] if frame.order else named


def coded_locally(held: CodedField, sender: SenderMap) -> list[Json]:
    """The sender's own code, in a code system that bears the sender's name."""
    if not held.code or held.system == "LN":
        return []
    shown = {"display": held.text} if held.text else {}
    return [{"system": f"{BASE}/sender/{sender.id}", "code": held.code, **shown}]


def _is_text(obx: Hl7Segment, asked: CodedField) -> bool:
    """A line of a report: no number, and a code that says nothing of a T-score."""
    kind = obx.value(2).strip().upper()
    if kind in NUMERIC or kind not in WORDS:
        return False
    return (
        asked.system != "LN"
        and not words.calls_itself_t_score(asked.words)
        and number(obx.written(5)) is None
    )


def _code(asked: CodedField, meant: ResultCode | None, sender: SenderMap) -> Json:
    known = concept_of(asked)
    mapped = [{"system": LOINC, "code": meant.loinc}] if meant else known.get("coding", [])
    codings = [*mapped, *coded_locally(asked, sender)]
    label = known.get("text", "")
    return {**({"coding": codings} if codings else {}), **({"text": label} if label else {})}


def _site(obx: Hl7Segment, meant: ResultCode | None, sender: SenderMap) -> Json:
    """As the map says of the code, else by the place that OBX-20 or OBX-4 names, else the words of OBX-20."""
    told = obx.coded(20)
    if meant and meant.site:
        site, side = meant.site, meant.side
    elif named := sender.site(told.text, told.code, obx.value(4).strip()):
        site, side = named.site, named.side
    else:
        return concept_of(told)
    written = f"{site}:{_LATERALITY}={_SIDES[side]}" if side else site
    shown = snomed_name(site)
    return {
        "coding": [{"system": SNOMED, "code": written, **({"display": shown} if shown and not side else {})}]
    }


def _interpretation(obx: Hl7Segment) -> list[Json]:
    """Marks that nobody listed stay as words: a review then asks about them."""
    flags = [obx.value(8, 1, repetition).strip() for repetition in obx.repetitions(8)]
    return [
        {"coding": [{"system": _FLAGS[flag], "code": flag}]} if flag in _FLAGS else {"text": flag}
        for flag in flags
        if flag
    ]


def code_key(named: ReadOnlyJson) -> str:
    """What a code is, for telling results apart: its first coding, else its words."""
    first = next(iter(named.get("coding", ())), None)
    return f"{first['system']}|{first['code']}" if first else str(named.get("text", ""))
