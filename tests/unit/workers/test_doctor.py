"""What the doctor finds before anybody has to."""

from datetime import UTC, datetime, timedelta

import pytest

from adapter.fhir import FhirClient
from tests.unit.fhir.server import Answer, fake_server, searchset
from tests.wards import settings_for
from workers.doctor import State, clocks, examine

TOLD = datetime(2026, 11, 20, 10, tzinfo=UTC)  # what the fake server says in its Date header


@pytest.mark.parametrize(
    ("ours", "state", "says"),
    [
        (TOLD, State.WORKS, "0 s"),
        (TOLD - timedelta(hours=1), State.LIMITED, "3600 s ahead of ours"),
        (TOLD + timedelta(hours=1), State.LIMITED, "3600 s behind ours"),
    ],
)
def test_the_clocks_are_compared(ours: datetime, state: State, says: str) -> None:
    with fake_server() as server, FhirClient(server.base) as client:
        server.will_answer(Answer(200, searchset()))

        found = clocks(client, lambda: ours)

    assert found.state is state
    assert says in found.says


def test_a_login_in_the_clear_is_a_finding_and_no_trace() -> None:
    settings = settings_for("http://fhir.example.org/r4", fhir_auth="bearer", fhir_token="t")

    last = list(examine(settings, quick=True))[-1]

    assert last.state is State.BROKEN
    assert "allow_unprotected" in last.says
