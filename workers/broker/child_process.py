"""Child processes that end with their block, and also when this process is killed."""

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from workers.host.private_files import prepare_private

GRACE = 10.0  # seconds to end after being asked


def free_port() -> int:
    """A loopback port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# Passes SIGTERM on, waits for the command whatever interrupts the waiting, and ends the command as soon as
# our end of standard input closes: also when we were killed and can end nothing any more.
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
def run_process(
    command: Sequence[str], log: Path, environ: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A child that cannot outlive this process, in a process group of its own; its output goes to the log."""
    prepare_private(log)
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
        stop_process(process)


def stop_process(process: subprocess.Popen[bytes]) -> None:
    """Ask, wait, and kill whoever of its group is left; a second call does nothing."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.terminate()
        process.wait(GRACE)
    if process.stdin:
        process.stdin.close()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
