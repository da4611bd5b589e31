"""Terms on which a record speaks, or is silent, together."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from adapter.clinical.case import Case, Term


class Chapter(NamedTuple):
    """Terms on which a record is silent, or speaks, as a whole."""

    terms: Mapping[str, Term]
    speaks: Callable[[Case], Any]


class Kinds(NamedTuple):
    """Terms that ask the same of each of many kinds, of which a record mentions few."""

    terms: Mapping[Any, Mapping[str, Term]]  # by kind
    mentioned: Callable[[Case], Iterable[Any]]
