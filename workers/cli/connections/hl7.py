"""`hl7`: listen to senders, check their maps, explain their messages, and look after what they sent."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from adapter.input.input_files import bytes_of
from mappings.hl7v2.input.sender_map import SenderMap, load_sender_map
from workers.cli.command_settings import settings_of
from workers.cli.contract.exit_codes import Exit
from workers.cli.contract.operation_output import InboxOutput
from workers.cli.output import count_text, say, show_json
from workers.cli.root import AsJson
from workers.cli.settings import NOWHERE
from workers.cli.terminal import show_table
from workers.host.clock import system_clock, today
from workers.host.logs import set_up_logs
from workers.host.private_files import write_private
from workers.intake.inbox import FailedItem, ItemState
from workers.intake.inbox_cipher import new_key
from workers.intake.intake_process import inbox_of, listen_forever
from workers.intake.message_explanation import MessageOutput, explain_message
from workers.queue.bootstrap import institution_of

group = typer.Typer(
    help="HL7 v2 in: listen, check the map of a sender, explain a message.", no_args_is_help=True
)
MapFile = Annotated[Path, typer.Argument(help="The map of a sender, a YAML file.")]


def register(root: typer.Typer) -> None:
    root.add_typer(group, name="hl7")


@group.callback()
def hl7() -> None:
    """HL7 v2 in: listen, check the map of a sender, explain a message."""


@group.command()
def check(files: Annotated[list[Path], typer.Argument(help="Maps of senders, YAML files.")]) -> None:
    """Read maps of senders as the listener does and say what each takes. Ends with 2 at the first fault."""
    for file in files:
        say(f"{file}: {_sender_text(load_sender_map(file))}")


@group.command()
def explain(
    context: typer.Context,
    message: Annotated[Path, typer.Argument(help="A file with one HL7 v2 message, as it came.")],
    map_file: Annotated[Path, typer.Option("--map", help="The map of its sender.")],
    json: AsJson = False,
) -> None:
    """Show what a message becomes: resources, what a review would read, what is left out. Writes nothing."""
    sender = load_sender_map(map_file)
    settings = settings_of(context, otherwise={"fhir_base_url": NOWHERE})
    day = today(system_clock, sender.timezone)
    reading = institution_of(settings).record_reading
    found = explain_message(bytes_of(message), sender, day, reading)
    if json:
        show_json(found)
    else:
        _show_message(found)
    raise typer.Exit(Exit.ATTENTION if found["refused"] else Exit.FINE)


@group.command()
def listen(context: typer.Context) -> None:
    """Listen for HL7 v2 over MLLP until SIGTERM: keep, answer and write each message, have it reviewed."""
    settings = settings_of(context)
    set_up_logs(settings.log_format, sys.stderr, settings.log_level)
    listen_forever(settings, lambda url: typer.echo(f"READY {url}"))


@group.command()
def inbox(
    context: typer.Context,
    retry: Annotated[
        bool, typer.Option("--retry", help="Try at once what failed, and what waits for its next try.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Say what waits and what failed, with the reason. Ends with 1 when something needs a human."""
    held = inbox_of(settings_of(context))
    try:
        again = held.retry_items(system_clock()) if retry else None
        counts, troubles = held.count_states(), held.items_in_trouble()
    finally:
        held.close()
    if json:
        output: InboxOutput = {"counts": counts, "troubles": troubles}
        show_json(output if again is None else InboxOutput(**output, tried_again=again))
    else:
        if again is not None:
            say(f"{count_text(again, 'item')} for the next round of `hl7 listen` or `watch`")
        say(", ".join(f"{count} {state}" for state, count in counts.items()))
        rows = (
            (item.id, item.sender, item.control_id, item.state, item.reason, _next_step(item))
            for item in troubles
        )
        show_table("Not done", ("item", "sender", "message or file", "state", "why", "next try"), rows)
    if counts["failed"]:
        raise typer.Exit(Exit.ATTENTION)


@group.command(name="new-key")
def new_key_file(file: Annotated[Path, typer.Argument(help="A new file, for intake.key.")]) -> None:
    """Make the key with which messages are kept."""
    write_private(file, new_key(), anew=True)
    say(f"{file}: made; keep it apart from backups of the inbox")


def _next_step(item: FailedItem) -> str:
    return item.due[:16] if item.state == ItemState.WAITING else "none: --retry"


def _sender_text(sender: SenderMap) -> str:
    who = "/".join(name for name in (sender.sender.application, sender.sender.facility) if name)
    held = {"result": sender.results, "site": sender.sites, "unit": sender.units, "report": sender.reports}
    counts = ", ".join(count_text(len(codes), noun) for noun, codes in held.items())
    return f"{sender.id} for {who}: {counts}"


def _show_message(found: MessageOutput) -> None:
    if found["refused"]:
        say(f"Refused: {found['refused']['code']} {found['refused']['why']}")
        return
    say(f"Message of {found['sender']}, {found['event']}")
    rows = (
        (draft["from"], draft["resource"], draft["status"], draft["code"], draft["value"], draft["when"])
        for draft in found["drafts"]
    )
    show_table("Would be written", ("from", "resource", "status", "code", "value", "when"), rows)
    scores = ((score["site"], score["side"], score["t_score"], score["on"]) for score in found["t_scores"])
    show_table("T-scores that a review would read", ("site", "side", "T-score", "on"), scores)
    unused = ((row["from"], row["reason"], row["what"]) for row in found["rejected"])
    show_table("Not used by a review", ("from", "reason", "what"), unused)
    gaps = ((row["segment"], row["field"], row["says"], row["key"]) for row in found["unmapped"])
    show_table("Not known to the map", ("segment", "field", "says", "key of the map"), gaps)
    show_table("Left out", ("segment", "why"), ((row["segment"], row["why"]) for row in found["left_out"]))
    for event in found["news"]:
        say(f"News of a patient: {event}")
