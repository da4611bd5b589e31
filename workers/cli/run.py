"""`run`: one sweep to its end, or a few patients, with a bar while it lasts and a summary behind it."""

from typing import Annotated

import typer
from rich.progress import Progress, TaskID

from adapter.errors import ConfigurationFault
from workers.cli.command_settings import settings_of
from workers.cli.contract.exit_codes import Exit
from workers.cli.output import count_text, say, show_json, tell
from workers.cli.patient_name import find_patients
from workers.cli.progress_bar import progress_bar
from workers.cli.root import AsJson
from workers.cli.terminal import show_table
from workers.host.process_memory import tune_memory
from workers.queue.runtime import Runtime, set_up
from workers.queue.sweep_run import (
    NOBODY_WORKS,
    RunStatus,
    RunSummary,
    Watch,
    work_here,
    work_on,
    work_through_broker,
)


def register(root: typer.Typer) -> None:
    root.command()(run)


def run(
    context: typer.Context,
    patients: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATIENT]...", help="Ids of Patients: review these, now; else whoever changed."
        ),
    ] = None,
    full: Annotated[
        bool,
        typer.Option("--full", help="Look at every patient and decide anew, not only about what changed."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write nothing, anywhere; say what would be.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Sweep once and review everybody who was found, or review the patients that are named.

    With a broker set, workers review who was found and this command waits for them;
    otherwise it does that itself.
    """
    settings = settings_of(context)
    settings = settings.model_copy(update={"dry_run": dry_run or settings.dry_run})
    named = list(patients or ())
    if named and full:
        raise ConfigurationFault("--full looks at every patient: leave it out, or name none.")
    with set_up(settings) as runtime, progress_bar(quiet=json) as bar:
        tune_memory()
        task = bar.add_task("sweep", total=None)
        summary = _work_run(runtime, named, lambda status: show_status(bar, task, status), full=full)
    if json:
        show_json(summary)
    else:
        show_summary(summary, named=bool(named))
    raise typer.Exit(exit_of(summary))


def _work_run(runtime: Runtime, named: list[str], watch: Watch, *, full: bool) -> RunSummary:
    if named:
        return work_on(runtime, find_patients(runtime, named))
    alone = runtime.settings.dry_run or runtime.settings.broker_url is None
    return (work_here if alone else work_through_broker)(runtime, watch, full=full)


def exit_of(summary: RunSummary) -> Exit:
    """By what is left to do."""
    if any(trouble.next_step == "settings" for trouble in summary.troubles):
        return Exit.CORRECT_FIRST
    if any(trouble.state == "quarantined" for trouble in summary.troubles):
        return Exit.ATTENTION
    return Exit.LATER if summary.troubles or not summary.finished else Exit.FINE


NEXT_STEPS = {
    "settings": "correct the settings or the server (`osteo-handover doctor` says what), then run again",
    "record": "look at this patient's record (`osteo-handover explain`); a new version of it is taken up by itself",
    "software": "report it to whoever maintains this program; the log says where",
    "later": "nothing: it is tried again by itself, or by the next run",
}


def show_summary(summary: RunSummary, *, named: bool = False) -> None:
    """The summary for people."""
    for note in summary.notes:
        say(f"Note: {note}.")
    outcomes = [
        (outcome, category, count) for (outcome, category), count in sorted(_count_pairs(summary).items())
    ]
    show_table("Patients by outcome and class", ("outcome", "class", "patients"), outcomes)
    show_table("Inputs that were not used, by reason", ("reason", "inputs"), sorted(summary.rejected.items()))
    show_table(
        "Would be written" if summary.dry_run else "Written",
        ("what", "resources"),
        sorted(summary.written.items()),
    )
    show_table("Alarms", ("alarm", "patients"), sorted(summary.alarms.items()))
    shown = (
        (trouble.patient, trouble.state, trouble.reason, NEXT_STEPS[trouble.next_step])
        for trouble in summary.troubles
    )
    show_table("Not done", ("patient", "state", "why", "next step"), shown)
    kind = "a full" if summary.full else "an incremental"
    written = "would be written" if summary.dry_run else "written"
    where = "" if named else f" in {kind} sweep"
    say(
        f"{count_text(summary.patients, 'patient')}{where}, {count_text(sum(summary.written.values()), 'resource')} {written}."
    )


def _count_pairs(summary: RunSummary) -> dict[tuple[str, str], int]:
    parts = ((name.partition(":"), count) for name, count in summary.outcomes.items())
    return {(code, reason): count for (code, _, reason), count in parts}


def show_status(bar: Progress, task: TaskID, status: RunStatus) -> None:
    """How far it is, on the bar; that nobody works, on a line of its own."""
    if status.doing == NOBODY_WORKS:
        tell(f"{NOBODY_WORKS} This waits for a minute.")
    bar.update(task, description=status.doing, completed=status.settled, total=status.found or None)
