"""The work of one process: it reads a part of the patients through the index, decides and drafts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from adapter.input.wire_json import Json, write
from mappings.handover.institution import Institution
from mappings.handover.patient_record import PatientRecord
from workers.assessment.record_assessment import Assessment, assess_records, record_of
from workers.bulk.indexed_records import FailedRecord, IndexedRecords

FAILED = "failed"


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
        self._records, self._institution, self._on, self._size = IndexedRecords(index), institution, on, size

    def __call__(self, start: int) -> BulkChunk:
        """The part after the first ``start`` patients; a faulty record is the row of its patient alone.

        Raises InputFileFault for a file that went away or became another: that is no patient's fault.
        """
        outcomes: list[BulkOutcome] = []
        lines: list[bytes] = []
        devices: list[bytes] = []
        parts = self._records.make_each(start, self._size, self._record, self._assess)
        for patient, found in parts.items():
            if isinstance(found, FailedRecord):
                outcomes.append(BulkOutcome(patient, FAILED, fault=found.fault))
                continue
            outcomes.append(_outcome(found))
            for resource in found.resources:
                (devices if resource["resourceType"] == "Device" else lines).append(write(resource) + b"\n")
        return BulkChunk(tuple(outcomes), b"".join(lines), devices[0] if devices else b"")

    def _record(self, resources: Iterable[Json]) -> PatientRecord:
        return record_of(resources, self._institution, self._on)

    def _assess(self, records: Sequence[PatientRecord]) -> list[Assessment]:
        return assess_records(records, self._institution, self._on)

    def close(self) -> None:
        """Let go of the index."""
        self._records.close()


def _outcome(found: Assessment) -> BulkOutcome:
    decision = found.decision
    return BulkOutcome(
        found.patient,
        found.outcome,
        decision.classification.category.value if decision else "",
        decision.treatment.decision.value if decision else "",
        found.alarms,
    )
