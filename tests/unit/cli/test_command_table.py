"""What the command line loads, and that its list says what the commands say."""

import os
import subprocess
import sys

import pytest

from workers.cli.command_table import COMMANDS, load_command

HEAVY = ("celery", "importlib.metadata", "kombu", "sqlalchemy", "requests", "pydantic", "yaml", "jinja2", "typst", "fhir", "starlette", "adapter.clinical", "mappings", "rich", "pygments", "markdown_it", "attr")  # fmt: skip


def test_help_loads_nothing_that_only_a_command_needs() -> None:
    script = (
        "import sys; sys.argv = ['osteo-handover', '--help']\n"
        "from workers.cli import main\n"
        "try:\n    main()\n"
        f"finally:\n    print('LOADED', [it for it in {HEAVY!r} if it in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "LOADED []"
    assert all(f" {name} " in done.stdout for name in COMMANDS)


@pytest.mark.parametrize(
    ("commands", "unused"),
    [
        (
            ("run", "explain", "assess", "letter", "release", "hl7", "watch", "serve", "sandbox"),
            ("redis", "kombu", "celery"),
        ),
        (("assess", "pathway"), ("sqlalchemy", "workers.ledger")),
    ],
)
def test_what_works_without_a_broker_or_a_ledger_loads_no_client_of_one(
    commands: tuple[str, ...], unused: tuple[str, ...]
) -> None:
    script = (
        "import sys\nfrom workers.cli.command_table import load_command\n"
        f"for name in {commands!r}: load_command(name)\n"
        f"print('LOADED', [it for it in {unused!r} if it in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "LOADED []\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_the_command_says(name: str) -> None:
    command = load_command(name)
    assert command.name == name
    assert " ".join((command.help or "").split()).startswith(COMMANDS[name][1].rstrip("."))


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("osteo-handover rel", "release"),
        ("osteo-handover explain --fu", "--full"),
        ("osteo-handover pathway dif", "diff"),
    ],
)
def test_a_shell_completes_commands_and_options(typed: str, offered: str) -> None:
    asked = {
        "_OSTEO_HANDOVER_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(typed.count(" ")),
    }
    script = "import sys; sys.argv = ['osteo-handover']; from workers.cli import main; main()"

    done = subprocess.run([sys.executable, "-c", script], env={**os.environ, **asked}, capture_output=True, text=True, check=False)  # fmt: skip

    assert done.stdout.split() == [offered], done.stderr
