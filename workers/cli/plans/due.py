"""`due`: which steps of the plans are open, and which are late."""

from datetime import date, timedelta
from typing import Annotated

import typer

from mappings.handover.plan.follow_up import OpenStep
from workers.cli.command_settings import settings_of
from workers.cli.contract.exit_codes import Exit
from workers.cli.contract.operation_output import DueOutput, StepRow
from workers.cli.output import count_text, say, show_json
from workers.cli.root import AsJson
from workers.cli.terminal import show_table
from workers.ledger import due_dates
from workers.queue.runtime import set_up
from workers.release.open_steps import open_steps_of


def register(root: typer.Typer) -> None:
    root.command()(due)


def due(
    context: typer.Context,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is late.")] = False,
    within: Annotated[int | None, typer.Option(min=0, help="Only what is due within so many days.")] = None,
    json: AsJson = False,
) -> None:
    """List open steps, computed now. Ends with 1 when something is late.

    Who has anything open is known from the reviews; after the loss of the ledger,
    `run --full` makes it known again.
    """
    with set_up(settings_of(context)) as runtime:
        today = runtime.now().date()
        until = today if overdue else today + timedelta(days=within + 1) if within is not None else None
        steps = open_steps_of(runtime, [*due_dates.due_patients(runtime.ledger, until)])
    rows = [_step_row(patient, step, today) for patient, step in steps if until is None or step.due < until]
    kept = [row for row in rows if row["overdue"] or not overdue]
    if json:
        show_json(DueOutput(on=today.isoformat(), steps=kept))
    else:
        cells = ((row["due"], row["patient"], row["step"], row["period"], row["overdue"]) for row in kept)
        show_table("Open steps", ("due", "patient", "step", "period", "overdue"), cells)
        say(f"{count_text(len(kept), 'step')}, {sum(row['overdue'] for row in kept)} of them late.")
    raise typer.Exit(Exit.ATTENTION if any(row["overdue"] for row in kept) else Exit.FINE)


def _step_row(patient: str, step: OpenStep, today: date) -> StepRow:
    return {
        "patient": patient,
        "step": step.code,
        "due": step.due.isoformat(),
        "period": step.period,
        "overdue": step.overdue(today),
    }
