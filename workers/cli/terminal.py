"""The two sides of a terminal and the tables that are drawn on it, of which help needs nothing."""

import shutil
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from adapter.input.outside_text import shown

WIDE = 10_000  # columns where nobody looks: a row of a table is one line then, whole, for whatever reads it


# as wide as the window, or as COLUMNS says
console = Console(highlight=False, width=shutil.get_terminal_size((WIDE, 25)).columns)
errors = Console(stderr=True, highlight=False)


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
