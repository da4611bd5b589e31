"""Whether a letter may leave: asked last before it is queued, and again before it is sent. Pure.

| letter                          | goes when                                                                |
| ------------------------------- | ------------------------------------------------------------------------ |
| letter, corrected letter        | a named clinician released it, and its plan is in force                  |
| interim letter                  | a named clinician released it, or pathway and settings allow it; and its |
|                                 | plan is not ended                                                        |
| withdrawal of an earlier letter | a named clinician released it, whatever became of the plan               |
"""

from adapter.input.wire_json import Json
from mappings.handover.release.release_codes import code_in
from mappings.handover.release.signature import may_go_unreleased, release_of
from mappings.outbound.ids import location_of

ENDED = frozenset({"revoked", "entered-in-error"})
IN_FORCE = frozenset({"active", "on-hold", "completed"})
OPEN = frozenset({"in-progress", "unknown"})


def why_not(communication: Json, plan: Json | None) -> str | None:
    """The reason why a letter may not leave, as a code; None when it may."""
    kind = code_in(communication.get("category"))
    if communication.get("status") not in OPEN:
        return "not-released" if communication.get("status") == "preparation" else "communication-closed"
    freely = kind == "gp_interim_letter" and may_go_unreleased(communication)
    if release_of(communication) is None and not freely:
        return "not-released"
    if kind == "gp_retraction_letter":
        return None
    if plan is None or plan.get("status") in ENDED:
        return "plan-revoked"
    if not _subject(plan) or _subject(plan) != _subject(communication):
        return "another-patient"
    if kind != "gp_interim_letter" and plan.get("status") not in IN_FORCE:
        return "plan-not-released"
    return None


def _subject(resource: Json) -> str:
    return location_of(str((resource.get("subject") or {}).get("reference") or ""))
