"""An index on disk of the patient of each object: made in one pass, so that no file is loaded or sorted.

Entries of Bundles about several patients lie beside the index, and are found there. What belongs to nobody,
such as a Practitioner, is found by its name.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import orjson

from adapter.errors import ConfigurationFault
from workers.bulk.index_pass import IndexedPiece, ObjectPlace, index_pieces
from workers.bulk.process_pool import InOrder
from workers.bulk.record_files import PIECE, groups_of, pieces_of
from workers.host.private_files import write_private

ENTRIES = ".entries.ndjson"
MOST_FAULTS = 20  # named at once
FILES = 1_000  # whose names are remembered: thousands of objects lie in each
LAYOUT = 2  # of the tables: one higher when they change, and no run goes on with an index of another
_TABLES = """
CREATE TABLE piece (
    number INTEGER PRIMARY KEY, path TEXT NOT NULL, lines_before INTEGER NOT NULL, entries_before INTEGER NOT NULL
);
CREATE TABLE patient (number INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE object (
    name TEXT NOT NULL, shared INTEGER NOT NULL, piece INTEGER NOT NULL, places BLOB NOT NULL
);
"""
_NUMBER_PATIENTS = (
    "INSERT INTO patient (name) SELECT DISTINCT name FROM object WHERE shared = 0 ORDER BY name"
)
_FIND = (
    "SELECT path, lines_before, entries_before, places FROM object JOIN piece ON number = piece"
    " WHERE shared = ? AND name = ? ORDER BY piece"
)


@dataclass(frozen=True, slots=True)
class IndexedObject:
    """An object of a patient: the file and its bytes there, and for people the place that it came from."""

    file: Path
    offset: int
    length: int
    place: str


class RecordIndex:
    """The index in one file, made by `build_index`.

    Any process may then open it and ask, on any machine that sees it.
    """

    def __init__(self, file: Path) -> None:
        # Nobody changes it any more: a folder that machines share need not know locks.
        self._db = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        self._entries = file.absolute().with_suffix(ENTRIES)

    def patients(self, start: int, size: int) -> list[str]:
        """So many patients behind the first ``start``, in the order of their ids."""
        asked = "SELECT name FROM patient WHERE number > ? AND number <= ? ORDER BY number"
        return [name for (name,) in self._db.execute(asked, (start, start + size))]

    def count(self) -> int:
        """How many patients there are."""
        (found,) = self._db.execute("SELECT COUNT(*) FROM patient").fetchone()
        return int(found)

    def objects_of_patient(self, patient: str) -> list[IndexedObject]:
        """Everything that names this patient, in the order of the files."""
        return self._objects_of(0, patient)

    def shared_objects(self, place: str) -> list[IndexedObject]:
        """What stands under ``Type/id`` and belongs to nobody."""
        return self._objects_of(1, place)

    def close(self) -> None:
        self._db.close()

    def _objects_of(self, shared: int, name: str) -> list[IndexedObject]:
        return [
            self._object(place, path, lines, entries)
            for path, lines, entries, places in self._db.execute(_FIND, (shared, name))
            for place in orjson.loads(places)
        ]

    def _object(self, place: ObjectPlace, path: str, lines_before: int, entries_before: int) -> IndexedObject:
        entry, offset, length, line = place
        file, offset = (self._entries, entries_before + offset) if entry else (_path(path), offset)
        return IndexedObject(file, offset, length, f"{path}:{lines_before + line}")


@lru_cache(FILES)
def _path(text: str) -> Path:
    return Path(text)


def build_index(
    target: Path, files: Iterable[Path], base_url: str, in_order: InOrder = map, size: int = PIECE
) -> int:
    """Make the index; gives how many resources belong to nobody and are no Practitioner or the like.

    ``in_order`` says by whom pieces of so many bytes are read. Raises ConfigurationFault with every line
    that cannot be read: whose it was nobody knows, so nobody's record is whole.
    """
    unfinished, entries = target.with_suffix(".unfinished"), target.with_suffix(ENTRIES)
    for file in (unfinished, entries):
        write_private(file, b"")
    groups = groups_of(pieces_of(files, size), size)
    with sqlite3.connect(unfinished) as database, entries.open("r+b") as written:
        database.executescript(_TABLES)
        making = _IndexMaking(database, written)
        for found in chain.from_iterable(in_order(partial(index_pieces, base_url), groups)):
            making.add_piece(found)
        making.refuse_faults()
        database.execute("CREATE INDEX by_name ON object (shared, name)")
        database.execute(_NUMBER_PATIENTS)
    database.close()
    unfinished.replace(target)
    return making.strays


@dataclass(slots=True)
class _IndexMaking:
    """Takes the pieces in their order, which are counted from where the ones before end."""

    database: sqlite3.Connection
    entries: BinaryIO
    strays: int = 0
    lines: int = 0  # of the file, in the pieces before
    faults: list[str] = field(default_factory=list)

    def add_piece(self, found: IndexedPiece) -> None:
        piece, file = found.piece, found.piece.file
        before = self.lines if piece.start else 0
        self.faults += [f"{file}:{before + line}: {fault}" for line, fault in found.faults]
        self.database.execute(
            "INSERT INTO piece VALUES (?, ?, ?, ?)",
            (piece.number, str(file.absolute()), before, self.entries.tell()),
        )
        self.database.executemany("INSERT INTO object VALUES (?, ?, ?, ?)", found.rows)
        self.entries.write(found.entries)
        self.lines = before + found.lines
        self.strays += found.strays

    def refuse_faults(self) -> None:
        if self.faults:
            more = len(self.faults) - MOST_FAULTS
            raise ConfigurationFault(
                "; ".join(self.faults[:MOST_FAULTS]) + (f"; and {more} more" if more > 0 else "")
            )
