"""`worker`, `beat`, `serve` and `sandbox`: what runs until it is stopped."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from adapter.errors import ConfigurationFault, TryAgainLater
from adapter.input_files import InputFileFault, ndjson_of
from workers.cli.output import tell
from workers.logs import set_up_logs
from workers.protection import broker_of
from workers.sandbox import RequestRefused, Sandbox
from workers.settings import NOWHERE, Settings, settings_of_process


def register(root: typer.Typer) -> None:
    root.command()(worker)
    root.command()(beat)
    root.command()(serve)
    root.command()(sandbox)


def worker(
    concurrency: Annotated[int | None, typer.Option(min=1, max=64, help="Processes; else as set.")] = None,
    files_only: Annotated[
        bool,
        typer.Option("--files-only", help="Only parts of `assess --through-broker`: needs no FHIR server."),
    ] = False,
) -> None:
    """Do what the queue asks, until SIGTERM."""
    settings = _with_broker({"fhir_base_url": NOWHERE} if files_only else {})
    from workers.queue.celery_app import PARTS_QUEUE, run_worker, use  # noqa: PLC0415 - Celery takes half a second to load, and only two commands need it

    use(settings)
    run_worker(concurrency or settings.concurrency, *([PARTS_QUEUE] if files_only else []))


def beat() -> None:
    """Ask for a sweep now and whenever it is time, until SIGTERM. Run exactly one."""
    _with_broker()
    from workers.queue.celery_app import run_beat  # noqa: PLC0415 - as above

    run_beat()


def serve() -> None:
    """Answer over HTTP until SIGTERM: health, our public keys, POST /assess, hints and CDS Hooks."""
    from workers.server import serve_forever  # noqa: PLC0415 - loads a web server, and only this command needs it

    settings = settings_of_process()
    set_up_logs(settings.log_format, sys.stderr, settings.log_level)
    serve_forever(settings, lambda url: typer.echo(f"READY {url}"))


def sandbox(
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 8080,
    host: Annotated[str, typer.Option(help="Only loopback makes sense: it has no login.")] = "127.0.0.1",
    database: Annotated[str, typer.Option(help="An SQLite file, or :memory:.")] = ":memory:",
    load: Annotated[Path | None, typer.Option(help="A folder with NDJSON files to start from.")] = None,
) -> None:
    """Serve the sandbox FHIR server, for trying out. Never for real patients."""

    def ready(server: Sandbox) -> None:
        if load:
            _load(server, load)
        typer.echo(f"READY {server.base_url}")

    try:
        Sandbox.serve_forever(host, port, database, on_ready=ready)
    except OSError as error:
        raise ConfigurationFault(f"The sandbox cannot listen on {host}:{port} ({error.strerror}).") from error


def _load(server: Sandbox, folder: Path) -> None:
    """Every line of every file, or none; the one that cannot be stored is named."""
    at = str(folder)

    def records() -> Iterator[Any]:
        nonlocal at
        for file in sorted(folder.rglob("*.ndjson")):
            for number, record in ndjson_of(file):
                at = f"{file}:{number}"
                yield record

    try:
        server.load(records())
    except RequestRefused as refused:
        raise InputFileFault(f"{at}: {refused} Correct it, or take it out.") from None


def _with_broker(otherwise: Mapping[str, str] | None = None) -> Settings:
    from workers.broker.connection_check import answering_redis  # noqa: PLC0415 - loads Redis, and only two commands need it

    settings = settings_of_process(otherwise=otherwise)
    try:
        answering_redis(*broker_of(settings)).close()
    except TryAgainLater as fault:  # Celery waits for it
        tell(f"try again later: {fault} Until then nothing is done.")
    return settings
