"""A worker's side of a run that machines share: it tells whether it can do parts, and does them."""

from contextlib import closing
from datetime import date
from enum import StrEnum
from functools import lru_cache
from os import R_OK, W_OK, X_OK, access
from pathlib import Path

import msgspec

from adapter.errors import ConfigurationFault
from adapter.input.input_files import InputFileFault
from mappings.handover.institution import Institution
from workers.bulk.bulk_chunk import ChunkAssessor
from workers.bulk.bulk_folder import INDEX, PARTS
from workers.bulk.parts_folder import ORDER, PartsFolder, PartsOrder, rules_fingerprint, settings_of_order
from workers.queue.bootstrap import institution_of

SAME_TIME = 2_000_000_000  # nanoseconds: to that a file system may round the time of a file


class WorkerView(StrEnum):
    """How a run looks from where a worker is."""

    READY = "ready"
    NO_FOLDER = "no_folder"
    NO_FILE = "no_file"
    OTHER_RULES = "other_rules"


class UnfitWorker(ConfigurationFault):
    """This machine cannot do a part.

    A file goes by its number in the order: its name may tell of a patient.
    """

    def __init__(self, view: WorkerView, file: int = 0) -> None:
        super().__init__(f"no part of a run can be done here ({view.value}); the run says what to do")
        self.view, self.file = view, file


def view_of(results: Path) -> tuple[WorkerView, int]:
    """How the run of this folder looks from here now, and the number of the file that is not to be seen."""
    try:
        _prepare_order.__wrapped__(_order_in(results))
    except UnfitWorker as unfit:
        return unfit.view, unfit.file
    return WorkerView.READY, 0


def assess_part(results: Path, start: int) -> None:
    """Do the part behind so many patients, unless it is done or nobody waits for it; raises UnfitWorker."""
    if results.is_dir() and not (results / PARTS / ORDER).exists():
        return
    order, institution = _prepare_order(_order_in(results))
    parts = PartsFolder(results, order.size)
    if parts.file(start).exists():
        return
    on = date.fromisoformat(order.on)
    with closing(ChunkAssessor(results / INDEX, institution, on, order.size)) as assessor:
        try:
            parts.put(start, assessor(start))
        except InputFileFault:  # a mount that went away; its text names the file
            raise UnfitWorker(WorkerView.NO_FILE) from None


def _order_in(results: Path) -> bytes:
    """The order as it stands; the run may be over, or its folder on no path of this machine."""
    if not access(results / PARTS, R_OK | W_OK | X_OK):
        raise UnfitWorker(WorkerView.NO_FOLDER)
    try:
        return (results / PARTS / ORDER).read_bytes()
    except OSError:
        raise UnfitWorker(WorkerView.NO_FOLDER) from None


# By the whole order, so that another one is prepared anew; what cannot be done is looked at each time.
@lru_cache(1)
def _prepare_order(raw: bytes) -> tuple[PartsOrder, Institution]:
    try:
        order = msgspec.json.decode(raw, type=PartsOrder)
        rules = rules_fingerprint(order.settings)
    except (msgspec.DecodeError, ConfigurationFault):
        raise UnfitWorker(WorkerView.OTHER_RULES) from None
    if rules != order.rules:
        raise UnfitWorker(WorkerView.OTHER_RULES)
    for number, (path, size, changed) in enumerate(order.inputs["files"]):
        if not _is_same_file(Path(path), size, changed):
            raise UnfitWorker(WorkerView.NO_FILE, number)
    return order, institution_of(settings_of_order(order.settings))


def _is_same_file(file: Path, size: int, changed: int) -> bool:
    try:
        found = file.stat()
    except OSError:
        return False
    return found.st_size == size and abs(found.st_mtime_ns - changed) < SAME_TIME and access(file, R_OK)
