"""How many examples a property is tried on: all of them in the full test, a sample in `make check` (EXAMPLES=few)."""

import os

FEW = os.environ.get("EXAMPLES") == "few"
SHARE = 6


def examples(full: int) -> int:
    """The number for this run, of so many in a full one."""
    return max(10, full // SHARE) if FEW else full
