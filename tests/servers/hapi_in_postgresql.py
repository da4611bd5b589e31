"""A HAPI server of its own that keeps its data in a new database of a PostgreSQL."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.servers.fixtures import HAPI_FIRST_BUILD, HAPI_LAUNCHER, STARTS_FASTER, address_in
from workers.broker.child_process import run_process


@contextmanager
def hapi_in(postgres_url: str, database: str, log: Path) -> Iterator[str]:
    """Its base URL, once it answers."""
    engine = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {database}"))
    address = engine.url
    engine.dispose()
    place = f"--jdbc-url=jdbc:postgresql://{address.host}:{address.port}/{database}"
    command = [str(HAPI_LAUNCHER), "--port=0", place, f"--jdbc-user={address.username}", "--jdbc-password="]
    with run_process(command, log, {**os.environ, **STARTS_FASTER}) as server:
        yield address_in(log, server, HAPI_FIRST_BUILD)
