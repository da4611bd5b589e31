"""Writes several patients in one transaction, split when it fails; or singly where there are none.

Everything that is written may be written again: new resources have an id or a key of their own, and every
change names the version that it replaces. So a lost answer costs a second look and nothing else.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from adapter.errors import VersionConflict
from adapter.fhir.bundles import Entry, located
from adapter.input.wire_json import Json
from mappings import outbound
from mappings.handover.duplicates import unmarked
from mappings.handover.institution import Institution
from mappings.handover.propose import Proposal
from mappings.handover.situation import NotFollowed
from mappings.outbound import Action, Write
from mappings.outbound.fingerprint import marked
from workers.review.batches import batches
from workers.review.entered_in_error import mark_entered_in_error
from workers.review.fhir_server import FhirServer
from workers.review.first_writes import overwrote, put_back
from workers.review.isolation import isolated
from workers.review.read import duplicates_on_server
from workers.review.references import patients_of
from workers.review.review_outcome import OutcomeCode, ReviewOutcome, failed
from workers.review.sent_entries import send_entry, send_transaction

# What others point to comes first, so that a server which checks references finds their targets.
ORDER = (
    "Device", "ServiceRequest", "MedicationRequest", "CommunicationRequest", "CarePlan", "DocumentReference",
    "Communication", "Task", "Provenance",
)  # fmt: skip
FILED = "DocumentReference"


def write(proposals: Sequence[Proposal], server: FhirServer, institution: Institution) -> list[ReviewOutcome]:
    """Bring the proposals to the server; one outcome for each."""
    if not institution.dry_run:
        proposals, failures = isolated(
            proposals, lambda some: _mark_duplicates(some, server), by_witness=True
        )
        return [*failures, *_write_changes(proposals, server, institution)]
    return [_outcome(proposal, {}) for proposal in proposals]


def _mark_duplicates(proposals: Sequence[Proposal], server: FhirServer) -> Sequence[Proposal]:
    """Duplicates of earlier writers are marked before anything is added."""
    for proposal in proposals:
        mark_entered_in_error(proposal.duplicates, server)
    return proposals


def _write_changes(
    proposals: Sequence[Proposal], server: FhirServer, institution: Institution
) -> list[ReviewOutcome]:
    idle = [_outcome(proposal, {}) for proposal in proposals if not proposal.changes]
    busy = [proposal for proposal in proposals if proposal.changes]
    if not busy:
        return idle
    busy, without_device = isolated(
        busy, lambda some: _write_devices_first(some, server, institution), by_witness=True
    )
    busy, partial = isolated(busy, lambda some: _read_whole(some, server), by_witness=True)
    at_once = server.capabilities().transaction.worth_asking
    send = _in_transaction if at_once else _one_by_one
    done = [*idle, *without_device, *partial]
    for group in batches(busy, institution.write_size if at_once else 1):
        written, failures = isolated(group, lambda some: send(some, server, institution), by_witness=True)
        done += [*written, *failures]
    # R4 gives no guarantee for two conditional creates at one moment
    # (https://hl7.org/fhir/R4/http.html#ccreate).
    return done if institution.update_create else _without_twins(done, server, institution)


def _without_twins(
    outcomes: list[ReviewOutcome], server: FhirServer, institution: Institution
) -> list[ReviewOutcome]:
    """Looks for twins: if the server gives the ids, a conditional create does not prevent them."""
    created = [outcome.patient for outcome in outcomes if outcome.written]
    duplicates = unmarked(duplicates_on_server(created, server, institution)) if created else []
    doubled = frozenset(
        patient for it in duplicates for patient in patients_of(it, institution.reading.base_url)
    )
    mark_entered_in_error(duplicates, server)
    return [
        replace(outcome, alarms=(*outcome.alarms, "duplicates_on_server"))
        if outcome.patient in doubled
        else outcome
        for outcome in outcomes
    ]


def _write_devices_first(
    proposals: Sequence[Proposal], server: FhirServer, institution: Institution
) -> Sequence[Proposal]:
    """The Device first and alone: everybody's writes have it, and many workers write it at once."""
    if institution.update_create:
        machines = {
            change.location: change for one in proposals for change in one.changes if _is_device(change)
        }
        for entry in _wired(machines.values(), institution):
            with suppress(VersionConflict):  # another worker was first, with the same content
                server.update(
                    entry.resource or {}, if_match=entry.if_match, if_none_match=entry.if_none_match
                )
    return proposals


def _read_whole(proposals: Sequence[Proposal], server: FhirServer) -> Sequence[Proposal]:
    """What is filed was read without its pages: to change its standing, all of it is read now."""
    partial = [
        change for one in proposals for change in one.changes if change.ended and change.draft.type == FILED
    ]
    if not partial:
        return proposals
    ids = sorted({it.location.partition("/")[2] for it in partial})
    (found,) = server.batch_searches([(FILED, [("_id", ",".join(ids))], lambda it: it.get("id") in ids)])
    held = {f"{FILED}/{match['id']}": match for match in found.matches}
    return [
        replace(
            proposal,
            composed=replace(proposal.composed, writes=tuple(_complete(it, held) for it in proposal.writes)),
        )
        for proposal in proposals
    ]


