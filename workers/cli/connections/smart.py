"""`smart jwks` and `smart new-key`: the keys by which an authorisation server knows us."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from adapter.errors import ConfigurationFault
from adapter.fhir.smart import key_set, load_keys, with_new_key
from workers.cli.output import say, show_json
from workers.host.private_files import write_private

group = typer.Typer(help="Keys for SMART Backend Services.", no_args_is_help=True)
KeyFile = Annotated[Path, typer.Argument(help="The file with our private keys.")]


class Algorithm(StrEnum):
    """How a key signs."""

    ES384 = "ES384"
    RS384 = "RS384"


def register(root: typer.Typer) -> None:
    root.add_typer(group, name="smart")


@group.callback()
def smart() -> None:
    """Keys for SMART Backend Services."""


@group.command()
def jwks(file: KeyFile) -> None:
    """Print the public halves, to be registered or put where the authorisation server fetches them."""
    show_json(key_set(load_keys(file)))


@group.command(name="new-key")
def new_key(file: KeyFile, algorithm: Algorithm = Algorithm.ES384) -> None:
    """Make a private key; in a file that has one, the new one comes first and the one before is kept."""
    try:
        held = file.read_text("utf-8") if file.exists() else None
        if held is not None:
            load_keys(file)
        draft = file.with_name(f"{file.name}.new")
        write_private(draft, with_new_key(held, algorithm).encode())
        draft.replace(file)  # in one step: whoever reads has the old file or the new one
    except (OSError, ValueError, KeyError) as error:
        raise ConfigurationFault(
            f"No key was made: {file} must be a new file, or a JWKS that this command made ({type(error).__name__})."
        ) from None
    say(f"{file}: key {load_keys(file)[0].kid} made; register what `osteo-handover smart jwks {file}` prints")
