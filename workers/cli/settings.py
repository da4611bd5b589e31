"""`settings show`: every setting with its variable, its value and what is allowed; never a secret."""

from typing import Any

import typer

from workers.cli.output import show_json, show_table
from workers.cli.root import Json
from workers.ledger.database import place_of
from workers.settings import NAMES, SECRETS, Settings, settings_of_process, variable

group = typer.Typer(help="What can be set.", no_args_is_help=True)


def register(root: typer.Typer) -> None:
    root.add_typer(group, name="settings")


@group.callback()
def settings() -> None:
    """What can be set, and how it is set now."""


@group.command()
def show(json: Json = False) -> None:
    """List every setting: its variable, its value, what is allowed."""
    held = settings_of_process()
    rows = [(variable(name), _shown(name, getattr(held, name)), _allowed(name)) for name in NAMES]
    if json:
        show_json({name: {"value": value, "allowed": allowed} for name, value, allowed in rows})
    else:
        show_table("Settings", ("variable", "value", "allowed"), rows)


def _shown(name: str, value: Any) -> str:
    if value is None:
        return "-"
    if name == "ledger_url":
        return place_of(value.get_secret_value())
    if name in SECRETS:
        return "(set)"
    if isinstance(value, dict):
        return ", ".join(f"{key}={item}" for key, item in value.items()) or "-"
    return (", ".join(map(str, value)) or "-") if isinstance(value, tuple) else str(value)


def _allowed(name: str) -> str:
    return Settings.model_fields[name].description or ""
