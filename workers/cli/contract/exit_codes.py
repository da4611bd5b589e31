"""How a command ends."""

from enum import IntEnum


class Exit(IntEnum):
    """What a command ends with; see the table of `workers.cli`."""

    FINE = 0
    ATTENTION = 1
    CORRECT_FIRST = 2
    LATER = 3
