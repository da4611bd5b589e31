"""What the workers need of a FHIR server; `adapter.fhir.FhirClient` is one."""

from collections.abc import Sequence
from typing import Protocol

from adapter.fhir.bundles import Entry, EntryResult
from adapter.fhir.capabilities import Capabilities, ServerRefusals
from adapter.fhir.search import Accept, Params, SearchResult
from adapter.fhir.write_result import Written
from adapter.input.wire_json import Json


class ReadingServer(Protocol):
    """What reading asks of a server. Every method may raise the errors of `adapter.errors`."""

    refused: ServerRefusals

    def capabilities(self) -> Capabilities:
        """What the server says about itself."""

    def batch_searches(self, searches: Sequence[tuple[str, Params, Accept | None]]) -> list[SearchResult]:
        """Many searches, one result for each, in order."""


class FhirServer(ReadingServer, Protocol):
    """What reading and writing ask of a server."""

    def transaction(self, entries: Sequence[Entry]) -> list[EntryResult]:
        """All entries or none."""

    def update(self, resource: Json, *, if_match: str | None = None, if_none_match: bool = False) -> Written:
        """PUT by id."""

    def vread(self, resource_type: str, resource_id: str, version_id: str) -> Json:
        """One version of the past."""

    def create_conditional(self, resource: Json, search: Params) -> Written:
        """POST unless the search finds one."""

    def create(self, resource: Json) -> Written:
        """POST: a second call makes a second resource."""
