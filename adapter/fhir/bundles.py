"""Batch and transaction Bundles: entries in, one result per entry out, in the same order.

A batch answers 200 even when entries failed, and some servers treat a transaction as a batch, so every
``entry.response`` is read and as many are expected as entries were sent.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from adapter.errors import Issue, OsteoHandoverError, TryAgainLater
from adapter.fhir.outcomes import failures, issues_of
from adapter.fhir.statuses import Asked, Purpose, fault_of_outcome, fault_of_status
from adapter.input.wire_json import Json, Unreadable

Method = Literal["GET", "POST", "PUT", "DELETE"]

_VERSION = re.compile(r'(?:W/)?"([^"]*)"')
_LOCATION = re.compile(r"([A-Za-z]+)/([A-Za-z0-9\-._]{1,128})(?:/_history/([^/?#]+))?/?$")


@dataclass(frozen=True, slots=True)
class Entry:
    """One request within a Bundle; ``url`` is relative to the base, ``if_match`` is a version id or an ETag.

    ``if_none_match``: only when nothing stands there yet; not every server honours it.
    """

    method: Method
    url: str = field(repr=False)
    resource: Json | None = field(default=None, repr=False)
    full_url: str | None = field(default=None, repr=False)
    if_none_exist: str | None = field(default=None, repr=False)
    if_match: str | None = None
    if_none_match: bool = False

    @property
    def resource_type(self) -> str | None:
        found = re.match(r"[A-Za-z]+", self.url)
        return found[0] if found else None

    @property
    def asked(self) -> Asked:
        by_search = self.if_none_exist is not None or (self.method != "GET" and "?" in self.url)
        purpose = Purpose.CONDITIONAL if by_search else Purpose.RESOURCE
        return Asked(self.method, self.resource_type, purpose)

    def as_json(self) -> Json:
        request = {"method": self.method, "url": self.url}
        if self.if_none_exist is not None:
            request["ifNoneExist"] = self.if_none_exist
        if self.if_match is not None:
            request["ifMatch"] = etag(self.if_match)
        # A writer that stalled must not undo a human's edit: the first write needs a precondition as well.
        if self.if_none_match:
            request["ifNoneMatch"] = "*"
        entry: Json = {"fullUrl": self.full_url} if self.full_url else {}
        return (
            entry | ({"resource": self.resource} if self.resource is not None else {}) | {"request": request}
        )


@dataclass(frozen=True, slots=True)
class EntryResult:
    """What became of one entry; ``status`` 0 means that the server did not say."""

    status: int
    location: str | None = field(default=None, repr=False)
    etag: str | None = None
    last_modified: str | None = None
    resource: Json | None = field(default=None, repr=False)
    issues: tuple[Issue, ...] = ()

    @property
    def ok(self) -> bool:
        return 200 <= self.status <= 299 and not self._failed_inside

    @property
    def id(self) -> str | None:
        """The id under which the server keeps it, when it says so."""
        if self.location:
            return located(self.location)[1]
        sent = self.resource or {}
        return None if sent.get("resourceType") == "OperationOutcome" else _text(sent.get("id"))

    @property
    def version(self) -> str | None:
        return version_of(self.etag) or (located(self.location)[2] if self.location else None)

    def fault(self, entry: Entry, index: int) -> OsteoHandoverError | None:
        """The error of this entry, or None when it succeeded."""
        if self.ok:
            return None
        if self._failed_inside and 200 <= self.status <= 299:
            failed = fault_of_outcome(entry.asked, self.status, failures(self.issues))
            failed.entry = index
            return failed
        return fault_of_status(entry.asked, self.status or 500, self.issues, entry=index)

    @property
    def _failed_inside(self) -> bool:
        return bool(failures(self.issues))


def batch(entries: Sequence[Entry]) -> Json:
    """Each entry succeeds or fails by itself."""
    return _bundle("batch", entries)


def transaction(entries: Sequence[Entry]) -> Json:
    """All entries or none; references by ``urn:uuid:`` full URLs."""
    return _bundle("transaction", entries)


def purpose_of(entries: Sequence[Entry]) -> Purpose:
    """412 for the whole Bundle is a duplicate identifier where searches name resources, else a lost race."""
    # HAPI can make duplicates of parallel conditional creates, and later ones match both
    # (hapifhir/hapi-fhir#3141).
    by_search = any(entry.asked.purpose is Purpose.CONDITIONAL for entry in entries)
    return (
        Purpose.CONDITIONAL if by_search and not any(entry.if_match for entry in entries) else Purpose.BUNDLE
    )


def results(bundle: Json, expected: int) -> list[EntryResult]:
    """One per entry; a server that answers fewer leaves the outcome unknown, and that is TryAgainLater."""
    # R4: one entry in the answer for each one sent, in the same order
    # (https://hl7.org/fhir/R4/http.html#transaction-response). Nothing else says to
    # which entry an answer belongs.
    answers = answers_in(bundle)
    if len(answers) != expected:
        raise TryAgainLater(
            f"POST Bundle: {expected} entries were sent, and another number was answered. "
            "What was written is unknown: read it back, then repeat.",
            resource_type="Bundle",
        )
    return answers


def answers_in(bundle: Json) -> list[EntryResult]:
    """As many as there are: a server may answer fewer than were sent, or nothing that is a list."""
    answers = bundle.get("entry", [])
    return (
        [_result(answer if isinstance(answer, dict) else {}) for answer in answers]
        if isinstance(answers, list)
        else []
    )


def first_fault(entries: Sequence[Entry], answers: Sequence[EntryResult]) -> OsteoHandoverError | None:
    """The error of the first entry that failed."""
    pairs = enumerate(zip(entries, answers, strict=True))
    return next((fault for index, (entry, answer) in pairs if (fault := answer.fault(entry, index))), None)


def etag(version_id: str) -> str:
    """``W/"2"`` from ``2``, ``"2"`` or ``W/"2"``."""
    return f'W/"{version_of(version_id)}"'


def version_of(tag: str | None) -> str | None:
    """``2`` from ``W/"2"``, from ``"2"``, and from the bare ``2`` that HAPI writes in Bundles."""
    if not tag:
        return None
    found = _VERSION.fullmatch(tag.strip())
    return (found[1] if found else tag.strip()) or None


def located(location: str) -> tuple[str | None, str | None, str | None]:
    """Type, id and version of ``[base/]Type/id[/_history/version]``."""
    found = _LOCATION.search(location)
    return (found[1], found[2], found[3]) if found else (None, None, None)


def _bundle(kind: str, entries: Sequence[Entry]) -> Json:
    return {"resourceType": "Bundle", "type": kind, "entry": [entry.as_json() for entry in entries]}


def _result(answer: Json) -> EntryResult:
    response = answer.get("response")
    response = response if isinstance(response, dict) else {}
    resource = answer.get("resource")
    readable = isinstance(resource, dict) and not isinstance(resource, Unreadable)
    return EntryResult(
        status=_status(response.get("status")),
        location=_text(response.get("location")),
        etag=_text(response.get("etag")),
        last_modified=_text(response.get("lastModified")),
        resource=resource if readable else None,
        issues=issues_of(response.get("outcome")) or issues_of(resource),
    )


def _status(value: object) -> int:
    """``201 Created``; some servers send the number as a number."""
    # R4 has the status as text that begins with the three digits, with or without the words behind them.
    found = re.match(r"\d{3}(?!\d)", str(value))
    return int(found[0]) if found else 0


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
