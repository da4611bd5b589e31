"""What one process does: a part of the patients, each read through the index, decided and drafted."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from adapter.errors import OsteoHandoverError
from adapter.input_files import InputFileFault
from adapter.wire_json import write
from mappings.lifecycle.institution import Institution
from workers.assessment.record_assessment import Assessment, assessed
from workers.bulk.indexed_records import IndexedRecords

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
        """The part behind the first ``start`` patients; a fault in one record is the row of that patient alone.

        Raises InputFileFault for a file that went away or became another: that is no patient's fault.
        """
        outcomes: list[BulkOutcome] = []
        lines: list[bytes] = []
        devices: list[bytes] = []
        for patient in self._records.patients(start, self._size):
            objects = self._records.objects_of(patient)
            try:
                found = assessed(self._records.resources(objects), self._institution, self._on)
            except InputFileFault:
                raise
            except OsteoHandoverError as fault:
                outcomes.append(BulkOutcome(patient, FAILED, fault=f"{objects[0].place}: {fault}"))
                continue
            outcomes.append(_outcome(found))
            for resource in found.resources:
                (devices if resource["resourceType"] == "Device" else lines).append(write(resource) + b"\n")
        return BulkChunk(tuple(outcomes), b"".join(lines), devices[0] if devices else b"")

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
