"""What can go wrong, sorted by who must act.

    OsteoHandoverError
    ├── TryAgainLater            nobody yet: network, time-outs, a busy server. ``retry_after`` when the server said so
    │   └── VersionConflict      somebody else wrote first: read again, decide again, then write again
    ├── ConfigurationFault       the operator: base URL, credentials, rights, certificates, a proxy, the FHIR version
    ├── RecordFault              whoever keeps this record: unreadable, refused, not there (any more)
    └── SoftwareFault            us

The text of an error is safe to log: method, resource type, HTTP status, issue codes and what to do. It never holds
a query, an identifier or anything that a person wrote, because an OperationOutcome likes to quote the patient.
"""

from dataclasses import dataclass
from typing import TypedDict, Unpack


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue of an OperationOutcome, without ``diagnostics`` and ``details``: those may quote patient data."""

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
    """The root: whoever catches this has caught everything that this program raises on purpose."""

    def __init__(self, message: str, **facts: Unpack[WireFacts]) -> None:
        super().__init__(message)
        self.status: int | None = facts.get("status")
        self.issues: tuple[Issue, ...] = facts.get("issues", ())
        self.entry: int | None = facts.get("entry")
        self.resource_type: str | None = facts.get("resource_type")


class TryAgainLater(OsteoHandoverError):
    """Weather. The same request may succeed later; ``retry_after`` is in seconds."""

    def __init__(self, message: str, *, retry_after: float | None = None, **facts: Unpack[WireFacts]) -> None:
        super().__init__(message, **facts)
        self.retry_after = retry_after


class VersionConflict(TryAgainLater):
    """The resource changed since it was read; repeating the same write would undo somebody's work."""


class ConfigurationFault(OsteoHandoverError):
    """The operator must change something; trying again changes nothing, for no patient."""


class RecordFault(OsteoHandoverError):
    """This record cannot be used; the others can."""


class SoftwareFault(OsteoHandoverError):
    """A mistake of this program."""
