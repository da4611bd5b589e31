"""What a new review would change in a plan that a human has taken over."""

from collections.abc import Iterator, Mapping

from adapter.input.wire_json import Json, ReadOnlyJson
from mappings.outbound.content import digest
from mappings.outbound.draft import Action, Draft, Drafts, Write
from mappings.outbound.fingerprint import VOLATILE, seal
from mappings.outbound.ids import OUTPUT, is_own
from mappings.outbound.server.server_view import ServerView
from mappings.outbound.vocabulary import known, output_concept

# Never a difference worth a human's time: names, rendering, and the status that the human gave the plan.
QUIET = VOLATILE | {"identifier", "text", "language", "status", "resourceType"}

REASONS = {Action.RESPECT: "plan_edited_by_human", Action.RELEASED: "released_plan_outdated"}


def plan_task(drafts: Drafts, plan: list[Write], server: ServerView) -> Iterator[Draft]:
    """The Task that shows a human what we would now propose, when that differs from what we once wrote."""
    for write in plan:
        if write.outdated and write.action in REASONS:
            inputs = list(differences(server.existing[write.location], write.draft.resource, server.aliases))
            if inputs:
                template = drafts.question(REASONS[write.action])
                yield seal({**template.resource, "input": inputs}, template.key)


def differences(current: ReadOnlyJson, proposed: ReadOnlyJson, aliases: Mapping[str, str]) -> Iterator[Json]:
    """Elements by name and activities by code, as Task inputs; no values, since a Task may travel."""
    language = str(proposed.get("language", "en"))
    for name in sorted((current.keys() | proposed.keys()) - QUIET):
        if digest({name: current.get(name)}, aliases) != digest({name: proposed.get(name)}, aliases):
            yield {"type": output_concept("element_differs", language), "valueString": name}
    before, after = _activity_codes(current), _activity_codes(proposed)
    for kind, codes in (("activity_added", after - before), ("activity_removed", before - after)):
        for code, system in sorted(codes):
            named = output_concept(code, language) if system == OUTPUT else _bare(code, system)
            yield {"type": output_concept(kind, language), "valueCodeableConcept": named}


def _activity_codes(plan: ReadOnlyJson) -> set[tuple[str, str]]:
    details = (activity.get("detail") or {} for activity in plan.get("activity") or ())
    codings = (coding for detail in details for coding in (detail.get("code") or {}).get("coding") or ())
    named = {(it.get("code") or "", it.get("system") or "") for it in codings}
    return {(code, system) for code, system in named if is_own(system) or (system == OUTPUT and known(code))}


def _bare(code: str, system: str) -> Json:
    """A pathway's code alone: the pathway may have changed, and its words on the server be anybody's."""
    return {"coding": [{"system": system, "code": code}], "text": code.replace("_", " ")}
