"""The first time in several processes that share the patients and the server, but nothing else."""

import multiprocessing
import time
from multiprocessing.synchronize import Barrier

from workers.bench.bench_patients import admit_patients
from workers.bench.server_times import WARM, recorded_runtime, review_all
from workers.settings.all_settings import Settings

PROCESSES = (2, 4, 8)  # as far as there are cores
LONGEST = 600.0  # seconds for one of them


def measure_processes(settings: Settings, base: str, count: int, cores: int, who: str) -> dict[int, float]:
    """Milliseconds on the wall for each of so many patients, by the number of processes.

    Their ids begin with `who`. Raises BrokenBarrierError or TimeoutError when one of the processes fails.
    """
    return {
        processes: _milliseconds(settings, base, count // processes, processes, f"{who}p{processes}")
        for processes in PROCESSES
        if processes <= cores
    }


def _milliseconds(settings: Settings, base: str, each: int, processes: int, who: str) -> float:
    spawning = multiprocessing.get_context("spawn")
    names = [f"{who}n{number}" for number in range(processes)]
    for name in names:
        admit_patients(base, f"{name}w", WARM)
        admit_patients(base, name, each)
    barrier = spawning.Barrier(processes, timeout=LONGEST)
    with spawning.Pool(processes, _keep_barrier, (barrier,)) as pool:
        asked = [pool.apply_async(_review_part, (settings, base, name, each)) for name in names]
        spans = [it.get(LONGEST) for it in asked]
    begun, ended = min(span[0] for span in spans), max(span[1] for span in spans)
    return (ended - begun) * 1000 / (each * processes)


_barriers: list[Barrier] = []  # of this process: one that is inherited when it begins


def _keep_barrier(barrier: Barrier) -> None:
    _barriers.append(barrier)


def _review_part(settings: Settings, base: str, name: str, count: int) -> tuple[float, float]:
    """From when to when, by the clock that all processes of a machine share."""
    with recorded_runtime(settings, base) as (runtime, _):
        review_all(runtime, [f"{name}w-{number}" for number in range(WARM)])
        _barriers[-1].wait()
        begun = time.monotonic()
        review_all(runtime, [f"{name}-{number}" for number in range(count)])
        return begun, time.monotonic()
