"""What goes wrong in a drill, and who mends it without a human: a supervisor, a Redis that returns empty."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import redis

from tests.integration.conftest import Hospital, wait_until
from workers.broker.child_process import free_port, run_process
from workers.broker.embedded_redis import server_programs
from workers.settings.all_settings import Settings

LOOK = 0.1  # seconds between two looks at whether somebody ended

# Hospital is quicker to take somebody for dead than what is installed.
AS_INSTALLED = {"lease": str(Settings.model_fields["lease"].default)}


def told(figures: str) -> None:
    """What a drill came to; `pytest -s` shows it."""
    sys.stdout.write(f"\n{figures}\n")


class Supervisor:
    """Keeps commands running, as systemd or a container engine would: restarts them at once."""

    def __init__(self, hospital: Hospital, commands: Sequence[str]) -> None:
        self._hospital, self._commands = hospital, commands
        self._held: list[subprocess.Popen[bytes]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def kill(self, number: int) -> None:
        """kill -9 of one of them with all of its processes."""
        self._hospital.kill(self._held[number])

    def _watch(self) -> None:
        while not self._over.wait(LOOK):
            for number, process in enumerate(self._held):
                if process.poll() is not None and not self._over.is_set():
                    self._held[number] = self._hospital.process(self._commands[number])

    def __enter__(self) -> Self:
        self._held = [self._hospital.process(it) for it in self._commands]
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        for process in self._held:
            self._hospital.kill(process)


class FrailRedis:
    """A Redis on a port of its own that keeps nothing: killed, it comes back empty."""

    def __init__(self, folder: Path) -> None:
        self.port, self._folder, self._stack = free_port(), folder, ExitStack()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Returns when it answers."""
        command = [*next(server_programs()).command, str(self.port)]
        self._process = self._stack.enter_context(run_process(command, self._folder / "redis.txt"))
        with redis.Redis(port=self.port) as client:
            wait_until(lambda: _answers(client), 10, "Redis did not start")

    def kill(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._stack.close()

    def restart(self, down: float) -> None:
        """Killed, away for so many seconds, and there again."""
        self.kill()
        time.sleep(down)
        self.start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False
