"""Through Celery, as in production: a worker of two processes, a real Redis, and a server 20 ms away.

    python bench/broker.py rate [patients] [rounds]      everybody once and again, beside a
                                                         plain loop; memory, connections
    python bench/broker.py late [results]                from a new Observation to the written
                                                         Communication, a sweep each second

A plain loop makes one request for each search and each write, without a session
(workers/bench/server_times.py).
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parents[1]))

from adapter.fhir import FhirClient
from adapter.fhir.bundles import Entry
from tests.made_resources import a_gp, a_patient, a_t_score
from workers.bench.bench_patients import FAR, OURS, admit_patients, run_sandbox
from workers.bench.process_cost import held
from workers.bench.server_times import run_plain_loop
from workers.broker.child_process import run_process
from workers.broker.embedded_redis import run_embedded_redis
from workers.demo import await_worker
from workers.queue.runtime import Runtime, set_up
from workers.queue.sweep_run import work_through_broker
from workers.settings.setting_variables import environment_without_settings, variable_name
from workers.settings.settings_loader import load_settings

PROCESSES, THREADS, PLAIN = 2, 8, 12
LATE = {"sweep_interval": "1", "sweep_overlap": "5", "clock_margin": "0"}  # of a server whose clock is ours
A_SECOND = 4  # new results
SETTLE = 20.0  # seconds after the last result


@dataclass(frozen=True, slots=True)
class Ward:
    """A server, and what every process beside it is set to."""

    base: str
    environ: dict[str, str]
    worker: int  # the session of the worker


@contextmanager
def ward(*, beat: bool = False) -> Iterator[Ward]:
    """Redis, a server far away, a worker that is ready, and what asks for a sweep each second."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        broker, base = stack.enter_context(run_embedded_redis()), stack.enter_context(run_sandbox(FAR))
        places = {
            "broker_url": broker.url,
            "fhir_base_url": base,
            "ledger_url": f"sqlite:///{folder}/ledger.sqlite",
        }
        size = {"concurrency": str(PROCESSES), "threads": str(THREADS), "chunk_size": "50"}
        environ = environment_without_settings() | {
            variable_name(name): value
            for name, value in (OURS | places | size | (LATE if beat else {})).items()
        }
        log, command = folder / "worker.log", [sys.executable, "-m", "workers"]
        worker = stack.enter_context(run_process([*command, "worker"], log, environ))
        await_worker(worker, log)
        if beat:
            stack.enter_context(run_process([*command, "beat"], folder / "beat.log", environ))
        yield Ward(base, environ, worker.pid)


def rate(patients: int, rounds: int) -> None:
    """Prints one line for each round."""
    for number in range(rounds):
        with ward() as place, set_up(load_settings(place.environ)) as runtime:
            admit_patients(place.base, "w", 40)
            _worked(runtime)  # what every process loads once
            ids = admit_patients(place.base, "p", patients)
            first = _worked(runtime)
            again = _worked(runtime, full=True)
            memory, lines = held(place.worker), _connections(place.base)
            others = admit_patients(place.base, "n", PLAIN)
            plain = _clocked(lambda: run_plain_loop(runtime, others)) / PLAIN * 1000  # noqa: B023 - called at once
            told = {
                "first, ms": first / len(ids) * 1000, "decided anew, ms": again / (len(ids) + 40) * 1000,
                "plain loop, ms": plain, "plain loop against the first": plain / first * len(ids) / 1000,
                "worker, MB": round(memory), "connections": lines,
            }  # fmt: skip
            print(json.dumps({"round": number, **told}), flush=True)


def late(results: int) -> None:
    """Prints the delays by the server's own stamps: of the Communication less that of the Observation."""
    ids = [f"late-{number}" for number in range(results)]
    with ward(beat=True) as place, FhirClient(place.base) as client:
        people = [a_gp(), *map(a_patient, ids)]
        client.transaction([Entry("PUT", f"{it['resourceType']}/{it['id']}", it) for it in people])
        time.sleep(SETTLE)  # everybody without a result is done
        for patient in ids:
            score = a_t_score(patient)
            client.transaction([Entry("PUT", f"Observation/{score['id']}", score)])
            time.sleep(1 / A_SECOND)
        time.sleep(SETTLE)
        came = _stamps(client, "Observation")
        went = _stamps(client, "Communication")
    took = [(went[it] - came[it]).total_seconds() for it in ids if it in went]
    steps = statistics.quantiles(took, n=20)
    print(
        f"{len(took)} of {results} written: median {steps[9]:.2f} s, p95 {steps[18]:.2f} s, longest {max(took):.2f} s"
    )


def _stamps(client: FhirClient, kind: str) -> dict[str, datetime]:
    return {
        it["subject"]["reference"].partition("/")[2]: datetime.fromisoformat(it["meta"]["lastUpdated"])
        for it in client.search(kind).matches
    }


def _worked(runtime: Runtime, *, full: bool = False) -> float:
    """Seconds until everybody was reviewed by the workers."""

    def work() -> None:
        summary = work_through_broker(runtime, lambda _: None, full=full)
        if summary.troubles or not summary.finished:
            raise SystemExit(f"Not everybody was reviewed, so the figures say nothing: {summary.troubles}")

    return _clocked(work)


def _clocked(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _connections(base: str) -> int:
    """How many are open to the server, ours not counted."""
    port = f":{urlsplit(base).port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(1 for it in rows if it[2].endswith(port) and it[3] == "01")


if __name__ == "__main__":
    what, count, rounds = (*sys.argv[1:], *("rate", "1000", "3")[len(sys.argv) - 1 :])
    if what == "late":
        late(int(count))
    else:
        rate(int(count), int(rounds))
