"""The connection: SQLite in one file by default, PostgreSQL by address; makes tables that are missing."""

import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy import (
    ARRAY,
    URL,
    Connection,
    Engine,
    String,
    Table,
    and_,
    any_,
    create_engine,
    event,
    func,
    inspect,
    literal,
    select,
)
from sqlalchemy.dialects import registry
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool
from sqlalchemy.schema import CreateIndex, CreateTable

from adapter.errors import ConfigurationFault
from workers.ledger.ledger_faults import fault_of
from workers.ledger.ledger_file import LedgerReplaced, check_file, prepare_file, remember_file
from workers.ledger.tables import VERSION, Rows, meta, metadata

if TYPE_CHECKING:  # each is loaded for a ledger that speaks it: that of PostgreSQL takes 2 MB
    from sqlalchemy.dialects import postgresql, sqlite

JOURNAL_REFUSALS = 40  # two seconds; the change itself takes milliseconds
BUSY_TIMEOUT = 30_000  # milliseconds that one writer waits for another; ours hold the lock for a few
BACKENDS = frozenset({"sqlite", "postgresql"})


@dataclass(frozen=True, slots=True)
class Ledger:
    """One scope's part of the ledger. Make it after a fork: connections do not survive one."""

    engine: Engine
    scope: str
    # Of the threads of this process. SQLite has one writer at a time, and whoever finds it taken sleeps up to
    # a tenth of a second before the next look: sixteen threads slept more than they worked.
    turn: Lock = field(default_factory=Lock, repr=False, compare=False)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All or nothing; on SQLite the write lock is taken at once, so that a read inside stays true.

        None is begun inside another one. Raises what `fault_of` makes of an error of the database.
        """
        try:
            with self._in_turn(), self.engine.begin() as connection:
                yield connection
        except LedgerReplaced:
            self.engine.dispose()
            _make_tables(self)
            raise
        except SQLAlchemyError as error:
            raise fault_of(error) from error

    def _in_turn(self) -> AbstractContextManager[object]:
        return self.turn if self.engine.dialect.name == "sqlite" else nullcontext()

    def lock_name(self, connection: Connection, name: str) -> None:
        """From here to its end, one transaction of this name at a time; SQLite has one at a time anyway."""
        if self.engine.dialect.name == "postgresql":
            connection.execute(
                select(func.pg_advisory_xact_lock(func.hashtextextended(f"{self.scope} {name}", 0)))
            )

    def lock_rows(self, connection: Connection, table: Table, rows_meant: Rows) -> Rows:
        """Lock these rows in the order of their keys; gives the condition that means just them.

        An UPDATE of many takes them as they lie, and others with them that came to fit in the meantime. The
        order is that of Python, whatever the language of the database.
        """
        if self.engine.dialect.name != "postgresql":
            return rows_meant
        scope, key = table.primary_key.columns
        # Two workers that lock the same rows in two orders wait for each other for ever; counters that were
        # upserted in the order of a set were seen to.
        rows = connection.scalars(select(key).where(rows_meant).order_by(key.collate("C")).with_for_update())
        return and_(scope == self.scope, key == any_(literal(list(rows), ARRAY(String))))

    def insert_missing(
        self, connection: Connection, table: Table, rows: Iterable[Mapping[str, object]]
    ) -> None:
        """Rows that are not there yet; the others stay as they are."""
        values = [{"scope": self.scope, **row} for row in rows]
        if values:
            connection.execute(self.upsert(table).on_conflict_do_nothing(), values)

    def upsert(self, table: Table) -> "sqlite.Insert | postgresql.Insert":
        """An INSERT of this dialect, which knows ON CONFLICT."""
        made: sqlite.Insert | postgresql.Insert = import_module(
            f"sqlalchemy.dialects.{self.engine.dialect.name}"
        ).insert(table)
        return made

    @property
    def takes_threads(self) -> bool:
        """A ledger in memory is one connection, which threads cannot share."""
        return not isinstance(self.engine.pool, StaticPool)

    def close(self) -> None:
        self.engine.dispose()


def open_ledger(url: str, scope: str) -> Ledger:
    """The ledger at this address, made when it is not there.

    Raises ConfigurationFault when it cannot be used, and TryAgainLater when that may pass.
    """
    ledger = Ledger(_engine_of(url), scope)
    found = _make_tables(ledger)
    if found != VERSION:
        raise ConfigurationFault(
            f"the ledger has schema version {found}, this version of the program knows {VERSION}"
        )
    return ledger


def load_driver(url: str) -> None:
    """Load what a ledger at this address is spoken to with, and leave the ledger alone.

    Raises ConfigurationFault.
    """
    _engine_of(url).dispose()


def _address_fault_text(error: Exception) -> str:
    if isinstance(error, ImportError):
        return (
            "A ledger in PostgreSQL needs its driver: pip install 'osteo-handover[postgres]', and an address that "
            "begins with postgresql://."
        )
    return "ledger_url is not an address of SQLite or PostgreSQL"


def _make_tables(ledger: Ledger) -> int:
    """The tables, where they are missing; gives the version of the schema."""
    if file := file_of(ledger.engine.url):
        prepare_file(file)
    with ledger.transaction() as connection:
        ledger.lock_name(connection, "tables")
        is_new = not inspect(connection).get_table_names()
        tables, indexes = _schema_statements(ledger.engine.dialect.name)
        _run_statements(connection, tables)
        if not is_new:
            _add_columns(connection)
        _run_statements(connection, indexes)
        insert = ledger.upsert(meta).on_conflict_do_nothing()
        if connection.scalar(select(meta.c.version)) is None:
            connection.execute(insert, [{"version": VERSION}])
        return connection.scalar(select(meta.c.version)) or VERSION


@cache
def _schema_statements(dialect: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Statements, as text, that make missing tables and indexes: compiling costs more than running them."""
    there = metadata.sorted_tables
    tables = [CreateTable(table, if_not_exists=True) for table in there]
    indexes = [CreateIndex(index, if_not_exists=True) for table in there for index in table.indexes]
    speaks = registry.load(dialect)()
    return (
        tuple(str(statement.compile(dialect=speaks)) for statement in tables),
        tuple(str(statement.compile(dialect=speaks)) for statement in indexes),
    )


