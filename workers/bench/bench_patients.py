"""Copies of the bundled patients under new ids: any number of them, and no plans when a run starts."""

import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

from adapter.errors import SoftwareFault
from adapter.fhir import FhirClient
from adapter.fhir.bundles import Entry
from adapter.input.wire_json import Json, parse, write
from workers.broker.child_process import run_process
from workers.demo import patients
from workers.review.batches import batches
from workers.settings.setting_variables import environment_without_settings

# Settings of its own: what the institution has set says nothing about the bundled patients,
# and no server of it is touched.
OURS = {"fhir_base_url": "http://127.0.0.1", "pathway": "antonius", "forearm_code_site": "total_hip"}

FAR = 20  # milliseconds, of a server that is not next door
AT_ONCE = 20  # patients in one transaction
START = 300.0  # seconds; a server on a busy machine


def bench_records(who: str, count: int) -> list[list[Json]]:
    """So many records, each with a GP of its own; the first of each is the Patient."""
    copies = islice(cycle(_living_patients()), count)
    return [_copy_record(resources, f"{who}-{index}") for index, resources in enumerate(copies)]


def admit_patients(base: str, who: str, count: int) -> list[str]:
    """The ids of so many patients, now on the server."""
    with FhirClient(base) as client:
        for batch in batches(bench_records(who, count), AT_ONCE):
            client.transaction(
                [
                    Entry("PUT", f"{resource['resourceType']}/{resource['id']}", resource)
                    for record in batch
                    for resource in record
                ]
            )
    return [f"{who}-{index}" for index in range(count)]


@contextmanager
def run_sandbox(delay: int = 0) -> Iterator[str]:
    """The address of a sandbox in another process, timed apart; it delays each answer by ``delay`` ms."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "server.log"
        command = [sys.executable, "-m", "workers", "sandbox", "--port=0", f"--delay={delay}"]
        with run_process(command, log, environment_without_settings()) as process:
            deadline = time.monotonic() + START
            while not (ready := re.search(r"^READY (\S+)\n", log.read_text(errors="replace"), re.MULTILINE)):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SoftwareFault("The sandbox did not start.")
                time.sleep(0.05)
            yield ready[1]


def _living_patients() -> list[list[Json]]:
    """Each bundled patient who is alive, with everything that refers to them."""
    held = list(patients())
    alive = [
        resource
        for resource in held
        if resource["resourceType"] == "Patient" and "deceasedDateTime" not in resource
    ]
    return [
        [
            who,
            *(
                resource
                for resource in held
                if resource.get("subject", {}).get("reference") == f"Patient/{who['id']}"
            ),
        ]
        for who in alive
    ]


def _copy_record(resources: list[Json], patient: str) -> list[Json]:
    text = write(resources).decode()
    for index, resource in enumerate(resources):
        kind, name = resource["resourceType"], f"{patient}-{index}" if index else patient
        text = text.replace(f'"{kind}/{resource["id"]}"', f'"{kind}/{name}"').replace(
            f'"{resource["id"]}"', f'"{name}"'
        )
    who, *rest = parse(b'{"held":' + text.encode() + b"}")["held"]
    gp = {"resourceType": "Practitioner", "id": patient, "name": [{"text": "Dr Bench"}]}
    return [who | {"generalPractitioner": [{"reference": f"Practitioner/{patient}"}]}, gp, *rest]
