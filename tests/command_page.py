"""docs/cli.md and docs/schemas, made from the commands: `python -m tests.command_page` makes them anew."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema

from tests.structure import ROOT
from workers.cli.command_table import COMMANDS, load_command
from workers.cli.contract.json_schemas import OUTPUTS, file_of, schema_of

PAGE, SCHEMAS = ROOT / "docs" / "cli.md", ROOT / "docs" / "schemas"
START = "<!-- made by python -m tests.command_page; do not edit below -->"


def commands() -> Iterator[tuple[str, Any]]:
    """Everything that can be typed, with what does it: `run`, `pathway show`."""
    for name in COMMANDS:
        command = load_command(name)
        below = getattr(command, "commands", {})
        if not below or getattr(command, "invoke_without_command", False):
            yield name, command
        yield from ((f"{name} {it}", below[it]) for it in below)


def with_json() -> list[str]:
    """The commands that print JSON on demand."""
    return [name for name, it in commands() if any("--json" in param.opts for param in it.params)]


def page() -> str:
    """The whole page: what people wrote, then the table."""
    written = PAGE.read_text("utf-8").partition(START)[0].rstrip()
    rows = ["| command | what it is for | with `--json` |", "| --- | --- | --- |", *map(_row, commands())]
    return "\n".join([written, "", START, "", "## The commands", "", *rows, ""])


def _row(held: tuple[str, Any]) -> str:
    name, command = held
    said = " ".join((command.help or "").split("\n\n", maxsplit=1)[0].split())
    schema = f"[{file_of(name)}](schemas/{file_of(name)})" if name in OUTPUTS else ""
    words = " ".join(_word(it) for it in command.params if it.param_type_name == "argument")
    return f"| `{f'{name} {words}'.rstrip()}` | {said} | {schema} |"


def _word(argument: Any) -> str:
    given = (
        str(argument.metavar or argument.name.upper()).replace("[", "").replace("]", "").removesuffix("...")
    )
    many = "..." if argument.nargs == -1 else ""
    return (given if argument.required else f"[{given}]").replace("|", "\\|") + many


def schemas() -> dict[str, str]:
    """Every schema by the name of its file."""
    return {file_of(name): json.dumps(schema_of(name), indent=1) + "\n" for name in OUTPUTS}


def require_form(command: str, told: object) -> None:
    """Raises ValidationError where this is not what the schema says, or has a key that it does not name."""
    jsonschema.Draft202012Validator(_closed(schema_of(command))).validate(told)


def _closed(schema: object) -> object:
    if isinstance(schema, list):
        return [_closed(it) for it in schema]
    if not isinstance(schema, dict):
        return schema
    held = {name: _closed(it) for name, it in schema.items()}
    return {"additionalProperties": False, **held} if isinstance(held.get("properties"), dict) else held


def write() -> None:
    """Write all of it again, and take away what is no longer made."""
    PAGE.write_text(page(), "utf-8")
    SCHEMAS.mkdir(exist_ok=True)
    for stale in {it.name for it in SCHEMAS.iterdir()} - schemas().keys():
        (SCHEMAS / stale).unlink()
    for name, text in schemas().items():
        (SCHEMAS / name).write_text(text, "utf-8")


if __name__ == "__main__":
    write()
