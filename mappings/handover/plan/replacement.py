"""The plan that takes the place of a released one: the same drafts under names of their own.

A released plan is a clinician's and says what the GP was told; it is never rewritten. What has to be said
anew is a new CarePlan with ``replaces``, and letters that are ``partOf`` those before them. Tasks stay with
the occasion: there is one question of a kind about a patient, however many plans there were.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from adapter.input.wire_json import Json, JsonValue
from mappings.codes import BASE
from mappings.handover.plan.plan_history import generation_key
from mappings.outbound.draft import Draft, Drafts
from mappings.outbound.fingerprint import seal
from mappings.outbound.ids import location_of, resource_id

SERIES = f"{BASE}/NamingSystem/plan-series"


def series_identifier(key: str) -> Json:
    """What every plan of one occasion has in common: the id of the first; so they are found by one search."""
    return {"system": SERIES, "value": resource_id("CarePlan", key)}


def as_generation(drafts: Drafts, key: str, generation: int, replaces: str | None) -> Drafts:
    """The drafts of the first plan as those of a later one; the first stays as it is."""
    if generation == 1:
        return drafts
    suffix = generation_key("", generation)
    plan_id = resource_id("CarePlan", generation_key(key, generation))
    moved = {drafts.plan_location: f"CarePlan/{plan_id}"}
    moved |= {request.location: _renamed(request, suffix) for request in drafts.requests}

    def again(draft: Draft, more: Json | None = None, name: str = suffix) -> Draft:
        content = pointing(draft.resource, moved) | (more or {})
        return seal({**content, "id": ""}, draft.key + name)

    related = {"replaces": [{"reference": replaces}]} if replaces else {}
    plan = drafts.plan
    return replace(
        drafts,
        plan_location=moved[drafts.plan_location],
        plan=again(plan, {"identifier": [series_identifier(key)], **related}) if plan else None,
        communications=tuple(again(communication) for communication in drafts.communications),
        requests=tuple(again(request) for request in drafts.requests),
        tasks=tuple(again(task, name="") for task in drafts.tasks),
        question=lambda reason: again(drafts.question(reason), name=""),
        provenance=replace(drafts.provenance, key=drafts.provenance.key + suffix),
    )


def _renamed(draft: Draft, suffix: str) -> str:
    return f"{draft.type}/{resource_id(draft.type, draft.key + suffix)}"


def pointing(value: object, moved: Mapping[str, str]) -> JsonValue:
    """The same content, pointing to where its targets are by another name."""
    match value:
        case {"reference": str(reference), **others} if location_of(reference) in moved:
            return {"reference": moved[location_of(reference)], **others}
        case dict():
            return {name: pointing(held, moved) for name, held in value.items()}
        case list():
            return [pointing(held, moved) for held in value]
        case _:
            return value


def part_of(letters: Sequence[Draft], earlier: Sequence[str]) -> tuple[Draft, ...]:
    """Letters that follow earlier ones."""
    references = [{"reference": earlier_plan} for earlier_plan in earlier]
    return (
        tuple(seal({**letter.resource, "partOf": references}, letter.key) for letter in letters)
        if earlier
        else tuple(letters)
    )