def _complete(write: Write, held: Mapping[str, Json]) -> Write:
    """The version that was decided about goes along, so that another one is refused and looked at anew."""
    if not (write.ended and write.location in held):
        return write
    whole = {name: it for name, it in held[write.location].items() if name != "meta"}
    content = marked(whole | {"status": write.draft.resource["status"]})
    return replace(write, draft=replace(write.draft, resource=content))


def _in_transaction(
    proposals: Sequence[Proposal], server: FhirServer, institution: Institution
) -> list[ReviewOutcome]:
    """All of them or none."""
    sent = {proposal.patient: _entries(proposal.writes, institution) for proposal in proposals}
    # Within one transaction a resource may stand once, and a Device without an id of its own is everybody's.
    distinct = {_name(entry): entry for entries in sent.values() for entry in entries}
    answers = send_transaction(list(distinct.values()), server)
    versions: dict[str, tuple[str, str]] = {}
    late: set[str] = set()
    for (name, entry), answer in zip(distinct.items(), answers, strict=True):
        kind, key = entry.resource_type, answer.id or located(entry.url)[1]
        versions[name] = (f"{kind}/{key}", answer.version or "")
        if overwrote(entry, created=answer.status == 201, version=answer.version) and put_back(
            entry, answer.version, server
        ):
            late.add(name)
    return [
        failed(proposal.patient, VersionConflict("A first write came late; what stood there was put back."))
        if any(_name(entry) in late for entry in sent[proposal.patient])
        else _outcome(proposal, dict(versions[_name(entry)] for entry in sent[proposal.patient]))
        for proposal in proposals
    ]


def _one_by_one(
    proposals: Sequence[Proposal], server: FhirServer, institution: Institution
) -> list[ReviewOutcome]:
    """For servers without transactions.

    If it breaks off, the next review finds the rest missing and goes on. So what the next one would not
    ask for any more goes first: the Task about a letter that leaves, the withdrawal of a plan that ends.
    """
    outcomes = []
    for proposal in proposals:
        locations: dict[str, str] = {}
        versions: dict[str, str] = {}
        for entry in _entries(sorted(proposal.writes, key=_turn), institution):
            kind, key, version = send_entry(entry, locations, server)
            versions[f"{kind}/{key}"] = version
            if entry.full_url:
                locations[entry.full_url] = f"{kind}/{key}"
        outcomes.append(_outcome(proposal, versions))
    return outcomes


def _entries(writes: Iterable[Write], institution: Institution) -> list[Entry]:
    """What is left to send: a Device under an id of ours was introduced before."""
    return _wired([it for it in writes if not (institution.update_create and _is_device(it))], institution)


def _is_device(write: Write) -> bool:
    return write.draft.type == "Device"


def _wired(writes: Iterable[Write], institution: Institution) -> list[Entry]:
    return [
        Entry(
            entry.method,
            entry.url,
            entry.resource,
            entry.full_url,
            entry.if_none_exist,
            entry.if_match,
            entry.if_none_match,
        )
        for entry in outbound.entries(writes, update_create=institution.update_create)
    ]


def _name(entry: Entry) -> str:
    return entry.full_url or entry.url


def _turn(write: Write) -> tuple[int, int]:
    """What is new, what others point to first; what changes; its Provenance; what is ended, the plan last."""
    rank = ORDER.index(write.draft.type) if write.draft.type in ORDER else len(ORDER)
    if write.ended:
        return 3, -rank
    if write.draft.type == "Provenance":
        return 2, rank
    return (0 if write.action is Action.CREATE else 1), rank


def _outcome(proposal: Proposal, written: Mapping[str, str]) -> ReviewOutcome:
    return ReviewOutcome(
        proposal.patient,
        outcome_code(proposal),
        category=proposal.decision.classification.category.value,
        written={location: version for location, version in written.items() if version},
        proposed=tuple(
            f"{change.action.value} {change.draft.type}"
            for change in proposal.changes
            if change.draft.type != "Device"
        ),
        rejected=tuple(refusal.reason.value for refusal in proposal.decision.rejected),
        alarms=proposal.alarms,
        outgoing=proposal.composed.outgoing,
        revoked=proposal.composed.revoked,
        next_due=min((step.due for step in proposal.composed.steps), default=None),
        again=proposal.composed.again,
    )


NOT_FOLLOWED: Mapping[NotFollowed, OutcomeCode] = {
    NotFollowed.MERGED: OutcomeCode.MERGED,
    NotFollowed.DECEASED: OutcomeCode.DECEASED,
    NotFollowed.INACTIVE: OutcomeCode.INACTIVE,
    NotFollowed.TEST_DATA: OutcomeCode.TEST_DATA,
}


def outcome_code(proposal: Proposal) -> OutcomeCode:
    """What the CarePlan came to; the letters and questions follow it."""
    if proposal.not_followed:
        return NOT_FOLLOWED[proposal.not_followed]
    if not proposal.decision.warranted:
        return OutcomeCode.NOTHING_TO_PROPOSE
    if any(
        it.draft.type == "CarePlan" and it.action in (Action.RESPECT, Action.RELEASED)
        for it in proposal.writes
    ):
        return OutcomeCode.RESPECTED
    return OutcomeCode.PLANNED if proposal.changes else OutcomeCode.UNCHANGED
