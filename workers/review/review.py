"""Review patients: read, classify, pathway, handover, write.

Knows no queue, no settings and no clock. Reviewing twice, at once or after a crash leads to the same
resources, and one patient who cannot be read, decided or written never harms the others of the batch.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from threading import Lock

from adapter.errors import OsteoHandoverError, VersionConflict
from mappings.handover.institution import Institution
from mappings.handover.patient_record import PatientRecord
from mappings.handover.propose import Proposal, propose_all
from mappings.handover.review_basis import UNTOLD, ReviewBasis, known_of, review_basis_of
from workers.review.fhir_server import FhirServer
from workers.review.isolation import isolated
from workers.review.read import read, serves
from workers.review.review_outcome import OutcomeCode, ReviewOutcome, failed
from workers.review.searches.version_search import unchanged
from workers.review.write import write

# how often a patient is read and decided before somebody else's writing counts as a fault that may pass
ATTEMPTS = 4
# Threads share one interpreter. Batches that were decided side by side were all ready at the same time, and
# the server, 20 ms away, had nothing to do until then. One after the other a review takes 0.8 of the time.
DECIDING = Lock()
TurnCheck = Callable[[Sequence[str]], Collection[str]]  # of these patients those whose turn is still ours


@dataclass(frozen=True, slots=True)
class ReviewMemory:
    """What is remembered of a patient: our last versions, and the basis of a review that changed nothing."""

    written: Mapping[str, str] = field(default_factory=dict)
    basis: ReviewBasis = field(default_factory=ReviewBasis)


Memories = Mapping[str, ReviewMemory]  # by patient
NOTHING = ReviewMemory()


def all_of_them(ids: Sequence[str]) -> Collection[str]:
    """For whoever holds no leases."""
    return ids


def review(
    ids: Sequence[str],
    server: FhirServer,
    institution: Institution,
    now: datetime,
    memories: Memories | None = None,
    holds: TurnCheck = all_of_them,
) -> tuple[ReviewOutcome, ...]:
    """One outcome per patient, in order. `now` is in the institution's time zone. Raises nothing of the tree.

    A patient whose turn is over before anything is written is left alone, and nothing is said. One whose
    record reads as it did when a review left nothing to do is not decided again.
    """
    held, first = memories or {}, list(dict.fromkeys(ids))
    stored = {} if institution.read_unchanged else _stored_versions(first, institution, now, held)
    try:
        same = unchanged(stored, server, institution, now.date())
    except OsteoHandoverError as fault:
        return tuple(failed(one, fault) for one in first)
    outcomes = {
        one: ReviewOutcome(one, OutcomeCode.AS_BEFORE, basis=held[one].basis.text)
        for one in stored
        if one in same
    }
    waiting = [one for one in first if one not in outcomes]
    for _ in range(ATTEMPTS):
        if not waiting:
            break
        for outcome in _look(waiting, server, institution, now, held, holds):
            outcomes[outcome.patient] = outcome
        # Somebody wrote between our reading and our writing: read again, decide again.
        waiting = [one.patient for one in outcomes.values() if isinstance(one.fault, VersionConflict)]
    if not same and any(outcomes[one].code is OutcomeCode.AS_BEFORE for one in stored):
        server.refused.versions = True  # other versions of the same: asking for them again is in vain
    return tuple(outcomes[patient] for patient in first if patient in outcomes)


def _stored_versions(
    ids: Sequence[str], institution: Institution, now: datetime, memories: Memories
) -> dict[str, str]:
    """The digests of versions of earlier reviews in the same circumstances; others tell nothing."""
    known = {id_: known_of(memories[id_].written, institution.rules) for id_ in ids if id_ in memories}
    told = {one: memories[one].basis.versions_on(now.date(), it) for one, it in known.items()}
    return {one: versions for one, versions in told.items() if versions != UNTOLD}


def _look(
    ids: Sequence[str],
    server: FhirServer,
    institution: Institution,
    now: datetime,
    memories: Memories,
    holds: TurnCheck,
) -> list[ReviewOutcome]:
    """The verbs, top to bottom."""
    records, unread = isolated(
        ids,
        lambda some: read(some, server, institution, now.date()),
        lambda: serves(server, institution, now.date()),
    )
    held = {record.patient: record for record in records}
    # Made for those who have an earlier one to compare with, or of whom nothing is left to do.
    basis = cache(lambda one: _basis(held[one], institution, now, memories))
    earlier = {one: it for one in held if (it := memories.get(one, NOTHING).basis).content != UNTOLD}
    same = {one: basis(one).read_again(it) for one, it in earlier.items() if basis(one).same(it)}
    proposals, undecided = isolated(
        [record for record in records if record.patient not in same],
        lambda some: _decided(some, institution, now, memories),
    )
    ours_still = holds([proposal.patient for proposal in proposals])
    outcomes = write(
        [proposal for proposal in proposals if proposal.patient in ours_still], server, institution
    )
    until = {proposal.patient: proposal.until for proposal in proposals}
    settled = [
        replace(outcome, basis=basis(outcome.patient).lasting(until[outcome.patient]).text)
        if outcome.idle
        else outcome
        for outcome in outcomes
    ]
    before = [ReviewOutcome(one, OutcomeCode.AS_BEFORE, basis=it.text) for one, it in same.items()]
    return [*unread, *undecided, *settled, *before]


def _decided(
    records: Sequence[PatientRecord], institution: Institution, now: datetime, memories: Memories
) -> list[Proposal]:
    with DECIDING:
        return propose_all(
            [(one, memories.get(one.patient, NOTHING).written) for one in records], institution, now
        )


def _basis(
    patient: PatientRecord, institution: Institution, now: datetime, memories: Memories
) -> ReviewBasis:
    written = memories.get(patient.patient, NOTHING).written
    return review_basis_of(patient, written, institution.rules, now.date())
