"""Each status and each outcome of failure becomes the error of whoever must act."""

import pytest

from adapter.errors import (
    ConfigurationFault,
    Deleted,
    NotThere,
    OsteoHandoverError,
    RecordFault,
    ServerStumbled,
    SoftwareFault,
    TryAgainLater,
    VersionConflict,
)
from adapter.fhir import FhirClient
from adapter.fhir.statuses import BY_STATUS, Asked, Purpose
from tests.unit.fhir.server import Answer, FakeServer, caught_from, outcome

WHO_MUST_ACT: dict[int, type[OsteoHandoverError]] = {
    400: RecordFault, 401: ConfigurationFault, 403: ConfigurationFault, 404: NotThere,
    405: ConfigurationFault, 406: ConfigurationFault, 407: ConfigurationFault, 408: TryAgainLater,
    409: VersionConflict, 410: Deleted, 412: VersionConflict, 413: RecordFault,
    414: SoftwareFault, 415: ConfigurationFault, 418: ConfigurationFault, 422: RecordFault,
    423: TryAgainLater, 425: TryAgainLater, 429: TryAgainLater, 500: ServerStumbled,
    501: ConfigurationFault, 502: TryAgainLater, 503: TryAgainLater, 504: TryAgainLater,
    505: ConfigurationFault, 507: TryAgainLater, 304: ConfigurationFault,
}  # fmt: skip


def test_every_status_of_the_table_has_a_row() -> None:
    assert BY_STATUS.keys() <= WHO_MUST_ACT.keys()


@pytest.mark.parametrize(("status", "kind"), WHO_MUST_ACT.items())
def test_a_status_says_who_must_act(
    server: FakeServer, client: FhirClient, status: int, kind: type[OsteoHandoverError]
) -> None:
    server.will_answer(Answer(status, outcome("processing", expression=["Patient.name[0].family"])))

    fault = caught_from(client)

    assert type(fault) is kind
    assert (fault.status, fault.resource_type) == (status, "Patient")
    assert str(fault).startswith(f"GET Patient: HTTP {status}")
    assert len(server.asked) == 1, "nothing is tried again in here"


@pytest.mark.parametrize("status", [400, 404, 410, 422])
def test_a_search_that_is_refused_is_for_the_operator(
    server: FakeServer, client: FhirClient, status: int
) -> None:
    server.will_answer(Answer(status, outcome()))

    assert type(caught_from(client, search=True)) is ConfigurationFault


def test_a_wrong_base_url_is_for_the_operator(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(Answer(404, b"<h1>Not Found</h1>", "text/html"))

    with pytest.raises(ConfigurationFault, match="base URL"):
        client.capabilities()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "-5"}, 0.0),
        ({"Retry-After": "999999999"}, 3600.0),
        ({"Retry-After": "Fri, 20 Nov 2026 10:00:30 GMT"}, 30.0),
        ({"Retry-After": "Fri, 20 Nov 2026 09:00:00 GMT"}, 0.0),
        ({"Retry-After": "Fri, 20 Nov 2037 09:00:00 GMT"}, 3600.0),
        ({"Retry-After": "Fri, 20 Nov 2026 10:00:30 GMT", "Date": ""}, None),
        ({"Retry-After": "Fri, 20 Nov 2026 10:00:30"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "nan"}, None),
        ({"x-ms-retry-after-ms": "250"}, 0.25),
        ({}, None),
    ],
)
def test_the_time_to_wait_is_what_the_server_says_within_reason(
    server: FakeServer, client: FhirClient, headers: dict[str, str], seconds: float | None
) -> None:
    server.will_answer(Answer(429, headers=headers))

    fault = caught_from(client)

    assert isinstance(fault, TryAgainLater)
    assert fault.retry_after == seconds


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("throttled", TryAgainLater), ("timeout", TryAgainLater), ("conflict", VersionConflict),
        ("forbidden", ConfigurationFault), ("not-supported", ConfigurationFault), ("deleted", Deleted),
        ("not-found", NotThere), ("invalid", RecordFault), ("made-up", RecordFault),
    ],
)  # fmt: skip
def test_an_outcome_of_failure_that_comes_with_200_is_a_failure(
    server: FakeServer, client: FhirClient, code: str, kind: type[OsteoHandoverError]
) -> None:
    server.will_answer(Answer(200, outcome(code, "fatal")))

    assert type(caught_from(client)) is kind


@pytest.mark.parametrize("search", [False, True])
def test_an_outcome_of_a_busy_server_says_when_to_come_back(
    server: FakeServer, client: FhirClient, search: bool
) -> None:
    server.will_answer(Answer(200, outcome("throttled", "fatal"), headers={"Retry-After": "7"}))

    fault = caught_from(client, search=search)

    assert isinstance(fault, TryAgainLater)
    assert fault.retry_after == 7


def test_a_request_says_in_safe_words_what_it_asks() -> None:
    assert str(Asked("GET", "Patient", Purpose.SEARCH)) == "GET Patient (search)"
    assert str(Asked("GET", None, Purpose.SYSTEM)) == "GET system"
