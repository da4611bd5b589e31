"""The processes of a command that works on all cores, copies of it or begun anew: none outlives it."""

import fcntl
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import IO

import pytest

from adapter.errors import SoftwareFault
from tests.integration.conftest import REPOSITORY, wait_until
from workers.bulk.process_pool import ready_processes

pytestmark = pytest.mark.slow

ENDS = 30.0  # seconds on a busy machine
ANEW = (False, True)  # beside a thread no process is begun as a copy


class Holder:
    """Holds a file as long as its process lives, and comes to no end with its part."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / f"{os.getpid()}.made").touch()

    def __call__(self, _start: int, /) -> None:
        with _opened(self._folder / str(os.getpid())) as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            (self._folder / f"{os.getpid()}.ready").touch()
            time.sleep(3600)

    def close(self) -> None:
        pass


class Frail(Holder):
    """Dies with its second part."""

    def __call__(self, start: int, /) -> None:
        if start:
            os._exit(9)


class Steady(Holder):
    """Takes a moment for each part."""

    def __call__(self, _start: int, /) -> None:
        (self._folder / f"{os.getpid()}.done").touch()
        time.sleep(0.05)


PARTS = {Holder: 2, Frail: 2, Steady: 10_000}


def main(worker: type[Holder], folder: Path, *, anew: bool) -> None:
    """What the command is."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # who is begun in the background ignores it
    if anew:
        threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
    with ready_processes(partial(worker, folder), 2) as ready:
        (folder / f"{len(multiprocessing.active_children())}.begun").touch()
        try:
            for _ in ready.parts(range(PARTS[worker])):
                pass
        except (SoftwareFault, KeyboardInterrupt) as end:
            (folder / "end").write_text(str(end) or type(end).__name__)


def command(worker: type[Holder], folder: Path, *, anew: bool) -> subprocess.Popen[bytes]:
    called = f"main({worker.__name__}, Path({str(folder)!r}), anew={anew})"
    code = f"from {__name__} import {worker.__name__}, main; from pathlib import Path; {called}"
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=REPOSITORY, stderr=subprocess.PIPE, start_new_session=True
    )


@pytest.mark.parametrize("anew", ANEW)
def test_none_is_left_when_the_command_is_killed(anew: bool, tmp_path: Path) -> None:
    with command(Holder, tmp_path, anew=anew) as running:
        wait_until(lambda: len(list(tmp_path.glob("*.ready"))) == 2, ENDS, "the processes did not begin")
        running.kill()

    with ExitStack() as stack:
        held = [stack.enter_context(_opened(it.with_suffix(""))) for it in tmp_path.glob("*.ready")]

        wait_until(lambda: all(map(_free, held)), ENDS, "a process outlived its command")


@pytest.mark.parametrize("anew", ANEW)
def test_one_that_dies_ends_the_command_in_a_sentence(anew: bool, tmp_path: Path) -> None:
    with command(Frail, tmp_path, anew=anew) as running:
        assert running.wait(ENDS) == 0

    assert (tmp_path / "end").read_text().startswith("A process died")


@pytest.mark.parametrize("anew", ANEW)
def test_ctrl_c_is_answered_by_the_command_alone(anew: bool, tmp_path: Path) -> None:
    with command(Steady, tmp_path, anew=anew) as running:
        wait_until(lambda: len(list(tmp_path.glob("*.done"))) == 2, ENDS, "the processes did not begin")
        os.killpg(running.pid, signal.SIGINT)
        _, told = running.communicate(timeout=ENDS)

    assert (running.returncode, told) == (0, b"")
    assert (tmp_path / "end").read_text() == "KeyboardInterrupt"


@pytest.mark.parametrize("anew", ANEW)
def test_each_has_what_it_needs_before_it_is_known_what_is_to_be_done(anew: bool, tmp_path: Path) -> None:
    """A copy has what was made here, which is made once."""
    with command(Holder, tmp_path, anew=anew) as running:
        wait_until(lambda: len(list(tmp_path.glob("*.ready"))) == 2, ENDS, "the processes did not begin")
        made = {it.stem for it in tmp_path.glob("*.made")}
        ready = {it.stem for it in tmp_path.glob("*.ready")}
        running.kill()

    assert made == (ready if anew else {str(running.pid)})
    assert (tmp_path / "2.begun").exists()


def _opened(file: Path) -> IO[bytes]:
    return file.open("ab")


def _free(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
