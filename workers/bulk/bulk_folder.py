"""The folder of results: resources to load, a table of outcomes, and how far they go.

After each chunk both files are on the disk, and only then their lengths are noted. A run that was cut off is
taken up behind the last note: what was written beyond it is cut away and made again.
"""

import contextlib
import csv
import errno
import fcntl
import io
import os
import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import BinaryIO, NoReturn, Self

import orjson

from adapter.errors import ConfigurationFault, SoftwareFault, TryAgainLater
from adapter.input.wire_json import ReadOnlyJson
from workers.bulk.bulk_chunk import BulkChunk, BulkOutcome
from workers.host.private_files import write_private

RESOURCES, OUTCOMES, NOTE, INDEX = "resources.ndjson", "outcomes.csv", "run.json", "index.sqlite"
PARTS, OVER = "parts", "parts.over"  # of a run through the broker, as long as it lasts
COLUMNS = tuple(column.name for column in fields(BulkOutcome))


@dataclass(slots=True)
class BulkProgress:
    """How far a run is, as noted; `inputs` is what it decides about: other inputs need another run."""

    inputs: ReadOnlyJson
    resources: int = 0  # bytes
    outcomes: int = 0
    strays: int = 0
    device: bool = False  # whether the machine stands among the resources
    finished: bool = False
    counts: Counter[str] = field(default_factory=Counter)  # "planned:osteoporosis"

    @property
    def done(self) -> int:
        """How many patients, in the order of their ids."""
        return self.counts.total()


class BulkFolder:
    """Open files of results; to be used as a context."""

    def __init__(self, folder: Path, progress: BulkProgress) -> None:
        self.folder, self.progress = folder, progress
        self._files: tuple[BinaryIO, BinaryIO] | None = None

    def __enter__(self) -> Self:
        lengths = {RESOURCES: self.progress.resources, OUTCOMES: self.progress.outcomes}
        for name, length in lengths.items():
            if not length:
                write_private(self.folder / name, b"")
        self._files = ((self.folder / RESOURCES).open("r+b"), (self.folder / OUTCOMES).open("r+b"))
        for file, length in zip(self._files, lengths.values(), strict=True):
            self._require_alone(file)
            if file.seek(0, os.SEEK_END) < length:
                raise ConfigurationFault(f"{self.folder}: holds less than was noted; name another folder")
            file.truncate(length)
            file.seek(length)
        if not self.progress.outcomes:
            self._files[1].write(_rows([COLUMNS]))
        return self

    def _require_alone(self, file: BinaryIO) -> None:
        """A second run into one folder would write over the first; raises TryAgainLater."""
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EAGAIN):  # others: a file system that knows no locks
                raise TryAgainLater(f"Another run writes into {self.folder}; wait for its end.") from None

    def __exit__(self, *_: object) -> None:
        for file in self._files or ():
            file.close()

    def add_chunk(self, chunk: BulkChunk, *, last: bool) -> None:
        """Put the next patients behind the others.

        Raises ConfigurationFault when the disk does not take them.
        """
        resources, outcomes = self._files or _refuse_closed()
        device = b"" if self.progress.device else chunk.device
        try:
            resources.write(device + chunk.resources)
            outcomes.write(_rows(_cells(outcome) for outcome in chunk.outcomes))
            for file in (resources, outcomes):
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise ConfigurationFault(f"{self.folder}: cannot be written ({error.strerror})") from None
        self.progress.resources, self.progress.outcomes = resources.tell(), outcomes.tell()
        self.progress.device |= bool(device)
        self.progress.counts.update(
            f"{outcome.outcome}:{outcome.category or '-'}" for outcome in chunk.outcomes
        )
        self.progress.finished = last
        note_progress(self.folder, self.progress)


def note_progress(folder: Path, progress: BulkProgress) -> None:
    """Write down how far it is, in the place of the note before."""
    fresh = folder / f"{NOTE}.new"
    write_private(fresh, orjson.dumps(progress))
    fresh.replace(folder / NOTE)


def noted_progress(folder: Path) -> BulkProgress | None:
    """What was noted; None where nothing was. Raises ConfigurationFault for what no run wrote."""
    try:
        kept = orjson.loads((folder / NOTE).read_bytes())
        return BulkProgress(**{**kept, "counts": Counter(kept["counts"])})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError):
        raise ConfigurationFault(f"{folder / NOTE}: no run wrote this; name another folder") from None


def remove_parts(folder: Path) -> None:
    """Everything was taken. Renamed first, so that no late worker puts anything in while it is removed."""
    shutil.rmtree(folder / OVER, ignore_errors=True)
    with contextlib.suppress(FileNotFoundError):
        (folder / PARTS).replace(folder / OVER)
    shutil.rmtree(folder / OVER, ignore_errors=True)


def listed_faults(folder: Path, most: int) -> list[tuple[str, str]]:
    """The first patients who could not be decided about, each with the reason."""
    found: list[tuple[str, str]] = []
    with (folder / OUTCOMES).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["fault"] and len(found) < most:
                found.append((row["patient"], row["fault"]))
    return found


def _cells(outcome: BulkOutcome) -> tuple[str, ...]:
    values = (getattr(outcome, name) for name in COLUMNS)
    return tuple(value if isinstance(value, str) else " ".join(value) for value in values)


def _rows(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _refuse_closed() -> NoReturn:
    raise SoftwareFault("the folder of results is closed")
