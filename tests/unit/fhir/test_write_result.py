"""What a server wrote, and under which id and version, from whatever it says of that."""

import pytest

from adapter.errors import (
    ConfigurationFault,
    TryAgainLater,
)
from adapter.fhir import FhirClient, Written
from adapter.fhir.statuses import Asked
from adapter.fhir.write_result import require_same_id
from tests.unit.fhir.server import NEW, PLAN, Answer, FakeServer, outcome


@pytest.mark.parametrize(
    ("answer", "written"),
    [
        (Answer(201, headers={"ETag": 'W/"1"'}), Written("plan-1", "1", created=True)),
        (Answer(200, headers={"ETag": "2"}), Written("plan-1", "2", created=False)),
        (Answer(200, outcome("informational", "information")), Written("plan-1", None, created=False)),
        (
            Answer(200, headers={"Location": "CarePlan/plan-1/_history/5"}),
            Written("plan-1", "5", created=False),
        ),
        (
            Answer(200, {**PLAN, "meta": {"versionId": "7"}}),
            Written("plan-1", "7", created=False, resource={**PLAN, "meta": {"versionId": "7"}}),
        ),
    ],
)
def test_an_update_says_which_version_it_led_to(
    server: FakeServer, client: FhirClient, answer: Answer, written: Written
) -> None:
    server.will_answer(answer)

    assert client.update(PLAN) == written
    assert (server.asked[0].method, server.paths) == ("PUT", ["/r4/CarePlan/plan-1"])
    assert server.asked[0].headers["Prefer"] == "return=minimal"
    assert server.asked[0].headers["Content-Type"] == "application/fhir+json; charset=utf-8"
    assert "If-Match" not in server.asked[0].headers


def test_a_server_that_chooses_its_own_id_on_an_update_is_noticed(
    server: FakeServer, client: FhirClient
) -> None:
    server.will_answer(Answer(201, headers={"Location": f"{server.base}/CarePlan/4711/_history/1"}))

    with pytest.raises(ConfigurationFault, match="id of its own"):
        client.update(PLAN)


def test_a_creation_says_where_it_is(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(Answer(201, headers={"Location": f"{server.base}/CarePlan/77/_history/1"}))

    assert client.create(NEW) == Written("77", "1", created=True)
    assert (server.asked[0].method, server.paths) == ("POST", ["/r4/CarePlan"])


def test_a_creation_of_which_nothing_is_told_has_an_unknown_outcome(
    server: FakeServer, client: FhirClient
) -> None:
    server.will_answer(Answer(201, headers={"Location": "elsewhere"}))

    with pytest.raises(TryAgainLater, match="Look for it"):
        client.create(NEW)


@pytest.mark.parametrize("found", ["plan-1", None])
def test_a_server_that_keeps_our_id_or_says_none_may_be_written_to(found: str | None) -> None:
    require_same_id(Asked("PUT", "CarePlan"), "plan-1", found)


def test_another_id_in_a_bundle_is_told_with_its_entry() -> None:
    with pytest.raises(ConfigurationFault) as caught:
        require_same_id(Asked("PUT", "CarePlan"), "plan-1", "4711", 3)

    assert caught.value.entry == 3
