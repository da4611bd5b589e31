"""The page in docs that is made of the figures."""

from collections.abc import Sequence

from workers.bench.bench_report import BenchFigure, BenchReport
from workers.bench.thread_times import NEAR

TABLES = ("stages", "letters", "whole", "threads", "memory", "ratios")
CHOICE = """**Begin with `threads` = {threads} and {processes}** (`concurrency`): the smallest numbers whose time is within {near} % of the shortest. \
More of either wait for the server or for each other on these cores, of which the sandbox needs a share too ({cores} here)."""
PAGE = """# How fast it is

Made by `osteo-handover bench --write docs/performance.md`; do not edit. On {on}: release {release}, Python {python}, {cores} cores,
{patients} copies of the bundled patients ({bytes_each} bytes each as JSON), {rounds} rounds. What stands side by side was measured in the
same round, one after the other on the same machine: the ratios are what to compare, a rate says more about the machine and its
load. The server is the sandbox in a process of its own, without latency; a real server takes longer for its part.

## From the bytes of a record

One thread, no server, microseconds of processor time for each patient. The evaluators of FHIRPath and CQL get the same bytes parsed
already; *cql-execution* runs in a process of Node, which says itself what its processor did, and loads and asks each Bundle.

{stages}

## Letters

The first patients of each round who get one. As PDF it is made from the decision to the pages, with the chart of the T-scores.

{letters}

## With a server

For each patient, with as many requests in flight as the setting `threads` says. *Nothing changed* is a review of patients who were left
with nothing to do: it asks for the versions of everything and decides nothing. The *raw replay* sends the very same requests from a loop that does
nothing else. The *plain loop* makes one request for each search and write, without a session, and a model of `fhir.resources` of every
resource that it reads or writes; it decides by the same code.

{whole}

## Threads

The first time once more, of four times as many patients, on a sandbox that is 20 ms away: in one process by threads, then with the fewest
threads that are enough in several processes, each with a share of the patients. Other work on the machine makes these figures useless.

{threads}

{choice}

## Memory

What a process of `run` holds at most, with all libraries. The ledger and the server are files and a process of their own.

{memory}

## Ratios

{ratios}

The first ones say how much of the way from bytes to a decision parsing alone takes, and how many times as long as that way it takes to
find the T-scores by FHIRPath or CQL; the replays, how much of what any client could reach is reached (1 is all of it); the others, how many times faster it is.
"""


def report_page(report: BenchReport) -> str:
    """The page in docs."""
    told = {
        name: getattr(report, name)
        for name in ("on", "release", "python", "cores", "patients", "bytes_each", "rounds")
    }
    tables = {name: _table(getattr(report, name)) for name in TABLES}
    return PAGE.format(**told, **tables, choice=choice_text(report))


def choice_text(report: BenchReport) -> str:
    """Which number of threads and processes to choose on this machine, from the figures."""
    choice = report.thread_choice
    processes = "1 process" if choice.processes == 1 else f"{choice.processes} processes"
    return CHOICE.format(
        threads=choice.threads, processes=processes, near=round((NEAR - 1) * 100), cores=report.cores
    )


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
