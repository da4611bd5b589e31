"""Splits many into groups, as large as one request or one transaction takes."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
PATIENTS = 50  # read together, where no setting says otherwise


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items in order, at most `size` at a time."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some
