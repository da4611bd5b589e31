"""Whether an answer holds all that was asked for: only then does "nothing found" mean that there is nothing.

A gap never makes an answer useless, since what came is what it says it is. It takes away
one statement: "that is all".
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeGuard

from adapter.errors import Issue
from adapter.input.wire_json import Json, ReadOnlyJson, Unreadable


class Gap(StrEnum):
    """Why something that is on the server may be missing from an answer."""

    SHORT = "fewer_than_total"  # `total` speaks of more than came, and no link leads further
    INCOMPLETE = "answer_incomplete"  # the server says so: it stopped early, or asked a part of its sources
    SUPPRESSED = "data_withheld"  # the server says so: this account may not see everything
    UNREADABLE = "entry_unreadable"  # an entry came that cannot be believed, whoever it is about
    LIMITED = "limited"  # we asked for no more


# An account that may not see everything never will, and is told so with every answer.
ON_PRINCIPLE = frozenset({Gap.SUPPRESSED})

# R4 IssueType, as it comes in a warning beside the entries; in an error it fails the search
# (statuses.BY_ISSUE). A large vendor's server withholds what an account may not see and says so
# only here, beside what it found.
BY_WARNING: Mapping[str, Gap] = {
    **dict.fromkeys(
        ("incomplete", "too-costly", "timeout", "throttled", "transient", "exception", "lock-error", "no-store"),
        Gap.INCOMPLETE,
    ),
    **dict.fromkeys(
        ("suppressed", "security", "login", "unknown", "expired", "forbidden"),
        Gap.SUPPRESSED,
    ),
}  # fmt: skip


def believable(resource: object) -> TypeGuard[Json]:
    """Whether this is a resource at all: with the parts by which every reader takes hold of one."""
    return (
        isinstance(resource, dict)
        and not isinstance(resource, Unreadable)
        and isinstance(resource.get("resourceType"), str)
        and isinstance(resource.get("id", ""), str)
        and isinstance(resource.get("meta", {}), dict)
    )


def gaps_told(issues: Iterable[Issue]) -> frozenset[Gap]:
    """What the warnings of a server own up to."""
    return frozenset(BY_WARNING[issue.code] for issue in issues if issue.code in BY_WARNING)


def total_of(bundle: ReadOnlyJson) -> int:
    """How many matches the server speaks of; 0 when it does not say. Some write the number as text."""
    # R4 Bundle.total is optional, and is no promise that the page holds all.
    told = bundle.get("total")
    if isinstance(told, str) and told.isascii() and told.isdecimal() and len(told) < 10:
        return int(told)
    return told if isinstance(told, int) and not isinstance(told, bool) else 0
