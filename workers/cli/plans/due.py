"""`due`: which steps of the plans are open, and which are late."""

from datetime import timedelta
from typing import Annotated

import typer

from workers.cli.contract.exit_codes import Exit
from workers.cli.output import many, say, show_json
from workers.cli.root import AsJson
from workers.cli.terminal import show_table
from workers.ledger import due_dates
from workers.queue.bootstrap import set_up
from workers.release_answers import open_of
from workers.settings import settings_of_process

COLUMNS = ("due", "patient", "step", "period", "overdue")


def register(root: typer.Typer) -> None:
    root.command()(due)


def due(
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is late.")] = False,
    within: Annotated[int | None, typer.Option(min=0, help="Only what is due within so many days.")] = None,
    json: AsJson = False,
) -> None:
    """List open steps, computed now. Ends with 1 when something is late.

    Who has anything open is known from the reviews; after the loss of the ledger, `run --full` makes it known again.
    """
    with set_up(settings_of_process()) as runtime:
        today = runtime.now().date()
        until = today if overdue else today + timedelta(days=within + 1) if within is not None else None
        rows = open_of(runtime, [*due_dates.listed(runtime.ledger, until)], today)
    kept = [
        it
        for it in rows
        if (it["overdue"] or not overdue) and (until is None or it["due"] < until.isoformat())
    ]
    if json:
        show_json({"on": today.isoformat(), "steps": kept})
    else:
        show_table("Open steps", COLUMNS, ([it[name] for name in COLUMNS] for it in kept))
        say(f"{many(len(kept), 'step')}, {sum(it['overdue'] for it in kept)} of them late.")
    raise typer.Exit(Exit.ATTENTION if any(it["overdue"] for it in kept) else Exit.FINE)
