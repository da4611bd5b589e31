"""Resources that the server still holds but that no longer apply: withdrawn unless edited by others."""

from collections.abc import Iterator

from adapter.input.wire_json import Json, ReadOnlyJson
from mappings.codes import PLAN_KEY
from mappings.outbound.draft import Action, Draft, Drafts, Write
from mappings.outbound.fingerprint import carried, marked
from mappings.outbound.ids import CONTENT_FINGERPRINT, OUTPUT
from mappings.outbound.resources.human_tasks import REASONS
from mappings.outbound.server.server_view import OPEN, WITHDRAWN, ServerView
from mappings.outbound.vocabulary import output_concept

REASON_GONE = "reason_gone"
# Tasks of other makers may belong to the plan as well (a release, a reminder):
# those are not ours to take back.
MANAGED = frozenset({*REASONS, "plan_edited_by_human", "released_plan_outdated"})


def withdrawals(drafts: Drafts, judged: set[str], server: ServerView) -> Iterator[Write]:
    """Letters to somebody who is no longer the GP, Tasks without their reason, a plan that nothing warrants.

    A Task becomes ``cancelled``, a letter ``not-done``, a plan and its requests
    ``revoked``; never a deletion.
    """
    for location in sorted({*server.belonging_to(drafts.plan_location), *_plan(drafts, server)} - judged):
        resource = server.existing[location]
        open_still = resource.get("status") == OPEN.get(resource["resourceType"], "")
        if open_still and _managed(resource) and not server.edited(location):
            yield _withdrawn(location, server)


def code_of(concept_: ReadOnlyJson | None) -> str | None:
    """The code of ours in a CodeableConcept."""
    codings = (concept_ or {}).get("coding") or ()
    return next((coding.get("code") for coding in codings if coding.get("system") == OUTPUT), None)


def _plan(drafts: Drafts, server: ServerView) -> Iterator[str]:
    if drafts.plan is None:
        yield from (location for location, name in server.aliases.items() if name == drafts.plan_location)


def _managed(resource: Json) -> bool:
    return resource["resourceType"] != "Task" or code_of(resource.get("code")) in MANAGED


def _withdrawn(location: str, server: ServerView) -> Write:
    current = server.existing[location]
    kind = current["resourceType"]
    content = {name: value for name, value in current.items() if name != "meta"} | {"status": WITHDRAWN[kind]}
    if kind not in ("CarePlan", "ServiceRequest"):  # which have no statusReason in R4
        content["statusReason"] = output_concept(REASON_GONE, str(current.get("language", "en")))
    content = marked(content, server.aliases)
    mark, key = carried(content, CONTENT_FINGERPRINT) or "", carried(content, PLAN_KEY) or ""
    return Write(Action.UPDATE, Draft(content, key, mark), location, if_match=server.etag(location))
