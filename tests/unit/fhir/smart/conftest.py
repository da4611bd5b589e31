"""A key file of ours, and an authorisation server that knows its public half."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapter.fhir.smart import load_keys
from tests.servers.authorisation import AuthorisationServer, authorising
from tests.unit.fhir.smart.login import made


@pytest.fixture
def key(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    file = tmp_path / "keys.json"
    file.write_text(made(getattr(request, "param", "ES384"), "ours"))
    return file


@pytest.fixture
def authority(key: Path) -> Iterator[AuthorisationServer]:
    with authorising(*load_keys(key)) as server:
        yield server
