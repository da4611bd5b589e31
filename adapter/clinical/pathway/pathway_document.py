"""One pathway file as plain data, and what can be wrong in it.

Each fault has the place where it was found, so that the author can be shown the line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NotRequired, TypedDict

from adapter.clinical.pathway.rules import Citation
from adapter.clinical.quantities import Unit
from adapter.clinical.value_kinds import Parameters, Place


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


class WrittenCitation(TypedDict):
    """A source and where in it, as a rule names it."""

    source: str
    lines: NotRequired[str]


class RuleParts(TypedDict, total=False):
    """What a rule may say beside its id and mode; its conditions are still text."""

    says: str
    topic: str
    cite: Sequence[WrittenCitation]
    when: str
    then: Parameters
    reason: str


class WrittenRule(RuleParts):
    """A rule as it stands in a file."""

    id: str
    mode: str


@dataclass(frozen=True, slots=True)
class PathwayDocument:
    """One pathway file after its shape was checked; values are still plain data."""

    id: str
    version: str
    title: str
    sources: tuple[Source, ...] = ()
    parameters: Parameters = field(default_factory=dict)
    parameter_sources: Mapping[str, tuple[Citation, ...]] = field(default_factory=dict)
    parameter_units: Mapping[str, Unit] = field(default_factory=dict)  # of those that say theirs
    define: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[WrittenRule, ...] = ()
    off: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
