"""The requests of an export: kick-off, status, file, delete. None waits; each says what its answer means."""

import re
from dataclasses import dataclass

from adapter.errors import OsteoHandoverError, StartAgain, TryAgainLater
from adapter.fhir.export.export_hosts import ExportHosts, Sink
from adapter.fhir.export.export_request import ExportRequest
from adapter.fhir.export.manifest import ExportFile, ExportManifest
from adapter.fhir.http import FHIR_JSON, RawAnswer
from adapter.fhir.outcomes import failures, issues_beside
from adapter.fhir.statuses import Asked, Purpose, fault_of_status, retry_after
from adapter.input.wire_json import Unparsable, parse

NDJSON = "application/fhir+ndjson"
_KICK_OFF = Asked("GET", None, Purpose.EXPORT)
_STATUS = Asked("GET", None, Purpose.EXPORT_STATUS)
_DELETE = Asked("DELETE", None, Purpose.EXPORT_STATUS)
_FILE = Asked("GET", None, Purpose.EXPORT_FILE)
_PERCENT = re.compile(r"(\d{1,3}) ?%")
_WITHOUT_TYPES = frozenset({400, 422})
# IssueType of R4, as the standard has a server say that only the question failed, and not the export.
_PASSING = frozenset({"transient", "lock-error", "timeout", "throttled", "no-store"})


class ExportGivenUp(StartAgain):
    """The server gave up this export: another one has to be begun."""


@dataclass(frozen=True, slots=True)
class ExportProgress:
    """Not complete yet."""

    percent: int | None = None  # of what the server says, in words of its own, no more than this is kept
    retry_after: float | None = None


class ExportClient:
    """Exports of one server, reached with one set of credentials."""

    def __init__(self, hosts: ExportHosts) -> None:
        self._hosts = hosts

    def kick_off(self, request: ExportRequest) -> str:
        """The address of the export's status. A second call begins a second export."""
        headers = {"Accept": FHIR_JSON, "Prefer": "respond-async"}
        answer = self._hosts.answer(_KICK_OFF, self._hosts.base.url(request.url), headers)
        if answer.status in _WITHOUT_TYPES and request.types:
            return self.kick_off(request.of_any_type)
        if answer.status != 202:
            raise _fault(_KICK_OFF, answer)
        status_url = answer.headers.get("Content-Location") or answer.headers.get("Location")
        if not status_url:
            raise TryAgainLater(
                "The server took the export and does not say where its status is.", status=202
            )
        return self._hosts.absolute(status_url)

    def status(self, status_url: str) -> ExportProgress | ExportManifest:
        """How far it is. Raises ExportGivenUp when the server says that it failed as a whole."""
        answer = self._hosts.answer(_STATUS, status_url, {"Accept": "application/json"})
        if answer.status == 202:
            found = _PERCENT.search(answer.headers.get("X-Progress", "")[:100])
            return ExportProgress(int(found[1]) if found else None, retry_after(answer.headers))
        if answer.status != 200:
            raise _fault_of_status_request(answer)
        try:
            manifest = ExportManifest.parse(parse(answer.body))
        except Unparsable:
            manifest = None
        if manifest:
            for file in manifest.files:
                self._hosts.absolute(file.url)  # before any of them is fetched
            return manifest
        raise TryAgainLater(
            "The manifest of the export is no JSON, or was cut; it is asked for again.", status=200
        )

    def file(self, file: ExportFile, sink: Sink, *, needs_token: bool) -> None:
        """The content of a file, in pieces; whoever takes them must expect that it breaks off."""
        url = self._hosts.absolute(file.url)
        answer = self._hosts.stream(_FILE, url, sink, token=needs_token, headers={"Accept": NDJSON})
        if answer.status != 200:
            raise _fault(_FILE, answer)

    def delete(self, status_url: str) -> OsteoHandoverError | None:
        """Tells the server to forget it; returns what prevented that, which costs only disk space there."""
        try:
            answer = self._hosts.answer(_DELETE, status_url, {"Accept": FHIR_JSON})
        except OsteoHandoverError as fault:
            return fault
        gone = 200 <= answer.status <= 299 or answer.status in {404, 410}
        return None if gone else _fault(_DELETE, answer)

    def close(self) -> None:
        self._hosts.close()


def _fault_of_status_request(answer: RawAnswer) -> OsteoHandoverError:
    """A status 500 with an outcome ends this export; other passing faults are about the request alone."""
    fault = _fault(_STATUS, answer)
    failed = failures(fault.issues)
    if answer.status == 500 and failed and not {failure.code for failure in failed} & _PASSING:
        codes = ", ".join(sorted({failure.code for failure in failed}))
        return ExportGivenUp(
            f"The server gave up the export ({codes}); another one has to be begun.", status=500
        )
    return fault


def _fault(asked: Asked, answer: RawAnswer) -> OsteoHandoverError:
    return fault_of_status(
        asked, answer.status, issues_beside(answer.body), retry_after=retry_after(answer.headers)
    )
