"""The inbox: it keeps arrivals on disk before they are acknowledged, and gives them out in their order.

What could not be written yet is tried again later and stands behind what came meanwhile: whoever writes
compares when each was made.

One file of SQLite, apart from the ledger: the ledger may be lost at the price of a sweep, what a sender
forgot may not. Each commit is synced, and holds everything that arrived together. The same message of
the same sender is kept once.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from cryptography.fernet import MultiFernet

from adapter.errors import ConfigurationFault, TryAgainLater
from workers.host.private_files import identity_of, make_folder, prepare_private
from workers.intake.inbox_cipher import decrypted

_BUSY = 30.0  # seconds that one writer waits for another
_REPLACED = "The file of the inbox was deleted or replaced while it was in use: nothing is kept until this process is started again."
_TABLE = """
CREATE TABLE IF NOT EXISTS item (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, sender TEXT NOT NULL, control_id TEXT NOT NULL, digest BLOB NOT NULL,
    came TEXT NOT NULL, state TEXT NOT NULL, due TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, reason TEXT,
    content BLOB, UNIQUE (sender, control_id, digest)
);
CREATE INDEX IF NOT EXISTS item_due ON item (state, due);
"""


class ItemKind(StrEnum):
    """What it is."""

    HL7 = "hl7"
    FHIR = "fhir"


class ItemState(StrEnum):
    """How far it is."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ArrivalKey:
    """Identifies an arrival when it comes again; holds nothing of its content."""

    sender: str
    control_id: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Arrival:
    """What just came, and from whom; `control_id` is MSH-10, or the name of a file."""

    kind: ItemKind
    sender: str
    control_id: str
    content: bytes = field(repr=False)

    @property
    def key(self) -> ArrivalKey:
        return ArrivalKey(self.sender, self.control_id, sha256(self.content).digest())


@dataclass(frozen=True, slots=True)
class InboxItem:
    """What waits to be written."""

    id: int
    kind: ItemKind
    sender: str
    control_id: str
    attempts: int
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class FailedItem:
    """What a human must look at; nothing of its content."""

    id: int
    kind: str
    sender: str
    control_id: str
    state: str
    came: str
    due: str  # when it is tried again, where it waits
    reason: str


