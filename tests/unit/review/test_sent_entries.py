"""A server that takes no condition about a tag gets the Provenance without one, from then on."""

from collections.abc import Sequence
from typing import Any

import pytest

from adapter.errors import ConfigurationFault, OsteoHandoverError, RecordFault, VersionConflict
from adapter.fhir.bundles import Entry, EntryResult
from adapter.fhir.search import Params, pairs
from adapter.fhir.write_result import Written
from adapter.input.wire_json import Json
from mappings.outbound.server.conditional_create import created_once
from tests.servers.without_http import LocalServer
from tests.unit.review.hospital_in_memory import HospitalInMemory, WatchedClient, reading_institution
from workers.review.sent_entries import send_entry, send_transaction

SYSTEM = "urn:x:names"
TRAIL: Json = {
    "resourceType": "Provenance",
    "id": "named",
    "target": [{"display": "x"}],
    "recorded": "2026-11-20T12:00:00Z",
    "agent": [{"who": {"display": "x"}}],
}


def an_entry() -> Entry:
    content, condition = created_once(TRAIL, SYSTEM)
    return Entry("POST", "Provenance", content, if_none_exist=condition)


class TaglessClient(WatchedClient):
    """A server that refuses a condition about a tag, with this fault."""

    def __init__(self, server: LocalServer, fault: OsteoHandoverError) -> None:
        super().__init__(server)
        self.fault, self.sent = fault, 0

    def transaction(self, entries: Sequence[Entry], **how: Any) -> list[EntryResult]:
        self.sent += 1
        if any("_tag" in (it.if_none_exist or "") for it in entries):
            raise self.fault
        return super().transaction(entries, **how)

    def create_conditional(self, resource: Json, search: Params, **how: Any) -> Written:
        self.sent += 1
        if "_tag" in dict(pairs(search)):
            raise self.fault
        return super().create_conditional(resource, search, **how)


REFUSALS = [
    RecordFault("only identifiers", status=400),
    RecordFault("everything matches", status=412),
    ConfigurationFault("no right to search", status=403),
    ConfigurationFault("not offered", status=501),
]


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("fault", REFUSALS, ids=lambda it: str(it.status))
def test_a_refused_tag_costs_one_request_and_no_proposal(fault: OsteoHandoverError, at_once: bool) -> None:
    client = TaglessClient(LocalServer(), fault)
    for _ in range(2):
        if at_once:
            send_transaction([an_entry()], client)
        else:
            send_entry(an_entry(), {}, client)

    assert client.refused.tags
    assert len(client.server.all("Provenance")) == 2  # which such a server cannot be kept from
    assert client.sent == (3 if at_once else 1)


@pytest.mark.parametrize("at_once", [True, False])
def test_another_refusal_is_none_of_tags(at_once: bool) -> None:
    client = TaglessClient(LocalServer(), VersionConflict("somebody wrote first", status=409))
    with pytest.raises(VersionConflict):
        send_transaction([an_entry()], client) if at_once else send_entry(an_entry(), {}, client)

    assert not client.refused.tags


def test_a_record_that_the_server_refuses_in_any_way_is_none_of_tags() -> None:
    client = WatchedClient(LocalServer())
    broken = Entry("PUT", "Patient/a", {"resourceType": "Patient", "id": "b"})
    with pytest.raises(RecordFault):
        send_transaction([an_entry(), broken], client)

    assert not client.refused.tags
    assert client.server.all("Provenance") == []


@pytest.mark.parametrize("own_ids", [True, False])
def test_what_is_sent_again_stands_once(own_ids: bool) -> None:
    hospital = HospitalInMemory(institution=reading_institution(update_create=own_ids))
    hospital.review()
    before = hospital.versions()
    hospital.review()

    assert hospital.versions() == before
