"""`bench`: how fast it is on this machine, beside what others need for the same."""

from pathlib import Path
from typing import Annotated

import typer

from workers.bench.bench_page import choice_text, report_page, short_number
from workers.bench.bench_patients import OURS
from workers.bench.bench_report import BenchFigure, run_bench
from workers.bench.cql_scores import BY_CQL, why_no_cql
from workers.cli.output import count_text, say, show_json, tell
from workers.cli.root import AsJson
from workers.cli.terminal import show_table
from workers.host.clock import system_clock
from workers.host.private_files import write_private
from workers.queue.bootstrap import institution_of
from workers.settings.setting_variables import variable_name
from workers.settings.settings_loader import load_settings


def register(root: typer.Typer) -> None:
    root.command(name="bench")(measure)


def measure(
    patients: Annotated[
        int, typer.Option(min=10, max=5000, help="How many copies of the bundled patients.")
    ] = 100,
    rounds: Annotated[
        int, typer.Option(min=1, max=50, help="How often everything is measured, side by side.")
    ] = 3,
    node_modules: Annotated[
        Path | None, typer.Option(help="A folder node_modules with cql-execution and cql-exec-fhir.")
    ] = None,
    write: Annotated[Path | None, typer.Option(help="Write the page of figures here.")] = None,
    json: AsJson = False,
) -> None:
    """Measure time and memory, beside what others need for the same."""
    if absent := why_no_cql(node_modules):
        tell(f"Left out: {BY_CQL}: {absent}.")
    settings = load_settings({variable_name(name): value for name, value in OURS.items()})
    report = run_bench(
        settings,
        institution_of(settings),
        system_clock(),
        (patients, rounds),
        tell,
        None if absent else node_modules,
    )
    if write:
        write_private(write, report_page(report).encode())
    if json:
        show_json(report)
        return
    for title, figures in (
        ("For each patient, without a server", report.stages),
        ("Letters", report.letters),
        ("With a server", report.whole),
        ("Threads, with a server 20 ms away", report.threads),
        ("Memory of a process at most", report.memory),
        ("Ratios, each within a round", report.ratios),
    ):
        _show_figures(title, figures)
    say(choice_text(report))
    say(
        f"{count_text(report.patients, 'patient')}, {count_text(report.rounds, 'round')}, {count_text(report.cores, 'core')}."
    )


def _show_figures(title: str, figures: tuple[BenchFigure, ...]) -> None:
    rows = (
        (
            figure.name,
            figure.unit,
            short_number(figure.minimum),
            short_number(figure.middle),
            short_number(figure.maximum),
        )
        for figure in figures
    )
    show_table(title, ("", "unit", "minimum", "median", "maximum"), rows)
