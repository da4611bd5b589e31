"""`replay FILE`: decide again from the inputs on file, years later if need be."""

from pathlib import Path
from typing import Annotated

import orjson
import typer

from adapter.errors import ConfigurationFault
from adapter.input.input_files import InputFileFault, bytes_of
from mappings.stored_decision import load
from workers.authoring.replay import Replay
from workers.authoring.replay import replay_decision as decide_again
from workers.cli.contract.exit_codes import Exit
from workers.cli.output import say, show_json
from workers.cli.root import AsJson
from workers.cli.terminal import show_table


def register(root: typer.Typer) -> None:
    root.command()(replay)


def replay(
    file: Annotated[Path, typer.Argument(help="A decision that `explain --save` wrote.")],
    pathway: Annotated[str | None, typer.Option(help="Decide with this pathway or file instead.")] = None,
    json: AsJson = False,
) -> None:
    """Say whether the same inputs give the same decision, byte for byte; else show what differs (exit 1)."""
    held = bytes_of(file)
    try:
        stored = load(held)
    except ConfigurationFault as fault:
        raise InputFileFault(f"{file}: {fault}") from None
    if pathway:
        stored = stored.under(pathway)
    found = decide_again(stored)
    if json:
        show_json(found)
    else:
        _show_replay(found)
    raise typer.Exit(Exit.FINE if found.identical else Exit.ATTENTION)


def _show_replay(found: Replay) -> None:
    if found.identical:
        say(f"Identical, by {found.now}.")
        return
    rows = (
        (difference.place, _short_value(difference.then), _short_value(difference.now))
        for difference in found.differences
    )
    show_table("What differs", ("place", "then", "now"), rows)
    say(f"Decided then by {found.then}, now by {found.now}.")
    say(
        "The program decides differently."
        if found.same_rules
        else "The rules or their numbers are others than then."
    )


def _short_value(value: object) -> str:
    return "-" if value is None else orjson.dumps(value).decode()
