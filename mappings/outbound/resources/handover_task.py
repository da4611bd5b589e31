"""The Task by which a GP takes over a released plan, in the shape that Shared Care Planning asks for.

It is made when a clinician has released the plan and not before: a ``requested`` Task is visible to its
owner, and that guide has no ``draft``. So it belongs to the release and not to the drafts of a review.
"""

from collections.abc import Iterable
from enum import StrEnum

from adapter.errors import ConfigurationFault, RecordFault
from adapter.input.wire_json import Json
from mappings.codes import PLAN_KEY
from mappings.outbound.draft import Draft
from mappings.outbound.fingerprint import carried, seal
from mappings.outbound.vocabulary import output_concept, words

HANDOVER = "gp_handover"


class TaskStyle(StrEnum):
    """Whether the handover is also a Task that the GP's system accepts or rejects."""

    NONE = "none"
    SCP = "scp"


def handover_tasks(
    style: TaskStyle, plan: Json, letters: Iterable[Json], requester: Json | None, now: str
) -> tuple[Draft, ...]:
    """One Task per letter about a released plan, or none where the institution does not work with them."""
    if style is TaskStyle.NONE:
        return ()
    return tuple(handover_task(plan, letter, requester, now) for letter in letters)


def handover_task(plan: Json, letter: Json, requester: Json | None, now: str) -> Draft:
    """Requested, from the institution to the one recipient of the letter, both by identifier.

    The plan is what it is based on and what it is about; the letter is its input. Raises
    ``ConfigurationFault`` when the institution has no identifier and ``RecordFault``
    when the recipient has none.
    """
    owner: Json = next(iter(letter.get("recipient") or ()), {})
    if requester is None or not _identified(requester):
        raise ConfigurationFault("a handover Task names the institution by system and value: set both")
    if not _identified(owner):
        raise RecordFault(
            "the recipient has no identifier, and a handover Task has to name one", resource_type="Task"
        )
    language, focus = str(plan.get("language", "en")), {"reference": f"CarePlan/{plan['id']}"}
    content: Json = {
        "resourceType": "Task",
        "language": language,
        "groupIdentifier": {"system": PLAN_KEY, "value": carried(plan, PLAN_KEY)},
        "basedOn": [focus],
        "status": "requested",
        "intent": "proposal",
        "priority": letter.get("priority", "routine"),
        "code": output_concept(HANDOVER, language),
        "description": words(HANDOVER, language),
        "focus": focus,
        "for": plan["subject"],
        "authoredOn": now,
        "lastModified": now,
        "requester": requester,
        "owner": owner,
        "input": [
            {
                "type": output_concept("gp_handover_letter", language),
                "valueReference": {"reference": f"Communication/{letter['id']}"},
            }
        ],
    }
    return seal(content, f"{carried(letter, PLAN_KEY)}|handover")


def _identified(reference: Json) -> bool:
    identifier = reference.get("identifier") or {}
    return bool(identifier.get("system") and identifier.get("value"))
