"""The letter as plain text, about eighty columns wide, for systems that take nothing else."""

from collections.abc import Iterator

from adapter.letter.parts import Block, BlockStyle, Letter, Line, Part

WIDTH = 80  # characters: what screens of GP systems and HL7 v2 viewers show without breaking lines anew


def render_text(letter: Letter) -> str:
    """The whole letter as text that ends in a newline; no line is longer than the page is wide."""
    body = [*_wrapped(letter.title.upper()), *_wrapped(letter.status.text)]
    for part in letter.parts:
        body += _part(part)
    return "\n".join([*body, "", *_wrapped(letter.footer)]) + "\n"


def _part(part: Part) -> Iterator[str]:
    if part.title:
        yield from ("", part.title.upper(), "=" * len(part.title))
    for block in part.blocks:
        yield ""
        if block.title:
            yield from (*_wrapped(block.title), "-" * min(len(block.title), WIDTH))
        yield from _block(block)


def _block(block: Block) -> Iterator[str]:
    if block.style is BlockStyle.RUN:
        yield from _wrapped(block.running)
        return
    for line in block.lines:
        yield from _line(line, block.style)


def _line(line: Line, style: BlockStyle) -> Iterator[str]:
    bullet = "" if style in (BlockStyle.PLAIN, BlockStyle.PAIRS) else "- "
    yield from _wrapped(line.text, bullet)


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
    return [*rows, lead + rest]
