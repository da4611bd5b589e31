"""The Task by which a GP takes over a released plan, where the institution works with such Tasks. Pure.

One per letter that leaves, under the name of the occasion, so that it is found again; when the plan ends,
what nobody has begun or finished is cancelled with it.
"""

from collections.abc import Iterator

from mappings.codes import PLAN_KEY
from mappings.handover.plan.closure import ended
from mappings.handover.situation import Situation
from mappings.outbound import resource_id
from mappings.outbound.draft import Draft, Write
from mappings.outbound.fingerprint import seal
from mappings.outbound.guides.profiles import claimed
from mappings.outbound.ids import location_of
from mappings.outbound.resources.handover_task import HANDOVER, handover_tasks
from mappings.outbound.server.withdrawals import code_of

CANCELLED_FROM = frozenset({"requested", "received", "accepted"})  # by whoever asked


def requested_handovers(seen: Situation, plan: Draft, letters: tuple[Draft, ...]) -> Iterator[Draft]:
    """A Task for each letter that leaves now; none for one that has left before."""
    profile, requester = seen.institution.profile, seen.institution.organization
    leaving = [letter.resource for letter in letters if letter.resource["status"] == "in-progress"]
    group = {"system": PLAN_KEY, "value": resource_id("CarePlan", seen.history.key)}
    for task in handover_tasks(profile.task_style, plan.resource, leaving, requester, seen.stamp):
        mine = seal({**task.resource, "groupIdentifier": group}, task.key)
        yield claimed(profile, mine, seen.known)[0]


def taken_back(seen: Situation, plan: str, reason: str) -> Iterator[Write]:
    """The Tasks of a plan that ends, as far as they may still be cancelled."""
    for location, resource in seen.server.existing.items():
        if resource["resourceType"] == "Task" and code_of(resource.get("code")) == HANDOVER:
            about = location_of(str((resource.get("focus") or {}).get("reference")))
            if about == plan and resource.get("status") in CANCELLED_FROM:
                yield ended(location, seen.server, "cancelled", reason, seen.stamp)
