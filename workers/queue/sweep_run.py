"""A run: one sweep, the work on everything that it found, here or by workers, and a summary."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from typing_extensions import TypedDict

from workers.ledger import Pass, ReviewState, pass_counts, passes, reviews
from workers.queue.broker_calls import broker_calls
from workers.queue.chunk import tallies_of
from workers.queue.feed import depth_of, feed_queue, review_all_due
from workers.queue.runtime import Runtime
from workers.queue.sweep import SweepResult

POLL = 0.2  # seconds between two looks at how far the workers are
LONGEST_LOOK = 30.0  # seconds between two looks at an export that lists the patients


@dataclass(frozen=True, slots=True)
class RunStatus:
    """How far it is, for whoever watches."""

    doing: str
    settled: int = 0
    found: int = 0


@dataclass(frozen=True, slots=True)
class RunPatience:
    """Seconds in which workers may settle nobody: until this is told; past a lease, until a run gives up."""

    slow: float = 10.0
    beyond_lease: float = 60.0


PATIENCE = RunPatience()


@dataclass(frozen=True, slots=True)
class UnsettledPatient:
    """A patient who is put aside or waits, and who can do something about it."""

    patient: str
    state: str
    reason: str
    next_step: str  # settings, record, software or later
    next_attempt_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run came to; all mappings are name to count."""

    full: bool
    finished: bool
    dry_run: bool = False
    patients: int = 0
    waiting: int = 0
    outcomes: Mapping[str, int] = field(default_factory=dict)  # "planned:osteoporosis"
    rejected: Mapping[str, int] = field(default_factory=dict)
    written: Mapping[str, int] = field(default_factory=dict)
    alarms: Mapping[str, int] = field(default_factory=dict)
    troubles: tuple[UnsettledPatient, ...] = ()
    notes: tuple[str, ...] = ()


NOBODY_WORKS = "nobody was reviewed for a while: is a worker running?"
Watch = Callable[[RunStatus], None]


def work_here(runtime: Runtime, watch: Watch, *, full: bool = False) -> RunSummary:
    """Sweep and review in this process."""
    watch(RunStatus("sweep"))
    swept = _swept(runtime, watch, full=full)
    if swept.current is None:
        return RunSummary(swept.full, finished=False, dry_run=runtime.settings.dry_run, notes=swept.notes)
    current = swept.current
    review_all_due(runtime, lambda: _tell(runtime, current, watch))
    return summed_up(runtime, swept, current)


def work_through_broker(
    runtime: Runtime, watch: Watch, *, full: bool = False, patience: RunPatience = PATIENCE
) -> RunSummary:
    """Sweep here and let the workers review; gives up waiting when nobody does anything any more.

    Raises at once when there is no broker.
    """
    # Before anything is read: without it nobody would be reviewed.
    broker = broker_calls(runtime.settings)
    watch(RunStatus("sweep"))
    swept = _swept(runtime, watch, full=full)
    if swept.current is None:
        return RunSummary(swept.full, finished=False, dry_run=runtime.settings.dry_run, notes=swept.notes)
    longest_silence = runtime.lease.total_seconds() + patience.beyond_lease
    settled, since, told = -1, time.monotonic(), False
    while (
        not (now := _tell(runtime, swept.current, watch)).over and time.monotonic() - since < longest_silence
    ):
        feed_queue(runtime, depth_of(runtime), broker.waiting, broker.publish)
        if now.settled != settled:
            settled, since, told = now.settled, time.monotonic(), False
        elif not told and time.monotonic() - since > patience.slow:
            told = True
            watch(RunStatus(NOBODY_WORKS, now.settled))
        time.sleep(POLL)
    passes.advance_watermark(runtime.ledger, runtime.ruleset)
    return summed_up(runtime, swept, swept.current)


