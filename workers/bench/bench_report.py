"""Rounds side by side, the ratios of each, and the page that is made of them."""

import os
import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median

from mappings.handover.institution import Institution
from workers.bench import server_times as server
from workers.bench import stage_times as stage
from workers.bench.fhirpath_scores import BY_CODE, BY_UNIT
from workers.bench.server_times import ServerRound
from workers.bench.stage_times import StageBench, StageRound
from workers.host.process_memory import tune_memory
from workers.settings.all_settings import Settings

LOOP = 5  # the plain loop gets one patient of so many: it is that much slower


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
    whole: tuple[BenchFigure, ...]
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
    watch: Callable[[int], None],
) -> BenchReport:
    """So many patients in so many rounds. Raises SoftwareFault when one of them fails."""
    count, rounds = size
    alone = StageBench(institution, now, count)
    tune_memory()  # as every process does that reviews
    done = []
    for number in range(rounds):
        done.append(_Round(alone.round(), server.measure_round(settings, count, max(1, count // LOOP))))
        watch(number + 1)
    return BenchReport(
        now.date(), institution.version, platform.python_version(), len(os.sched_getaffinity(0)), count,
        sum(map(len, alone.raw)) // count, rounds, tuple(_stage_figures(done)), tuple(_server_figures(done)), tuple(_ratios(done)),
    )  # fmt: skip


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
    for name in (BY_CODE, BY_UNIT):
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


PAGE = """# How fast it is

Made by `osteo-handover bench --write docs/performance.md`; do not edit. On {on}: release {release}, Python {python}, {cores} cores,
{patients} copies of the bundled patients ({bytes_each} bytes each as JSON), {rounds} rounds. What stands side by side was measured in the
same round, one after the other on the same machine: the ratios are what to compare, a rate says more about the machine and its
load. The server is the sandbox in a process of its own, without latency; a real server takes longer for its part.

## From the bytes of a record

One thread, no server, microseconds of processor time for each patient.

{stages}

## With a server

For each patient, with as many requests in flight as the setting `threads` says. *Nothing changed* is a review of patients who were left
with nothing to do: it asks for the versions of everything and decides nothing. The *raw replay* sends the very same requests from a loop that does
nothing else. The *plain loop* makes one request for each search and write, without a session, and a model of `fhir.resources` of every
resource that it reads or writes; it decides by the same code.

{whole}

## Ratios

{ratios}

The first three say how much of the time of parsing alone, and of finding the T-scores by FHIRPath, the way from bytes to a decision
takes; the replays, how much of what any client could reach is reached (1 is all of it); the others, how many times faster it is.
"""


def report_page(report: BenchReport) -> str:
    """The page in docs."""
    told = {
        name: getattr(report, name)
        for name in ("on", "release", "python", "cores", "patients", "bytes_each", "rounds")
    }
    tables = {name: _table(getattr(report, name)) for name in ("stages", "whole", "ratios")}
    return PAGE.format(**told, **tables)


def _table(figures: Sequence[BenchFigure]) -> str:
    head = "| | unit | minimum | median | maximum |\n| --- | --- | ---: | ---: | ---: |"
    rows = (
        f"| {figure.name} | {figure.unit} | {short_number(figure.minimum)} | {short_number(figure.middle)} | {short_number(figure.maximum)} |"
        for figure in figures
    )
    return "\n".join((head, *rows))


def short_number(value: float) -> str:
    """Three digits, or all that stand before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
