"""What the workers need of a FHIR server; `adapter.fhir.FhirClient` is one."""

from collections.abc import Sequence
from typing import Any, Protocol

from adapter.fhir.bundles import Entry, EntryResult
from adapter.fhir.capabilities import Capabilities
from adapter.fhir.search import Accept, Params, SearchResult
from adapter.fhir.write_result import Written


class FhirServer(Protocol):
    """Every method may raise the errors of `adapter.errors`."""

    def capabilities(self) -> Capabilities:
        """What the server says about itself."""

    def batch_searches(self, searches: Sequence[tuple[str, Params, Accept | None]]) -> list[SearchResult]:
        """Many searches, one result for each, in order."""

    def transaction(self, entries: Sequence[Entry]) -> list[EntryResult]:
        """All entries or none."""

    def update(
        self, resource: dict[str, Any], *, if_match: str | None = None, if_none_match: bool = False
    ) -> Written:
        """PUT by id."""

    def vread(self, resource_type: str, resource_id: str, version_id: str) -> dict[str, Any]:
        """One version of the past."""

    def create_conditional(self, resource: dict[str, Any], search: Params) -> Written:
        """POST unless the search finds one."""

    def create(self, resource: dict[str, Any]) -> Written:
        """POST: a second call makes a second resource."""
