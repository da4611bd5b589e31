"""`release`: what waits for a clinician, and their answer.

The same Tasks can be answered in any FHIR client.
"""

from typing import Annotated

import typer

from adapter.errors import ConfigurationFault
from mappings.handover.release.choice import Selection
from workers.cli.command_settings import settings_of
from workers.cli.contract.exit_codes import Exit
from workers.cli.contract.operation_output import AnswerOutput, WaitingOutput, WaitingRow
from workers.cli.output import say, show_json
from workers.cli.patient_name import find_patient
from workers.cli.root import AsJson
from workers.cli.terminal import show_table
from workers.queue.runtime import set_up
from workers.release.release_answers import NOTHING_SAID, reject, release
from workers.release.waiting_releases import WaitingRelease, waiting_releases
from workers.review.review_outcome import ReviewOutcome

ANSWER = "Answer with `release PATIENT --by Practitioner/ID`, or complete the Task in any FHIR client."
NO_LETTER = "No letter was let go by this: `release PATIENT`, `explain PATIENT` and the open Tasks of the patient say why."


def register(root: typer.Typer) -> None:
    root.command(name="release")(command)


def command(  # noqa: PLR0913, PLR0917 - the options of a command line
    context: typer.Context,
    patient: Annotated[
        str | None, typer.Argument(help="The id of the Patient; without it, all are listed.")
    ] = None,
    by: Annotated[
        str | None, typer.Option(help="Practitioner/id, PractitionerRole/id or system|value.")
    ] = None,
    reject_reason: Annotated[str | None, typer.Option("--reject", help="Do not send, and why.")] = None,
    keep_plan: Annotated[bool, typer.Option("--keep-plan", help="With --reject: the plan stays.")] = False,
    interim: Annotated[bool, typer.Option("--interim", help="Send the interim letter, now.")] = False,
    choose: Annotated[
        list[str] | None, typer.Option(help="Choose this offered option, or this drug; may be repeated.")
    ] = None,
    drop: Annotated[
        list[str] | None, typer.Option(help="Take out this option, or this drug; may be repeated.")
    ] = None,
    note: Annotated[
        str | None, typer.Option(help="Your own line; the letter carries it with your name.")
    ] = None,
    retraction: Annotated[
        bool, typer.Option("--retraction", help="Send the withdrawal of a letter.")
    ] = False,
    names: Annotated[bool, typer.Option("--names", help="In the list: the names of the patients.")] = False,
    category: Annotated[str | None, typer.Option("--class", help="In the list: this class only.")] = None,
    urgency: Annotated[
        str | None, typer.Option(help="In the list: stat, asap, urgent or routine only.")
    ] = None,
    asks: Annotated[
        str | None, typer.Option(help="In the list: this question, or this matter to clarify, only.")
    ] = None,
    older_than: Annotated[
        int, typer.Option(help="In the list: only what was asked more than so many days ago.")
    ] = -1,
    json: AsJson = False,
) -> None:
    """List what waits for its release; with --by, release it, or reject it with --reject REASON.

    Ends with 1 when something waits, or when the answer could not be carried out.
    """
    with set_up(settings_of(context)) as runtime:
        if by is None or patient is None:
            if by or reject_reason or choose or drop or note:
                raise ConfigurationFault("An answer needs both a PATIENT and --by.")
            found = waiting_releases(runtime, patient and find_patient(runtime, patient), names=names)
            asked = (category, urgency, asks)
            rows = [row for row in found if _matches(row, *asked) and (row.days or 0) > older_than]
            _list_waiting(rows, names=names, options=json or patient is not None, json=json)
            raise typer.Exit(Exit.ATTENTION if rows else Exit.FINE)
        name = find_patient(runtime, patient)
        said = Selection(tuple(choose or ()), tuple(drop or ()), note or "")
        if reject_reason is None:
            outcome = release(runtime, name, by, interim=interim, retraction=retraction, selection=said)
        elif said != NOTHING_SAID:
            raise ConfigurationFault("With --reject nothing leaves: --choose, --drop and --note say nothing.")
        else:
            outcome = reject(runtime, name, by, reject_reason, retraction=retraction, keep=keep_plan)
    _show_outcome(outcome, released=reject_reason is None, json=json)
    raise typer.Exit(Exit.ATTENTION if outcome.fault else Exit.FINE)


def _matches(waiting: WaitingRelease, category: str | None, urgency: str | None, asks: str | None) -> bool:
    wanted = category in (None, waiting.category) and urgency in (None, waiting.urgency)
    return wanted and asks in (None, waiting.asks, *waiting.clarify)


def _waiting_row(waiting: WaitingRelease) -> WaitingRow:
    return {
        "patient": waiting.patient,
        "name": waiting.name,
        "class": waiting.category,
        "deciding": waiting.deciding,
        "asks": ", ".join((waiting.asks, *waiting.clarify)),
        "urgency": waiting.urgency,
        "due": waiting.due,
        "days": waiting.days,
        "task": waiting.task,
        "options": ", ".join(waiting.options),
        "words": list(waiting.words),
    }


def _list_waiting(found: list[WaitingRelease], *, names: bool, options: bool, json: bool) -> None:
    rows = [_waiting_row(waiting) for waiting in found]
    for row in rows:
        if not names:
            del row["name"]
        if not options:
            del row["options"]
    if json:
        show_json(WaitingOutput(waiting=rows))
        return
    columns = tuple(column for column in rows[0] if column != "words") if rows else ()
    table = (
        ["" if cell is None else str(cell) for name, cell in row.items() if name != "words"] for row in rows
    )
    show_table("Waits for a clinician", columns, table)
    if options:  # of one patient
        for line in (line for row in rows for line in row["words"]):
            say(line)
    say(f"{len(rows)} waiting. {ANSWER}" if rows else "Nothing waits.")


def _show_outcome(outcome: ReviewOutcome, *, released: bool, json: bool) -> None:
    if json:
        fault = str(outcome.fault) if outcome.fault else None
        answer: AnswerOutput = {
            "patient": outcome.patient,
            "outcome": outcome.code,
            "written": [*outcome.proposed],
            "fault": fault,
        }
        show_json(answer)
        return
    for line in outcome.proposed or ("nothing was left to write",):
        say(line)
    if (
        released
        and not outcome.fault
        and not any("Communication" in location for location in outcome.proposed)
    ):
        say(NO_LETTER)
    if outcome.fault:
        say(f"Not carried out: {outcome.fault}")
