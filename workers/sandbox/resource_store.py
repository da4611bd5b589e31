"""Every version of every resource in one SQLite table, and the search rows of the newest in another."""

# ruff: noqa: S608 - what is put into SQL as text are names of types and columns, and numbers; values are arguments
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import RLock
from typing import Any

from adapter.input.fhir_id import is_fhir_id
from adapter.input.wire_json import Json, JsonValue
from workers.sandbox.faults import RecordedWrite
from workers.sandbox.query.search_index import index_rows
from workers.sandbox.query.search_parameters import PARAMETERS
from workers.sandbox.wire import RequestRefused, StoredVersion, dump_json, instant, milliseconds, parse_json

# `head` marks the newest version; a deletion is a version without a body.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS versions (
    seq INTEGER PRIMARY KEY, type TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, at INTEGER NOT NULL,
    method TEXT NOT NULL, body BLOB, head INTEGER NOT NULL DEFAULT 1, UNIQUE (type, id, version));
CREATE UNIQUE INDEX IF NOT EXISTS heads ON versions (type, id) WHERE head = 1;
CREATE INDEX IF NOT EXISTS alive ON versions (type, at) WHERE head = 1 AND body IS NOT NULL;
CREATE TABLE IF NOT EXISTS indexed (
    seq INTEGER NOT NULL, type TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
    system TEXT, value TEXT, lo INTEGER, hi INTEGER);
CREATE INDEX IF NOT EXISTS by_value ON indexed (type, name, value);
CREATE INDEX IF NOT EXISTS by_range ON indexed (type, name, lo);
CREATE INDEX IF NOT EXISTS by_version ON indexed (seq);
CREATE INDEX IF NOT EXISTS by_target ON indexed (value, system) WHERE kind = 'reference';
"""
_COLUMNS = "v.seq, v.type, v.id, v.version, v.at, v.method, v.body"

_DANGLING = """
SELECT i.name FROM indexed i WHERE i.kind = 'reference' AND i.system <> '' AND i.seq >= ? AND NOT EXISTS (
    SELECT 1 FROM versions t WHERE t.type = i.system AND t.id = i.value AND t.head = 1 AND t.body IS NOT NULL)
