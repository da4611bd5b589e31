"""Finding work: which patients' records changed since the last pass, or all patients.

The sweep is what guarantees; every other hint only comes earlier. It reads by the server's own clock, takes back a
margin for writes that become visible late, and goes over the last minutes twice: a resource that is found again in
the same version is no work. A resource that was deleted leaves no trace in a search, so the full pass finds those.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from adapter.errors import TryAgainLater
from adapter.fhir.capabilities import Capabilities
from adapter.fhir.search import Accept, Params, SearchResult
from workers.clock import Clock
from workers.ledger import Found, Ledger, Pass, passes

_PATIENT = re.compile(r"(?:^|/)Patient/([A-Za-z0-9\-.]{1,64})(?:/_history/[^/]+)?$")
# All others say subject.
_SUBJECT = {"AllergyIntolerance": "patient", "FamilyMemberHistory": "patient", "Task": "for"}


class PagingServer(Protocol):
    """What the sweep needs of a FHIR server."""

    def capabilities(self) -> Capabilities:
        """What the server says about itself."""

    def search_pages(
        self, resource_type: str, params: Params = (), *, accept: Accept | None = None
    ) -> Iterator[SearchResult]:
        """A search, page by page."""


@dataclass(frozen=True, slots=True)
class SweepTarget:
    """A type whose news concern us, and the search parameters that keep out what does not."""

    type: str
    params: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SweepPolicy:
    """What to look at, how far to take back, and when to look at everybody again."""

    ruleset: str
    sources: tuple[SweepTarget, ...]
    overlap: timedelta
    margin: timedelta
    full_interval: timedelta
    lease: timedelta


@dataclass(frozen=True, slots=True)
class SweepResult:
    """What one sweep read. `this` is None when another process was reading already."""

    this: Pass | None
    full: bool
    resources: int = 0
    without_patient: int = 0
    since: datetime | None = None
    until: datetime | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SweepWindow:
    """What a pass will read: everybody, or what changed since a moment."""

    since: datetime | None
    notes: tuple[str, ...] = ()

    @property
    def full(self) -> bool:
        return self.since is None


def sweep(
    server: PagingServer, ledger: Ledger, agenda: SweepPolicy, clock: Clock, *, full: bool = False
) -> SweepResult:
    """Make everybody work whose record changed. A second call finds nothing new, and so makes nobody work.

    Raises whatever the server raises; the pass is then given up and moves nothing.
    """
    plan = SweepWindow(None) if full else _plan(server, ledger, agenda, clock())
    this = passes.start(ledger, agenda.ruleset, clock(), agenda.lease, full=plan.full)
    if this is None:
        return SweepResult(None, plan.full, notes=("another sweep is reading just now",))
    result = SweepResult(this, plan.full, since=plan.since, notes=plan.notes)
    try:
        result = _read(server, ledger, _searches(agenda.sources, plan), result, agenda, clock)
    except BaseException:  # also when the process is told to stop: half a pass must not count as one
        passes.abandon(ledger, this)
        raise
    if result.until is not None:
        passes.finish(ledger, this, result.until)
        passes.forget_seen(ledger, result.until - 2 * agenda.overlap - agenda.margin)
    return result


def _plan(server: PagingServer, ledger: Ledger, agenda: SweepPolicy, now: datetime) -> SweepWindow:
    cursor = passes.cursor(ledger, agenda.ruleset)
    if cursor is None:
        return SweepWindow(None, ("the first pass with these rules and settings reads every patient",))
    last = passes.last_full(ledger, agenda.ruleset)
    if last is None or now - last >= agenda.full_interval:
        return SweepWindow(None, ("the last full pass is too long ago",))
    known = server.capabilities()
    if mute := [
        s.type for s in agenda.sources if (p := known.search_params(s.type)) and "_lastUpdated" not in p
    ]:
        return SweepWindow(
            None, (f"this server cannot search {', '.join(mute)} by _lastUpdated: every patient is read",)
        )
    return SweepWindow(cursor - agenda.overlap)


def _searches(sources: Sequence[SweepTarget], plan: SweepWindow) -> Iterator[SweepTarget]:
    """A full pass asks for the patients themselves; otherwise for what changed of each type."""
    if plan.since is None:
        yield SweepTarget("Patient", (("_elements", "id"),))
        return
    since = plan.since.isoformat(timespec="milliseconds")
    for source in sources:
        elements = "id" if source.type == "Patient" else _SUBJECT.get(source.type, "subject")
        news = (("_lastUpdated", f"ge{since}"), ("_sort", "_lastUpdated"), ("_elements", elements))
        yield SweepTarget(source.type, (*source.params, *news))


def _read(
    server: PagingServer,
    ledger: Ledger,
    searches: Iterator[SweepTarget],
    result: SweepResult,
    agenda: SweepPolicy,
    clock: Clock,
) -> SweepResult:
    for source in searches:
        for page in server.search_pages(source.type, source.params):
            if (
                result.until is None
            ):  # the clock of the very first answer: what came later is for the next pass
                result = replace(result, until=_server_time(page, clock) - agenda.margin)
            if "_lastUpdated" in page.ignored_parameters:
                result = _noted(result, f"this server ignores _lastUpdated: all of {source.type} was read")
            result = _taken(ledger, page, result, agenda, clock)
    return result


def _taken(
    ledger: Ledger, page: SearchResult, result: SweepResult, agenda: SweepPolicy, clock: Clock
) -> SweepResult:
    found = [_found(resource, incremental=not result.full) for resource in page.matches]
    known = [item for item in found if item.patient]
    if result.this and not passes.add(ledger, result.this, known, clock(), agenda.lease):
        raise TryAgainLater("This sweep was taken for dead by another one, which goes on in its place.")
    strays = len(found) - len(known)
    return replace(
        result, resources=result.resources + len(found), without_patient=result.without_patient + strays
    )


def _found(resource: dict[str, Any], *, incremental: bool) -> Found:
    """A full pass remembers no versions: it looks at everybody anyway."""
    kind, meta = str(resource.get("resourceType")), resource.get("meta") or {}
    patient = str(resource.get("id") or "") if kind == "Patient" else _patient_of(resource)
    source = f"{kind}/{resource.get('id')}"
    if not incremental or not isinstance(meta, dict):
        return Found(patient, source)
    return Found(patient, source, str(meta.get("versionId") or ""), _moment(meta.get("lastUpdated")))


def _patient_of(resource: dict[str, Any]) -> str:
    """The id in the reference; a reference to somebody on another server is nobody here."""
    held = resource.get("subject") or resource.get("patient") or resource.get("for")
    reference = held.get("reference") if isinstance(held, dict) else None
    found = _PATIENT.search(reference) if isinstance(reference, str) else None
    return found[1] if found else ""


def _server_time(page: SearchResult, clock: Clock) -> datetime:
    return _moment(page.server_time) or clock()


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


def _noted(result: SweepResult, note: str) -> SweepResult:
    return result if note in result.notes else replace(result, notes=(*result.notes, note))
