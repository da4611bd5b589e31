"""The results of looking at something, also where the look itself may fail."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from adapter.errors import OsteoHandoverError, TryAgainLater

T = TypeVar("T")


class FindingState(StrEnum):
    """How a finding stands."""

    WORKS = "works"
    LIMITED = "limited"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    state: FindingState
    says: str
    do: str = ""


@dataclass(frozen=True, slots=True)
class CheckResult(Generic[T]):
    """The result of an attempt, if there is one, and what to say about it."""

    finding: Finding
    result: T | None = None


def check(what: str, action: Callable[[], T], tell: Callable[[T], str], do: str) -> CheckResult[T]:
    """Try it; `do` is what to do when it fails for more than now."""
    try:
        result = action()
    except TryAgainLater as fault:
        return CheckResult(
            Finding(what, FindingState.BROKEN, str(fault), "wait, or find out why it does not answer")
        )
    except OsteoHandoverError as fault:
        return CheckResult(Finding(what, FindingState.BROKEN, str(fault), do))
    return CheckResult(Finding(what, FindingState.WORKS, tell(result)), result)
