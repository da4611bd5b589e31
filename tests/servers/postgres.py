"""A real PostgreSQL of this run: as a user without rights, on a free loopback port, gone with the run."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from workers.broker.child_process import free_port, run_process

PLACES = "/usr/lib/postgresql/*/bin"  # where Debian keeps what it does not put on the PATH
START = 60.0
NOBODY = ("postgres", "nobody")  # PostgreSQL refuses to run as root
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "unix_socket_directories=")
ROOM = (
    "max_connections=400"  # a batch makes HAPI open a hundred at once, and two of them may share this server
)


def programs() -> Path | None:
    """The folder of `initdb` and `postgres`, or None."""
    found = [shutil.which("initdb"), *map(str, Path("/").glob(f"{PLACES[1:]}/initdb"))]
    return next((Path(it).resolve().parent for it in found if it), None)


@contextmanager
def postgres(where: Path) -> Iterator[str]:
    """The address of a new, empty server."""
    user = _harmless_user()
    with tempfile.TemporaryDirectory(prefix="osteo-handover-postgres-", ignore_cleanup_errors=True) as folder:
        if user:
            os.chown(folder, user.pw_uid, user.pw_gid)
        data, port, log = f"{folder}/data", free_port(), Path(folder) / "log"
        made = ["--auth=trust", "--username=ledger", "--no-sync", "--encoding=UTF8", "--locale=C"]
        initdb = _as(user, [str(where / "initdb"), "-D", data, *made])
        subprocess.run(initdb, check=True, capture_output=True, timeout=START, cwd=folder)
        settings = [word for it in (*QUICK, ROOM) for word in ("-c", it)]
        server = [str(where / "postgres"), "-D", data, "-h", "127.0.0.1", "-p", str(port), *settings]
        with run_process(_as(user, server), log):
            url = f"postgresql+psycopg://ledger@127.0.0.1:{port}/postgres"
            _await(url)
            yield url


def add_schema(url: str, name: str) -> None:
    """An empty place in it for one ledger."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    engine.dispose()


def deadlocks(url: str) -> int:
    """How often this server had to undo a transaction because two waited for each other."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.scalar(text("SELECT sum(deadlocks) FROM pg_stat_database"))
    engine.dispose()
    return int(found or 0)


def _harmless_user() -> pwd.struct_passwd | None:
    """Somebody else, where we are root."""
    if os.geteuid():
        return None
    known = {it.pw_name: it for it in pwd.getpwall()}
    return next(known[name] for name in NOBODY if name in known)


def _as(user: pwd.struct_passwd | None, command: Sequence[str]) -> list[str]:
    if user is None:
        return list(command)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", *command]


def _await(url: str) -> None:
    engine = create_engine(url)
    deadline = time.monotonic() + START
    while True:
        try:
            engine.connect().close()
        except OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            engine.dispose()
            return
