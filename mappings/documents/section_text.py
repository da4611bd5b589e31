"""A block of the letter as the narrative of a section: XHTML with every text escaped, and nothing fetched."""

from base64 import b64encode
from collections.abc import Iterable
from html import escape
from typing import assert_never

from adapter.input.wire_json import Json
from adapter.letter import Block, BlockStyle, Line
from adapter.letter.pages.score_chart import described


def narrative(language: str, *parts: str) -> Json:
    """``text`` of a section, made of pieces of XHTML that the functions below gave."""
    lang = escape(language)
    opening = f'<div xmlns="http://www.w3.org/1999/xhtml" lang="{lang}" xml:lang="{lang}">'
    return {"status": "generated", "div": f"{opening}{''.join(parts)}</div>"}


def of_block(block: Block) -> str:
    """The lines as they stand under each other in the letter."""
    match block.style:
        case BlockStyle.PLAIN:
            return "".join(map(paragraph, (line.text for line in block.lines)))
        case BlockStyle.LIST:
            return items(line.text for line in block.lines)
        case BlockStyle.RUN:
            return paragraph(block.running)
        case BlockStyle.TABLE:
            return _table(block.columns, block.lines)
        case BlockStyle.PAIRS:
            return _table((), block.lines)
        case unreachable:
            assert_never(unreachable)


def paragraph(text: str) -> str:
    """One paragraph."""
    return f"<p>{escape(text)}</p>"


def items(texts: Iterable[str]) -> str:
    """A list."""
    return f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</ul>"


def drawing(chart: str) -> str:
    """The chart as an image in the text: as an image nothing in it can run, and it needs no second file."""
    data = b64encode(chart.encode()).decode()
    return f'<p><img src="data:image/svg+xml;base64,{data}" alt="{escape(described(chart))}"/></p>'


def _table(columns: Iterable[str], lines: Iterable[Line]) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in line.cells)}</tr>" for line in lines)
    return f"<table>{f'<thead><tr>{head}</tr></thead>' if head else ''}<tbody>{rows}</tbody></table>"
