"""Who may move a shared Task from which state to which, and what else may change with it.

The rules of Shared Care Planning (SanteonNL/shared-care-planning, task.md and workflow.md, read
2026-11-20): whoever asked may take back and pause, everything else is the owner's, and what is not
in the table does not happen.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from adapter.errors import RecordFault
from adapter.input.wire_json import Json, ReadOnlyJson


class Party(StrEnum):
    """What somebody is to a Task."""

    REQUESTER = "requester"
    OWNER = "owner"


OWNER = frozenset({Party.OWNER})
EITHER = frozenset(Party)

TRANSITIONS: Mapping[str, Mapping[str, frozenset[Party]]] = MappingProxyType(
    {
        "requested": {
            "received": OWNER,
            "accepted": OWNER,
            "rejected": OWNER,
            "in-progress": OWNER,
            "completed": OWNER,
            "cancelled": EITHER,
        },
        "received": {
            "accepted": OWNER,
            "rejected": OWNER,
            "in-progress": OWNER,
            "completed": OWNER,
            "cancelled": EITHER,
        },
        "accepted": {"in-progress": OWNER, "completed": OWNER, "cancelled": EITHER},
        "in-progress": {"completed": OWNER, "failed": OWNER, "on-hold": EITHER},
        "on-hold": {"in-progress": EITHER},
    }
)
OWNER_MAY_CHANGE = frozenset(
    {
        "status",
        "statusReason",
        "businessStatus",
        "executionPeriod",
        "lastModified",
        "owner",
        "location",
        "note",
        "relevantHistory",
        "output",
    }
)
OF_THE_SERVER = frozenset({"id", "meta", "text"})


def next_state(task: Json, by: ReadOnlyJson, to: str) -> Json:
    """The Task in its new state, moved by whoever has the identifier ``by``.

    Raises ``RecordFault`` for a step that is not in the table or not this party's;
    the Task given is not changed.
    """
    state = str(task.get("status"))
    allowed = TRANSITIONS.get(state, {}).get(to, frozenset())
    if not allowed:
        raise RecordFault(f"a Task does not go from {state} to {to}", resource_type="Task")
    if not allowed & parties(task, by):
        who = " or ".join(sorted(allowed))
        raise RecordFault(f"from {state} to {to} a Task is moved by its {who} only", resource_type="Task")
    return {**task, "status": to}


def parties(task: Json, who: ReadOnlyJson) -> frozenset[Party]:
    """What somebody is to this Task, by identifier; nothing, if it has nothing to do with them."""
    return frozenset(party for party in Party if _same((task.get(party) or {}).get("identifier"), who))


def forbidden_changes(before: Json, after: Json) -> tuple[str, ...]:
    """The changed elements that the owner may not touch: the one asked never changes what is asked.

    Whether a new owner belongs to the same institution is not to be seen in a Task, so it is not judged here.
    """
    changed = {
        name for name in (before.keys() | after.keys()) - OF_THE_SERVER if before.get(name) != after.get(name)
    }
    kept = {"executionPeriod"} if _promised(before, after) else set()
    return tuple(sorted(changed - OWNER_MAY_CHANGE | changed & kept))


def _promised(before: Json, after: Json) -> bool:
    """An order is received and accepted for the time at which it was asked."""
    return before.get("intent") == "order" and after.get("status") in ("received", "accepted")


def _same(identifier: ReadOnlyJson | None, who: ReadOnlyJson) -> bool:
    known = identifier or {}
    return bool(known.get("value")) and all(known.get(part) == who.get(part) for part in ("system", "value"))
