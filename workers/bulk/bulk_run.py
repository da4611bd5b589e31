"""A run over files: it hands out parts, gets them back in the order of the patients, and joins them."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from adapter.errors import ConfigurationFault
from adapter.input.wire_json import Json
from workers.bulk.bulk_chunk import BulkChunk, ChunkAssessor
from workers.bulk.bulk_folder import (
    INDEX,
    BulkFolder,
    BulkProgress,
    note_progress,
    noted_progress,
    remove_parts,
)
from workers.bulk.process_pool import PATIENTS_OF_PART, InOrder, core_count, ready_processes
from workers.bulk.record_files import files_in
from workers.bulk.record_index import LAYOUT, RecordIndex, build_index
from workers.host.private_files import make_folder
from workers.queue.bootstrap import institution_of, ruleset_of
from workers.settings.all_settings import Settings

# Bytes of records that one process decides about in the second that another one needs to begin.
WORTH_A_PROCESS = 4_000_000
OnProgress = Callable[[int, int], None]  # how many are done, of how many


@dataclass(frozen=True, slots=True)
class BulkOrder:
    """What to decide about, by what, and where to."""

    paths: tuple[Path, ...]
    target: Path
    settings: Settings
    on: date
    processes: int
    chunk: int = PATIENTS_OF_PART


# The parts that begin behind so many patients, done, one after the other;
# `BulkProgress` says what they rest on.
PartsDone = Callable[[BulkOrder, BulkProgress, range], Generator[BulkChunk, None, None]]


@dataclass(frozen=True, slots=True)
class BulkWorkers:
    """By whom a run is done: its parts, and before them the index, piece by piece."""

    parts_done: PartsDone
    in_order: InOrder = map


def assess_files(order: BulkOrder, watch: OnProgress, workers: BulkWorkers) -> BulkProgress:
    """Decide about everybody; what an earlier run of the same order did is not done again.

    By ``processes_here``, or by workers of other machines.

    Raises ConfigurationFault for files or a folder that cannot be used.
    """
    files = files_in(order.paths)
    progress = _progress_at_start(order, files, workers.in_order)
    index = RecordIndex(order.target / INDEX)
    try:
        total = index.count()
        with BulkFolder(order.target, progress) as folder:
            watch(progress.done, total)
            todo = range(progress.done, total, order.chunk)
            with closing(workers.parts_done(order, progress, todo)) as chunks:
                for chunk in chunks:
                    folder.add_chunk(chunk, last=progress.done + len(chunk.outcomes) == total)
                    watch(progress.done, total)
    finally:
        index.close()
    remove_parts(order.target)
    return progress


def processes_worth(paths: Iterable[Path]) -> int:
    """As many as there are cores, and no more than these files keep busy; raises as ``files_in``."""
    return min(core_count(), 1 + sum(file.stat().st_size for file in files_in(paths)) // WORTH_A_PROCESS)


def _progress_at_start(order: BulkOrder, files: Sequence[Path], in_order: InOrder) -> BulkProgress:
    inputs = _inputs(order, files)
    try:
        make_folder(order.target)
    except OSError as error:
        raise ConfigurationFault(
            f"{order.target}: cannot be made ({error.strerror}); name another folder"
        ) from None
    before = noted_progress(order.target)
    if before is None:
        strays = build_index(order.target / INDEX, files, order.settings.fhir_base_url, in_order)
        before = BulkProgress(inputs, strays=strays)
        note_progress(order.target, before)
    elif before.inputs != inputs:
        raise ConfigurationFault(
            f"{order.target}: holds a run of other files, rules, settings, release or day; name another folder"
        )
    return before


def _inputs(order: BulkOrder, files: Sequence[Path]) -> Json:
    """What the result depends on."""
    held = [(str(file.absolute()), (found := file.stat()).st_size, found.st_mtime_ns) for file in files]
    institution = institution_of(order.settings)
    return {
        "files": [list(entry) for entry in held],
        "ruleset": ruleset_of(order.settings, institution),
        "version": institution.version,
        "on": order.on.isoformat(),
        "index": LAYOUT,
    }


@contextmanager
def processes_here(order: BulkOrder) -> Iterator[BulkWorkers]:
    """Processes of this machine, which begin at once."""
    make = partial(_assessor, order.target / INDEX, order.settings, order.on, order.chunk)
    with ready_processes(make, order.processes) as ready:
        yield BulkWorkers(lambda _order, _progress, todo: ready.parts(todo), ready.in_order)


def _assessor(index: Path, settings: Settings, on: date, size: int) -> ChunkAssessor:
    return ChunkAssessor(index, institution_of(settings), on, size)
