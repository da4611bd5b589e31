"""Create, update and delete, plain and conditional; each is one atomic change."""

import uuid
from urllib.parse import parse_qsl

from adapter.input.fhir_id import is_fhir_id
from adapter.input.wire_json import Json
from workers.sandbox.query.search_plan import plan_search, run_search
from workers.sandbox.resource_store import ResourceStore
from workers.sandbox.wire import (
    FhirRequest,
    FhirResponse,
    QueryParams,
    RequestRefused,
    StoredVersion,
    dump_json,
    operation_outcome,
)

WRITES = frozenset({"POST", "PUT", "DELETE"})


def write_resource(store: ResourceStore, ask: FhirRequest) -> FhirResponse:
    """One write; raises RequestRefused, and then nothing has changed."""
    with store.commit():
        match ask.method, ask.path:
            case "POST", (_,):
                return _create(store, ask)
            case "PUT", (_, id_):
                return _update(store, ask, id_)
            case "PUT", (_,):
                return _update(store, ask, conditional_id(store, ask))
            case "DELETE", (_, id_):
                return _delete(store, ask, id_)
            case "DELETE", (_,):
                found = sole_match(store, ask.type, ask.query)
                return _delete(store, ask, found.id) if found else FhirResponse(204)
            case _:
                raise RequestRefused(405, "not-supported", "This interaction is not supported.")


def sole_match(store: ResourceStore, type_: str, query: QueryParams) -> StoredVersion | None:
    """The one resource that a condition means, or None; 412 when it means several."""
    made = plan_search(type_, query, store.base, strict=True)
    if not made.criteria:
        raise RequestRefused(412, "invalid", "A condition without any criterion would mean everything.")
    found = run_search(store, made)
    if len(found) > 1:
        raise RequestRefused(412, "multiple-matches", f"The condition matches {len(found)} resources.")
    return store.fetch(found)[0] if found else None


def condition_of(ask: FhirRequest) -> QueryParams:
    """The query in `If-None-Exist`, with or without `Type?` before it."""
    return tuple(parse_qsl(ask.headers.get("if-none-exist", "").split("?")[-1]))


def conditional_id(store: ResourceStore, ask: FhirRequest) -> str:
    """The id that a conditional update is about: the match's, the body's own, or a new one."""
    resource = resource_of(ask)
    found = sole_match(store, ask.type, ask.query)
    if found is None:
        return str(resource.get("id") or uuid.uuid4())
    if resource.get("id", found.id) != found.id:
        raise RequestRefused(
            400, "value", "The body has another id than the resource that the condition matches."
        )
    return found.id


def resource_of(ask: FhirRequest) -> Json:
    """The body, which must be a resource of the type in the URL."""
    if not isinstance(ask.body, dict) or ask.body.get("resourceType") != ask.type:
        raise RequestRefused(400, "structure", f"The body is not a {ask.type}.")
    return ask.body


def _create(store: ResourceStore, ask: FhirRequest) -> FhirResponse:
    resource = resource_of(ask)
    # In a transaction that has been settled before, and another entry must not match now.
    conditional = "if-none-exist" in ask.headers and ask.new_id is None
    if conditional and (found := sole_match(store, ask.type, condition_of(ask))):
        return _reply(ask, 200, found)
    stored, _ = store.put(resource, ask.new_id or str(uuid.uuid4()), "POST")
    return _reply(ask, 201, stored)


def _update(store: ResourceStore, ask: FhirRequest, id_: str) -> FhirResponse:
    resource = resource_of(ask)
    if not is_fhir_id(id_):
        raise RequestRefused(400, "value", "An id is 1 to 64 letters, digits, '-' and '.'.")
    if resource.get("id", id_) != id_:
        raise RequestRefused(400, "value", "The id in the body differs from the one in the URL.")
    before = _guard_version(store, ask, id_)
    stored, _ = store.put(resource, id_)
    return _reply(ask, 200 if before else 201, stored)


def _delete(store: ResourceStore, ask: FhirRequest, id_: str) -> FhirResponse:
    _guard_version(store, ask, id_)
    deleted = store.delete(ask.type, id_)
    if ask.prefers("return") == "OperationOutcome":
        return FhirResponse(
            200, dump_json(operation_outcome("informational", "Deleted.", severity="information")), deleted
        )
    return FhirResponse(204, b"", deleted)


def _guard_version(store: ResourceStore, ask: FhirRequest, id_: str) -> StoredVersion | None:
    """The living version that is about to be replaced, if the client's preconditions about it hold."""
    found = store.read(ask.type, id_)
    alive = found if found and found.body is not None else None
    wanted = ask.headers.get("if-match")
    # Bare version numbers are taken too, as some servers hand them out in bundles.
    if wanted and (
        alive is None or wanted.strip().removeprefix("W/").strip('"') not in (str(alive.version), "*")
    ):
        raise RequestRefused(412, "conflict", "The version in If-Match is not the current one.")
    if alive and ask.headers.get("if-none-match", "").strip() == "*":
        raise RequestRefused(412, "conflict", "The resource exists already.")
    return alive


def _reply(ask: FhirRequest, status: int, version: StoredVersion) -> FhirResponse:
    """What a write answers under `Prefer: return=`; the representation when nothing is preferred."""
    match ask.prefers("return"):
        case "minimal":
            body = b""
        case "OperationOutcome":
            body = dump_json(operation_outcome("informational", "Stored.", severity="information"))
        case _:
            body = version.body or b""
    return FhirResponse(status, body, version, located=True)
