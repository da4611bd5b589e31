"""`hl7 check` and `hl7 explain`: the map of a sender, and what a message of that sender comes to."""

from pathlib import Path
from typing import Annotated

import typer

from adapter.errors import RecordFault
from adapter.input_files import bytes_of
from adapter.wire_json import Json
from mappings.hl7v2.input.sender_map import SenderMap, load_sender_map
from workers.cli.output import say, show_json, show_table
from workers.cli.root import AsJson
from workers.clock import system_clock, today
from workers.intake.message_explanation import explained

group = typer.Typer(help="HL7 v2 in: check the map of a sender, explain a message.", no_args_is_help=True)
MapFile = Annotated[Path, typer.Argument(help="The map of a sender, a YAML file.")]


def register(root: typer.Typer) -> None:
    root.add_typer(group, name="hl7")


@group.callback()
def hl7() -> None:
    """HL7 v2 in: check the map of a sender, explain a message."""


@group.command()
def check(files: Annotated[list[Path], typer.Argument(help="Maps of senders, YAML files.")]) -> None:
    """Read the maps of senders as the listener does, and say what each takes. Ends with 2 at the first fault."""
    for file in files:
        say(f"{file}: {_in_words(load_sender_map(file))}")


@group.command()
def explain(
    message: Annotated[Path, typer.Argument(help="A file with one HL7 v2 message, as it came.")],
    map_file: Annotated[Path, typer.Option("--map", help="The map of its sender.")],
    json: AsJson = False,
) -> None:
    """Show what a message comes to: resources, what a review would read in them, and what is left out. Writes nothing."""
    sender = load_sender_map(map_file)
    told = explained(bytes_of(message), sender, today(system_clock, sender.timezone))
    if json:
        show_json(told)
    else:
        _show(told)
    if told["refused"]:
        raise RecordFault(f"The message would be refused: {told['refused']['why']}")


def _in_words(sender: SenderMap) -> str:
    who = "/".join(it for it in (sender.sender.application, sender.sender.facility) if it)
    counts = f"{len(sender.results)} results, {len(sender.sites)} sites, {len(sender.units)} units, {len(sender.reports)} reports"
    return f"{sender.id} for {who}: {counts}"


def _show(told: Json) -> None:
    if told["refused"]:
        say(f"Refused: {told['refused']['code']} {told['refused']['why']}")
        return
    say(f"Message of {told['sender']}, {told['event']}")
    rows = (
        (it["from"], it["resource"], it["status"], it["code"], it["value"], it["when"])
        for it in told["drafts"]
    )
    show_table("Would be written", ("from", "resource", "status", "code", "value", "when"), rows)
    scores = ((it["site"], it["side"], it["t_score"], it["on"]) for it in told["t_scores"])
    show_table("T-scores that a review would read", ("site", "side", "T-score", "on"), scores)
    show_table(
        "Not used by a review", ("reason", "what"), ((it["reason"], it["what"]) for it in told["rejected"])
    )
    show_table("Left out", ("segment", "why"), ((it["segment"], it["why"]) for it in told["left_out"]))
    for it in told["news"]:
        say(f"News of a patient: {it}")
