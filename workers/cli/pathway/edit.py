"""`pathway check` and `pathway new`: an institution's own file."""

import re
from pathlib import Path
from typing import Annotated

import typer

from adapter.errors import ConfigurationFault
from mappings.pathways import load
from mappings.pathways.inspection import Findings, inspect
from mappings.pathways.new_pathway import skeleton
from workers.cli.contract.exit_codes import Exit
from workers.cli.contract.pathway_output import CheckedFiles
from workers.cli.output import count_text, say, show_json
from workers.cli.root import AsJson
from workers.host.private_files import write_private


def register(group: typer.Typer) -> None:
    group.command()(check)
    group.command()(new)


def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Pathway files.")],
    json: AsJson = False,
) -> None:
    """Look files over: every fault with its line and what is allowed; warns of codes without words."""
    found = {str(file): inspect(file) for file in files}
    if json:
        show_json(_checked_files(found))
    else:
        for name, checked in found.items():
            for line in checked.faults:
                say(line)
            for line in checked.warnings:
                say(f"{line} (warning)")
            if not checked.faults:
                say(f"{name}: can be used, {count_text(len(checked.warnings), 'warning')}")
    raise typer.Exit(Exit.ATTENTION if any(checked.faults for checked in found.values()) else Exit.FINE)


def _checked_files(found: dict[str, Findings]) -> CheckedFiles:
    return {
        name: {"faults": [*checked.faults], "warnings": [*checked.warnings]}
        for name, checked in found.items()
    }


def new(
    name: Annotated[str, typer.Argument(help="Its id: small letters, digits and _.")],
    extends: Annotated[str, typer.Option(help="The pathway that it starts from.")],
    title: Annotated[str, typer.Option(help="What people call it.")],
    out: Annotated[Path | None, typer.Option(help="A file to write; else it is printed.")] = None,
) -> None:
    """Write a pathway file with everything that can be set as comments; it is valid as it stands."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name):
        raise ConfigurationFault("An id has small letters, digits and _, and starts with a letter.")
    if not title.isprintable() or not title.strip():
        raise ConfigurationFault("--title wants one line of plain text.")
    text = skeleton(name, title, load(extends))
    if out is None:
        typer.echo(text, nl=False)
    else:
        write_private(out, text.encode(), anew=True)
        say(f"{out}: extends {extends}; change it, then: osteo-handover pathway check {out}")
