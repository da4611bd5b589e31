"""How many examples a test is tried on: all of them in the full test, a sample in `make check` (EXAMPLES=few)."""

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

FEW = os.environ.get("EXAMPLES") == "few"
SHARE = 6


def examples(full: int) -> int:
    """The number for this run, of so many in a full one."""
    return max(10, full // SHARE) if FEW else full


def sample(listed: Sequence[T]) -> Sequence[T]:
    """The rows for this run, of those of a full one."""
    return listed[::SHARE] if FEW else listed
