"""Everything that a process works with, and its two acts: find work and do it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from adapter.errors import OsteoHandoverError, TryAgainLater
from adapter.fhir import FhirClient
from mappings.codes import PLAN_KEY
from mappings.handover.institution import Institution
from mappings.handover.patient_record import PatientRecord
from mappings.handover.plan_writes import ComposedPlan
from mappings.handover.propose import Proposal, propose
from mappings.handover.release.release_codes import RELEASE
from mappings.handover.release.release_task import ASKS_RELEASE
from mappings.handover.review_basis import ReviewBasis
from mappings.inbound import ReadingConfig, queries
from workers.host.clock import Clock, system_clock
from workers.ledger import Ledger, ReviewLease, circuits, due_dates, leases, open_ledger, passes, reviews
from workers.queue.bootstrap import client_of, institution_of, rules_of, ruleset_of, scope_of, takes_our_ids
from workers.queue.chunk import RetryPolicy, work_chunk
from workers.queue.full_passes import waiting_note
from workers.queue.letter_gate import queue_letters
from workers.queue.patient_lists.configured_source import source_of
from workers.queue.patient_lists.patient_source import PatientSource
from workers.queue.sweep import SweepResult, sweep
from workers.queue.sweep_pages.page_reader import SweepPolicy, SweepTarget
from workers.review.batches import BatchSize, batches
from workers.review.read import read
from workers.review.review import ReviewMemory, review
from workers.review.review_outcome import ReviewOutcome, failed
from workers.settings.all_settings import Settings
from workers.settings.full_pass_rule import full_pass_rule_of

# What a query of one batch asks and a sweep does not.
WHOSE = frozenset({"_id", "patient", "subject", "actor"})


# The answers of clinicians to our questions; what we ask ourselves is no news.
ANSWERED = (
    ("code", ",".join(f"{RELEASE}|{code}" for code in sorted(ASKS_RELEASE))),
    ("status", "completed,rejected"),
)


# A human may set a plan to active, or change it. The versions that we wrote ourselves are in the ledger.
OUR_PLANS = SweepTarget("CarePlan", (("identifier", f"{PLAN_KEY}|"),), own=True)
SWEEP_LEASE = timedelta(minutes=2)  # longer than one page may take, with all waits before it


@dataclass(frozen=True, slots=True)
class Runtime:
    """Everything at hand. Close it, or use it as a context."""

    settings: Settings
    client: FhirClient
    ledger: Ledger
    institution: Institution
    ruleset: str  # the fingerprint of everything that decides: when it changes, everybody is looked at again
    clock: Clock
    batch_size: BatchSize
    source: PatientSource | None = None  # whom to look at, where no search says so

    def sweep(self, *, full: bool = False) -> SweepResult:
        """Find work. What was found is in the ledger afterwards. A server that is left alone is not asked.

        Who asks for everybody wants everybody decided anew; a full pass that comes by itself does not.
        """
        if not circuits.claim_passage(self.ledger, self.server, self.clock()).may_ask:
            return SweepResult(None, full, notes=(self.why_left_alone,))
        if full:
            passes.forget_bases(self.ledger)
        try:
            listed = self.source.listed(at_any_hour=full) if self.source else None
            if listed and listed.ids is None:
                return SweepResult(None, full, notes=listed.notes, wait=listed.wait)
            policy = replace(self.sweep_policy, listed=listed)
            result = sweep(self.client, self.ledger, policy, self.clock, full=full)
        except TryAgainLater as fault:
            if fault.resource_type or fault.status:  # the server's, and not the ledger's or another sweep's
                told = timedelta(seconds=fault.retry_after) if fault.retry_after else None
                circuits.record_failure(self.ledger, self.server, self.clock(), str(fault), told=told)
            raise
        circuits.record_success(self.ledger, self.server)
        passes.advance_watermark(self.ledger, self.ruleset)
        return result

    @property
    def server(self) -> str:
        """The name under which its circuit stands in the ledger."""
        return self.settings.fhir_base_url

    @property
    def left_alone_until(self) -> datetime | None:
        """Until when the server, which failed too often or asked for time, is left alone; None: ask it."""
        until = circuits.circuit_of(self.ledger, self.server, self.clock()).open_until
        return until if until and until > self.clock() else None

    @property
    def why_left_alone(self) -> str:
        """Why nobody asks the server just now, in a sentence."""
        return str(circuits.circuit_of(self.ledger, self.server, self.clock()))

    def claim(self, size: int) -> tuple[str, ...]:
        """The next patients who are due, at most so many."""
        return reviews.claim_patients(self.ledger, self.clock(), self.lease, size, self.settings.max_attempts)

    def review(self, ids: Sequence[str]) -> list[ReviewOutcome]:
        """Do work: those of these patients who are still due. Moves the watermark where that ended a pass."""
        done = self.work(ids)
        passes.advance_watermark(self.ledger, self.ruleset)
        return done

    def work(self, ids: Sequence[str]) -> list[ReviewOutcome]:
        """Do work, for a caller who moves the watermark."""
        return work_chunk(ids, self.ledger, self.retry_policy, self.clock, self._review, self.server)

    def review_now(self, ids: Sequence[str]) -> list[ReviewOutcome]:
        """Do it at once, whether or not they are due."""
        reviews.request_reviews(self.ledger, ids, self.clock())
        return self.review(ids)

    def proposal_of(self, patient: str) -> tuple[Proposal, PatientRecord]:
        """What would be written about a patient, and what it rests on. Writes nothing."""
        (record,) = read([patient], self.client, self.institution, self.now().date())
        return propose(
            record, self.institution, self.now(), reviews.written_versions(self.ledger, patient)
        ), record

    def looked_at(self, patients: Sequence[str]) -> Iterator[tuple[str, ComposedPlan]]:
        """What is to be said about these patients now, a batch at a time. Writes nothing."""
        for some in batches(patients, self.settings.batch_size):
            for record in read(some, self.client, self.institution, self.now().date()):
                yield record.patient, propose(record, self.institution, self.now(), {}).composed

    def queue_overdue(self) -> int:
        """Have everybody looked at who has a step that became overdue; gives how many."""
        today = self.now().date()
        late = due_dates.late_patients(self.ledger, today)
        reviews.request_reviews(self.ledger, late, self.clock())
        due_dates.mark_queued(self.ledger, late, today)
        return len(late)

    def now(self) -> datetime:
        """The time on the wall of the institution."""
        return self.clock().astimezone(ZoneInfo(self.settings.timezone))

    @property
    def why_full_pass_waits(self) -> str | None:
        """That a full pass is due and waits for its hours, in a sentence; None: none waits."""
        rule = full_pass_rule_of(self.settings)
        return waiting_note(self.ledger, self.ruleset, rule, self.clock())

    @property
    def lease(self) -> timedelta:
        """How long whoever takes a patient has for it."""
        return timedelta(seconds=self.settings.lease)

    @property
    def threads(self) -> int:
        """A ledger in memory is one connection, which threads cannot share."""
        return 1 if self.settings.dry_run else self.settings.threads

    @property
    def retry_policy(self) -> RetryPolicy:
        """When to try again."""
        delays = tuple(timedelta(seconds=delay) for delay in self.settings.retry_delays)
        return RetryPolicy(self.settings.max_attempts, delays, self.lease, self.batch_size, self.threads)

    @property
    def sweep_policy(self) -> SweepPolicy:
        """What to sweep: the searches that reading makes, for everybody."""
        sources = sweep_targets(self.settings, self.institution.reading)
        seconds = {
            name: timedelta(seconds=getattr(self.settings, name))
            for name in ("sweep_overlap", "clock_margin")
        }
        return SweepPolicy(
            self.ruleset,
            sources,
            seconds["sweep_overlap"],
            seconds["clock_margin"],
            full_pass_rule_of(self.settings),
            SWEEP_LEASE,
            search_size=self.settings.search_size,
        )

    def _review(self, begun: Sequence[ReviewLease]) -> Sequence[ReviewOutcome]:
        memories = {it.patient: ReviewMemory(it.written, ReviewBasis.of_text(it.basis)) for it in begun}
        by_patient = {it.patient: it for it in begun}
        done = review(
            list(by_patient),
            self.client,
            self.institution,
            self.now(),
            memories,
            lambda some: leases.held_patients(self.ledger, [by_patient[it] for it in some]),
        )
        if not self.institution.dry_run:
            return self._queued(done)
        return done

    def _queued(self, done: Sequence[ReviewOutcome]) -> Sequence[ReviewOutcome]:
        """With the letters in the outbox; whose letters are not there yet is not done yet."""
        try:
            queue_letters(done, self.client, self.ledger, self.clock, self.settings.delivery.channel)
        except OsteoHandoverError as fault:
            return [
                failed(outcome.patient, fault) if outcome.outgoing and outcome.fault is None else outcome
                for outcome in done
            ]
        return done

    def close(self) -> None:
        """Let go of connections; a second call does nothing."""
        self.client.close()
        self.ledger.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def sweep_targets(settings: Settings, reading: ReadingConfig) -> tuple[SweepTarget, ...]:
    """The searches that reading makes, for everybody."""
    found = tuple(
        SweepTarget(query.type, tuple((name, value) for name, value in query.params if _kept(name)))
        for query in queries(["x"], reading)
        if query.news and query.type in settings.sweep_types
    )
    if "Task" in settings.sweep_types:
        found = (*found, SweepTarget("Task", ANSWERED))
    if OUR_PLANS.type in settings.sweep_types:
        found = (*found, OUR_PLANS)
    if "Patient" in settings.sweep_types and not any(it.type == "Patient" for it in found):
        found = (SweepTarget("Patient"), *found)
    return found


def _kept(name: str) -> bool:
    return name.partition(":")[0] not in WHOSE and not name.startswith(("_include", "_revinclude", "_count"))


def set_up(settings: Settings, clock: Clock = system_clock) -> Runtime:
    """A runtime by these settings; raises ConfigurationFault when something of it cannot work.

    On a dry run the ledger is a fresh one in memory, so that nobody counts as done who was only looked at.
    """
    institution = institution_of(settings)
    client = client_of(settings, at_once=settings.threads)
    if settings.write_mode != "put":
        institution = replace(
            institution, update_create=takes_our_ids(client.capabilities().require_r4(), settings)
        )
    url = "sqlite://" if settings.dry_run else settings.ledger_url.get_secret_value()
    ledger = open_ledger(url, scope_of(settings, institution))
    ruleset = ruleset_of(settings, institution)
    institution = replace(
        institution, rules="" if settings.decide_unchanged else rules_of(institution, ruleset)
    )
    return Runtime(
        settings,
        client,
        ledger,
        institution,
        ruleset,
        clock,
        BatchSize(settings.batch_size),
        source_of(settings, client, ledger, clock),
    )
