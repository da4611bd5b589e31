"""What became of one patient in one review."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from adapter.errors import (
    ConfigurationFault,
    OsteoHandoverError,
    ServerStumbled,
    SoftwareFault,
    TryAgainLater,
)

# What a mistake in pure code can raise. A time limit or a signal is none of these and goes through.
BUGS = (
    ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError, RecursionError, TypeError,
    ValueError,
)  # fmt: skip


class OutcomeCode(StrEnum):
    """How a review ended."""

    PLANNED = "planned"  # a proposal was written or changed
    UNCHANGED = "unchanged"  # it stands already as we would write it now
    # Read, and not decided again: nothing changed since a review that left nothing to do.
    AS_BEFORE = "as_before"
    NOTHING_TO_PROPOSE = "nothing_to_propose"
    DECEASED = "deceased"
    MERGED = "merged"  # another record took its place
    INACTIVE = "inactive"
    TEST_DATA = "test_data"  # labelled as made to try a system
    RESPECTED = "respected"  # a human changed or released it: left alone
    FAILED = "failed"  # will fail again: something has to be put right
    RETRY = "retry"  # may succeed later


@dataclass(frozen=True, slots=True)
class ReviewOutcome:
    """One patient's review; `written` has what is now on the server by our hand, as `Type/id` to version."""

    patient: str
    code: OutcomeCode
    category: str | None = field(default=None, repr=False)
    fault: OsteoHandoverError | None = None
    written: Mapping[str, str] = field(default_factory=dict)
    # "create CarePlan", "update Task" ...: what was, or on a dry run would be, written.
    proposed: tuple[str, ...] = ()
    rejected: tuple[str, ...] = field(default=(), repr=False)  # reason codes of inputs that were not used
    alarms: tuple[str, ...] = ()
    basis: str | None = None  # what it rested on, when it left nothing to do
    outgoing: tuple[str, ...] = ()  # released letters, by their key, that have to be in the outbox
    revoked: tuple[str, ...] = ()  # plans about which nothing may leave any more
    next_due: date | None = None  # the earliest day of anything that is open
    again: tuple[str, ...] = ()  # who has to be looked at next because of this

    @property
    def idle(self) -> bool:
        """Whether it left nothing to do and nothing to tell: the same again would come to the same."""
        done = (self.written, self.proposed, self.alarms, self.outgoing, self.revoked, self.again)
        return self.fault is None and not any(done)

    @property
    def retry_after(self) -> float | None:
        """Seconds, when the server said how long to wait."""
        return self.fault.retry_after if isinstance(self.fault, TryAgainLater) else None


def failed(patient: str, fault: BaseException) -> ReviewOutcome:
    """The outcome of a review that raised; our own fault goes by its type: its text may quote anything."""
    known = (
        fault
        if isinstance(fault, OsteoHandoverError)
        else SoftwareFault(f"{type(fault).__name__} in our own code")
    )
    return ReviewOutcome(
        patient, OutcomeCode.RETRY if isinstance(known, TryAgainLater) else OutcomeCode.FAILED, fault=known
    )


def concerns_everybody(fault: OsteoHandoverError) -> bool:
    """Whether a fault lies with the server or its settings, and so hits every patient alike."""
    return isinstance(fault, ConfigurationFault | TryAgainLater) and not isinstance(fault, ServerStumbled)
