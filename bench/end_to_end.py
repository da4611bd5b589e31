"""Patients per second from FHIR server to FHIR server, beside a plain `requests` loop that does the same.

    python -m bench [--patients 200] [--naive 40] [--url BASE] [--jdbc-url jdbc:postgresql://...] [--only sandbox|hapi]

The loop asks for one patient at a time, each search and each write a request of its own without a session, as one
would write it in an afternoon; it decides and drafts with the same code. Both work on patients of their own, in one
run, on the same server. The figure to watch is the ratio: the rate says more about the server and the machine.
HAPI keeps its data in memory unless a PostgreSQL is given; in memory it is slower with many resources.
"""

import argparse
import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import requests

from adapter.fhir import FhirClient
from adapter.fhir.bundles import Entry
from adapter.fhir.search import encode
from adapter.wire_json import Json
from mappings import outbound
from mappings.lifecycle.patient_record import PatientRecord
from mappings.lifecycle.propose import propose
from workers.broker.child_process import running
from workers.broker.embedded_redis import embedded_redis
from workers.demo import HERE, await_worker, patients
from workers.ledger import reviews
from workers.queue.bootstrap import set_up
from workers.queue.runtime import Runtime
from workers.queue.sweep_run import POLL
from workers.review.batches import batches
from workers.review.read import read
from workers.settings import load_settings, variable

ROOT = Path(__file__).parents[1]
HEADERS = {"Content-Type": "application/fhir+json", "Cache-Control": "no-cache"}


def main() -> None:
    options = arguments()
    for name, server in servers(options).items():
        with server as base:
            measure(name, base, options)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--patients", type=int, default=200)
    parser.add_argument("--naive", type=int, default=40, help="patients for the plain loop")
    parser.add_argument("--url", help="a server that runs already and may be filled")
    parser.add_argument("--jdbc-url", help="where HAPI keeps its data")
    parser.add_argument("--only", choices=["sandbox", "hapi"])
    return parser.parse_args()


def measure(name: str, base: str, options: argparse.Namespace) -> None:
    """One server: the loop, one process of ours, and a worker with two."""
    print(f"\n{name}: {base}")
    warm, plain, ours, queued = (admitted(base, who, count) for who, count in groups(options))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        place = stack.enter_context(workplace(base, folder))
        rate(place, warm)
        naive(place, warm[:2])
        slow = speed(plain, lambda: naive(place, plain))
        rows = {
            "plain loop": slow,
            "one process": rate(place, ours),
            "worker, 2 processes": through_worker(base, queued),
        }
    for row, found in rows.items():
        print(f"  {row:22}{found:8.1f} patients/s{found / slow:8.1f} x")


def groups(options: argparse.Namespace) -> list[tuple[str, int]]:
    run = f"{time.time_ns() // 1_000_000_000:x}"
    counts = {"w": 24, "n": options.naive, "o": options.patients, "q": options.patients}
    return [(f"{run}-{who}", count) for who, count in counts.items()]


def naive(place: Runtime, ids: Sequence[str]) -> None:
    """One patient at a time, one request for each search and each write."""
    for patient in ids:
        for folder in read([patient], PlainServer(place), place.institution, place.now().date()):  # type: ignore[arg-type] # it has of a server what reading asks for
            for entry in outbound.entries(decided(place, folder), update_create=True):
                url = f"{place.settings.fhir_base_url}/{entry.url}"
                requests.put(url, json=entry.resource, headers=HEADERS, timeout=60).raise_for_status()


def decided(place: Runtime, folder: PatientRecord) -> tuple[outbound.Write, ...]:
    return propose(folder, place.institution, place.now(), {}).writes


class PlainServer:
    """Searches as one writes them in an afternoon."""

    def __init__(self, place: Runtime) -> None:
        self._base, self._place = place.settings.fhir_base_url, place

    def capabilities(self) -> Any:
        return self._place.client.capabilities()

    def batch_searches(self, searches: Sequence[tuple[str, Any, Any]]) -> list[Any]:
        return [Found(self._search(kind, params)) for kind, params, _ in searches]

    def _search(self, kind: str, params: Any) -> Iterator[Json]:
        url: str | None = f"{self._base}/{kind}?{encode(params)}"
        while url:
            bundle = requests.get(url, headers=HEADERS, timeout=60).json()
            yield from (entry["resource"] for entry in bundle.get("entry", ()))
            url = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), None)


class Found:
    """As much of a search result as reading asks for."""

    def __init__(self, matches: Iterator[Json]) -> None:
        self.matches, self.included, self.foreign, self.gaps = list(matches), (), (), frozenset[Any]()


def rate(place: Runtime, ids: Sequence[str]) -> float:
    """Patients per second of one process."""
    reviews.request(place.ledger, ids, place.clock())

    def work() -> None:
        for some in batches(ids, place.settings.chunk_size):
            refuse_failures([str(it.fault) for it in place.review(some) if it.fault])

    return speed(ids, work)


