"""What can go wrong, sorted by who must act.

    OsteoHandoverError
    ├── TryAgainLater            nobody yet: network, time-outs, a busy server; ``retry_after`` if it said so
    │   ├── VersionConflict      somebody else wrote first: read again, decide again, then write again
    │   ├── ServerStumbled       the server failed at this very request (500), which may be why
    │   │   └── AnswerTooLate    it gave no answer in time: ask for less
    │   ├── StartAgain           the server no longer has the page or export that it began: begin it anew
    │   └── Outage               the server fails everybody alike, in whatever words: no record is to blame
    ├── ConfigurationFault       the operator: base URL, credentials, rights, certificates, proxy, version
    ├── RecordFault              whoever keeps this record: unreadable, refused
    │   ├── AnswerTooLarge       more than may be held at once: ask for less
    │   └── NotThere             no such resource
    │       └── Deleted          any more: the server knows that somebody deleted it
    └── SoftwareFault            us

A room may hang its own below these, as the ledger and the broker do; who must act is still the class above.

The text of an error is safe to log: method, resource type, HTTP status, issue codes and what to
do. It never holds a query, an identifier or anything that a person wrote, because an
OperationOutcome likes to quote the patient.
"""

from dataclasses import dataclass
from typing import TypedDict, Unpack


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue of an OperationOutcome, without ``diagnostics`` and ``details``: they may quote patients."""

    severity: str
    code: str
    expression: str | None = None


class WireFacts(TypedDict, total=False):
    """What an error of the wire knows besides its sentence."""

    status: int | None
    issues: tuple[Issue, ...]
    entry: int | None
    resource_type: str | None


class OsteoHandoverError(Exception):
    """The root of every fault that somebody must act on. Signals within a package are no faults."""

    def __init__(self, message: str, **facts: Unpack[WireFacts]) -> None:
        super().__init__(message)
        self.status: int | None = facts.get("status")
        self.issues: tuple[Issue, ...] = facts.get("issues", ())
        self.entry: int | None = facts.get("entry")
        self.resource_type: str | None = facts.get("resource_type")


class TryAgainLater(OsteoHandoverError):
    """A passing fault. The same request may succeed later; ``retry_after`` is in seconds."""

    def __init__(self, message: str, *, retry_after: float | None = None, **facts: Unpack[WireFacts]) -> None:
        super().__init__(message, **facts)
        self.retry_after = retry_after


class VersionConflict(TryAgainLater):
    """The resource changed since it was read; repeating the same write would undo somebody's work."""


class ServerStumbled(TryAgainLater):
    """The server failed at this very request. Its record may be the cause, and it may serve others."""


class AnswerTooLate(ServerStumbled):
    """The answer did not come in the time that a request has; less at a time may be asked for."""


class StartAgain(TryAgainLater):
    """The server no longer has what it had begun for us: a page of a search, an export."""


class Outage(TryAgainLater):
    """The server fails everybody alike: also with a status that would otherwise speak against one record."""

    @classmethod
    def behind(cls, fault: Exception) -> "Outage":
        """The outage that shows in this fault."""
        known = fault if isinstance(fault, OsteoHandoverError) else None
        told = str(known) if known else f"{type(fault).__name__} on what it answers"
        return cls(
            f"The server fails everybody alike: {told}",
            retry_after=known.retry_after if isinstance(known, TryAgainLater) else None,
            status=known.status if known else None,
        )


class ConfigurationFault(OsteoHandoverError):
    """The operator must change something; trying again changes nothing, for no patient."""


class RecordFault(OsteoHandoverError):
    """This record cannot be used; the others can."""


class AnswerTooLarge(RecordFault):
    """An answer has more bytes than may be held at once; less at a time may be asked for."""


class NotThere(RecordFault):
    """There is no such resource."""


class Deleted(NotThere):
    """There was such a resource, and somebody deleted it."""


class SoftwareFault(OsteoHandoverError):
    """A mistake of this program."""


def who_must_act(fault: OsteoHandoverError) -> str:
    """The branch of the tree on which this fault hangs, by the name of its class."""
    kinds = type(fault).__mro__
    return kinds[max(kinds.index(OsteoHandoverError) - 1, 0)].__name__
