"""`settings show`: every setting with its variable, its value and what is allowed; never a secret."""

import re
from typing import Any

import typer

from workers.cli.output import show_json, show_table
from workers.cli.root import AsJson
from workers.ledger.database import place_of
from workers.settings import NAMES, SECRETS, Settings, settings_of_process, variable

LOGIN = re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^/\s?#]*@", re.IGNORECASE)  # a password may itself hold an @
QUERY = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s?#,]*[?#])[^\s,]+", re.IGNORECASE)
group = typer.Typer(help="What can be set.", no_args_is_help=True)


def register(root: typer.Typer) -> None:
    root.add_typer(group, name="settings")


@group.callback()
def settings() -> None:
    """What can be set, and how it is set now."""


@group.command()
def show(json: AsJson = False) -> None:
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
        value = [f"{key}={item}" for key, item in value.items()]
    return without_logins(
        ", ".join(map(str, value)) or "-" if isinstance(value, list | tuple) else str(value)
    )


def without_logins(text: str) -> str:
    """The text with every login in an address hidden, and with whatever a query brings along."""
    return QUERY.sub(r"\1(hidden)", LOGIN.sub(r"\1(hidden)@", text))


def _allowed(name: str) -> str:
    return Settings.model_fields[name].description or ""
