"""Drafts against what is on the server: what to write, and what to leave as it is a human's by now.

Pure. Called twice with what the first call led to, it finds nothing to do.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import assert_never

from adapter.input.wire_json import Json
from mappings.outbound.content import digest
from mappings.outbound.draft import Action, Draft, Drafts, Write
from mappings.outbound.fingerprint import marked_under_our_names, seal
from mappings.outbound.gate import admit
from mappings.outbound.invariants import STEPS, in_order
from mappings.outbound.resources.provenance import about
from mappings.outbound.server.plan_changes import plan_task
from mappings.outbound.server.server_view import DraftStanding, ServerView
from mappings.outbound.server.withdrawals import REASON_GONE, code_of, withdrawals

CLOSED = frozenset({"completed", "rejected", "cancelled", "failed", "entered-in-error"})
KEPT_DATES = ("created", "authoredOn")
Accompaniment = Callable[[tuple[Write, ...]], Iterable[Write]]


def reconcile(
    drafts: Drafts,
    existing: Mapping[str, Json],
    ours: Mapping[str, str],
    beside: Accompaniment = lambda _: (),
) -> tuple[Write, ...]:
    """What happens to every draft and to what was withdrawn, with the Provenance of what is really written.

    ``existing`` must hold the current CarePlan, its requests, Communications, Tasks and Device of ours for
    this patient, by ``Type/id``; ``ours`` the ``versionId`` that we wrote last, as far as the ledger
    knows. ``beside`` says what else has to be written with these writes. Raises ``SoftwareFault`` for
    content that must not be written.
    """
    server = ServerView(existing, ours)
    plan = [judge(drafts.plan, server)] if drafts.plan else []
    steps = [it for draft in drafts.requests if (it := _following(draft, plan, server))]
    letters = [it for draft in drafts.communications if (it := _following(draft, plan, server))]
    questions = [_latest(draft, server) for draft in (*drafts.tasks, *plan_task(drafts, plan, server))]
    judged = (*steps, *plan, *letters, *questions)
    left = {write.location for write in judged} | _steps_out_of_hand(drafts, plan, server)
    writes = (*judged, *withdrawals(drafts, left, server))
    writes = (*writes, *beside(writes))
    return admitted((*writes, *_accompanying(drafts, writes, server)))


def admitted(writes: tuple[Write, ...]) -> tuple[Write, ...]:
    """The same writes, when all of their content may leave; what is only ended is not ours to judge."""
    for write in writes:
        if write.changes and not write.ended:
            admit(write.draft.resource, write.draft.obstacles)
    return writes


def judge(draft: Draft, server: ServerView) -> Write:
    """What happens to one draft."""
    draft = marked_under_our_names(draft, server.aliases)
    location = server.find(draft)
    outdated = location is not None and server.outdated(location, draft)
    match server.standing(draft):
        case DraftStanding.ABSENT:
            return Write(Action.CREATE, draft, draft.location)
        case DraftStanding.SAME:
            return Write(Action.UNCHANGED, draft, location or draft.location)
        case DraftStanding.BEHIND:
            return _update(draft, location or draft.location, server)
        case DraftStanding.EDITED:
            return Write(Action.RESPECT, draft, location or draft.location, outdated=outdated)
        case DraftStanding.AWAY:
            return Write(Action.RELEASED, draft, location or draft.location, outdated=outdated)
        case unreachable:
            assert_never(unreachable)


def _update(draft: Draft, location: str, server: ServerView) -> Write:
    """The new content under the old dates of birth: an update does not make a resource younger."""
    current = server.existing[location]
    dates = {name: current[name] for name in KEPT_DATES if name in current and name in draft.resource}
    resource = {**draft.resource, **dates}
    if not in_order(resource.get("authoredOn"), resource.get("lastModified")):
        resource["lastModified"] = resource["authoredOn"]  # it was written while our clock was fast
    return Write(Action.UPDATE, replace(draft, resource=resource), location, if_match=server.etag(location))


def _following(draft: Draft, plan: list[Write], server: ServerView) -> Write | None:
    """Letters and steps follow their plan: none begins or changes while a human's plan differs."""
    write = judge(draft, server)
    if not (write.changes and any(_out_of_hand(it, server) for it in plan)):
        return write
    if write.action is Action.CREATE:
        return None
    return Write(Action.RESPECT, draft, write.location, outdated=True)


def _out_of_hand(plan: Write, server: ServerView) -> bool:
    if plan.action not in (Action.RESPECT, Action.RELEASED):
        return False
    return plan.outdated or server.existing[plan.location].get("status") in {
        "revoked",
        "completed",
        "entered-in-error",
    }


def _steps_out_of_hand(drafts: Drafts, plan: list[Write], server: ServerView) -> set[str]:
    """The requests of a plan that is a human's by now, which may still refer to what we would drop."""
    if not any(_out_of_hand(draft, server) for draft in plan):
        return set()
    belonging = server.belonging_to(drafts.plan_location)
    return {reference for reference in belonging if reference.partition("/")[0] in STEPS}


def _latest(draft: Draft, server: ServerView) -> Write:
    """The Task of this matter that is still open, or a new one: a closed Task is never opened again.

    One that a human closed about the very same inputs stays closed; about other inputs, or when
    we had cancelled it ourselves and its reason is back, a successor asks again. Ends because
    the server holds finitely many.
    """
    attempt, write = 1, judge(draft, server)
    while write.action is not Action.CREATE and _needs_successor(write, server):
        attempt += 1
        write = judge(seal(draft.resource | {"id": ""}, f"{draft.key}|{attempt}"), server)
    return write


def _needs_successor(write: Write, server: ServerView) -> bool:
    current = server.existing[write.location]
    if current.get("status") not in CLOSED:
        return False
    return code_of(current.get("statusReason")) == REASON_GONE or _matter(current, server) != _matter(
        write.draft.resource, server
    )


def _matter(task: Json, server: ServerView) -> str:
    return digest([task.get("code"), task.get("input")], server.aliases)


def introduced(device: Draft, server: ServerView) -> Write:
    """The Device, which is written once and then left."""
    known = server.find(device)
    return Write(Action.UNCHANGED if known else Action.CREATE, device, known or device.location)


def _accompanying(drafts: Drafts, writes: tuple[Write, ...], server: ServerView) -> Iterator[Write]:
    """Device and Provenance come with real writes and never alone."""
    written = [write for write in writes if write.changes]
    if written:
        yield introduced(drafts.device, server)
        trail = about(drafts.provenance, written)
        yield Write(Action.CREATE, trail, trail.location)
