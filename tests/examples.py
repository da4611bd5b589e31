"""How many examples a test is tried on, and how large a drill is.

All of the examples in the full test, a sample in `make check` (EXAMPLES=few). Drills grow to their full size,
which takes minutes for each, in `make drills` (EXAMPLES=many).
"""

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

FEW = os.environ.get("EXAMPLES") == "few"
MANY = os.environ.get("EXAMPLES") == "many"
SHARE = 6


def examples(full: int) -> int:
    """The number for this run, of so many in a full one."""
    return max(10, full // SHARE) if FEW else full


def sample(listed: Sequence[T]) -> Sequence[T]:
    """The rows for this run, of those of a full one."""
    return listed[::SHARE] if FEW else listed


def size(*, few: int, full: int, many: int) -> int:
    """Of a drill, for this run."""
    if FEW:
        return few
    return many if MANY else full
