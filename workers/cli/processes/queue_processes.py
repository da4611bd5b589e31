"""`worker` and `beat`: what the queue asks for, until it is stopped."""

from collections.abc import Mapping
from typing import Annotated

import typer

from workers.broker.broker_fault import BrokerAway
from workers.broker.connection_check import connect_redis
from workers.cli.command_settings import settings_of
from workers.cli.contract.exit_codes import Exit
from workers.cli.output import tell
from workers.queue.celery_app import PARTS_QUEUE, run_beat, run_worker, use
from workers.settings.all_settings import Settings
from workers.settings.protection import broker_of
from workers.settings.settings_loader import NOWHERE


def register(root: typer.Typer) -> None:
    root.command()(worker)
    root.command()(beat)


def worker(
    context: typer.Context,
    concurrency: Annotated[int | None, typer.Option(min=1, max=64, help="Processes; else as set.")] = None,
    files_only: Annotated[
        bool,
        typer.Option("--files-only", help="Only parts of `assess --through-broker`: needs no FHIR server."),
    ] = False,
) -> None:
    """Do what the queue asks, until SIGTERM."""
    settings = _settings_with_broker(context, {"fhir_base_url": NOWHERE} if files_only else {})
    use(settings)
    if not run_worker(concurrency or settings.concurrency, *([PARTS_QUEUE] if files_only else [])):
        raise typer.Exit(Exit.ATTENTION)


def beat(context: typer.Context) -> None:
    """Ask for a sweep now and whenever it is time, until SIGTERM. Run exactly one."""
    use(_settings_with_broker(context))
    run_beat()


def _settings_with_broker(context: typer.Context, otherwise: Mapping[str, str] | None = None) -> Settings:
    settings = settings_of(context, otherwise=otherwise)
    try:
        connect_redis(*broker_of(settings)).close()
    except BrokerAway as fault:  # Celery waits for it
        tell(f"try again later: {fault} Until then nothing is done.")
    return settings
