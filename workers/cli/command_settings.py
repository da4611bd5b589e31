"""The settings of a command: the environment, and over it what precedes the command, as `--config FILE`."""

from collections.abc import Mapping

import typer

from adapter.input.wire_json import ReadOnlyJson
from workers.settings.all_settings import Settings
from workers.settings.settings_loader import settings_of_process


def settings_of(
    context: typer.Context,
    instead: Mapping[str, str | None] | None = None,
    otherwise: ReadOnlyJson | None = None,
) -> Settings:
    """The settings of this command; raises SettingsFault.

    ``instead`` wins over them, and ``otherwise`` fills what nobody sets.
    """
    return settings_of_process({**(context.obj or {}), **(instead or {})}, otherwise)
