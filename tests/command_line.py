"""The command line in this process: the words that somebody types, with settings that are handed in."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from typer.testing import CliRunner

from workers.cli import main
from workers.settings.setting_variables import settings_environment, variable_name


class Ended(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class CommandLine:
    """A shell with these settings, by their names, and none that the process of the tests has."""

    settings: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, *words: str, **more: str) -> Ended:
        """Type a command; ``more`` are settings for this one time."""
        given = {variable_name(name): value for name, value in {**self.settings, **more}.items()}
        return typed(words, dict.fromkeys(_set_here()) | given)

    def within(self, **more: str) -> "CommandLine":
        """The same shell with more settings."""
        return CommandLine({**self.settings, **more})


def typed(words: tuple[str, ...], environ: Mapping[str, str | None]) -> Ended:
    """Type a command where these variables are set, or taken away by None."""
    with CliRunner().isolation(env=environ) as (out, err, _):
        try:
            main(words)
        except SystemExit as ended:
            sys.stdout.flush()
            sys.stderr.flush()
            return Ended(int(ended.code or 0), out.getvalue().decode(), err.getvalue().decode())
    raise AssertionError("a command ended without an exit code")


@contextmanager
def variables(**given: str) -> Iterator[None]:
    """Variables of this process, for those few things that nobody can hand in: PATH, HOME, a proxy."""
    with CliRunner().isolation(env=given):
        yield


def _set_here() -> list[str]:
    return [name for name in settings_environment() if name.startswith(variable_name(""))]
