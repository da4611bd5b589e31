"""What must hold for every case: we only propose, every line has its rule, and twice is like once."""

from collections.abc import Iterator

from adapter.input.wire_json import Json
from mappings.handover.propose import Proposal
from mappings.outbound import check
from mappings.outbound.ids import canonical
from workers.authoring.cases.expectations.case_outcome import CaseProposal
from workers.authoring.cases.expectations.differences import CaseDifference

# Nobody's diagnosis or prescription is ours to write, in whatever status.
NEVER_WRITTEN = frozenset({"Condition", "MedicationRequest", "ServiceRequest"})


def broken_invariants(seen: CaseProposal) -> Iterator[CaseDifference]:
    """The global invariants that do not hold for what was drafted."""
    for location, resource in seen.drafts.items():
        kind = location.partition("/")[0]
        if kind in NEVER_WRITTEN:
            yield f"invariant: a {kind} would be written"
        for rule in check(resource):
            yield f"invariant: {kind} breaks {rule}"
    if seen.plan:
        yield from _plan_faults(seen.plan, seen)
    for letter in seen.letters:
        if letter["status"] != "preparation" or {"sent", "received"} & letter.keys():
            yield "invariant: the Communication is more than prepared"


def _plan_faults(plan: Json, seen: CaseProposal) -> Iterator[CaseDifference]:
    pathway = canonical(seen.decision.pathway.id, seen.decision.pathway.version)
    if (plan["status"], plan["intent"]) != ("draft", "proposal"):
        yield "invariant: the CarePlan is more than a draft proposal"
    for activity in plan.get("activity", ()):
        detail = activity["detail"]
        if not detail.get("instantiatesUri") or pathway not in detail.get("instantiatesCanonical", ()):
            yield "invariant: an activity of the CarePlan lacks its rule or its pathway version"


def rewritten_drafts(second: Proposal) -> Iterator[CaseDifference]:
    """What a second run would write although all of it already stands on the server."""
    return (f"invariant: a second run would write the {change.draft.type} again" for change in second.changes)


def unstable_ids(first: CaseProposal, again: CaseProposal) -> Iterator[CaseDifference]:
    """Whether the same record in another order gave anything else."""
    if first.drafts != again.drafts or first.decision != again.decision:
        yield "invariant: running twice gives different resources"
