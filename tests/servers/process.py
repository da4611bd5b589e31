"""A child process that cannot outlive the test run."""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

GRACE = 10.0
TAIL = 2000


class ServerFailedError(RuntimeError):
    """A server did not come up; the message ends with the last of its log."""


@contextmanager
def running(
    command: Sequence[str | Path], log: Path, environ: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run the command in a process group of its own and end that group, whatever happens in between.

    Standard input is a pipe that we hold: if this process is killed, a server that watches it ends too.
    """
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env={**os.environ, **(environ or {})},
            start_new_session=True,
        )
        try:
            yield process
        finally:
            stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask, wait, then kill; a second call does nothing."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            break
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            continue
        break
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()


def line_from(process: subprocess.Popen[bytes], within: float, log: Path) -> str:
    """The next line of standard output, or ServerFailedError when it ends or takes too long."""
    assert process.stdout is not None
    os.set_blocking(process.stdout.fileno(), False)
    deadline, received = time.monotonic() + within, b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while not received.endswith(b"\n"):
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise ServerFailedError(f"nothing came within {within:.0f} s: {tail(log)}")
            chunk = os.read(process.stdout.fileno(), 4096)
            if not chunk:
                raise ServerFailedError(f"it ended before it was ready: {tail(log)}")
            received += chunk
    return received.decode().strip()


def tail(log: Path) -> str:
    return log.read_text(errors="replace")[-TAIL:].strip() or "its log is empty"
