"""The letter as plain text, about eighty columns wide, for systems that take nothing else."""

from typing import assert_never

from adapter.letter.parts import Block, BlockStyle, Letter, Part

WIDTH = 80  # characters: what screens of GP systems and HL7 v2 viewers show without breaking lines anew


def render_text(letter: Letter) -> str:
    """The whole letter as text that ends in a newline; no line is longer than the page is wide."""
    rows = [*_wrapped(letter.title.upper()), *_wrapped(letter.status.text)]
    for part in letter.parts:
        rows += _part(part)
    return "\n".join([*rows, "", *_wrapped(letter.footer)]) + "\n"


def _part(part: Part) -> list[str]:
    rows = ["", part.title.upper(), "=" * len(part.title)] if part.title else []
    for block in part.blocks:
        rows.append("")
        if block.title:
            rows += [*_wrapped(block.title), "-" * min(len(block.title), WIDTH)]
        rows += _block(block)
    return rows


def _block(block: Block) -> list[str]:
    match block.style:
        case BlockStyle.RUN:
            return _wrapped(block.running)
        case BlockStyle.PLAIN | BlockStyle.PAIRS:
            return _lines(block, bullet="")
        case BlockStyle.LIST | BlockStyle.TABLE:
            return _lines(block, bullet="- ")
        case unreachable:
            assert_never(unreachable)


def _lines(block: Block, bullet: str) -> list[str]:
    return [row for line in block.lines for row in _wrapped(line.text, bullet)]


def _wrapped(text: str, bullet: str = "") -> list[str]:
    """Rows no wider than the page, broken at blanks, or anywhere in a word that alone is wider than a row.

    By hand, because ``textwrap`` took more time than the whole letter.
    """
    rows, rest, lead = [], text, bullet
    while len(lead) + len(rest) > WIDTH:
        room = WIDTH - len(lead)
        blank = rest.rfind(" ", 1, room + 1)
        end = blank if blank > 0 else room
        rows.append(lead + rest[:end])
        rest, lead = rest[end:].lstrip(), " " * len(bullet)
    rows.append(lead + rest)
    return rows
