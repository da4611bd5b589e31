"""Real Celery workers on a real Redis, with the sandbox as FHIR server."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import redis

from adapter.input.wire_json import Json
from workers.demo import await_worker, patients
from workers.queue.runtime import Runtime, set_up
from workers.queue.sweep_run import RunStatus, RunSummary, work_through_broker
from workers.sandbox import Sandbox
from workers.settings.setting_variables import PREFIX, variable_name
from workers.settings.settings_loader import load_settings

REPOSITORY = Path(__file__).parents[2]
OURS = ("CarePlan", "Communication", "Task", "Provenance", "Device")
BASICS = {"pathway": "core", "language": "en", "forearm_code_site": "total_hip", "site": "ward", "lease": "4"}
# Many small pieces of work for two processes of each worker, so that they meet in the ledger.
IN_SMALL_CHUNKS = {"chunk_size": "10", "batch_size": "5", "concurrency": "2", "lease": "60"}


@dataclass
class Running:
    """A run under way."""

    settled: int = 0
    summary: RunSummary = field(default_factory=lambda: RunSummary(full=False, finished=False))


@dataclass
class Hospital:
    """A FHIR server with patients, a broker, a ledger, and workers that can be started and killed."""

    sandbox: Sandbox
    broker: str
    folder: Path
    given: dict[str, str] = field(default_factory=dict)
    _started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def environ(self) -> dict[str, str]:
        """The settings of every process here, and none that this process has."""
        servers = {"fhir_base_url": self.sandbox.base_url, "broker_url": self.broker}
        ours = BASICS | servers | {"ledger_url": f"sqlite:///{self.folder}/ledger.sqlite"} | self.given
        others = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        return others | {variable_name(name): value for name, value in ours.items()}

    @property
    def log(self) -> str:
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def worker(self, *options: str) -> subprocess.Popen[bytes]:
        """A worker that is ready to take work."""
        process = self.process("worker", *options)
        await_worker(process, self.folder / f"process-{len(self._started) - 1}.log")
        return process

    def process(self, *command: str) -> subprocess.Popen[bytes]:
        """One of our processes, in a process group of its own."""
        log = self.folder / f"process-{len(self._started)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "workers", "--verbose", *command],
                cwd=REPOSITORY,
                env=self.environ,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._started.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """kill -9 of the worker and all of its processes at once."""
        with contextlib.suppress(ProcessLookupError):  # it had ended by itself
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for process in self._started:
            if process.poll() is None:
                self.kill(process)

    @contextmanager
    def runtime(self) -> Iterator[Runtime]:
        """The runtime from which sweeps are sent out."""
        with set_up(load_settings(self.environ)) as runtime:
            yield runtime

    def run(self) -> RunSummary:
        """One shift through the broker, to its end."""
        with self.runtime() as runtime:
            return work_through_broker(runtime, lambda _: None)

    @contextmanager
    def shift(self) -> Iterator[Running]:
        """The same beside the test; at the end of the block it is waited for."""
        running = Running()

        def watch(shift: RunStatus) -> None:
            running.settled = shift.settled

        def work() -> None:
            with self.runtime() as runtime:
                running.summary = work_through_broker(runtime, watch)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield running
        finally:
            thread.join()

    def written(self) -> dict[str, int]:
        """How many versions of each resource of ours were written, by Type/id."""
        ours = [it for it in self.sandbox.recorder.writes if it.type in OURS]
        return dict(Counter(f"{it.type}/{it.id}" for it in ours))

    def all(self, kind: str) -> list[Json]:
        """Everything of a type on the server, past HTTP and its faults."""
        return self.sandbox.current_resources(kind)


@pytest.fixture
def hospital(redis_server: str, tmp_path: Path) -> Iterator[Hospital]:
    """The bundled patients on a sandbox, an empty broker and an empty ledger."""
    with redis.Redis.from_url(redis_server) as client:
        client.flushall()
    with Sandbox() as sandbox:
        sandbox.load(patients())
        sandbox.recorder.clear()
        held = Hospital(sandbox, redis_server, tmp_path)
        try:
            yield held
        finally:
            held.stop()


def wait_until(condition: Callable[[], bool], within: float, what: str, every: float = 0.05) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"within {within:.0f} s: {what}")
        time.sleep(every)
