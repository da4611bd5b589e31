"""The root command, what holds for every command, and how a fault ends."""

import logging
import sys
from collections.abc import Callable, Sequence
from enum import IntEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from adapter.errors import ConfigurationFault, OsteoHandoverError, TryAgainLater
from adapter.software_version import software_version
from workers.cli.command_table import CommandTable
from workers.cli.output import tell
from workers.logs import set_up_logs


class Exit(IntEnum):
    """What a command ends with; see the table of the package."""

    FINE = 0
    ATTENTION = 1
    CORRECT_FIRST = 2
    LATER = 3


AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]

root = typer.Typer(
    name="osteo-handover",
    cls=CommandTable,
    help="From a bone density scan on a FHIR server to a proposed care plan and a letter for the GP.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(software_version())
        raise typer.Exit


@root.callback()
def options(
    config: Annotated[
        Path | None, typer.Option(help="A TOML file with settings; variables win over it.")
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Log what is done, without patient data.")
    ] = False,
    version: Annotated[  # noqa: ARG001 - its callback does it all
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Print the version and leave."
        ),
    ] = False,
) -> None:
    """Settings are variables OSTEO_HANDOVER_*; `settings show` lists them."""
    set_up_logs("plain", sys.stderr, logging.INFO if verbose else logging.ERROR)
    if config:
        from workers.settings import point_to  # noqa: PLC0415 - loads pydantic, and help does not need it

        point_to(config)


def call(command: Callable[[], object]) -> NoReturn:
    """Run a command to its exit code. A fault of ours is one line; anything else is a bug and shows its trace."""
    try:
        _require_text(sys.argv)
        command()
    except OsteoHandoverError as fault:
        for line in _lines(fault):
            tell(line)
        sys.exit(exit_for(fault))
    sys.exit(Exit.FINE)


def _require_text(words: Sequence[str]) -> None:
    """Python lets bytes that are no UTF-8 through as halves of characters, which nothing behind here can write."""
    if any("\ud800" <= sign <= "\udfff" for word in words for sign in word):
        raise ConfigurationFault(
            "A word of this command is not text in UTF-8; give another, or rename the file."
        )


def _lines(fault: OsteoHandoverError) -> list[str]:
    """One line; of settings that cannot be used one for each."""
    from workers.settings import SettingsFault  # noqa: PLC0415 - loaded by then, or not what happened

    if isinstance(fault, SettingsFault):
        return [f"settings: {one}" for one in fault.faults]
    return [f"{_who(fault)}: {fault}"]


def exit_for(fault: OsteoHandoverError) -> Exit:
    """By who must act."""
    match fault:
        case TryAgainLater():
            return Exit.LATER
        case ConfigurationFault():
            return Exit.CORRECT_FIRST
        case _:
            return Exit.ATTENTION


def _who(fault: OsteoHandoverError) -> str:
    return {Exit.LATER: "try again later", Exit.CORRECT_FIRST: "correct first"}.get(exit_for(fault), "failed")
