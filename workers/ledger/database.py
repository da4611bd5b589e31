"""The connection: SQLite in one file by default, PostgreSQL by address; tables are made when they are missing."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, create_engine, event, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from adapter.errors import ConfigurationFault
from workers.ledger.ledger_faults import fault_of
from workers.ledger.tables import VERSION, meta, metadata

BUSY_TIMEOUT = 30_000  # milliseconds that one writer waits for another; ours hold the lock for a few
UPSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class Ledger:
    """One scope's part of the ledger. Make it after a fork: connections do not survive one."""

    engine: Engine
    scope: str

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All or nothing; on SQLite the write lock is taken at once, so that a read inside stays true.

        Raises what `fault_of` makes of an error of the database.
        """
        try:
            with self.engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise fault_of(error) from error

    def alone(self, connection: Connection, name: str) -> None:
        """From here to its end, one transaction of this name at a time; SQLite has one at a time anyway."""
        if self.engine.dialect.name == "postgresql":
            connection.execute(
                select(func.pg_advisory_xact_lock(func.hashtextextended(f"{self.scope} {name}", 0)))
            )

    def hold(self, connection: Connection, table: Table, which: ColumnElement[bool]) -> None:
        """Lock these rows in the one order that everybody takes them in; an UPDATE of many takes them as they lie."""
        if self.engine.dialect.name == "postgresql":
            keys = table.primary_key.columns
            connection.execute(select(*keys).where(which).order_by(*keys).with_for_update()).close()

    def insert(self, connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
        """Rows that are not there yet; the others stay as they are."""
        values = [{"scope": self.scope, **row} for row in rows]
        if values:
            connection.execute(self.upsert(table).on_conflict_do_nothing(), values)

    def upsert(self, table: Table) -> Any:
        """An INSERT of this dialect, which knows ON CONFLICT."""
        return UPSERTS[self.engine.dialect.name](table)

    def close(self) -> None:
        self.engine.dispose()


def open_ledger(url: str, scope: str) -> Ledger:
    """The ledger at this address, made when it is not there; raises ConfigurationFault when it cannot be used."""
    try:
        engine = _engine(url)
        metadata.create_all(engine)
        with engine.begin() as connection:
            found = connection.scalar(select(meta.c.version))
            if found is None:
                connection.execute(
                    UPSERTS[engine.dialect.name](meta).on_conflict_do_nothing(), [{"version": VERSION}]
                )
    except (ArgumentError, NoSuchModuleError) as error:
        raise ConfigurationFault("ledger_url is not an address of SQLite or PostgreSQL") from error
    except SQLAlchemyError as error:
        raise ConfigurationFault(f"the ledger cannot be opened ({type(error).__name__})") from error
    if found not in (None, VERSION):
        raise ConfigurationFault(f"the ledger has schema version {found}, this release knows {VERSION}")
    return Ledger(engine, scope)


def _engine(text: str) -> Engine:
    url = make_url(text)
    if url.get_backend_name() not in UPSERTS:
        raise ArgumentError
    if url.get_backend_name() == "postgresql":
        return create_engine(url, pool_pre_ping=True, hide_parameters=True)
    in_memory = url.database in (None, "", ":memory:")
    pool = {"poolclass": StaticPool} if in_memory else {}
    engine = create_engine(url, connect_args={"check_same_thread": False}, hide_parameters=True, **pool)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # Python's own BEGIN would come too late and too weak
    for pragma in ("journal_mode=WAL", f"busy_timeout={BUSY_TIMEOUT}", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
