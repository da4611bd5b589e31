"""`$export` as the standard for Bulk Data has it: asked for, looked after, fetched, deleted.

What is exported is what stood there at the kick-off. The first look at the status finds it half done, the
second one complete, unless a drill wants otherwise.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.utils import format_datetime
from urllib.parse import urlsplit, urlunsplit

from adapter.input.wire_json import Json
from workers.review.references import patients_of
from workers.sandbox.faults import FaultEffect, Faults
from workers.sandbox.query.search_parameters import PARAMETERS
from workers.sandbox.resource_store import ResourceStore
from workers.sandbox.wire import (
    FhirRequest,
    FhirResponse,
    RequestRefused,
    dump_json,
    instant,
    moment_of,
    operation_outcome,
    parse_json,
)

STATUS = "_export"  # what the addresses of status and files begin with, below the base
EXPORTED_AT = ("", "Patient", "Group")
IN_ONE_FILE = 500  # resources
AVAILABLE = 3_600_000  # milliseconds, as `Expires` tells
SHARED = frozenset({"Practitioner", "PractitionerRole", "Organization", "Medication", "Location"})
_NDJSON = "application/fhir+ndjson"


@dataclass(slots=True)
class _ExportJob:
    request: str
    at: int
    files: list[tuple[str, Sequence[int]]]  # type, and which versions
    warnings: list[str] = field(default_factory=list)  # codes, each a file of its own
    looks: int = 0


class BulkExports:
    """The exports of one server, until they are deleted."""

    def __init__(self, store: ResourceStore, faults: Faults) -> None:
        self._store, self._faults = store, faults
        self._jobs: dict[str, _ExportJob] = {}
        self._numbers = itertools.count(1)

    def kick_off(self, ask: FhirRequest) -> FhirResponse:
        """Begin an export: 202, with the address of its status."""
        if "respond-async" not in ask.headers.get("prefer", ""):
            raise RequestRefused(400, "not-supported", "An export needs the header Prefer: respond-async.")
        query = dict(ask.query)
        if strange := sorted(query.keys() - {"_type", "_outputFormat"}):
            raise RequestRefused(400, "not-supported", f"An export takes no {', '.join(strange)} here.")
        types = query.get("_type", "").split(",") if query.get("_type") else list(PARAMETERS)
        if unknown := [kind for kind in types if kind not in PARAMETERS]:
            raise RequestRefused(400, "not-supported", f"'{unknown[0]}' is no resource type of FHIR R4.")
        number = str(next(self._numbers))
        request = "/".join((self._store.base, *ask.path))
        self._jobs[number] = _ExportJob(request, self._store.now(), list(self._files(ask, types)))
        return FhirResponse(202, headers={"Content-Location": self._transaction_time(number)})

    def answer_request(self, method: str, rest: Sequence[str]) -> FhirResponse | None:
        """Status, files and deletion of one export."""
        job = self._jobs.get(rest[0]) if rest else None
        if rest and self._faults.take_rule(FaultEffect.EXPIRED_EXPORT, method, ""):
            self._jobs.pop(rest[0], None)
            job = None
        if job is None:
            raise RequestRefused(404, "not-found", "There is no such export (any more).")
        match method, list(rest):
            case "GET", [number]:
                return self._status(number, job)
            case "GET", [_, name]:
                return FhirResponse(200, self._content(job, name), media=_NDJSON)
            case "DELETE", [number]:
                del self._jobs[number]
                return FhirResponse(202)
            case _:
                return None

    def _status(self, number: str, job: _ExportJob) -> FhirResponse:
        if rule := self._faults.take_rule(FaultEffect.FAILED_EXPORT, "GET", ""):
            raise RequestRefused(500, str(rule.value or "processing"), "A drill.")
        job.looks += 1
        if job.looks == 1:
            return FhirResponse(202, headers={"X-Progress": "50% complete", "Retry-After": "1"})
        expires = format_datetime(moment_of(job.at + AVAILABLE), usegmt=True)
        told = dump_json(self._manifest(number, job))
        return FhirResponse(200, told, headers={"Expires": expires}, media="application/json")

    def _manifest(self, number: str, job: _ExportJob) -> Json:
        elsewhere = self._faults.take_rule(FaultEffect.FOREIGN_NEXT, "GET", "")
        if rule := self._faults.take_rule(FaultEffect.WARNING, "GET", ""):
            job.warnings = [str(rule.value or "incomplete")]

        def url(name: str) -> str:
            return _on_host(self._transaction_time(number, name), str(elsewhere.value) if elsewhere else "")

        return {
            "transactionTime": instant(job.at),
            "request": job.request,
            "requiresAccessToken": True,
            "output": [
                {"type": kind, "url": url(f"{index}.ndjson"), "count": len(seqs)}
                for index, (kind, seqs) in enumerate(job.files)
            ],
            "error": [
                {"type": "OperationOutcome", "url": url(f"{index}.error")}
                for index in range(len(job.warnings))
            ],
        }

    def _content(self, job: _ExportJob, name: str) -> bytes:
        index, _, kind = name.partition(".")
        if kind == "error" and index.isdecimal() and int(index) < len(job.warnings):
            *severity, code = job.warnings[int(index)].split()
            return (
                dump_json(operation_outcome(code, "told by a drill", severity=(*severity, "error")[0]))
                + b"\n"
            )
        if kind != "ndjson" or not index.isdecimal() or int(index) >= len(job.files):
            raise RequestRefused(404, "not-found", "There is no such file of this export.")
        return b"".join(
            (version.body or b"") + b"\n" for version in self._store.fetch(job.files[int(index)][1])
        )

    def _files(self, ask: FhirRequest, types: Sequence[str]) -> Iterator[tuple[str, Sequence[int]]]:
        members = self._members(ask.path[1]) if ask.type == "Group" else None
        for kind in dict.fromkeys(types):
            seqs = [
                seq
                for seq, body in self._living_versions(kind)
                if not ask.type or self._concerns(body, kind, members)
            ]
            for begin in range(0, len(seqs), IN_ONE_FILE):
                yield kind, seqs[begin : begin + IN_ONE_FILE]

    def _living_versions(self, kind: str) -> list[tuple[int, bytes]]:
        asked = "SELECT seq, body FROM versions WHERE type = ? AND head = 1 AND body IS NOT NULL ORDER BY seq"
        return [(seq, body) for seq, body in self._store.query(asked, (kind,))]

    def _concerns(self, body: bytes, kind: str, members: frozenset[str] | None) -> bool:
        """Whether it is about a patient, or one of these; what belongs to nobody comes along."""
        whose = patients_of(parse_json(body), self._store.base)
        return kind in SHARED or bool(whose if members is None else whose & members)

    def _members(self, group: str) -> frozenset[str]:
        held = self._store.read("Group", group)
        if held is None or held.body is None:
            raise RequestRefused(404, "not-found", "There is no such Group.")
        named = (
            patients_of({"subject": member.get("entity")}, self._store.base)
            for member in parse_json(held.body).get("member", [])
        )
        return frozenset[str]().union(*named)

    def _transaction_time(self, *path: str) -> str:
        return "/".join((self._store.base, STATUS, *path))


def _on_host(url: str, host: str) -> str:
    if not host:
        return url
    elsewhere = urlsplit(host)
    return urlunsplit(urlsplit(url)._replace(scheme=elsewhere.scheme, netloc=elsewhere.netloc))
