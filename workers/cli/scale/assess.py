"""`assess FILE|FOLDER...`: everybody in files, decided without a server."""

from contextlib import nullcontext
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from adapter.errors import ConfigurationFault
from workers.bulk.bulk_chunk import FAILED
from workers.bulk.bulk_folder import OUTCOMES, RESOURCES, BulkProgress, listed_faults
from workers.bulk.bulk_run import BulkOrder, BulkWorkers, assess_files, processes_here, processes_worth
from workers.bulk.parts_dispatch import assess_parts_by_workers
from workers.cli.command_settings import settings_of
from workers.cli.contract.exit_codes import Exit
from workers.cli.contract.files_output import AssessOutput
from workers.cli.output import count_text, say, show_json
from workers.cli.progress_bar import progress_bar
from workers.cli.root import AsJson
from workers.cli.terminal import show_table
from workers.host.clock import system_clock, today
from workers.queue.broker_calls import broker_calls
from workers.settings.settings_loader import NOWHERE

SHOWN = 20  # faults in the summary; all of them are in the table of outcomes


def register(root: typer.Typer) -> None:
    root.command()(assess)


def assess(  # noqa: PLR0913, PLR0917 - each is an option of the command
    context: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(help="NDJSON, Bundles, or folders of them.", metavar="FILE|FOLDER...")
    ],
    out: Annotated[
        Path, typer.Option(help="The folder for the results; a run that was cut off goes on in it.")
    ],
    pathway: Annotated[
        str | None, typer.Option(help="A shipped pathway or a YAML file, instead of the setting.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="nl, en or fr, instead of the setting.")] = None,
    on: Annotated[
        datetime | None,
        typer.Option(help="The day to decide on; today when not given.", formats=["%Y-%m-%d"]),
    ] = None,
    processes: Annotated[
        int | None, typer.Option(min=1, max=256, help="How many; else one per core that the files keep busy.")
    ] = None,
    through_broker: Annotated[
        bool,
        typer.Option(
            "--through-broker", help="Have workers do it, on any machines that share these folders."
        ),
    ] = False,
    json: AsJson = False,
) -> None:
    """Decide about everybody in files of FHIR resources, without a server, on all cores.

    Lines and Bundles are grouped by patient through an index on disk. Writes resources to load (drafts
    and proposals), and a table with one row for each patient. Rules and texts are those of the settings,
    of which none is needed here.
    """
    if through_broker and processes:
        raise ConfigurationFault("--processes are those of this machine: leave it out with --through-broker.")
    settings = settings_of(context, {"pathway": pathway, "language": language}, {"fhir_base_url": NOWHERE})
    day = on.date() if on else today(system_clock, settings.timezone)
    order = BulkOrder(tuple(paths), out, settings, day, processes or processes_worth(paths))
    here_or_there = (
        nullcontext(BulkWorkers(partial(assess_parts_by_workers, broker_calls)))
        if through_broker
        else processes_here(order)
    )
    with here_or_there as workers, progress_bar(quiet=json) as bar:
        task = bar.add_task("index", total=None)
        done = assess_files(
            order,
            lambda done_so_far, all_: bar.update(
                task, description="assess", completed=done_so_far, total=all_
            ),
            workers,
        )
    failed = listed_faults(out, SHOWN)
    if json:
        show_json(_assess_output(order, done, failed))
    else:
        _show_assessment(order, done, failed)
    raise typer.Exit(Exit.ATTENTION if failed else Exit.FINE)


def _assess_output(order: BulkOrder, done: BulkProgress, failed: list[tuple[str, str]]) -> AssessOutput:
    return {
        "on": order.on,
        "patients": done.done,
        "outcomes": dict(sorted(done.counts.items())),
        "without_patient": done.strays,
        "failed": sum(count for name, count in done.counts.items() if name.startswith(f"{FAILED}:")),
        "first_faults": [{"patient": patient, "fault": why} for patient, why in failed],
        "resources": str(order.target / RESOURCES),
        "table": str(order.target / OUTCOMES),
    }


def _show_assessment(order: BulkOrder, done: BulkProgress, failed: list[tuple[str, str]]) -> None:
    rows = ((*name.split(":"), count) for name, count in sorted(done.counts.items()))
    show_table("Patients by outcome and class", ("outcome", "class", "patients"), rows)
    show_table("Not decided (the first ones)", ("patient", "why"), failed)
    if done.strays:
        say(f"Note: {count_text(done.strays, 'resource')} without a patient.")
    say(
        f"{count_text(done.done, 'patient')} on {order.on}. "
        f"To load: {order.target / RESOURCES}. Table: {order.target / OUTCOMES}."
    )
