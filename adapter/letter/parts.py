"""What a letter is made of: parts hold blocks, blocks hold lines, and every line knows its meaning."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class BlockStyle(StrEnum):
    """How the lines of a block stand under each other."""

    PLAIN = "plain"  # a paragraph per line
    LIST = "list"  # bullets
    RUN = "run"  # one paragraph, separated by semicolons
    TABLE = "table"  # cells under column headings
    PAIRS = "pairs"  # label and value


class Line(NamedTuple):
    """One statement with the key of its meaning; ``cells`` are the same statement for a table."""

    key: str
    text: str
    cells: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """By meaning only: the text is about a patient."""
        return f"Line({self.key!r})"


class Block(NamedTuple):
    """Lines under one heading."""

    key: str
    title: str
    lines: tuple[Line, ...]
    style: BlockStyle = BlockStyle.LIST
    columns: tuple[str, ...] = ()

    @property
    def running(self) -> str:
        """The lines as one sentence."""
        text = "; ".join(line.text for line in self.lines)
        return f"{text if text[1:2].isupper() else text[:1].upper() + text[1:]}."  # eGFR stays eGFR


@dataclass(frozen=True, slots=True)
class Part:
    """A third of the letter as general practitioners know it: envelope, core, file summary."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """A finished letter, ready for any renderer; ``kind`` is ``gp`` or ``patient``."""

    kind: str
    language: str
    title: str
    status: Line
    parts: tuple[Part, ...]
    on: str  # date of the letter, ISO
    author: str  # who made it: the software, until a clinician releases it
    footer: str  # printed on every page
    page: str  # the word for page
    figure: str  # heading over the chart

    def lines(self) -> Iterator[Line]:
        """Everything the letter says, in reading order, headings of blocks included."""
        yield self.status
        for part in self.parts:
            for block in part.blocks:
                yield Line(f"block.{block.key}", block.title)
                yield from block.lines
