"""ORU^R01 as FHIR: each study that is about bone density becomes a DiagnosticReport with its Observations.

The same result has the same id however often it is sent: order number, day, code and site name it.
Everything else of a message is left out, each with its reason. Nobody is looked up here:
``subject`` is for whoever writes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from itertools import chain, pairwise

from adapter.input.wire_json import Json
from mappings.codes import LOINC, NotACode, code
from mappings.hl7v2.er7_reader import CodedField, Hl7Message, Hl7Segment
from mappings.hl7v2.input.oru_report import diagnostic_report
from mappings.hl7v2.input.oru_result import ResultDraft, Slot, StudyFrame, result_of
from mappings.hl7v2.input.patient_key import PatientKey, patient_keys
from mappings.hl7v2.input.refusal import MessageRefused, Problem
from mappings.hl7v2.input.sender_map import SenderMap
from mappings.hl7v2.input.v2_times import fhir_time, moment_of
from mappings.hl7v2.input.v2_values import FILES, WORDS
from mappings.inbound.densitometry import words
from mappings.inbound.densitometry.low_bone import tells_low_density
from mappings.valuesets import concept_map, table

_NO_RESULT = frozenset({"N", "O"})  # OBX-11: not asked, description of the order
_ABOUT_BONE = ("report", "dxa", "vfa")


class OmissionReason(StrEnum):
    """Why a segment becomes nothing."""

    ANOTHER_MATTER = "not about bone density"
    BY_THE_MAP = "the map of the sender leaves it out"
    NO_RESULT = "is no result (OBX-11 is N or O)"
    NO_STUDY = "stands under no study (OBR)"


@dataclass(frozen=True, slots=True)
class OmittedSegment:
    """A segment, by name and number of its kind, and why nothing comes of it."""

    place: str
    reason: OmissionReason


@dataclass(frozen=True, slots=True)
class StudyResults:
    """One OBR with what belongs to it. ``order`` is empty when the message has no order number."""

    order: str
    report: Json = field(repr=False)
    results: tuple[ResultDraft, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class PatientResults:
    """The studies of one person, who has one of these identifiers."""

    keys: tuple[PatientKey, ...] = field(repr=False)
    pid: Hl7Segment = field(repr=False)
    studies: tuple[StudyResults, ...]
    made: str = ""  # MSH-7, where that is a moment


@dataclass(frozen=True, slots=True)
class ObservedResults:
    """What an ORU comes to."""

    patients: tuple[PatientResults, ...]
    left_out: tuple[OmittedSegment, ...]


@dataclass(slots=True)
class _Group:
    """An OBR and the segments under it, each OBX with its notes."""

    obr: Hl7Segment
    notes: list[Hl7Segment] = field(default_factory=list)
    results: list[tuple[Hl7Segment, list[Hl7Segment]]] = field(default_factory=list)


def observed_results(message: Hl7Message, sender: SenderMap) -> ObservedResults:
    """Everything in a message that is about bone density; raises MessageRefused."""
    left: list[OmittedSegment] = []
    made = moment_of(message.header.value(7), sender.timezone)
    patients = [_patient(pid, rest, made, sender, left) for pid, rest in _by_patient(message.segments)]
    if not patients:
        raise MessageRefused(Problem.SEGMENTS, "There is no PID segment.", "PID")
    if not any(segment.name == "OBR" for segment in message.segments):
        raise MessageRefused(
            Problem.SEGMENTS, "There is no OBR segment, so that no result says its study.", "OBR"
        )
    return ObservedResults(tuple(patients), tuple(left))


def results_about_bone(message: Hl7Message, sender: SenderMap) -> Iterator[tuple[Hl7Segment, Hl7Segment]]:
    """Each result that becomes something here (OBX), with its study (OBR)."""
    for _, rest in _by_patient(message.segments):
        for group in _groups(rest, []):
            if _about_bone(group, sender):
                yield from ((group.obr, obx) for obx, _ in group.results if not _reason_to_leave(obx, sender))


def _by_patient(segments: Sequence[Hl7Segment]) -> Iterator[tuple[Hl7Segment, list[Hl7Segment]]]:
    starts = [n for n, it in enumerate(segments) if it.name == "PID"]
    for start, end in pairwise([*starts, len(segments)]):
        yield segments[start], list(segments[start + 1 : end])


def _patient(
    pid: Hl7Segment, segments: list[Hl7Segment], made: str, sender: SenderMap, left: list[OmittedSegment]
) -> PatientResults:
    keys = patient_keys(pid, sender)
    slots: dict[Slot, int] = {}
    studies: list[StudyResults] = []
    for number, group in enumerate(_groups(segments, left), 1):
        if _about_bone(group, sender):
            studies.append(_study(group, _frame(group, keys[0], made, sender, slots), left))
        else:
            left.append(OmittedSegment(f"OBR {number}", OmissionReason.ANOTHER_MATTER))
    return PatientResults(keys, pid, tuple(studies), made)


def _groups(segments: list[Hl7Segment], left: list[OmittedSegment]) -> list[_Group]:
    found: list[_Group] = []
    for segment in segments:
        match segment.name:
            case "OBR":
                found.append(_Group(segment))
            case "OBX" if found:
                found[-1].results.append((segment, []))
            case "OBX":
                left.append(OmittedSegment(f"OBX {segment.value(1)}".strip(), OmissionReason.NO_STUDY))
            case "NTE" if found:
                notes = found[-1].results[-1][1] if found[-1].results else found[-1].notes
                notes.append(segment)
            case _:
                pass  # orders, specimens, visits, and what a sender made up
    return found


def _about_bone(group: _Group, sender: SenderMap) -> bool:
    """Whether a code of the sender's map or of our tables says so, or the words of study, result or text."""
    asked = group.obr.coded(4)
    named = any(
        sender.result(it.code, it.system)
        or _is_read_here(it)
        or words.speaks_of_density(it.words)
        or words.calls_itself_t_score(it.words)
        for it in chain((asked,), (obx.coded(3) for obx, _ in group.results))
    )
    return named or sender.reports_on(asked.code, asked.system) or _tells_of_scan(group)


