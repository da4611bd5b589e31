"""`watch`: files from a folder."""

import sys
from typing import Annotated

import typer

from workers.cli.command_settings import settings_of
from workers.host.logs import set_up_logs
from workers.intake.intake_process import watch_forever


def register(root: typer.Typer) -> None:
    root.command()(watch)


def watch(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Take what is there now, and leave.")] = False,
) -> None:
    """Take files from a folder until SIGTERM: FHIR Bundles, NDJSON, HL7 v2."""
    settings = settings_of(context)
    set_up_logs(settings.log_format, sys.stderr, settings.log_level)
    watch_forever(settings, lambda folder: typer.echo(f"READY {folder}"), once=once)
