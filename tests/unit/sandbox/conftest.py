from collections.abc import Iterator

import pytest

from tests.unit.sandbox.in_process import Fhir


@pytest.fixture
def fhir() -> Iterator[Fhir]:
    made = Fhir()
    yield made
    made.store.close()
