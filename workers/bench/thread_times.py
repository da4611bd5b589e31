"""The first time on a server 20 ms away, by the setting `threads`; and which number of them is enough."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from workers.bench.bench_patients import admit_patients
from workers.bench.server_times import FIRST, WARM, ServerRound, clock_work, recorded_runtime, review_all
from workers.settings.all_settings import Settings

THREADS = (1, 2, 4, 8)
NEAR = 1.05  # of the shortest time: what is gained below that is not worth more requests at once


@dataclass(frozen=True, slots=True)
class ThreadTime:
    """Milliseconds for each patient in one process, on the wall and of the processor."""

    wall: float
    cpu: float


ThreadRound = Mapping[int, ThreadTime]  # by threads


@dataclass(frozen=True, slots=True)
class ThreadChoice:
    """The fewest threads near the shortest time, and with them the fewest processes near the shortest."""

    threads: int
    processes: int


def measure_threads(settings: Settings, base: str, count: int, who: str) -> ThreadRound:
    """Once for each number of threads, on patients of their own whose ids begin with `who`."""
    done = {}
    for threads in THREADS:
        found, name = ServerRound({}, {}, {}), f"{who}t{threads}"
        with recorded_runtime(settings.model_copy(update={"threads": threads}), base) as (runtime, _):
            warm, ids = admit_patients(base, f"{name}w", WARM), admit_patients(base, name, count)
            review_all(runtime, warm)
            clock_work(found, FIRST, ids, lambda: review_all(runtime, ids))  # noqa: B023 - called at once
        done[threads] = ThreadTime(found.wall[FIRST], found.cpu[FIRST])
    return done


def fewest(times: Mapping[int, float]) -> int:
    """The smallest number whose time is near the shortest."""
    shortest = min(times.values())
    return min(number for number, time in times.items() if time <= shortest * NEAR)


def fewest_threads(rounds: Sequence[ThreadRound]) -> int:
    """By the medians of the rounds."""
    return fewest({threads: median(done[threads].wall for done in rounds) for threads in rounds[0]})
