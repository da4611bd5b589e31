"""What a write led to, from whichever of body, ``Location`` and ``ETag`` the server sends."""

from dataclasses import dataclass, field

from adapter.errors import ConfigurationFault, TryAgainLater
from adapter.fhir.bundles import located, version_of
from adapter.fhir.http import Reply
from adapter.fhir.search import version
from adapter.fhir.statuses import Asked
from adapter.input.wire_json import Json


@dataclass(frozen=True, slots=True)
class Written:
    """``version`` is None when the server does not say; ``resource`` is there when it sent it back."""

    id: str
    version: str | None
    created: bool
    resource: Json | None = field(default=None, repr=False)


def written(reply: Reply, known_id: str | None = None) -> Written:
    """Raises TryAgainLater when nothing tells which resource was written."""
    document = reply.document or {}
    mine = document if document.get("resourceType") == reply.asked.resource_type else {}
    _, named_id, named_version = located(reply.headers.get("Location", ""))
    found = mine.get("id") or named_id or known_id
    if not isinstance(found, str):
        raise TryAgainLater(
            f"{reply.asked}: HTTP {reply.status}, but the server does not say what it wrote. Look for it before "
            "writing again.",
            status=reply.status,
            resource_type=reply.asked.resource_type,
        )
    # R4 makes the body optional and wants Location only of a create
    # (https://hl7.org/fhir/R4/http.html#create).
    newest = version(mine) or version_of(reply.headers.get("ETag")) or named_version
    return Written(found, newest, created=reply.status == 201, resource=mine or None)


def require_same_id(asked: Asked, wanted: str, found: str | None, entry: int | None = None) -> None:
    """A server that stores under an id of its own makes a new resource with every repetition."""
    if found is not None and found != wanted:
        raise ConfigurationFault(
            f"{asked}: the server stored it under an id of its own. It must accept ids from clients, or be written "
            "to by conditional update.",
            entry=entry,
            resource_type=asked.resource_type,
        )