def _run_statements(connection: Connection, statements: Iterable[str]) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)


def _add_columns(connection: Connection) -> None:
    """Columns of this version that a ledger of an earlier one has not; they may be empty."""
    inspector = inspect(connection)
    for table in metadata.sorted_tables:
        there = {column["name"] for column in inspector.get_columns(table.name)}
        for column in table.columns:
            if column.name not in there:
                kind = column.type.compile(connection.dialect)
                connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {column.name} {kind}")


def file_of(url: URL) -> Path | None:
    """The file of an address of SQLite; None for what is kept elsewhere."""
    name = url.database or ":memory:"
    is_path = url.get_backend_name() == "sqlite" and not name.startswith((":memory:", "file:"))
    return Path(name) if is_path else None


def ledger_address(text: str) -> str:
    """Where a ledger is, for people; never the user or a password."""
    try:
        url = make_url(text)
    except ArgumentError:
        return "not an address"
    if file := file_of(url):
        return str(file.absolute())
    return (
        "in memory"
        if url.get_backend_name() == "sqlite"
        else f"{url.get_backend_name()} {url.database} on {url.host}"
    )


def _engine_of(text: str) -> Engine:
    try:
        return _make_engine(make_url(text))
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise ConfigurationFault(_address_fault_text(error)) from error


def _make_engine(url: URL) -> Engine:
    if url.get_backend_name() not in BACKENDS:
        raise ArgumentError
    if url.get_backend_name() == "postgresql":
        # Which SQLAlchemy takes for another driver than the one that we name.
        if url.drivername == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        return create_engine(url, pool_pre_ping=True, hide_parameters=True)
    file = file_of(url)
    pool = {} if file else {"poolclass": StaticPool}
    engine = create_engine(url, connect_args={"check_same_thread": False}, hide_parameters=True, **pool)

    def connected(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        _prepare_sqlite(connection)
        if file:
            remember_file(record.info, file)

    def begun(connection: Connection) -> None:
        if file:
            check_file(connection, file)
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection) -> None:
    connection.isolation_level = None  # Python's own BEGIN would come too late and too weak
    for pragma in (f"busy_timeout={BUSY_TIMEOUT}", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}").close()
    _keep_a_wal(connection)


def _keep_a_wal(connection: sqlite3.Connection) -> None:
    """Tries again: of two that open a new file, SQLite refuses one its journal at once, despite a timeout."""
    for _ in range(JOURNAL_REFUSALS):
        with suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode=WAL").close()
            return
        time.sleep(0.05)
    connection.execute("PRAGMA journal_mode=WAL").close()
