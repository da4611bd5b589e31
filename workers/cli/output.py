"""How results are shown: one JSON object for programs, tables for people."""

import shutil
from collections.abc import Iterable, Sequence

import orjson
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from adapter.outside_text import shown, shown_json, shown_lines

WIDE = 10_000  # columns where nobody looks: a row of a table is one line then, whole, for whatever reads it


# as wide as the window, or as COLUMNS says
console = Console(highlight=False, width=shutil.get_terminal_size((WIDE, 25)).columns)
errors = Console(stderr=True, highlight=False)


def show_json(content: object) -> None:
    """One object (a mapping or a dataclass) on standard output, keys in their order."""
    typer.echo(shown_json(orjson.dumps(content, option=orjson.OPT_INDENT_2, default=str).decode()))


def show_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table, or nothing when it has no rows. Whatever a server or a person wrote is not markup."""
    held = [[escape(shown(cell)) for cell in row] for row in rows]
    if not held:
        return
    table = Table(title=title, title_justify="left", title_style="bold")
    for index, column in enumerate(columns):
        numbers = all(row[index].lstrip("-").isdigit() for row in held)
        table.add_column(column, justify="right" if numbers else "left", overflow="fold")
    for row in held:
        table.add_row(*row)
    console.print(table)


def many(count: int, noun: str) -> str:
    """`1 patient`, `2 patients`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def say(text: str) -> None:
    """Lines for people."""
    console.print(escape(shown_lines(text)), soft_wrap=True)


def say_text(text: str) -> None:
    """A text for people as it is, such as a letter: no markup, no wrapping."""
    typer.echo(shown_lines(text))


def tell(text: str) -> None:
    """A line for people, on the side where it does not disturb a program."""
    typer.echo(shown(text), err=True)