def _tells_of_scan(group: _Group) -> bool:
    """Whether a line of its text tells of a T-score or low bone density, as for reports in a review."""
    lines = (it.written(5) for it, _ in group.results if it.value(2).strip().upper() in WORDS)
    notes = (it.written(3) for it in (*group.notes, *(it for _, some in group.results for it in some)))
    return any(words.calls_itself_t_score(line) or tells_low_density(line) for line in chain(lines, notes))


def _is_read_here(named: CodedField) -> bool:
    """Whatever it says of its system: not every sender knows that LOINC is LN there."""
    return _read_here(named.code) or _read_here(named.code_2)


@lru_cache(2048)
def _read_here(written: str) -> bool:
    try:
        named = code(LOINC, written)
    except NotACode:
        return False
    return (LOINC, named.key) in concept_map("t-score-codes") or any(
        table(it).lookup(named) for it in _ABOUT_BONE
    )


def _study(group: _Group, frame: StudyFrame, left: list[OmittedSegment]) -> StudyResults:
    results: list[ResultDraft] = []
    texts: list[str] = []
    files: list[Hl7Segment] = []
    for obx, notes in group.results:
        if reason := _reason_to_leave(obx, frame.sender):
            left.append(OmittedSegment(f"OBX {obx.value(1)}".strip(), reason))
        elif obx.value(2).strip().upper() in FILES:
            files.append(obx)
        elif found := result_of(obx, notes, frame):
            results.append(found)
        else:
            texts += [obx.written(5), *(note.written(3) for note in notes)]
    texts += [note.written(3) for note in group.notes]
    report = diagnostic_report(group.obr, results, texts, files, frame)
    return StudyResults(frame.order, report, tuple(results))


def _frame(
    group: _Group, whose: PatientKey, made: str, sender: SenderMap, slots: dict[Slot, int]
) -> StudyFrame:
    obr = group.obr
    order = obr.value(3 if sender.order.take == "filler" else 2).strip()
    issued = "" if _day_unread(group, sender) else moment_of(obr.value(22), sender.timezone) or made
    return StudyFrame(sender, order, order or f"{whose.system}|{whose.value}", obr.value(7), issued, slots)


def _day_unread(group: _Group, sender: SenderMap) -> bool:
    """Whether its day of measuring is there and unreadable: a reader would take the day of the message."""
    taken = group.obr.value(7)
    if fhir_time(taken, sender.timezone):
        return False
    own = (it.value(14) for it, _ in group.results)
    return bool(taken.strip()) or any(it.strip() and not fhir_time(it, sender.timezone) for it in own)


def _reason_to_leave(obx: Hl7Segment, sender: SenderMap) -> OmissionReason | None:
    if obx.value(3).strip() in sender.leave:
        return OmissionReason.BY_THE_MAP
    return OmissionReason.NO_RESULT if obx.value(11).strip() in _NO_RESULT else None
