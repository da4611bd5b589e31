"""What one process does: a part of the patients, each found through the index, read strictly, decided and drafted."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path

from adapter.errors import OsteoHandoverError, RecordFault
from adapter.input_files import InputFileFault
from adapter.wire_json import Json, Unparsable, parse, write
from mappings.lifecycle.institution import Institution
from workers.assessment.record_assessment import Assessment, assessed
from workers.bulk.record_index import SHARED, IndexedObject, RecordIndex

FAILED = "failed"
_NAMED = re.compile(
    rb'"reference":"(?:[^"]*/)?((?:%s)/[A-Za-z0-9\-.]{1,64})' % "|".join(sorted(SHARED)).encode()
)


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """What became of one patient: a row of the table. A fault names the place where the record begins."""

    patient: str
    outcome: str
    category: str = field(default="", repr=False)
    treatment: str = field(default="", repr=False)
    alarms: tuple[str, ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class BulkChunk:
    """Some patients, done: their rows, what to load as NDJSON, and the machine that stands in everybody's."""

    outcomes: tuple[BulkOutcome, ...]
    resources: bytes = field(repr=False)
    device: bytes = field(default=b"", repr=False)


class ChunkAssessor:
    """An index and an institution; a part is so many patients."""

    def __init__(self, index: Path, institution: Institution, on: date, size: int) -> None:
        self._index, self._institution, self._on, self._size = RecordIndex(index), institution, on, size
        self._neighbour = lru_cache(10_000)(self._shared)

    def __call__(self, start: int) -> BulkChunk:
        """The part behind the first ``start`` patients; a fault in one record is the row of that patient alone.

        Raises InputFileFault for a file that went away or became another: that is no patient's fault.
        """
        outcomes: list[BulkOutcome] = []
        lines: list[bytes] = []
        devices: list[bytes] = []
        for patient in self._index.patients(start, self._size):
            objects = self._index.of_patient(patient)
            try:
                found = assessed(self._record(objects), self._institution, self._on)
            except InputFileFault:
                raise
            except OsteoHandoverError as fault:
                outcomes.append(BulkOutcome(patient, FAILED, fault=f"{objects[0].place}: {fault}"))
                continue
            outcomes.append(_outcome(found))
            for resource in found.resources:
                (devices if resource["resourceType"] == "Device" else lines).append(write(resource) + b"\n")
        return BulkChunk(tuple(outcomes), b"".join(lines), devices[0] if devices else b"")

    def _record(self, objects: Sequence[IndexedObject]) -> Iterator[Json]:
        """Everything that names the patient, and whom and what that refers to, two steps far."""
        texts = [_bytes(it) for it in objects]
        yield from (_parsed(text, it.place) for text, it in zip(texts, objects, strict=True))
        seen: set[str] = set()
        for _ in range(2):
            new = {name.decode() for text in texts for name in _NAMED.findall(_tight(text))} - seen
            seen |= new
            found = [it for name in sorted(new) for it in self._neighbour(name)]
            yield from (_parsed(text, place) for text, place in found)
            texts = [text for text, _ in found]

    def _shared(self, name: str) -> tuple[tuple[bytes, str], ...]:
        return tuple((_bytes(it), it.place) for it in self._index.shared(name))

    def close(self) -> None:
        """Let go of the index."""
        self._index.close()


def _bytes(it: IndexedObject) -> bytes:
    try:
        with it.lies.file.open("rb") as file:
            file.seek(it.lies.offset)
            found = file.read(it.lies.length)
    except OSError as error:
        raise InputFileFault(f"{it.lies.file}: cannot be read any more ({error.strerror})") from None
    if len(found) < it.lies.length:
        raise InputFileFault(f"{it.lies.file}: is shorter than it was; name another folder for the results")
    return found


def _tight(text: bytes) -> bytes:
    """Written with spaces, the name and the value of a member lie apart."""
    return text.replace(b'" : "', b'":"').replace(b'": "', b'":"')


def _parsed(text: bytes, place: str) -> Json:
    try:
        return parse(text)
    except Unparsable as error:
        problem = RecordFault(f"({place}) {error}")
    raise problem


def _outcome(found: Assessment) -> BulkOutcome:
    decision = found.decision
    return BulkOutcome(
        found.patient,
        found.outcome,
        decision.classification.category.value if decision else "",
        decision.treatment.decision.value if decision else "",
        found.alarms,
    )
