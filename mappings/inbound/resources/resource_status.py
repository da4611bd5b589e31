"""Modifier elements of FHIR R4: whether one is there that says nothing we know; and the label of test data.

What such an element says may turn the meaning of its resource round. Where it cannot be read, the resource is
named, and nothing that reassures rests on it.
"""

from collections.abc import Mapping

from adapter.input.wire_json import Json, ReadOnlyJson
from mappings.inbound.resources.datatypes import objs, text
from mappings.valuesets import members

# All codes of the status of a type, for the types of which a reader looks at some only.
_STATUSES: Mapping[str, frozenset[str]] = {
    "Procedure": frozenset(
        {
            "preparation",
            "in-progress",
            "not-done",
            "on-hold",
            "stopped",
            "completed",
            "entered-in-error",
            "unknown",
        }
    ),
    "DetectedIssue": frozenset(
        {
            "registered",
            "preliminary",
            "final",
            "amended",
            "corrected",
            "cancelled",
            "entered-in-error",
            "unknown",
        }
    ),
    "QuestionnaireResponse": frozenset(
        {"in-progress", "completed", "amended", "entered-in-error", "stopped"}
    ),
    "Encounter": frozenset(
        {
            "planned",
            "arrived",
            "triaged",
            "in-progress",
            "onleave",
            "finished",
            "cancelled",
            "entered-in-error",
            "unknown",
        }
    ),
    "Device": frozenset({"active", "inactive", "entered-in-error", "unknown"}),
    "FamilyMemberHistory": frozenset({"partial", "completed", "entered-in-error", "health-unknown"}),
    "Flag": frozenset({"active", "inactive", "entered-in-error"}),
    "List": frozenset({"current", "retired", "entered-in-error"}),
    "Medication": frozenset({"active", "inactive", "entered-in-error"}),
}
# Of these a modifier is read by itself.
_OF_THEIR_OWN = frozenset({"component", "contained"})
_UNREAD: tuple[Json, ...] = ({},)


def status_unread(body: ReadOnlyJson) -> bool:
    """Whether the status is there and is none of its type."""
    said = body.get("status")
    return said is not None and text(said) not in _STATUSES[str(body["resourceType"])]


def flag_unread(said: object) -> bool:
    """Whether a boolean is there and is neither true nor false."""
    return said is not None and not isinstance(said, bool)


def with_modifiers(body: ReadOnlyJson) -> ReadOnlyJson:
    """The resource, refused whole if a part, a label or its implicit rules may change its meaning."""
    meta = body.get("meta")
    labels = meta.get("security") if isinstance(meta, dict) else None
    if not (body.get("implicitRules") or _modified_within(body) or (labels and _of_a_test(labels))):
        return body
    return {**body, "modifierExtension": body.get("modifierExtension") or _UNREAD}


def _of_a_test(labels: object) -> bool:
    """Whether one of them says that it is data of a test: nobody's measurement."""
    held = ((text(label.get("system")), text(label.get("code"))) for label in objs(labels))
    return not members("security-test-data").isdisjoint(held)


def _modified_within(body: ReadOnlyJson) -> bool:
    """Whether one of its parts has a modifier; plain loops, since they go through all that is read."""
    for held in body.values():
        if type(held) is list:
            for part in held:
                if type(part) is dict and "modifierExtension" in part and not _is_of_its_own(held, body):
                    return True
    return False


def _is_of_its_own(parts: object, body: ReadOnlyJson) -> bool:
    return any(body.get(name) is parts for name in _OF_THEIR_OWN)
