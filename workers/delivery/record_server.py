"""What delivering needs of a FHIR server; `adapter.fhir.FhirClient` is one."""

from typing import Protocol

from adapter.fhir.search import Accept, Params, SearchResult
from adapter.fhir.write_result import Written
from adapter.input.wire_json import Json, ReadOnlyJson


class OwnFhirServer(Protocol):
    """Every method may raise the errors of `adapter.errors`."""

    def read(self, resource_type: str, resource_id: str) -> Json:
        """The current version."""
        ...

    def search(
        self,
        resource_type: str,
        params: Params = (),
        *,
        accept: Accept | None = None,
        limit: int | None = None,
    ) -> SearchResult:
        """All pages."""
        ...

    def update(self, resource: Json, *, if_match: str | None = None) -> Written:
        """PUT by id."""
        ...

    def create_conditional(self, resource: Json, search: Params) -> Written:
        """POST unless the search finds one."""
        ...


def version_of(resource: ReadOnlyJson) -> str | None:
    """The version that a change must replace."""
    found = (resource.get("meta") or {}).get("versionId")
    return str(found) if found else None
