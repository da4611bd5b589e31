"""One pathway file as plain data, and what can be wrong in it:
each fault with the place it was found in, so that whoever edits the file can be shown the line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adapter.clinical.pathway.parameters import Place
from adapter.clinical.pathway.rules import Citation


@dataclass(frozen=True, slots=True)
class PathwayFault:
    """What is wrong in a document, where, and what is allowed."""

    document: str
    place: Place
    message: str


class PathwayFaults(ValueError):
    """Every fault of a pathway at once."""

    def __init__(self, faults: Sequence[PathwayFault]) -> None:
        super().__init__(
            "; ".join(f"{f.document}: {'/'.join(map(str, f.place))}: {f.message}" for f in faults)
        )
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Source:
    """A document that rules cite."""

    id: str
    title: str
    published: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class PathwayDocument:
    """One pathway file after its shape was checked; values are still plain data."""

    id: str
    version: str
    title: str
    sources: tuple[Source, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    parameter_sources: Mapping[str, tuple[Citation, ...]] = field(default_factory=dict)
    define: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Mapping[str, Any], ...] = ()
    off: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
