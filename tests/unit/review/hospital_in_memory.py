"""Patients on a server in this process, our own client, and an institution that writes in English."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from adapter.errors import AnswerTooLate, VersionConflict
from adapter.fhir.bundles import Entry, EntryResult
from adapter.fhir.capabilities import Capabilities
from adapter.fhir.search import SearchResult, pairs
from adapter.fhir.write_result import Written
from adapter.input.wire_json import Json
from mappings.handover.institution import Institution
from mappings.handover.patient_record import PatientRecord
from mappings.handover.propose import Proposal, propose
from mappings.inbound import ReadingConfig
from tests.made_resources import a_gp, a_patient, a_t_score
from tests.servers.without_http import BASE, LocalServer, StraightClient
from tests.unit.handover.plan_in_memory import NOON, institution
from workers.review.read import read
from workers.review.review import review
from workers.review.review_outcome import ReviewOutcome
from workers.review.searches.includes import Search


def reading_institution(**changes: Any) -> Institution:
    """One whose server stands at the address of the server in this process."""
    return replace(institution(), reading=ReadingConfig(base_url=BASE), **changes)


class WatchedClient(StraightClient):
    """Our client; it tells how many patients' plans each transaction held, and what was searched for."""

    def __init__(self, server: LocalServer) -> None:
        super().__init__(server)
        self.server = server
        self.transactions: list[int] = []
        self.searches: list[Search] = []

    def transaction(self, entries: Sequence[Entry], **how: Any) -> list[EntryResult]:
        self.transactions.append(sum(it.resource_type == "CarePlan" for it in entries))
        return super().transaction(entries, **how)

    def batch_searches(self, searches: Sequence[Search]) -> list[SearchResult]:
        self.searches += searches
        return super().batch_searches(searches)


class SlowClient(WatchedClient):
    """The same; the server is done in time with two patients at most."""

    def batch_searches(self, searches: Sequence[Search]) -> list[SearchResult]:
        asked = {
            name
            for _, params, _ in searches
            for kind, value in pairs(params)
            if kind == "patient"
            for name in value.split(",")
        }
        if len(asked) > 2:
            raise AnswerTooLate("too slow for so many")
        return super().batch_searches(searches)


class RefusingClient(WatchedClient):
    """The same; the server answers no search that names the patient `bad`."""

    def __init__(self, server: LocalServer, fault: Exception) -> None:
        super().__init__(server)
        self.fault = fault

    def batch_searches(self, searches: Sequence[Search]) -> list[SearchResult]:
        if any("bad" in value for _, params, _ in searches for _, value in pairs(params)):
            raise self.fault
        return super().batch_searches(searches)


class OvertakenClient(WatchedClient):
    """The same; so many transactions come after somebody else's writing."""

    def __init__(self, server: LocalServer, times: int) -> None:
        super().__init__(server)
        self.times = times

    def transaction(self, entries: Sequence[Entry], **how: Any) -> list[EntryResult]:
        if self.times > 0:
            self.times -= 1
            raise VersionConflict("somebody wrote first", status=412)
        return super().transaction(entries, **how)


class CarelessClient(WatchedClient):
    """The same; the server does not know `If-None-Match` on a PUT."""

    def transaction(self, entries: Sequence[Entry], **how: Any) -> list[EntryResult]:
        return super().transaction([replace(it, if_none_match=False) for it in entries], **how)

    def update(self, resource: Json, *, if_none_match: bool = False, **how: Any) -> Written:  # noqa: ARG002 - that is its carelessness
        return super().update(resource, **how)


class SingleWritesClient(WatchedClient):
    """The same; the server offers no transactions."""

    def capabilities(self) -> Capabilities:
        return replace(super().capabilities(), system_interactions=frozenset({"batch"}))


class CarelessSingleWritesClient(SingleWritesClient, CarelessClient):
    """The same; neither transactions nor `If-None-Match`."""


@dataclass
class HospitalInMemory:
    """A GP and patients with osteoporosis by T-score, of whom nothing of ours stands there yet."""

    patients: Sequence[str] = ("p",)
    institution: Institution = field(default_factory=reading_institution)
    client_of: Callable[[LocalServer], WatchedClient] = WatchedClient
    server: LocalServer = field(default_factory=LocalServer)

    def __post_init__(self) -> None:
        self.server.load(a_gp())
        for one in self.patients:
            self.server.load(a_patient(one), a_t_score(one))
        self.client = self.client_of(self.server)

    def review(self, *ids: str, **how: Any) -> tuple[ReviewOutcome, ...]:
        """One review of these, or of all."""
        return review(ids or self.patients, self.client, self.institution, NOON, **how)

    def read(self, *ids: str) -> list[PatientRecord]:
        """What a review reads of these, or of all."""
        return read(ids or self.patients, self.client, self.institution, NOON.date())

    def proposals(self, *ids: str) -> list[Proposal]:
        """What would be written about these, or about all."""
        return [propose(it, self.institution, NOON, {}) for it in self.read(*ids)]

    def one(self, kind: str) -> Json:
        """The one resource of a type that stands there."""
        (found,) = self.server.all(kind)
        return found

    def versions(self) -> dict[str, str]:
        """What stands there by our hand, with its version."""
        kinds = ("CarePlan", "Communication", "Task", "Provenance", "Device")
        held = (it for kind in kinds for it in self.server.all(kind))
        return {f"{it['resourceType']}/{it['id']}": it["meta"]["versionId"] for it in held}
