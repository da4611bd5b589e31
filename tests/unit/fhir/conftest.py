from collections.abc import Iterator

import pytest

from adapter.fhir import FhirClient
from tests.unit.fhir.server import FakeServer, fake_server


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with fake_server() as server:
        yield server


@pytest.fixture
def elsewhere() -> Iterator[FakeServer]:
    """A second listener: whatever arrives here has been leaked."""
    with fake_server() as server:
        yield server


@pytest.fixture
def client(server: FakeServer) -> Iterator[FhirClient]:
    with FhirClient(server.base) as client:
        yield client
