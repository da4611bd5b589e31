"""The processes of a command that works on all cores: none of them outlives it."""

import fcntl
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import IO

import pytest

from tests.integration.conftest import REPOSITORY, wait_until
from workers.bulk.process_pool import ready_processes

pytestmark = pytest.mark.slow

ENDS = 30.0  # seconds on a busy machine


class Holder:
    """A worker that holds a file as long as it lives, and comes to no end with its first part."""

    def __init__(self, folder: Path) -> None:
        self._held = _opened(folder / str(os.getpid()))
        fcntl.flock(self._held, fcntl.LOCK_EX)
        (folder / f"{os.getpid()}.ready").touch()

    def __call__(self, _start: int, /) -> None:
        time.sleep(3600)

    def close(self) -> None:
        self._held.close()


def main(folder: Path) -> None:
    """What the command is."""
    with ready_processes(partial(Holder, folder), 2) as in_order:
        for _ in in_order(range(2)):
            pass


def test_none_is_left_when_the_command_is_killed(tmp_path: Path) -> None:
    code = f"from {__name__} import main; from pathlib import Path; main(Path({str(tmp_path)!r}))"
    with subprocess.Popen([sys.executable, "-c", code], cwd=REPOSITORY, stderr=subprocess.DEVNULL) as command:
        wait_until(lambda: len(list(tmp_path.glob("*.ready"))) == 2, ENDS, "the processes did not begin")
        command.kill()

    with ExitStack() as stack:
        held = [stack.enter_context(_opened(it.with_suffix(""))) for it in tmp_path.glob("*.ready")]

        wait_until(lambda: all(map(_free, held)), ENDS, "a process outlived its command")


def test_each_begins_before_it_is_known_what_is_to_be_done(tmp_path: Path) -> None:
    with ready_processes(partial(Holder, tmp_path), 2):
        wait_until(lambda: len(list(tmp_path.glob("*.ready"))) == 2, ENDS, "the processes did not begin")


def _opened(file: Path) -> IO[bytes]:
    return file.open("ab")


def _free(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
