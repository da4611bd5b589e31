"""Finding work: which patients' records changed since the last pass, or all patients.

The sweep is what guarantees; every other hint only comes earlier. It goes on from the changes that it saw
itself, never ahead of the server's clock or of ours, takes back a margin for writes that become visible late,
and goes over the last minutes twice: a resource that is found again in the same version is no work. When the
server's clock went back, it reads from there again. A resource that was deleted leaves no trace in a search,
so the full pass finds those.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from adapter.errors import ConfigurationFault, TryAgainLater
from adapter.fhir.completeness import ON_PRINCIPLE
from adapter.fhir.search import Page
from adapter.input.fhir_id import PATTERN as FHIR_ID
from adapter.input.wire_json import Json
from workers.host.clock import Clock
from workers.ledger import Ledger, Pass, SeenVersion, pass_counts, passes, seen_versions
from workers.ledger.passes import EarlierPass
from workers.ledger.positions import Position
from workers.queue.full_passes import why_full_pass
from workers.queue.sweep_pages.first_pages import FirstPages, SweepServer
from workers.queue.sweep_pages.page_reader import (
    PageRetry,
    SweepPolicy,
    changed_at,
    instant,
    pages,
)

_PATIENT = re.compile(rf"(?:^|/)Patient/({FHIR_ID})(?:/_history/[^/]+)?$")
# That is said, and does not keep the watermark where it is.
_ON_PRINCIPLE = frozenset(it.value for it in ON_PRINCIPLE)


@dataclass(frozen=True, slots=True)
class SweepResult:
    """What one sweep read. `current` is None when another process was reading already."""

    current: Pass | None
    full: bool
    resources: int = 0
    without_patient: int = 0
    since: datetime | None = None
    until: datetime | None = None
    notes: tuple[str, ...] = ()
    whole: bool = True  # False: something may not have come, and the watermark stays where it is
    wait: float = 0.0  # seconds until it is known whom to look at
    patients: int = 0  # who is looked at because of it

    @property
    def idle(self) -> bool:
        """Whether it found what it had found before, and nothing to say."""
        return not (self.full or self.patients or self.notes)

    def __str__(self) -> str:
        """In a line of the log."""
        kind, notes = "full" if self.full else "incremental", "".join(f"; {note}" for note in self.notes)
        return f"{kind} sweep: resources {self.resources}, patients to look at {self.patients}{notes}"


@dataclass(frozen=True, slots=True)
class SweepWindow:
    """What a pass will read: everybody, or what changed since a moment."""

    since: datetime | None
    notes: tuple[str, ...] = ()

    @property
    def full(self) -> bool:
        return self.since is None


def sweep(
    server: SweepServer, ledger: Ledger, policy: SweepPolicy, clock: Clock, *, full: bool = False
) -> SweepResult:
    """Make everybody work whose record changed. A second call finds nothing new, and so makes nobody work.

    Raises whatever the server raises; what was read stays read, and the next
    sweep goes on with the next page.
    """
    window = SweepWindow(None) if full else _window(server, ledger, policy, clock())
    current = passes.resume_pass(ledger, policy.ruleset, clock(), policy.lease, full=window.full)
    if current is None:
        current = passes.start_pass(ledger, policy.ruleset, clock(), policy.lease, full=window.full)
        if current is None:
            return SweepResult(None, window.full, notes=("another sweep is reading just now",))
        current = replace(current, position=Position(since=window.since, notes=window.notes))
    current = _by_this_list(current, policy)
    try:
        _admit_newcomers(ledger, current, policy, clock())
        position = _read_pages(server, ledger, current, policy, clock)
    except ConfigurationFault:
        passes.abandon_pass(ledger, current)  # nobody knows that the next page would be the right one
        raise
    except BaseException:  # also when the process is told to stop
        passes.pause_pass(ledger, current, clock())
        raise
    return _result_of(ledger, current, position, policy, clock())


def _by_this_list(current: Pass, policy: SweepPolicy) -> Pass:
    """Restarts the pass from the same moment if its list changed: its place then means nothing."""
    at, listed = current.position, policy.listed
    digest = f"{listed.digest}/{policy.search_size}" if listed else ""
    if at.listed == digest:
        return current
    notes = tuple(dict.fromkeys((*at.notes, *(listed.notes if listed else ()))))
    return replace(current, position=Position(since=at.since, notes=notes, listed=digest))


def _admit_newcomers(ledger: Ledger, current: Pass, policy: SweepPolicy, now: datetime) -> None:
    """Who is new on the list may have changed last long before this pass looks for changes."""
    if policy.listed is None or current.full:
        return
    new = [
        SeenVersion(patient, f"Patient/{patient}")
        for patient in seen_versions.new_patients(ledger, policy.listed.ids or ())
    ]
    if new and not passes.add_patients(ledger, current, new, now, policy.lease, current.position):
        raise _taken_for_dead()
    seen_versions.remember_patient_list(ledger, policy.listed.ids or ())


def _window(server: SweepServer, ledger: Ledger, policy: SweepPolicy, now: datetime) -> SweepWindow:
    cursor = passes.cursor(ledger, policy.ruleset)
    if cursor is None:
        return SweepWindow(None, ("the first pass with these rules and settings reads every patient",))
    if policy.listed is None and seen_versions.used_patient_list(ledger):
        return SweepWindow(None, ("nobody was looked at but the patients of a list: everybody is read",))
    # No search finds what was deleted, and no margin covers a clock that was an hour
    # fast: reading everybody does.
    if why := why_full_pass(ledger, policy.ruleset, policy.full_pass, now):
        return SweepWindow(None, (why,))
    known = server.capabilities()
    if mute := [
        s.type for s in policy.sources if (p := known.search_params(s.type)) and "_lastUpdated" not in p
    ]:
        return SweepWindow(
            None, (f"this server cannot search {', '.join(mute)} by _lastUpdated: every patient is read",)
        )
    return SweepWindow(cursor - policy.overlap)


def _read_pages(
    server: SweepServer, ledger: Ledger, current: Pass, policy: SweepPolicy, clock: Clock
) -> Position:
    """Page by page into the ledger, each with where the reading stands then."""
    position = current.position
    before = passes.earlier_pass(ledger, policy.ruleset)

    def hold() -> None:
        if not passes.add_patients(ledger, current, (), clock(), policy.lease):
            raise _taken_for_dead()

    retry = replace(policy.retry, hold=hold)
    for page, reached in _all_pages(server, current, policy, retry):
        first, position = position.server_time is None, _with_counts(reached, page, current, position)
        if first and (went_back := _clock_went_back(position, before, policy, clock())):
            return _read_pages(server, ledger, replace(current, position=went_back), policy, clock)
        found = [_seen_version(resource, incremental=not current.full) for resource in page.result.matches]
        known = [item for item in found if item.patient]
        position = replace(
            position,
            resources=position.resources + len(found),
            strays=position.strays + len(found) - len(known),
        )
        if not passes.add_patients(ledger, current, known, clock(), policy.lease, position):
            raise _taken_for_dead()
    return position


def _all_pages(
    server: SweepServer, current: Pass, policy: SweepPolicy, retry: PageRetry
) -> Iterator[tuple[Page, Position]]:
    # Thousands, where a list is walked.
    searches = cache(lambda since: policy.searches(since, full=current.full))
    together = FirstPages(server, searches(current.position.since))
    return pages(together, searches, current.position, retry)


def _with_counts(reached: Position, page: Page, current: Pass, before: Position) -> Position:
    """With what was counted and noted so far, and with the clock of the very first answer."""
    notes = list(before.notes)
    if "_lastUpdated" in page.result.ignored_parameters and not current.full:
        kind = next((match["resourceType"] for match in page.result.matches), "a type")
        notes.append(f"this server ignores _lastUpdated: all of {kind} was read")
    return replace(
        reached,
        server_time=before.server_time or instant(page.result.server_time),
        resources=before.resources,
        strays=before.strays,
        notes=tuple(dict.fromkeys(notes)),
    )


def _clock_went_back(
    position: Position, before: EarlierPass | None, policy: SweepPolicy, now: datetime
) -> Position | None:
    """Where to begin instead: what changed since the last pass may bear stamps from before its end."""
    if position.since is None or position.server_time is None or before is None:
        return None
    elapsed = max(now - before.started_at, timedelta(0))
    earliest = position.server_time - elapsed - policy.overlap
    told = "the clock of the server went back: what changed since then is read again"
    if earliest >= position.since or told in position.notes:
        return None
    return Position(
        since=earliest,
        server_time=position.server_time,
        notes=(*position.notes, told),
        newest=position.newest,
        listed=position.listed,
    )


def _result_of(
    ledger: Ledger, current: Pass, position: Position, policy: SweepPolicy, now: datetime
) -> SweepResult:
    whole = not set(position.gaps) - _ON_PRINCIPLE
    until = _until(position, current, policy, now)
    if current.full:
        seen_versions.remember_patient_list(ledger, (policy.listed.ids if policy.listed else None) or ())
    passes.finish_pass(ledger, current, until, position, whole=whole)
    if whole:
        seen_versions.forget_versions(ledger, until - 2 * policy.overlap - policy.margin)
    return SweepResult(
        current,
        current.full,
        position.resources,
        position.strays,
        position.since,
        until,
        (
            *position.notes,
            *(_gap_note(gap) for gap in position.gaps),
            *_not_there(position),
            *(policy.listed.lacking(position.resources) if policy.listed and current.full else ()),
        ),
        whole,
        patients=pass_counts.pass_progress(ledger, current).found,
    )


def _until(position: Position, current: Pass, policy: SweepPolicy, now: datetime) -> datetime:
    """As far as changes were seen, and never ahead of either clock."""
    clocks = [it - policy.margin for it in (now, position.server_time) if it]
    stamped = position.newest or not position.resources
    if current.full or position.since is None or not stamped:
        return min(clocks)
    return min(position.newest or position.since + policy.overlap, *clocks)


def _not_there(position: Position) -> Iterator[str]:
    if position.passed_over:
        yield f"this server does not have {', '.join(position.passed_over)}: nothing was looked for there"


def _gap_note(gap: str) -> str:
    kept = "" if gap in _ON_PRINCIPLE else ": it is read again from the same moment"
    return f"an answer of the server may lack something ({gap}){kept}"


def _seen_version(resource: Json, *, incremental: bool) -> SeenVersion:
    """A full pass remembers no versions: it looks at everybody anyway."""
    kind, meta = str(resource.get("resourceType")), resource.get("meta") or {}
    patient = str(resource.get("id") or "") if kind == "Patient" else _patient_of(resource)
    source = f"{kind}/{resource.get('id')}"
    if not incremental:
        return SeenVersion(patient, source)
    return SeenVersion(patient, source, str(meta.get("versionId") or ""), changed_at(resource))


def _patient_of(resource: Json) -> str:
    """The id in the reference; a reference to somebody on another server is nobody here."""
    held = resource.get("subject") or resource.get("patient") or resource.get("for")
    reference = held.get("reference") if isinstance(held, dict) else None
    found = _PATIENT.search(reference) if isinstance(reference, str) else None
    return found[1] if found else ""


def _taken_for_dead() -> TryAgainLater:
    return TryAgainLater("This sweep was taken for dead by another one, which goes on in its place.")
