"""The whole job on bundled patients: embedded Redis, sandbox server, real Celery worker, one sweep, twice.

`data/` is a slice of synthetic people made by others, `data_own/` are patients of ours for what
that slice has not, and `data_loop/` is the one whose letter is followed to the GP by
`handover_loop`. Nobody in them exists.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapter.errors import SoftwareFault
from adapter.input.wire_json import Json
from mappings.handover.propose import Proposal, propose
from workers.broker.child_process import run_process
from workers.broker.embedded_redis import EmbeddedRedis, run_embedded_redis
from workers.demo.handover_loop import GP
from workers.queue.runtime import Runtime, set_up
from workers.review.batches import batches
from workers.review.read import read
from workers.sandbox import Sandbox
from workers.settings.setting_variables import environment_without_settings, variable_name
from workers.settings.settings_loader import load_settings

READY = " ready."  # what Celery logs when it takes work
WORKER_START = 60.0  # seconds; it takes three on an idle machine
HERE = Path(__file__).parent
FOLDERS = (HERE / "data", HERE / "data_own")
LOOP = HERE / "data_loop"
# The synthetic slice has one code for all of its scores, and by LOINC it is the forearm's.
FOREARM_MEANS = "total_hip"


@dataclass(frozen=True, slots=True)
class DemoEnvironment:
    """What the demo runs on, for as long as it runs."""

    runtime: Runtime
    sandbox: Sandbox
    practice: Sandbox  # the GP's
    redis: EmbeddedRedis
    log: Path


def patients(*folders: Path) -> Iterator[Json]:
    """Every resource of these folders, or of the population, those that others point to first."""
    order = ("Organization", "Practitioner", "PractitionerRole", "Patient")
    files = (file for folder in folders or FOLDERS for file in sorted(folder.rglob("*.ndjson")))
    lines = (line for file in files for line in file.read_text("utf-8").split("\n"))
    held = [json.loads(line) for line in lines if line]
    yield from sorted(
        held,
        key=lambda resource: (
            order.index(resource["resourceType"]) if resource["resourceType"] in order else len(order)
        ),
    )


@contextmanager
def demo_environment(pathway: str, language: str) -> Iterator[DemoEnvironment]:
    """Redis, the sandbox with the patients on it, and a worker; all of it ends with the block."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="osteo-handover-demo-")))
        broker = stack.enter_context(run_embedded_redis())
        sandbox = stack.enter_context(Sandbox())
        practice = stack.enter_context(Sandbox())
        sandbox.load(patients(*FOLDERS, LOOP))
        environ = _process_environment(sandbox.base_url, practice.base_url, broker.url, folder) | {
            variable_name("pathway"): pathway,
            variable_name("language"): language,
        }
        log = folder / "worker.log"
        command = [sys.executable, "-m", "workers", "worker"]
        await_worker(stack.enter_context(run_process(command, log, environ)), log)
        runtime = stack.enter_context(set_up(load_settings(environ)))
        yield DemoEnvironment(runtime, sandbox, practice, broker, log)


def await_worker(process: subprocess.Popen[bytes], log: Path) -> None:
    """Returns when the worker takes work; raises SoftwareFault when it ended before that."""
    deadline = time.monotonic() + WORKER_START
    while READY not in log.read_text("utf-8", errors="replace"):
        if process.poll() is not None or time.monotonic() > deadline:
            last = log.read_text("utf-8", errors="replace").strip().rpartition("\n")[2]
            raise SoftwareFault(f"The worker did not start: {last}")
        time.sleep(0.05)


def _process_environment(fhir: str, practice: str, broker: str, folder: Path) -> dict[str, str]:
    """Ours, and of the environment all but settings of this program: the demo never touches a real server."""
    own_variables = {
        "fhir_base_url": fhir,
        "broker_url": broker,
        "ledger_url": f"sqlite:///{folder}/ledger.sqlite",
        "delivery": json.dumps({"channel": "fhir", "fhir_addresses": {GP: practice}}),
        "forearm_code_site": FOREARM_MEANS,
        "site": "demo",
        "lease": "30",
        "organization_name": "Osteoporosis Clinic Demo",
        "organization_phone": "000 000 0000",
    }
    return environment_without_settings() | {
        variable_name(name): value for name, value in own_variables.items()
    }


def proposals(runtime: Runtime) -> Iterator[Proposal]:
    """What stands on the server about everybody, read and decided once more."""
    ids = sorted(
        patient["id"] for patient in patients(*FOLDERS, LOOP) if patient["resourceType"] == "Patient"
    )
    for batch in batches(ids, runtime.settings.batch_size):
        for record in read(batch, runtime.client, runtime.institution, runtime.now().date()):
            yield propose(record, runtime.institution, runtime.now(), {})
