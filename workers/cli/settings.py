"""`settings show`: every setting with its variable, value, meaning and what is allowed; never a secret."""

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import get_args, get_type_hints

import typer
from pydantic import BaseModel, SecretStr

from workers.cli.command_settings import settings_of
from workers.cli.output import say, show_json
from workers.cli.root import AsJson
from workers.cli.terminal import show_table
from workers.ledger.database import ledger_address
from workers.settings.all_settings import NAMES, SECRETS, Settings
from workers.settings.setting_kinds import Section
from workers.settings.setting_variables import variable_name

LOGIN = re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^/\s?#]*@", re.IGNORECASE)  # a password may itself hold an @
QUERY = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s?#,]*[?#])[^\s,]+", re.IGNORECASE)
NEEDED = "fhir_base_url"  # the one setting without a default
NOWHERE = "https://unset.invalid"  # stands for it where it is not set: no server has this name
group = typer.Typer(help="What can be set.", no_args_is_help=True)


@dataclass(frozen=True, slots=True)
class SettingOutput:
    """A setting, or a key of a section, as it is now."""

    value: str
    allowed: str
    meaning: str = ""  # of a setting; a key of a section says it with what is allowed
    keys: dict[str, "SettingOutput"] = field(default_factory=dict)  # of a section


SettingsOutput = dict[str, SettingOutput]


def register(root: typer.Typer) -> None:
    root.add_typer(group, name="settings")


@group.callback()
def settings() -> None:
    """What can be set, and how it is set now."""


@group.command()
def show(context: typer.Context, json: AsJson = False) -> None:
    """List every setting and its keys: variable, value, meaning, what is allowed. Needs no server."""
    held = settings_of(context, otherwise={NEEDED: NOWHERE})
    found = {variable_name(name): _setting_output(name, getattr(held, name)) for name in NAMES}
    if json:
        show_json(found)
        return
    rows = ((name, "" if row.keys else row.value, row.meaning, row.allowed) for name, row in found.items())
    show_table("Settings", ("variable", "value", "meaning", "allowed"), rows)
    for name, setting in found.items():
        keys = ((key, held.value, held.allowed) for key, held in setting.keys.items())
        show_table(f"Keys of {name}, or of its table in the file", ("key", "value", "allowed"), keys)
    say(f"In a file the names are small and without {variable_name('')}; name it with --config FILE.")


@cache
def meanings() -> dict[str, str]:
    """What each setting is for, by name; the file is part of the program."""
    return tomllib.loads(files("workers.settings").joinpath("setting_meanings.toml").read_text("utf-8"))


def _setting_output(name: str, value: object) -> SettingOutput:
    described = Settings.model_fields[name].description or ""
    allowed = f"{described}; needed for whatever asks the server" if name == NEEDED else described
    return SettingOutput(_public_value(name, value), allowed, meanings()[name], _key_outputs(name, value))


def _key_outputs(name: str, held: object) -> dict[str, SettingOutput]:
    section = section_of(name)
    fields = section.model_fields if section else {}
    return {
        key: SettingOutput(_value_text(getattr(held, key, None)), field.description or "")
        for key, field in fields.items()
    }


def section_of(name: str) -> type[BaseModel] | None:
    """The class of a setting that has keys of its own."""
    hint = get_type_hints(Settings)[name]
    kinds = (hint, *get_args(hint))
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Section)), None)


def _public_value(name: str, value: object) -> str:
    if name == NEEDED and value == NOWHERE:
        return "-"
    if name == "ledger_url" and isinstance(value, SecretStr):
        return ledger_address(value.get_secret_value())
    return "(set)" if name in SECRETS and value is not None else _value_text(value)


def _value_text(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, dict):
        value = [f"{key}={item}" for key, item in value.items()]
    return drop_logins(", ".join(map(str, value)) or "-" if isinstance(value, list | tuple) else str(value))


def drop_logins(text: str) -> str:
    """The text with every login in an address hidden, and with whatever a query brings along."""
    return QUERY.sub(r"\1(hidden)", LOGIN.sub(r"\1(hidden)@", text))
