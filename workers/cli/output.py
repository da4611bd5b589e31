"""How results are said: one JSON object for programs, lines for people.

What draws tables is in `terminal`.
"""

import orjson
import typer

from adapter.input.outside_text import shown, shown_json, shown_lines


def show_json(content: object) -> None:
    """One object (a mapping or a dataclass) on standard output, keys in their order."""
    typer.echo(
        shown_json(
            orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS, default=str).decode()
        )
    )


def count_text(count: int, noun: str, plural: str | None = None) -> str:
    """`1 patient`, `2 patients`; the plural is given where it is not the noun with an s."""
    return f"{count} {noun if count == 1 else plural or f'{noun}s'}"


def say(text: str) -> None:
    """Lines for people, or a text as it is, such as a letter: no markup, no wrapping."""
    typer.echo(shown_lines(text))


def tell(text: str) -> None:
    """A line for people, on the side where it does not disturb a program."""
    typer.echo(shown(text), err=True)