def through_worker(base: str, ids: Sequence[str]) -> float:
    """Patients per second of a worker with two processes, from the first message to the last patient."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        given = settings(base, folder) | {variable("broker_url"): stack.enter_context(embedded_redis()).url}
        given |= {variable("concurrency"): "2", variable("chunk_size"): "50"}
        log = folder / "worker.log"
        await_worker(
            stack.enter_context(
                running([sys.executable, "-m", "workers", "worker"], log, os.environ | given)
            ),
            log,
        )
        place = stack.enter_context(set_up(load_settings(given)))
        reviews.request(place.ledger, ids, place.clock())
        return speed(ids, lambda: work_off(place))


def work_off(place: Runtime) -> None:
    from workers.queue import celery_app, celery_tasks  # noqa: PLC0415 - reads settings of its own

    celery_app.use(place.settings)
    while claim := reviews.claim(place.ledger, place.clock(), place.lease, place.settings.chunk_size):
        celery_tasks.publish(claim.patients)
    while reviews.unsettled(place.ledger):
        time.sleep(POLL / 10)
    refuse_failures([it.reason or "" for it in reviews.troubles(place.ledger)])


def refuse_failures(reasons: list[str]) -> None:
    if reasons:
        sys.exit(f"{len(reasons)} patients failed, so the figures say nothing: {reasons[0]}")


def speed(ids: Sequence[str], work: Any) -> float:
    start = time.perf_counter()
    work()
    return len(ids) / (time.perf_counter() - start)


@contextmanager
def workplace(base: str, folder: Path) -> Iterator[Runtime]:
    with set_up(load_settings(settings(base, folder))) as place:
        yield place


def settings(base: str, folder: Path) -> dict[str, str]:
    ours = {
        "fhir_base_url": base,
        "ledger_url": f"sqlite:///{folder}/ledger.sqlite",
        "forearm_code_site": "total_hip",
    }
    return {variable(name): value for name, value in ours.items()}


def admitted(base: str, who: str, count: int) -> list[str]:
    """The ids of so many living copies of the bundled patients, now on the server."""
    with FhirClient(base) as client:
        copies = list(islice(cycle(living()), count))
        for number, some in enumerate(batches(copies, 20)):
            entries = [
                it for index, one in enumerate(some) for it in copied(one, f"{who}-{20 * number + index}")
            ]
            client.transaction(entries)
    return [f"{who}-{index}" for index in range(count)]


def living() -> list[list[Json]]:
    """Each bundled patient who is alive, with everything that refers to them and a GP."""
    held = list(patients(HERE))
    whole = []
    for patient in (
        it for it in held if it["resourceType"] == "Patient" and not set(it) & {"deceasedDateTime"}
    ):
        mine = f"Patient/{patient['id']}"
        whole.append([patient, *(it for it in held if it.get("subject", {}).get("reference") == mine)])
    return whole


def copied(resources: list[Json], patient: str) -> list[Entry]:
    """The same under new ids, in references too, so that every run starts without plans."""
    text = json.dumps(resources)
    for index, it in enumerate(resources):
        kind, name = it["resourceType"], f"{patient}-{index}" if index else patient
        text = text.replace(f'"{kind}/{it["id"]}"', f'"{kind}/{name}"').replace(f'"{it["id"]}"', f'"{name}"')
    who, *rest = json.loads(text)
    gp = {"resourceType": "Practitioner", "id": patient, "name": [{"text": "Dr Bench"}]}
    who = who | {"generalPractitioner": [{"reference": f"Practitioner/{patient}"}]}
    return [Entry("PUT", f"{it['resourceType']}/{it['id']}", it) for it in (gp, who, *rest)]


def servers(options: argparse.Namespace) -> dict[str, Any]:
    if options.url:
        return {"server": given(options.url)}
    found = {"sandbox": started([sys.executable, "-m", "workers", "sandbox", "--port=0"])}
    if shutil.which("java"):
        launcher = [str(ROOT / "tests/servers/hapi/run.sh"), "--port=0"]
        jdbc = [f"--jdbc-url={options.jdbc_url}", "--jdbc-user=postgres"] if options.jdbc_url else []
        found["hapi"] = started([*launcher, *jdbc])
    return {name: server for name, server in found.items() if options.only in (None, name)}


@contextmanager
def given(url: str) -> Iterator[str]:
    yield url


@contextmanager
def started(command: list[str]) -> Iterator[str]:
    """The address that a server prints when it is ready."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "server.log"
        with running(command, log, os.environ) as process:
            deadline = time.monotonic() + 300
            while not (ready := re.search(r"^READY (\S+)\n", log.read_text(errors="replace"), re.MULTILINE)):
                if process.poll() is not None or time.monotonic() > deadline:
                    sys.exit(f"the server did not start: {log.read_text(errors='replace')[-500:]}")
                time.sleep(0.1)
            yield ready[1]


if __name__ == "__main__":
    main()
