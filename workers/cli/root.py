"""The root command, what holds for every command, and how a fault ends."""

import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from adapter.errors import ConfigurationFault, OsteoHandoverError
from workers.cli.command_table import CommandTable
from workers.cli.contract.exit_codes import Exit
from workers.cli.contract.fault_report import FaultCode, FaultOutput, exit_for, report_of, usage_report
from workers.cli.output import show_json, tell
from workers.host.logs import set_up_logs


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]

root = typer.Typer(
    name="osteo-handover",
    cls=CommandTable,
    help="From a bone density scan on a FHIR server to a proposed care plan and a letter for the GP.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # frames around help would take a third of the time until it is there
)


def _print_version(asked: bool) -> None:
    if asked:
        from adapter.software_version import software_version  # noqa: PLC0415 - loads what reads mail, and help does not need it

        typer.echo(software_version())
        raise typer.Exit


@root.callback()
def options(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option(help="A TOML file with settings; variables win over it.")
    ] = None,
    verbose: Annotated[
        bool,
        typer.Option("--verbose", "-v", help="Log what is done, without patient data: --log-level info."),
    ] = False,
    log_level: Annotated[
        LogLevel | None,
        typer.Option(
            help="From here on it is logged; else errors only, and of worker, beat and serve as set."
        ),
    ] = None,
    version: Annotated[  # noqa: ARG001 - its callback does it all
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Print the version and leave."
        ),
    ] = False,
) -> None:
    """Settings are variables OSTEO_HANDOVER_*; `settings show` lists them."""
    asked = log_level or (LogLevel.INFO if verbose else None)
    set_up_logs("plain", sys.stderr, asked or LogLevel.ERROR)
    context.obj = {"config": config and str(config), "log_level": asked}  # for `settings_of` of the command


def call(command: Callable[..., object], words: Sequence[str]) -> NoReturn:
    """Run a command on these words to its exit code; our faults are one line, a bug shows its trace.

    Under --json a fault is one JSON object, where the result would have been.
    """
    as_json = "--json" in words
    try:
        _require_text(words)
        ended = command(words, standalone_mode=False) if as_json else command(words)
    except OsteoHandoverError as fault:
        if as_json:
            show_json(FaultOutput(report_of(fault)))
        for line in _fault_lines(fault):
            tell(line)
        sys.exit(exit_for(fault))
    except typer.Abort:
        sys.exit(Exit.ATTENTION)
    except Exception as bug:  # told to the program that waits for JSON, and to people with its trace
        if not as_json:
            raise
        sys.exit(_report_usage(bug))
    sys.exit(ended if isinstance(ended, int) else Exit.FINE)


def _report_usage(error: Exception) -> int:
    """A command with a word too many, a wrong option and their like; raises what is none of these."""
    # Of click's exceptions, which typer keeps under a name of its own.
    told = getattr(error, "format_message", None)
    if told is None:
        show_json(FaultOutput(report_of(error)))
        raise error
    code = int(getattr(error, "exit_code", Exit.CORRECT_FIRST))
    show_json(FaultOutput(usage_report(told(), code)))
    return code


def _require_text(words: Sequence[str]) -> None:
    """Refuse bytes that are not UTF-8: Python makes them lone surrogates, which nothing here can write."""
    if any("\ud800" <= sign <= "\udfff" for word in words for sign in word):
        raise ConfigurationFault(
            "A word of this command is not text in UTF-8; give another, or rename the file."
        )


def _fault_lines(fault: OsteoHandoverError) -> list[str]:
    """One line, or one for each setting that cannot be used."""
    found = report_of(fault)
    if found.code is FaultCode.SETTINGS:
        return [f"settings: {detail}" for detail in found.details]
    return [f"{WHO.get(found.exit_code, 'failed')}: {fault}"]


WHO: dict[int, str] = {Exit.LATER: "try again later", Exit.CORRECT_FIRST: "correct first"}
