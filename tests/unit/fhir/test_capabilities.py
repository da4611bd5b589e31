"""What a server declares is believed; what it does not mention is unknown, which is not "no"."""

import pytest

from adapter.errors import ConfigurationFault
from adapter.fhir import Capabilities, FhirClient
from adapter.fhir.capabilities import Declared
from adapter.input.wire_json import Json
from tests.unit.fhir.server import Answer, FakeServer

YES, NO, NOT_SAID = Declared.YES, Declared.NO, Declared.NOT_SAID
STATEMENT = {
    "resourceType": "CapabilityStatement",
    "fhirVersion": "4.0.1",
    "software": {"name": "HAPI", "version": "8.8.0"},
    "rest": [
        {"mode": "client"},
        {
            "mode": "server",
            "interaction": [{"code": "transaction"}],
            "resource": [
                {
                    "type": "CarePlan",
                    "interaction": [{"code": "read"}, {"code": "update"}],
                    "searchParam": [{"name": "subject"}, {"name": "identifier"}],
                    "updateCreate": True,
                    "conditionalCreate": False,
                },
                {"type": "Patient"},
                {"interaction": [{"code": "read"}]},
            ],
        },
    ],
}


def test_a_full_statement_is_read() -> None:
    known = Capabilities.parse(STATEMENT)

    assert (known.fhir_version, known.software) == ("4.0.1", "HAPI 8.8.0")
    assert (known.transaction, known.batch) == (YES, NOT_SAID)
    assert (known.offers("CarePlan", "update"), known.offers("CarePlan", "delete")) == (YES, NO)
    assert known.search_params("CarePlan") == frozenset({"subject", "identifier"})
    assert known.update_create("CarePlan") is YES
    assert known.conditional_create("CarePlan") is NO
    assert known.conditional_update("CarePlan") is NOT_SAID


@pytest.mark.parametrize(
    ("declared", "batch"),
    [
        ([], NOT_SAID),
        (["transaction"], NOT_SAID),
        (["batch"], YES),
        (["transaction", "batch"], YES),
        (["history-system"], NO),
    ],
)
def test_silence_about_batch_beside_transaction_is_no_refusal(declared: list[str], batch: Declared) -> None:
    rest = [{"mode": "server", "interaction": [{"code": code} for code in declared]}]

    assert Capabilities.parse({"rest": rest}).batch is batch


@pytest.mark.parametrize("kind", ["Patient", "Observation"])
def test_what_is_not_declared_is_unknown(kind: str) -> None:
    known = Capabilities.parse(STATEMENT)

    assert known.offers(kind, "read") is NOT_SAID
    assert known.search_params(kind) is None
    assert known.update_create(kind) is NOT_SAID


@pytest.mark.parametrize(
    "statement",
    [
        {},
        {"rest": []},
        {"rest": "x", "software": "y"},
        {"rest": [{"resource": [7, {"type": 7}], "interaction": [{"code": 7}, {}]}], "fhirVersion": 4},
        {"rest": [{"resource": [{"type": "Task", "updateCreate": "true", "searchParam": [{}]}]}]},
    ],
)
def test_an_odd_statement_declares_nothing_and_breaks_nothing(statement: Json) -> None:
    known = Capabilities.parse(statement)

    assert (known.fhir_version, known.software) == (None, None)
    assert (known.transaction, known.batch) == (NOT_SAID, NOT_SAID)
    assert (known.update_create("Task"), known.search_params("Task")) == (NOT_SAID, None)


@pytest.mark.parametrize("version", ["4.0.1", "4.0.0", "4.0", "4.3.0"])
def test_r4_is_welcome(version: str) -> None:
    known = Capabilities.parse({"fhirVersion": version})

    assert known.require_r4() is known


@pytest.mark.parametrize(
    ("version", "name"),
    [("3.0.2", "STU3"), ("1.0.2", "DSTU2"), ("5.0.0", "R5"), ("9.9", "another"), (None, "say")],
)
def test_another_version_is_refused_in_one_plain_line(version: str | None, name: str) -> None:
    with pytest.raises(ConfigurationFault, match=name) as caught:
        Capabilities.parse({"fhirVersion": version}).require_r4()

    assert "\n" not in str(caught.value)


def test_a_server_is_asked_once(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(Answer(200, STATEMENT))

    assert client.capabilities() is client.capabilities()
    assert server.paths == ["/r4/metadata"]


def test_a_dstu2_server_is_named(server: FakeServer, client: FhirClient) -> None:
    server.will_answer(Answer(200, {"resourceType": "Conformance", "fhirVersion": "1.0.2"}))

    with pytest.raises(ConfigurationFault, match="DSTU2"):
        client.capabilities()


@pytest.mark.parametrize("body", [{"resourceType": "Patient"}, {}, b"<html>hello</html>"])
def test_something_else_at_the_base_url_is_for_the_operator(
    server: FakeServer, client: FhirClient, body: Json | bytes
) -> None:
    server.will_answer(Answer(200, body, "text/html" if isinstance(body, bytes) else "application/json"))

    with pytest.raises(ConfigurationFault, match="base URL"):
        client.capabilities()


def test_only_a_plain_no_is_taken_for_one() -> None:
    assert [it for it in Declared if not it.worth_asking] == [Declared.NO]
