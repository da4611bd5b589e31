"""Which HTTP status means that who must act: tables, and functions that only apply them.

This file does not know how a request is made, and nothing else knows what a status means. What a status means
depends on what was asked: 404 is one missing record on a read, but a wrong base URL on a search.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import lru_cache

from adapter.errors import (
    ConfigurationFault,
    Deleted,
    Issue,
    NotThere,
    OsteoHandoverError,
    RecordFault,
    ServerStumbled,
    SoftwareFault,
    StartAgain,
    TryAgainLater,
    VersionConflict,
    WireFacts,
)
from adapter.fhir.outcomes import entry_named_by

MAX_RETRY_AFTER = 3600.0  # seconds: a server that asks for a day is asked again each hour

FaultType = type[OsteoHandoverError]


class Purpose(StrEnum):
    """What a request was for, as far as it changes what a status means."""

    RESOURCE = "resource"  # one resource by its id
    CONDITIONAL = "conditional"  # a write that names its resource by a search
    BUNDLE = "bundle"  # a batch or a transaction
    SEARCH = "search"
    PAGE = "page"  # a later page of a search
    EXPORT = "export"  # the kick-off of Bulk Data
    EXPORT_STATUS = "export status"
    EXPORT_FILE = "export file"
    SYSTEM = "system"  # the CapabilityStatement, or the base itself


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asked for, in words that are safe to log."""

    method: str
    resource_type: str | None = None
    purpose: Purpose = Purpose.RESOURCE

    def __str__(self) -> str:
        what = self.purpose.value if self.resource_type is None else self.resource_type
        return f"{self.method} {what}" + (" (search)" if self.purpose is Purpose.SEARCH else "")


_REFUSED = (RecordFault, "The server refuses this resource; the issue codes say where.")
_ABSENT = "It is not there (any more)."
_NO_RIGHT = (ConfigurationFault, "Give this account the right to do this, or check its scopes.")
_NOT_OFFERED = (ConfigurationFault, "This server does not offer it; compare its CapabilityStatement.")
_PASSES = "Nothing to do: the same request may succeed later."
_BUSY = (TryAgainLater, _PASSES)
_LOST_RACE = (VersionConflict, "Somebody else wrote it first: read it again and decide again.")
_NO_FHIR_HERE = (ConfigurationFault, "There is no such FHIR end point: check the base URL.")
_EXPIRED = (StartAgain, "The server no longer knows this page: start the search again.")
_CANNOT_SEARCH = (
    ConfigurationFault,
    "This server cannot answer this search; compare its CapabilityStatement.",
)
_NO_EXPORT = (
    ConfigurationFault,
    "This server does not export here; try another level, or name the patients by patient_source.",
)
_CANNOT_EXPORT = (ConfigurationFault, "This server cannot export what was asked for; ask its owner.")
_EXPORT_GONE = (StartAgain, "The server no longer has this export: it has to be begun anew.")
_NO_JSON = (ConfigurationFault, "This server does not speak application/fhir+json here.")

