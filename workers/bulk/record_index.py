"""An index on disk of the patient of each object: made in one pass, so that no file is loaded or sorted.

A Bundle that is about one patient stays one object. Of any other Bundle the entries are written out line
by line beside the index, digits and all, and found there. What belongs to nobody, such as a
Practitioner, is found by its name.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import orjson

from adapter.errors import ConfigurationFault
from adapter.input.wire_json import Json, Unparsable, parse, write
from workers.assessment.submission import submission_of
from workers.bulk.record_files import FileSpan, record_spans
from workers.host.private_files import write_private
from workers.review.references import entries_within, patients_of

SHARED = frozenset({"Practitioner", "PractitionerRole", "Organization", "Medication"})
MOST_FAULTS = 20  # named at once
MOST_KINDS = 5
FILES = 1_000  # whose names are remembered: thousands of objects lie in each
_TABLES = """
CREATE TABLE file (id INTEGER PRIMARY KEY, path TEXT NOT NULL);
CREATE TABLE patient (number INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE object (
    name TEXT NOT NULL, shared INTEGER NOT NULL,
    file INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL, source INTEGER NOT NULL, line INTEGER NOT NULL
);
"""
_NUMBER_PATIENTS = (
    "INSERT INTO patient (name) SELECT DISTINCT name FROM object WHERE shared = 0 ORDER BY name"
)
_FIND = (
    "SELECT lies.path, offset, length, origin.path, line FROM object"
    " JOIN file AS lies ON lies.id = object.file JOIN file AS origin ON origin.id = object.source"
    " WHERE shared = ? AND name = ? ORDER BY source, offset"
)


@dataclass(frozen=True, slots=True)
class IndexedObject:
    """An object of a patient: where its bytes lie, and where it came from, for people."""

    lies: FileSpan
    place: str


class RecordIndex:
    """The index in one file, made by `build_index`.

    Any process may then open it and ask, on any machine that sees it.
    """

    def __init__(self, file: Path) -> None:
        # Nobody changes it any more: a folder that machines share need not know locks.
        self._db = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)

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
        rows = self._db.execute(_FIND, (shared, name))
        return [
            IndexedObject(FileSpan(_path(path), offset, length, line), f"{source}:{line}")
            for path, offset, length, source, line in rows
        ]


@lru_cache(FILES)
def _path(text: str) -> Path:
    return Path(text)


def build_index(target: Path, files: Sequence[Path], base_url: str) -> int:
    """Make the index; gives how many resources belong to nobody and are no Practitioner or the like.

    Raises ConfigurationFault with every line that cannot be read: whose it was nobody knows,
    so nobody's record is whole.
    """
    unfinished = target.with_suffix(".unfinished")
    write_private(unfinished, b"")
    entries = target.with_suffix(".entries.ndjson")
    write_private(entries, b"")
    with sqlite3.connect(unfinished) as database, entries.open("r+b") as loose:
        database.executescript(_TABLES)
        making = _IndexPass(base_url, {file: number for number, file in enumerate((entries, *files))}, loose)
        database.executemany(
            "INSERT INTO file VALUES (?, ?)",
            [(at, str(file.absolute())) for file, at in making.files.items()],
        )
        database.executemany("INSERT INTO object VALUES (?, ?, ?, ?, ?, ?, ?)", making.rows(files))
        making.refuse_faults()
        database.execute("CREATE INDEX by_name ON object (shared, name)")
        database.execute(_NUMBER_PATIENTS)
    database.close()
    unfinished.replace(target)
    return making.strays


_Row = tuple[str, int, int, int, int, int, int]


@dataclass(slots=True)
class _IndexPass:
    base_url: str
    files: Mapping[Path, int]
    loose: BinaryIO
    strays: int = 0
    faults: list[str] = field(default_factory=list)

    def rows(self, files: Iterable[Path]) -> Iterator[_Row]:
        for file in files:
            for span, raw in record_spans(file):
                try:
                    yield from self._rows_of_span(span, raw)
                except (Unparsable, orjson.JSONDecodeError) as fault:
                    what = fault if isinstance(fault, Unparsable) else "is not JSON"
                    self.faults.append(f"{span.place}: {what}; correct it there")

    def refuse_faults(self) -> None:
        if self.faults:
            more = len(self.faults) - MOST_FAULTS
            raise ConfigurationFault(
                "; ".join(self.faults[:MOST_FAULTS]) + (f"; and {more} more" if more > 0 else "")
            )

    def _rows_of_span(self, span: FileSpan, raw: bytes) -> Iterator[_Row]:
        """Reads for owners only: what is decided about is parsed again, strictly, with all digits."""
        body = _resource(orjson.loads(raw))
        at = (self.files[span.file], span.offset, span.length, self.files[span.file], span.line)
        if body["resourceType"] != "Bundle":
            self._refuse_gaps(body)
            yield from self._index_rows(body, at)
            return
        within = list(_resources_within(body))
        people = {str(resource.get("id")) for resource in within if resource["resourceType"] == "Patient"}
        owners = {owner for resource in within for owner in patients_of(resource, self.base_url)}
        if len(people) == 1 and owners == people:
            yield (people.pop(), 0, *at)
            return
        whole = _resource(parse(raw))
        self._refuse_gaps(whole)
        for resource in _resources_within(whole):
            yield from self._index_rows(resource, self._write_resource(resource, span))

    @staticmethod
    def _refuse_gaps(body: Json) -> None:
        """Refuses signs of loss that may be anybody's: a page without its next one, an OperationOutcome."""
        if body["resourceType"] in ("Bundle", "OperationOutcome") and (gaps := submission_of([body]).gaps):
            kinds = "resources" if len(gaps) > MOST_KINDS else ", ".join(sorted(gaps))
            raise Unparsable(f"says that not everything came ({kinds}); complete it")

    def _index_rows(self, body: Json, at: tuple[int, int, int, int, int]) -> Iterator[_Row]:
        owners = patients_of(body, self.base_url)
        if not owners and body["resourceType"] in SHARED:
            yield (f"{body['resourceType']}/{body.get('id')}", 1, *at)
        elif not owners:
            self.strays += 1
        for owner in sorted(owners):
            yield (owner, 0, *at)

    def _write_resource(self, body: Json, span: FileSpan) -> tuple[int, int, int, int, int]:
        offset, line = self.loose.tell(), write(body) + b"\n"
        self.loose.write(line)
        return 0, offset, len(line), self.files[span.file], span.line


def _resource(body: object) -> Json:
    if not isinstance(body, dict) or not isinstance(body.get("resourceType"), str):
        raise Unparsable("is not a FHIR resource")
    return body


def _resources_within(bundle: Json) -> Iterator[Json]:
    return (entry["resource"] for entry in entries_within(bundle) if "resource" in entry)
