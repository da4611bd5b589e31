"""A shadow run over everybody in files, on all cores.

It keeps an index on disk for as long as it lasts, and one patient in memory in each process.
"""

import tempfile
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from adapter.input.wire_json import Json
from mappings.handover.patient_record import PatientRecord
from mappings.inbound import ReadingConfig
from mappings.pathways import load
from workers.assessment.record_assessment import record_of
from workers.authoring.population import person_of, shadow_institution
from workers.authoring.shadow_run import ChangedPerson, ShadowRun, run_shadow
from workers.bulk.bulk_folder import INDEX
from workers.bulk.bulk_run import OnProgress
from workers.bulk.indexed_records import FailedRecord, IndexedRecords
from workers.bulk.process_pool import PATIENTS_OF_PART, ready_processes
from workers.bulk.record_files import files_in
from workers.bulk.record_index import RecordIndex, build_index


@dataclass(frozen=True, slots=True)
class FilesShadow:
    """Whom to decide about twice, and by what: pathways by name or file, since a process loads its own."""

    paths: Sequence[Path]
    old: str
    new: str
    reading: ReadingConfig
    on: date
    processes: int


def shadow_of_files(order: FilesShadow, watching: AbstractContextManager[OnProgress]) -> ShadowRun:
    """Everybody in NDJSON, Bundles or folders of them; who cannot be read is named beside the others.

    The watching begins behind the processes, since a bar has a thread. Raises ConfigurationFault for files
    that cannot be used.
    """
    people, changed, unread = 0, list[ChangedPerson](), dict[str, str]()
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / INDEX
        make = partial(_ShadowWorker, index, order)
        with ready_processes(make, order.processes) as ready, watching as watch:
            build_index(index, files_in(order.paths), order.reading.base_url, ready.in_order)
            with closing(RecordIndex(index)) as known:
                total = known.count()
            for part in ready.parts(range(0, total, PATIENTS_OF_PART)):
                people += part.people
                changed += part.changed
                unread |= part.unread
                watch(people + len(unread), total)
    return ShadowRun(people, tuple(changed), unread)


class _ShadowWorker:
    """Decides about the people of one part after the other."""

    def __init__(self, index: Path, order: FilesShadow) -> None:
        self._records, self._on = IndexedRecords(index), order.on
        self._old, self._new = load(order.old), load(order.new)
        self._institution = shadow_institution(self._old, order.reading)

    def __call__(self, start: int) -> ShadowRun:
        people, changed, unread = 0, list[ChangedPerson](), dict[str, str]()
        part = self._records.make_each(start, PATIENTS_OF_PART, self._record, self._decide)
        for patient, found in part.items():
            if isinstance(found, FailedRecord):
                unread[patient] = found.fault
                continue
            people += found.people
            changed += found.changed
        return ShadowRun(people, tuple(changed), unread)

    def _record(self, resources: Iterable[Json]) -> PatientRecord:
        return record_of(resources, self._institution, self._on)

    def _decide(self, records: Sequence[PatientRecord]) -> list[ShadowRun]:
        people = [person_of(record, self._institution, self._on) for record in records]
        return [run_shadow([person], self._old, self._new) for person in people]

    def close(self) -> None:
        """Let go of the index."""
        self._records.close()