BY_STATUS: Mapping[int, tuple[FaultType, str]] = {
    400: _REFUSED,
    401: (ConfigurationFault, "The server does not accept the credentials; check them."),
    403: _NO_RIGHT,
    404: (NotThere, _ABSENT),
    405: _NOT_OFFERED,
    406: _NO_JSON,
    407: (ConfigurationFault, "The proxy wants credentials."),
    408: _BUSY,
    409: _LOST_RACE,  # HAPI's answer to an If-Match that is out of date, and of two writes at the same moment
    410: (Deleted, _ABSENT),
    # R4's own answer to an If-Match that is out of date: https://hl7.org/fhir/R4/http.html#concurrency
    412: _LOST_RACE,
    413: (RecordFault, "It is too large for this server; send fewer entries at a time."),
    414: (SoftwareFault, "The address was too long; it should have been sent as a form."),
    415: _NO_JSON,
    422: _REFUSED,  # against a profile or a rule of the server, https://hl7.org/fhir/R4/http.html#update: it will be so tomorrow
    423: _BUSY,  # somebody holds a lock (RFC 4918), which ends by itself
    425: _BUSY,  # came in the first packet of a new connection (RFC 8470): refused before anything was done
    429: _BUSY,  # too many requests (RFC 6585): Retry-After says how long
    # May have been committed all the same: read back before repeating anything but a PUT.
    500: (ServerStumbled, _PASSES),
    501: _NOT_OFFERED,
    # these three come from a gateway as often as from the server: a write behind it may have been done
    502: _BUSY,
    503: _BUSY,
    504: _BUSY,
    505: _NOT_OFFERED,
}
BY_PURPOSE: Mapping[tuple[Purpose, int], tuple[FaultType, str]] = {
    (Purpose.CONDITIONAL, 404): _NO_FHIR_HERE,
    # Beside If-None-Exist the same number means another thing: https://hl7.org/fhir/R4/http.html#ccreate
    (Purpose.CONDITIONAL, 412): (
        RecordFault,
        "Several resources carry this business identifier; a person must choose.",
    ),
    (Purpose.BUNDLE, 404): _NO_FHIR_HERE,
    (Purpose.SEARCH, 400): _CANNOT_SEARCH,
    (Purpose.SEARCH, 404): _NO_FHIR_HERE,
    (Purpose.SEARCH, 410): _NO_FHIR_HERE,
    (Purpose.SEARCH, 422): _CANNOT_SEARCH,
    # HAPI answers 410 for a search that it has forgotten; its default retention is 60 minutes.
    (Purpose.PAGE, 404): _EXPIRED,
    (Purpose.PAGE, 410): _EXPIRED,
    **dict.fromkeys(((Purpose.EXPORT, status) for status in (404, 405, 410, 501)), _NO_EXPORT),
    **dict.fromkeys(((Purpose.EXPORT, status) for status in (400, 409, 412, 413, 422)), _CANNOT_EXPORT),
    **dict.fromkeys(((Purpose.EXPORT_STATUS, status) for status in (404, 410)), _EXPORT_GONE),
    # Addresses that carry their own right (of a cloud store) answer 403 when it has run out.
    **dict.fromkeys(((Purpose.EXPORT_FILE, status) for status in (403, 404, 410)), _EXPORT_GONE),
    (Purpose.SYSTEM, 400): _NO_FHIR_HERE,
    (Purpose.SYSTEM, 404): _NO_FHIR_HERE,
    (Purpose.SYSTEM, 410): _NO_FHIR_HERE,
}
# For an OperationOutcome that comes with a success: the code is then all there is to go by (R4 IssueType).
BY_ISSUE: Mapping[str, tuple[FaultType, str]] = {
    **dict.fromkeys(
        ("transient", "lock-error", "timeout", "throttled", "no-store", "exception", "incomplete"), _BUSY
    ),
    **dict.fromkeys(("security", "login", "expired", "forbidden", "suppressed"), _NO_RIGHT),
    **dict.fromkeys(("not-supported", "too-costly"), _NOT_OFFERED),
    "conflict": _LOST_RACE,
    "not-found": (NotThere, _ABSENT),
    "deleted": (Deleted, _ABSENT),
}


def fault_of_status(
    asked: Asked,
    status: int,
    issues: tuple[Issue, ...] = (),
    *,
    retry_after: float | None = None,
    entry: int | None = None,
) -> OsteoHandoverError:
    """The error for an answer that says by its status that it failed."""
    kind, advice = BY_PURPOSE.get((asked.purpose, status)) or BY_STATUS.get(status) or _by_class(status)
    facts = WireFacts(
        status=status,
        issues=issues,
        entry=entry_named_by(issues) if entry is None else entry,
        resource_type=asked.resource_type,
    )
    return _fault(kind, f"{asked}: HTTP {status}{_codes(issues)}. {advice}", retry_after, facts)


def fault_of_outcome(
    asked: Asked, status: int, issues: tuple[Issue, ...], *, retry_after: float | None = None
) -> OsteoHandoverError:
    """The error for an answer that calls itself a success and holds an OperationOutcome of failure."""
    kind, advice = BY_ISSUE.get(issues[0].code, _REFUSED)
    facts = WireFacts(
        status=status, issues=issues, entry=entry_named_by(issues), resource_type=asked.resource_type
    )
    return _fault(
        kind, f"{asked}: failed in spite of HTTP {status}{_codes(issues)}. {advice}", retry_after, facts
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, between 0 and an hour; an HTTP date is measured against the server's own ``Date``."""
    value = headers.get("Retry-After", "").strip()
    milliseconds = headers.get("x-ms-retry-after-ms", "").strip()  # Azure
    if milliseconds.isdecimal():
        return _clamped(float(milliseconds) / 1000)
    if re.fullmatch(r"-?\d{1,12}(\.\d{1,6})?", value):
        return _clamped(float(value))
    # Our clock may be wrong; the difference of two times of one server is not (RFC 9110, Retry-After).
    then, now = http_date(value), http_date(headers.get("Date", ""))
    return _clamped((then - now).total_seconds()) if then and now else None


@lru_cache(16)  # all pages of a batch came at the same moment
def http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _clamped(seconds: float) -> float:
    return math.floor(min(max(seconds, 0.0), MAX_RETRY_AFTER) * 1000) / 1000


def _by_class(status: int) -> tuple[FaultType, str]:
    if 500 <= status <= 599:
        return _BUSY
    if 300 <= status <= 399:
        return ConfigurationFault, "The server sends this elsewhere; set the base URL to where it really is."
    return ConfigurationFault, "Nobody expected this answer; ask whoever runs the server."


def _codes(issues: tuple[Issue, ...]) -> str:
    named = [
        f"{issue.code} at {issue.expression}" if issue.expression else issue.code for issue in issues[:3]
    ]
    return f" ({', '.join(named)})" if named else ""


def _fault(kind: FaultType, message: str, wait: float | None, facts: WireFacts) -> OsteoHandoverError:
    if issubclass(kind, TryAgainLater):
        return kind(message, retry_after=wait, **facts)
    return kind(message, **facts)
