"""A shadow run over everybody in files, on all cores: an index on disk for as long as it lasts, one patient in memory in each process."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from adapter.errors import OsteoHandoverError
from adapter.input_files import InputFileFault
from mappings.inbound import ReadingConfig
from mappings.pathways import load
from workers.assessment.record_assessment import record_of
from workers.authoring.population import person_of, shadow_institution
from workers.authoring.shadow_run import ChangedPerson, Person, ShadowRun, shadow_run
from workers.bulk.bulk_folder import INDEX
from workers.bulk.indexed_records import IndexedRecords
from workers.bulk.process_pool import done_in_order
from workers.bulk.record_files import files_in
from workers.bulk.record_index import RecordIndex, build

PART = 50  # patients


@dataclass(frozen=True, slots=True)
class FilesShadow:
    """Whom to decide about twice, and by what: pathways by name or file, since a process loads its own."""

    paths: Sequence[Path]
    old: str
    new: str
    reading: ReadingConfig
    on: date
    processes: int


def shadow_of_files(order: FilesShadow, watch: Callable[[int, int], None]) -> ShadowRun:
    """Everybody in NDJSON, Bundles or folders of them; who cannot be read is named beside the others.

    Raises ConfigurationFault for files that cannot be used.
    """
    people, changed, unread = 0, list[ChangedPerson](), dict[str, str]()
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / INDEX
        build(index, files_in(order.paths), order.reading.base_url)
        with closing(RecordIndex(index)) as known:
            total = known.count()
        make = partial(_ShadowWorker, index, order)
        for part in done_in_order(make, range(0, total, PART), order.processes):
            people += part.people
            changed += part.changed
            unread |= part.unread
            watch(people + len(unread), total)
    return ShadowRun(people, tuple(changed), unread)


class _ShadowWorker:
    """Decides about fifty people at a time."""

    def __init__(self, index: Path, order: FilesShadow) -> None:
        self._records, self._on = IndexedRecords(index), order.on
        self._old, self._new = load(order.old), load(order.new)
        self._institution = shadow_institution(self._old, order.reading)

    def __call__(self, start: int) -> ShadowRun:
        unread: dict[str, str] = {}
        run = shadow_run(self._people(start, unread), self._old, self._new)
        return replace(run, unread=unread)

    def _people(self, start: int, unread: dict[str, str]) -> Iterator[Person]:
        for patient in self._records.patients(start, PART):
            objects = self._records.objects_of(patient)
            try:
                record = record_of(self._records.resources(objects), self._institution, self._on)
                yield person_of(record, self._institution, self._on)
            except InputFileFault:
                raise
            except OsteoHandoverError as fault:
                unread[patient] = f"{objects[0].place}: {fault}"

    def close(self) -> None:
        """Let go of the index."""
        self._records.close()