def work_on(runtime: Runtime, patients: Sequence[str]) -> RunSummary:
    """Review these patients in this process, whether or not anything of them changed."""
    wanted = list(dict.fromkeys(patients))
    outcomes = runtime.review_now(wanted)
    troubles = [review for review in reviews.unsettled_reviews(runtime.ledger) if review.patient in wanted]
    waiting = {trouble.patient for trouble in troubles if trouble.state is ReviewState.WAITING}
    elsewhere = {*wanted} - waiting - {outcome.patient for outcome in outcomes}
    counts = Counter(
        tally for outcome in outcomes if outcome.patient not in waiting for tally in tallies_of(outcome)
    )
    return RunSummary(
        full=False,
        finished=not elsewhere,
        dry_run=runtime.settings.dry_run,
        patients=len(wanted),
        waiting=len(waiting),
        troubles=tuple(map(_unsettled, troubles)),
        notes=(f"patients whom another process reviews just now: {len(elsewhere)}",) if elsewhere else (),
        **_sums(counts),
    )


class _Sums(TypedDict):
    outcomes: dict[str, int]
    rejected: dict[str, int]
    written: dict[str, int]
    alarms: dict[str, int]


def _sums(counts: Mapping[str, int]) -> _Sums:
    return {
        "outcomes": _counts_of(counts, "outcome:"),
        "rejected": _counts_of(counts, "rejected:"),
        "written": _counts_of(counts, "written:"),
        "alarms": _counts_of(counts, "alarm:"),
    }


def _swept(runtime: Runtime, watch: Watch, *, full: bool) -> SweepResult:
    """A sweep; where an export is to say first whom to look at, it is waited for."""
    until = time.monotonic() + runtime.settings.export.wait
    while (swept := runtime.sweep(full=full)).wait and time.monotonic() < until:
        watch(RunStatus("; ".join(swept.notes) or "export"))
        time.sleep(min(swept.wait, LONGEST_LOOK))
    return swept


@dataclass(frozen=True, slots=True)
class _Now:
    settled: int
    over: bool


def _tell(runtime: Runtime, current: Pass, watch: Watch) -> _Now:
    now = pass_counts.pass_progress(runtime.ledger, current)
    watch(RunStatus("review", now.settled, now.found))
    # Who waits for a later try is not waited for: that may be hours.
    return _Now(now.settled, over=now.settled + now.waiting == now.found)


def summed_up(runtime: Runtime, swept: SweepResult, current: Pass) -> RunSummary:
    """What the ledger counted for this pass, and who is not settled."""
    now, counts = (
        pass_counts.pass_progress(runtime.ledger, current),
        pass_counts.pass_tallies(runtime.ledger, current),
    )
    troubles = tuple(_unsettled(review) for review in reviews.unsettled_reviews(runtime.ledger))
    waits = tuple(filter(None, (runtime.why_full_pass_waits,)))
    unbegun = now.found - now.settled - now.waiting
    notes = (f"patients who were not reviewed: {unbegun}; is a worker running?",) if unbegun else ()
    strays = (
        (f"resources that name no patient of this server: {swept.without_patient}",)
        if swept.without_patient
        else ()
    )
    return RunSummary(
        full=swept.full,
        finished=not unbegun and swept.whole,
        dry_run=runtime.settings.dry_run,
        patients=now.found,
        waiting=now.waiting,
        troubles=troubles,
        notes=(*swept.notes, *waits, *strays, *notes),
        **_sums(counts),
    )


def _counts_of(counts: Mapping[str, int], kind: str) -> dict[str, int]:
    return {name.removeprefix(kind): count for name, count in counts.items() if name.startswith(kind)}


WHO = {
    "ConfigurationFault": "settings",
    "RecordFault": "record",
    "SoftwareFault": "software",
    reviews.KILLED: "software",
}


def _unsettled(trouble: reviews.UnsettledReview) -> UnsettledPatient:
    due = trouble.next_attempt_at if trouble.state is ReviewState.WAITING else None
    reason = trouble.reason or trouble.error_class or "every try ended with the death of its worker"
    return UnsettledPatient(
        trouble.patient, trouble.state, reason, WHO.get(trouble.error_class or "", "later"), due
    )
