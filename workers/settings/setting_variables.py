"""The variables that hold our settings: their names, and this process's environment with or without them."""

import os
from collections.abc import Mapping

PREFIX = "OSTEO_HANDOVER_"


def variable_name(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper()


def settings_environment() -> Mapping[str, str]:
    """The environment of this process, as it is."""
    return os.environ


def environment_without_settings() -> dict[str, str]:
    """The environment of this process without our settings, for processes with other settings."""
    return {name: value for name, value in settings_environment().items() if not name.startswith(PREFIX)}
