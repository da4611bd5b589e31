"""The folder where this platform keeps what a program must remember between two runs."""

from pathlib import Path

from platformdirs import user_state_path


def state_folder() -> Path:
    """The folder of this user; it may not be there yet."""
    return user_state_path("osteo-handover", appauthor=False)
