"""Rounds side by side, the ratios of each, and what grows with patients and threads."""

import os
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from statistics import median

from mappings.handover.institution import Institution
from workers.bench import server_times as server
from workers.bench import stage_times as stage
from workers.bench.bench_patients import FAR, run_sandbox
from workers.bench.cql_scores import BY_CQL
from workers.bench.fhirpath_scores import BY_CODE, BY_UNIT
from workers.bench.letter_times import AS_PDF
from workers.bench.memory_growth import RunCost, run_costs
from workers.bench.process_times import measure_processes
from workers.bench.server_times import ServerRound
from workers.bench.stage_times import StageBench, StageRound
from workers.bench.thread_times import ThreadChoice, ThreadRound, fewest, fewest_threads, measure_threads
from workers.host.process_memory import tune_memory
from workers.settings.all_settings import Settings

LOOP = 5  # the plain loop gets one patient of so many: it is that much slower
# Times the patients: with four hundred each of eight threads has a batch, and more are not held at once.
CROWD, FEW, MANY = 4, 2, 10
SELDOM = 5  # rounds behind each look at the threads


@dataclass(frozen=True, slots=True)
class BenchFigure:
    """One quantity over the rounds."""

    name: str
    unit: str
    minimum: float
    middle: float
    maximum: float

    @classmethod
    def of(cls, name: str, unit: str, values: Sequence[float]) -> "BenchFigure":
        """From one value for each round."""
        return cls(name, unit, min(values), median(values), max(values))


@dataclass(frozen=True, slots=True)
class BenchReport:
    """What was measured, of what, and where."""

    on: date
    release: str
    python: str
    cores: int
    patients: int
    bytes_each: int
    rounds: int
    stages: tuple[BenchFigure, ...]
    letters: tuple[BenchFigure, ...]
    whole: tuple[BenchFigure, ...]
    threads: tuple[BenchFigure, ...]
    thread_choice: ThreadChoice
    memory: tuple[BenchFigure, ...]
    ratios: tuple[BenchFigure, ...]


@dataclass(frozen=True, slots=True)
class _Round:
    stages: StageRound
    whole: ServerRound | None


