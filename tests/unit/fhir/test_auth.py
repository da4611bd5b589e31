"""Credentials reach the server and nothing else."""

import pytest

from adapter.errors import ConfigurationFault
from adapter.fhir import BasicAuth, BearerAuth, FhirClient, HttpOptions, NoAuth
from adapter.fhir.auth import Auth
from tests.unit.fhir.server import Answer, FakeServer

PATIENT = {"resourceType": "Patient", "id": "p1"}


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        (NoAuth(), None),
        (BasicAuth("user", "päss:word"), "Basic dXNlcjpww6Rzczp3b3Jk"),
        (BearerAuth("abc"), "Bearer abc"),
        (BearerAuth(" abc\n"), "Bearer abc"),
        (BearerAuth(lambda: "fetched"), "Bearer fetched"),
    ],
)
def test_each_kind_sends_its_header(server: FakeServer, auth: Auth, header: str | None) -> None:
    server.will_answer(Answer(body=PATIENT))

    with FhirClient(server.base, auth=auth) as client:
        client.read("Patient", "p1")

    assert server.asked[0].headers.get("Authorization") == header


@pytest.mark.parametrize(
    "auth", [BasicAuth("user", "s3cret"), BearerAuth("s3cret"), BearerAuth(lambda: "s3cret")]
)
def test_secrets_are_not_shown(auth: Auth) -> None:
    auth.headers()

    assert "s3cret" not in repr(auth)
    assert "s3cret" not in repr(
        HttpOptions(headers={"x-api-key": "s3cret"}, proxies={"http": "//u:s3cret@h"})
    )


def test_a_fetched_token_is_kept_until_the_server_refuses_it(server: FakeServer) -> None:
    tokens = iter(["old", "new"])
    server.will_answer(Answer(body=PATIENT), Answer(401), Answer(body=PATIENT))

    with FhirClient(server.base, auth=BearerAuth(lambda: next(tokens))) as client:
        client.read("Patient", "p1")
        client.read("Patient", "p1")

    assert [asked.headers["Authorization"] for asked in server.asked] == [
        "Bearer old",
        "Bearer old",
        "Bearer new",
    ]


@pytest.mark.parametrize(
    ("auth", "requests"),
    [(BearerAuth("fixed"), 1), (BearerAuth(lambda: "x"), 2), (BasicAuth("u", "p"), 1), (NoAuth(), 1)],
)
def test_a_second_refusal_is_for_the_operator(server: FakeServer, auth: Auth, requests: int) -> None:
    server.will_answer(Answer(401), Answer(401), Answer(body=PATIENT))

    with FhirClient(server.base, auth=auth) as client, pytest.raises(ConfigurationFault) as caught:
        client.read("Patient", "p1")

    assert caught.value.status == 401
    assert len(server.asked) == requests


def test_a_write_that_was_refused_for_its_token_is_sent_again_in_full(server: FakeServer) -> None:
    server.will_answer(Answer(401), Answer(200))

    with FhirClient(server.base, auth=BearerAuth(lambda: "x")) as client:
        client.update(PATIENT)

    assert [asked.json for asked in server.asked] == [PATIENT, PATIENT]


@pytest.mark.parametrize("token", ["", " \n", "two\nlines", "two words", "caf\u00e9"])
def test_a_token_that_cannot_be_one_is_refused_and_not_quoted(token: str) -> None:
    with pytest.raises(ConfigurationFault) as caught:
        BearerAuth(token).headers()

    assert "two" not in str(caught.value)