"""
_REFERRING = """
SELECT i.name FROM versions gone JOIN indexed i ON i.kind = 'reference' AND i.value = gone.id AND i.system = gone.type
WHERE gone.seq >= ? AND gone.head = 1 AND gone.body IS NULL
"""


class ResourceStore:
    """Versions that only grow; one connection and one lock: writes are serial, commits all or nothing."""

    def __init__(
        self, path: str, clock: Callable[[], datetime], base: str, *, check_references: bool = False
    ) -> None:
        self.base = base
        self.check_references = check_references
        self.on_commit: Callable[[list[RecordedWrite]], None] = _ignore_write
        self._clock = clock
        self._lock = RLock()
        self._sql = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._sql.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;" + _SCHEMA)
        self._last = int(self._sql.execute("SELECT coalesce(max(at), 0) FROM versions").fetchone()[0])
        self._moment, self._inside = 0, False
        self._written: list[RecordedWrite] = []

    def close(self) -> None:
        with self._lock:
            self._sql.close()

    def now(self) -> int:
        """The server's time, never before the newest `lastUpdated`."""
        return max(milliseconds(self._clock()), self._last)

    @contextmanager
    def commit(self, stamp: datetime | None = None) -> Iterator[None]:
        """One atomic change with one `lastUpdated`, later than that of every change before it. May be nested.

        With a stamp it is that: servers stamp a change when it begins, and show it
        when it ends, behind later ones.
        """
        with self._lock:
            if self._inside:
                yield
                return
            self._moment = milliseconds(stamp) if stamp else max(milliseconds(self._clock()), self._last + 1)
            first = self._next_seq()
            self._sql.execute("BEGIN IMMEDIATE")
            self._inside, self._written = True, []
            try:
                yield
                if self.check_references:
                    self._refuse_dangling(first)
                self._sql.execute("COMMIT")
            except BaseException:  # also a request that is cut off: nothing of it may stay
                self._sql.execute("ROLLBACK")
                raise
            finally:
                self._inside = False
            if self._written:
                self._last = max(self._last, self._moment)
                self.on_commit(self._written)

    def read(self, type_: str, id_: str) -> StoredVersion | None:
        """The newest version, which may be a deletion; None when there never was one."""
        found = self.select("WHERE v.type = ? AND v.id = ? AND v.head = 1", (type_, id_))
        return found[0] if found else None

    def vread(self, type_: str, id_: str, version: str) -> StoredVersion | None:
        found = self.select("WHERE v.type = ? AND v.id = ? AND v.version = ?", (type_, id_, version))
        return found[0] if found else None

    def select(self, where: str, args: Sequence[object] = ()) -> list[StoredVersion]:
        """Versions `v` by the rest of an SQL statement."""
        return [StoredVersion(*row) for row in self.query(f"SELECT {_COLUMNS} FROM versions v {where}", args)]

    def current_resources(self, type_: str) -> list[Json]:
        """Everything of a type as it stands, in the order in which it was written last."""
        found = self.select("WHERE v.type = ? AND v.head = 1 AND v.body IS NOT NULL ORDER BY v.seq", (type_,))
        return [parse_json(version.body) for version in found if version.body]

    def fetch(self, seqs: Sequence[int]) -> list[StoredVersion]:
        """These versions, in this order."""
        if not seqs:
            return []
        found = {v.seq: v for v in self.select(f"WHERE v.seq IN ({','.join(map(str, seqs))})")}
        return [found[seq] for seq in seqs]

    def history(self, path: Sequence[str], since: int) -> list[int]:
        """Version numbers, newest first, of all (`()`), of a type or of one resource, from `since` on."""
        where = "".join(f" AND {column} = ?" for column, _ in zip(("type", "id"), path, strict=False))
        found = self.query(f"SELECT seq FROM versions WHERE at >= ?{where} ORDER BY seq DESC", (since, *path))
        return [seq for (seq,) in found]

    def query(self, sql: str, args: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._sql.execute(sql, args).fetchall()

    def put(self, resource: Json, id_: str, method: str = "PUT") -> tuple[StoredVersion, bool]:
        """Store the next version under this id; the same content again makes none.

        Gives the version, and whether it is new.
        """
        with self.commit():
            before = self.read(resource["resourceType"], id_)
            if before and before.body is not None and _is_unchanged(resource, parse_json(before.body), id_):
                return before, False
            stored = self._insert(resource["resourceType"], id_, before, method, resource)
            insert = f"INSERT INTO indexed VALUES ({stored.seq}, '{stored.type}', ?, ?, ?, ?, ?, ?)"
            self._sql.executemany(insert, index_rows(resource, self.base))
            return stored, True

    def delete(self, type_: str, id_: str) -> StoredVersion | None:
        """The deletion; None when there was nothing to delete."""
        with self.commit():
            before = self.read(type_, id_)
            return (
                self._insert(type_, id_, before, "DELETE", None)
                if before and before.body is not None
                else None
            )

    def load(self, resources: Iterable[JsonValue], stamp: datetime | None = None) -> int:
        """Store many under their ids (or new ones), all or nothing; returns how many were new."""
        count = 0
        with self.commit(stamp):
            for resource in resources:
                if not isinstance(resource, dict) or str(resource.get("resourceType")) not in PARAMETERS:
                    raise RequestRefused(400, "invalid", "A resource to load has no known resourceType.")
                id_ = str(resource.get("id") or uuid.uuid4())
                if not is_fhir_id(id_):
                    raise RequestRefused(400, "value", "A resource to load has an id that is no FHIR id.")
                count += self.put(resource, id_)[1]
        return count

    def _insert(
        self, type_: str, id_: str, before: StoredVersion | None, method: str, resource: Json | None
    ) -> StoredVersion:
        number = before.version + 1 if before else 1
        body = None if resource is None else dump_json(_stamp_resource(resource, id_, number, self._moment))
        if before:
            self._sql.execute("UPDATE versions SET head = 0 WHERE seq = ?", (before.seq,))
            self._sql.execute("DELETE FROM indexed WHERE seq = ?", (before.seq,))
        cursor = self._sql.execute(
            "INSERT INTO versions (type, id, version, at, method, body) VALUES (?, ?, ?, ?, ?, ?)",
            (type_, id_, number, self._moment, method, body),
        )
        self._written.append(RecordedWrite(method, type_, id_, number))
        return StoredVersion(cursor.lastrowid or 0, type_, id_, number, self._moment, method, body)

    def _next_seq(self) -> int:
        return int(self._sql.execute("SELECT coalesce(max(seq), 0) + 1 FROM versions").fetchone()[0])

    def _refuse_dangling(self, first: int) -> None:
        if found := self._sql.execute(_DANGLING, (first,)).fetchone():
            raise RequestRefused(
                400, "processing", f"The reference in '{found[0]}' has no target on this server."
            )
        if found := self._sql.execute(_REFERRING, (first,)).fetchone():
            raise RequestRefused(
                409, "conflict", f"The resource is still referred to by '{found[0]}' of another."
            )


def _ignore_write(_: list[RecordedWrite]) -> None:
    """Nobody wants to know of the writes."""


def _stamp_resource(resource: Json, id_: str, version: int, at: int) -> Json:
    meta = resource.get("meta")
    kept = meta if isinstance(meta, dict) else {}
    stamp = {"versionId": str(version), "lastUpdated": instant(at)}
    return {"resourceType": resource["resourceType"], "id": id_, "meta": stamp | _drop_stamp(kept)} | {
        name: value for name, value in resource.items() if name not in ("resourceType", "id", "meta")
    }


def _drop_stamp(meta: Json) -> Json:
    return {name: value for name, value in meta.items() if name not in ("versionId", "lastUpdated")}


def _is_unchanged(new: Json, old: Json, id_: str) -> bool:
    """Whether both say the same, to the digit, whatever the order of elements and the server's stamps."""
    return _content(new, id_) == _content(old, id_)


def _content(resource: Json, id_: str) -> bytes:
    return dump_json(_stamp_resource(resource, id_, 0, 0), sort=True)