def run_bench(
    settings: Settings,
    institution: Institution,
    now: datetime,
    size: tuple[int, int],
    watch: Callable[[str], None],
    node_modules: Path | None = None,
) -> BenchReport:
    """So many patients in so many rounds. Raises SoftwareFault when one of them fails."""
    count, rounds = size
    alone = StageBench(institution, now, count, node_modules)
    tune_memory()  # as every process does that reviews
    done, cores = [], len(os.sched_getaffinity(0))
    for number in range(rounds):
        done.append(_Round(alone.round(), server.measure_round(settings, count, max(1, count // LOOP))))
        watch(f"round {number + 1} of {rounds}")
    crowd = _measure_crowd(settings, count * CROWD, -(-rounds // SELDOM), cores)
    watch("threads")
    grown = [list(run_costs(many, [server.FIRST])) for many in (count * FEW, count * MANY)]
    return BenchReport(
        now.date(), institution.version, platform.python_version(), cores, count, sum(map(len, alone.raw)) // count, rounds,
        stages=tuple(_stage_figures(done)), letters=tuple(letter_figures([it.stages for it in done])),
        whole=tuple(_server_figures(done)),
        threads=tuple(crowd_figures(crowd)), thread_choice=ThreadChoice(crowd.threads, fewest(crowd.by_processes)),
        memory=tuple(memory_figures(*grown)), ratios=tuple(_ratios(done)),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CrowdTimes:
    """Rounds by threads in one process; with the fewest that are enough, ms on the wall by processes."""

    rounds: Sequence[ThreadRound]
    threads: int
    by_processes: Mapping[int, float]


def _measure_crowd(settings: Settings, count: int, rounds: int, cores: int) -> CrowdTimes:
    with run_sandbox(FAR) as base:
        done = [measure_threads(settings, base, count, f"r{number}") for number in range(rounds)]
        threads = fewest_threads(done)
        given = settings.model_copy(update={"threads": threads})
        alone = median(by_threads[threads].wall for by_threads in done)
        return CrowdTimes(done, threads, {1: alone} | measure_processes(given, base, count, cores, "c"))


def letter_figures(rounds: Sequence[StageRound]) -> Iterator[BenchFigure]:
    """How long a letter takes, and how many pages a core prints."""
    for name in rounds[0].letters:
        yield BenchFigure.of(name, "ms of processor time", [it.letters[name] / 1000 for it in rounds])
    yield BenchFigure.of(AS_PDF, "a second and core", [1e6 / it.letters[AS_PDF] for it in rounds])


def crowd_figures(crowd: CrowdTimes) -> Iterator[BenchFigure]:
    """The first time, by threads and by processes."""
    for threads in crowd.rounds[0]:
        name = f"{server.FIRST}, threads = {threads}"
        yield BenchFigure.of(
            name, "ms on the wall", [by_threads[threads].wall for by_threads in crowd.rounds]
        )
        yield BenchFigure.of(
            name, "ms of processor time", [by_threads[threads].cpu for by_threads in crowd.rounds]
        )
    for processes, wall in crowd.by_processes.items():
        if processes > 1:
            name = f"{server.FIRST}, threads = {crowd.threads}, {processes} processes"
            yield BenchFigure.of(name, "ms on the wall", [wall])


def memory_figures(few: Sequence[RunCost], many: Sequence[RunCost]) -> Iterator[BenchFigure]:
    """At the peak: on an empty server, of a first run, and how many times as much it is for many."""
    yield BenchFigure.of("nobody on the server", "MiB", [runs[0].peak for runs in (few, many)])
    for run in (few[-1], many[-1]):
        yield BenchFigure.of(f"{run.patients:,} patients, {run.name}", "MiB", [run.peak])
    name = f"{many[-1].patients:,} patients against {few[-1].patients:,}"
    yield BenchFigure.of(name, "x", [many[-1].peak / few[-1].peak])


def _stage_figures(done: Sequence[_Round]) -> Iterator[BenchFigure]:
    for name in done[0].stages.spent:
        yield BenchFigure.of(name, "µs", [bench_round.stages.spent[name] for bench_round in done])


def _server_figures(done: Sequence[_Round]) -> Iterator[BenchFigure]:
    rounds = [bench_round.whole for bench_round in done if bench_round.whole]
    for name in rounds[0].wall:
        yield BenchFigure.of(name, "ms on the wall", [server_round.wall[name] for server_round in rounds])
        if name in (server.FIRST, server.AGAIN, server.LOOP):
            yield BenchFigure.of(
                name, "ms of processor time", [server_round.cpu[name] for server_round in rounds]
            )
    for name in rounds[0].requests:
        yield BenchFigure.of(name, "requests", [server_round.requests[name] for server_round in rounds])


def _ratios(done: Sequence[_Round]) -> Iterator[BenchFigure]:
    """Each from one round: what both sides had at the same time on the same machine."""
    way = [sum(bench_round.stages.spent[name] for name in stage.WAY) for bench_round in done]
    bare = [bench_round.stages.spent[stage.ORJSON] for bench_round in done]
    yield _ratio("orjson.loads against bytes to decision", bare, way)
    for name in (BY_CODE, BY_UNIT, BY_CQL):
        if name in done[0].stages.spent:
            spent = [bench_round.stages.spent[name] for bench_round in done]
            yield _ratio(f"{name}, against bytes to decision", spent, way)
    yield from ratios([bench_round.whole for bench_round in done if bench_round.whole])


def ratios(rounds: Sequence[ServerRound]) -> Iterator[BenchFigure]:
    """How near to what any client could reach, and how far from a plain loop: each from one round."""

    def walls(name: str) -> list[float]:
        return [server_round.wall[name] for server_round in rounds]

    yield _ratio("raw replay against the first time", walls(server.REPLAY), walls(server.FIRST))
    yield _ratio("raw replay against nothing changed", walls(server.REPLAY_AGAIN), walls(server.AGAIN))
    yield _ratio("plain loop against the first time", walls(server.LOOP), walls(server.FIRST))
    spent = [[server_round.cpu[name] for server_round in rounds] for name in (server.FIRST, server.AGAIN)]
    yield _ratio("processor time: first time against nothing changed", *spent)


def _ratio(name: str, above: Sequence[float], below: Sequence[float]) -> BenchFigure:
    return BenchFigure.of(name, "x", [a / b for a, b in zip(above, below, strict=True)])
