"""`release`: what waits for a clinician, and her answer. The same Tasks can be answered in any FHIR client."""

from typing import Annotated, Any

import typer

from adapter.errors import ConfigurationFault
from mappings.lifecycle.release.release_codes import code_in
from workers.cli.output import say, show_json, show_table
from workers.cli.root import Exit, Json
from workers.queue.bootstrap import set_up
from workers.release_answers import reject, release, waiting
from workers.review.review_outcome import ReviewOutcome
from workers.settings import settings_of_process


def register(root: typer.Typer) -> None:
    root.command(name="release")(command)


def command(  # noqa: PLR0913, PLR0917 - the options of a command line
    patient: Annotated[
        str | None, typer.Argument(help="The id of the Patient; without it, all are listed.")
    ] = None,
    by: Annotated[
        str | None, typer.Option(help="Practitioner/id, PractitionerRole/id or system|value.")
    ] = None,
    reject_reason: Annotated[str | None, typer.Option("--reject", help="Do not send, and why.")] = None,
    keep_plan: Annotated[bool, typer.Option("--keep-plan", help="With --reject: the plan stays.")] = False,
    interim: Annotated[bool, typer.Option("--interim", help="Send the interim letter, now.")] = False,
    retraction: Annotated[
        bool, typer.Option("--retraction", help="Send the withdrawal of a letter.")
    ] = False,
    json: Json = False,
) -> None:
    """List what waits for its release; with --by, release it, or reject it with --reject REASON.

    Ends with 1 when something waits, or when the answer could not be carried out.
    """
    with set_up(settings_of_process()) as place:
        if by is None or patient is None:
            if by or reject_reason:
                raise ConfigurationFault("An answer needs both a PATIENT and --by.")
            rows = [_row(it) for it in waiting(place, patient and patient.removeprefix("Patient/"))]
            _list(rows, json=json)
            raise typer.Exit(Exit.ATTENTION if rows else Exit.FINE)
        name = patient.removeprefix("Patient/")
        if reject_reason is None:
            outcome = release(place, name, by, interim=interim, retraction=retraction)
        else:
            outcome = reject(place, name, by, reject_reason, retraction=retraction, keep=keep_plan)
    _tell(outcome, json=json)
    raise typer.Exit(Exit.ATTENTION if outcome.fault else Exit.FINE)


def _row(task: dict[str, Any]) -> dict[str, Any]:
    due = ((task.get("restriction") or {}).get("period") or {}).get("end")
    return {
        "patient": str((task.get("for") or {}).get("reference") or "").rpartition("/")[2],
        "waits_for": code_in(task.get("code")),
        "priority": task.get("priority"),
        "since": task.get("authoredOn"),
        "due": due,
        "task": f"Task/{task['id']}",
    }


def _list(rows: list[dict[str, Any]], *, json: bool) -> None:
    if json:
        show_json({"waiting": rows})
        return
    columns = ("patient", "waits_for", "priority", "since", "due", "task")
    show_table("Waits for a clinician", columns, ([it[name] or "" for name in columns] for it in rows))
    say("Nothing waits." if not rows else f"{len(rows)} wait. Answer with --by, here or in any FHIR client.")


def _tell(outcome: ReviewOutcome, *, json: bool) -> None:
    if json:
        fault = str(outcome.fault) if outcome.fault else None
        show_json(
            {
                "patient": outcome.patient,
                "outcome": outcome.verdict,
                "written": [*outcome.proposed],
                "fault": fault,
            }
        )
        return
    for line in outcome.proposed or ("nothing was left to write",):
        say(line)
    if outcome.fault:
        say(f"Not carried out: {outcome.fault}")
