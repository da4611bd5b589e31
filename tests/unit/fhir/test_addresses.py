"""An id or a type that somebody else wrote never becomes another request."""

from typing import Any

import pytest

from adapter.errors import (
    RecordFault,
    SoftwareFault,
)
from adapter.fhir import FhirClient
from adapter.fhir.addresses import location
from tests.unit.fhir.server import FakeServer


@pytest.mark.parametrize("key", ["", "..", ".", "a/b", "../x", "a?b", "a#b", "a b", "a%2f", "x" * 129])
def test_an_id_that_would_change_the_request_is_not_sent(
    server: FakeServer, client: FhirClient, key: str
) -> None:
    with pytest.raises(RecordFault):
        client.read("Patient", key)

    assert server.asked == []


@pytest.mark.parametrize("kind", ["", "patient", "Pa/tient", None])
def test_a_type_that_is_none_is_our_mistake(server: FakeServer, client: FhirClient, kind: Any) -> None:
    with pytest.raises(SoftwareFault):
        client.read(kind, "1")

    assert server.asked == []


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        (("Patient", "p1"), "Patient/p1"),
        (("Patient", "some_server-1.2"), "Patient/some_server-1.2"),
        (("Patient", "..."), "Patient/..."),
        (("Patient", "x" * 128), "Patient/" + "x" * 128),
        (("CarePlan", "a", "3"), "CarePlan/a/_history/3"),
    ],
)
def test_an_id_that_servers_hand_out_is_an_address(parts: tuple[str, ...], path: str) -> None:
    assert location(*parts) == path


def test_a_version_that_would_change_the_request_is_refused() -> None:
    with pytest.raises(RecordFault):
        location("CarePlan", "a", "1/../../Patient")
