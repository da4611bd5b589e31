"""`serve`: what is answered over HTTP, until it is stopped."""

import sys

import typer

from workers.cli.command_settings import settings_of
from workers.host.logs import set_up_logs
from workers.server import serve_forever


def register(root: typer.Typer) -> None:
    root.command()(serve)


def serve(context: typer.Context) -> None:
    """Answer over HTTP until SIGTERM: health, our public keys, POST /assess, hints and CDS Hooks."""
    settings = settings_of(context)
    set_up_logs(settings.log_format, sys.stderr, settings.log_level)
    serve_forever(settings, lambda url: typer.echo(f"READY {url}"))
