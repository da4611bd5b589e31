"""`sandbox`: the sandbox FHIR server, until it is stopped."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from adapter.errors import ConfigurationFault
from adapter.input.input_files import InputFileFault, ndjson_of
from adapter.input.wire_json import JsonValue
from workers.sandbox import FaultEffect, RequestRefused, Sandbox


def register(root: typer.Typer) -> None:
    root.command()(sandbox)


def sandbox(
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 8080,
    host: Annotated[str, typer.Option(help="Only loopback makes sense: it has no login.")] = "127.0.0.1",
    database: Annotated[str, typer.Option(help="An SQLite file, or :memory:.")] = ":memory:",
    load: Annotated[Path | None, typer.Option(help="A folder with NDJSON files to start from.")] = None,
    delay: Annotated[
        int, typer.Option(min=0, help="Milliseconds that each answer waits, as from a server far away.")
    ] = 0,
) -> None:
    """Serve the sandbox FHIR server, for trying out. Never for real patients."""

    def ready(server: Sandbox) -> None:
        prepare_sandbox(server, load, delay)
        typer.echo(f"READY {server.base_url}")

    try:
        Sandbox.serve_forever(host, port, database, on_ready=ready)
    except OSError as error:
        raise ConfigurationFault(f"The sandbox cannot listen on {host}:{port} ({error.strerror}).") from error


def prepare_sandbox(server: Sandbox, load: Path | None, delay: int) -> None:
    """What the options ask of a server that has just started; raises InputFileFault."""
    if load:
        _load_folder(server, load)
    if delay:
        server.faults.add_rule(FaultEffect.DELAY, delay)


def _load_folder(server: Sandbox, folder: Path) -> None:
    """Every line of every file, or none; the one that cannot be stored is named."""
    at = str(folder)

    def records() -> Iterator[JsonValue]:
        nonlocal at
        for file in sorted(folder.rglob("*.ndjson")):
            for number, record in ndjson_of(file):
                at = f"{file}:{number}"
                yield record

    try:
        server.load(records())
    except RequestRefused as refused:
        raise InputFileFault(f"{at}: {refused} Correct it, or take it out.") from None