class ArrivalInbox:
    """One connection to the file: for one thread at a time."""

    def __init__(self, file: Path, cipher: MultiFernet) -> None:
        """Made where it is not there; raises ConfigurationFault when it cannot be."""
        self._cipher = cipher
        try:
            make_folder(file.parent)
            prepare_private(file)
            self._db = sqlite3.connect(file, timeout=_BUSY, isolation_level=None, check_same_thread=False)
            for pragma in ("journal_mode=WAL", "synchronous=FULL"):
                self._db.execute(f"PRAGMA {pragma}").close()
            self._db.executescript(_TABLE)
            self._file, self._opened = file, identity_of(file)
        except (OSError, sqlite3.Error) as error:
            problem = f"The inbox {file} cannot be used ({type(error).__name__}); see intake.inbox."
        else:
            return
        raise ConfigurationFault(problem)

    def keep_arrivals(self, arrivals: Sequence[Arrival], now: datetime) -> list[bool]:
        """All of them or none, durable when this returns; for each whether it is new."""
        at = now.isoformat()
        rows = [
            (
                arrival.kind,
                arrival.sender,
                arrival.control_id,
                sha256(arrival.content).digest(),
                at,
                ItemState.WAITING,
                at,
                self._cipher.encrypt(arrival.content),
            )
            for arrival in arrivals
        ]
        query = "INSERT OR IGNORE INTO item (kind, sender, control_id, digest, came, state, due, content) VALUES (?,?,?,?,?,?,?,?)"
        with self._transaction() as db:
            return [db.execute(query, row).rowcount == 1 for row in rows]

    def due_items(self, now: datetime, limit: int) -> list[InboxItem]:
        """What waits, in the order in which it came."""
        query = "SELECT id, kind, sender, control_id, attempts, content FROM item WHERE state = ? AND due <= ? ORDER BY id LIMIT ?"
        with self._transaction() as db:
            rows = db.execute(query, (ItemState.WAITING, now.isoformat(), limit)).fetchall()
        return [self._item(*row) for row in rows]

    def mark_done(self, item: InboxItem, *, keep: bool) -> None:
        """Written; its content goes unless it is to be kept."""
        self._settle_item(item.id, ItemState.DONE, None, "content" if keep else "NULL")

    def mark_failed(self, item: InboxItem, reason: str) -> None:
        """A human must look; its content stays, for whoever tries again."""
        self._settle_item(item.id, ItemState.FAILED, reason, "content")

    def postpone_item(self, item: InboxItem, until: datetime, reason: str, *, counts: bool) -> None:
        """Not before then; `counts` is false when it was not the doing of the message."""
        with self._transaction() as db:
            db.execute(
                "UPDATE item SET due = ?, reason = ?, attempts = attempts + ? WHERE id = ?",
                (until.isoformat(), reason, int(counts), item.id),
            )

    def retry_items(self, now: datetime, ids: Sequence[int] = ()) -> int:
        """Try at once what failed and what waits for its turn: these, or all; gives how many."""
        chosen = f"AND id IN ({','.join('?' * len(ids))})" if ids else ""
        query = f"UPDATE item SET state = ?, due = ?, attempts = 0 WHERE (state = ? OR (state = ? AND due > ?)) {chosen}"  # noqa: S608 - question marks only
        at = now.isoformat()
        with self._transaction() as db:
            return db.execute(
                query, (ItemState.WAITING, at, ItemState.FAILED, ItemState.WAITING, at, *ids)
            ).rowcount

    def states_of(self, keys: Sequence[ArrivalKey]) -> list[tuple[ItemState, str]]:
        """How far each is, and why it is not further; what is not there has not come."""
        query = "SELECT state, reason FROM item WHERE sender = ? AND control_id = ? AND digest = ?"
        with self._transaction() as db:
            rows = [db.execute(query, (key.sender, key.control_id, key.digest)).fetchone() for key in keys]
        return [(ItemState(row[0]), row[1] or "") for row in rows if row]

    def count_states(self) -> dict[str, int]:
        """How many are in each state."""
        with self._transaction() as db:
            found = dict(db.execute("SELECT state, count(*) FROM item GROUP BY state").fetchall())
        return {state.value: int(found.get(state, 0)) for state in ItemState}

    def items_in_trouble(self) -> list[FailedItem]:
        """What failed, and what waits with a reason."""
        query = "SELECT id, kind, sender, control_id, state, came, due, reason FROM item WHERE state != ? AND reason IS NOT NULL ORDER BY id"
        with self._transaction() as db:
            return [FailedItem(*row) for row in db.execute(query, (ItemState.DONE,)).fetchall()]

    def close(self) -> None:
        self._db.close()

    def _item(
        self, number: int, kind: str, sender: str, control_id: str, attempts: int, token: bytes
    ) -> InboxItem:
        return InboxItem(number, ItemKind(kind), sender, control_id, attempts, decrypted(self._cipher, token))

    def _settle_item(self, number: int, state: ItemState, reason: str | None, content: str) -> None:
        query = f"UPDATE item SET state = ?, reason = ?, content = {content} WHERE id = ?"  # noqa: S608 - one of two words
        with self._transaction() as db:
            db.execute(query, (state, reason, number))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Raises TryAgainLater; also where what would be written stands in no file any more."""
        if identity_of(self._file) != self._opened:
            raise TryAgainLater(_REPLACED)
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:  # also when the process is told to stop: the next one needs the lock
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            problem = f"The inbox cannot be written ({type(error).__name__})."
        else:
            return
        raise TryAgainLater(problem)
