"""Create, update, delete: statuses, versions, conditions."""

import json
import re

import pytest

from tests.unit.sandbox.in_process import Fhir, content
from workers.sandbox.wire import RequestRefused, parse_json

KEY = {"system": "http://ids.test/key", "value": "k1"}
QUERY = "identifier=http://ids.test/key|k1"
PLAN = {"resourceType": "CarePlan", "identifier": [KEY], "status": "draft"}


def test_a_create_ignores_the_clients_id_and_says_where_the_resource_is(fhir: Fhir) -> None:
    answer = fhir.post({"resourceType": "Patient", "id": "mine", "meta": {"versionId": "9"}})
    assert answer.status == 201
    assert answer.version is not None
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.version.id)
    assert content(answer)["meta"]["versionId"] == "1"


def test_a_put_creates_then_updates_and_every_version_can_be_read(fhir: Fhir) -> None:
    assert fhir.put("Patient", "a", gender="female").status == 201
    assert fhir.put("Patient", "a", gender="male").status == 200
    assert fhir.get("Patient/a")["meta"]["versionId"] == "2"
    assert fhir.get("Patient/a/_history/1")["gender"] == "female"
    assert fhir.ask("GET", "Patient/a/_history/3").status == 404


def test_an_unchanged_put_makes_no_new_version_whatever_the_order_of_elements(fhir: Fhir) -> None:
    fhir.ask("PUT", "Patient/a", b'{"resourceType":"Patient","id":"a","gender":"male","active":true}')
    answer = fhir.ask(
        "PUT", "Patient/a", b'{"active":true,"gender":"male","id":"a","resourceType":"Patient","meta":{}}'
    )
    assert (answer.status, answer.version and answer.version.version) == (200, 1)
    assert len(fhir.recorder.writes) == 1


def test_what_was_read_can_be_put_back_without_a_new_version(fhir: Fhir) -> None:
    fhir.put("Patient", "a", meta={"tag": [{"code": "demo"}]}, gender="male")
    answer = fhir.ask("PUT", "Patient/a", fhir.get("Patient/a"))
    assert answer.version is not None
    assert answer.version.version == 1


@pytest.mark.parametrize(
    "digits", ["-2.50", "-2.5", "0.100", "1E+2", "-0.0", "3", "123456789.12345678901234567890"]
)
def test_a_number_keeps_its_digits(fhir: Fhir, digits: str) -> None:
    body = '{"resourceType":"Observation","id":"o","valueQuantity":{"value":' + digits + "}}"
    fhir.ask("PUT", "Observation/o", body.encode())
    for url in ("Observation/o", "Observation", "Observation?_elements=valueQuantity", "_history"):
        assert f'"value":{digits}}}' in fhir.ask("GET", url).body.decode()


def test_another_precision_is_another_version(fhir: Fhir) -> None:
    for digits in (b"-2.5", b"-2.50", b"-2.50"):
        body = b'{"resourceType":"Observation","id":"o","valueQuantity":{"value":' + digits + b"}}"
        fhir.ask("PUT", "Observation/o", body)
    assert fhir.get("Observation/o")["meta"]["versionId"] == "2"


def test_a_deleted_resource_is_gone_until_a_put_revives_it(fhir: Fhir) -> None:
    fhir.put("Patient", "a", gender="male")
    assert fhir.ask("DELETE", "Patient/a").status == 204
    assert fhir.ask("GET", "Patient/a").status == 410
    assert fhir.ask("GET", "Patient/a/_history/2").status == 410
    assert fhir.found("Patient?gender=male") == []
    assert fhir.ask("DELETE", "Patient/a").status == 204
    assert fhir.put("Patient", "a", gender="male").status == 201
    assert fhir.get("Patient/a")["meta"]["versionId"] == "3"


def test_deleting_what_never_was_changes_nothing(fhir: Fhir) -> None:
    assert fhir.ask("DELETE", "Patient/nobody").status == 204
    assert fhir.ask("GET", "Patient/nobody").status == 404
    assert fhir.recorder.writes == []


@pytest.mark.parametrize(
    ("id_", "status"),
    [
        ("a", 201),
        ("A-1.b", 201),
        ("x" * 64, 201),
        ("123", 201),
        ("x" * 65, 400),
        ("a_b", 400),
        ("a b", 400),
        ("ë", 400),
    ],
)
def test_an_id_is_letters_digits_hyphens_and_points(fhir: Fhir, id_: str, status: int) -> None:
    assert fhir.put("Patient", id_).status == status


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b'"Patient"',
        b"{}",
        b'{"resourceType":"Observation","id":"a"}',
        b'{"resourceType":"Patient","id":"b"}',
        b'{"resourceType":"Patient","id":"a","x":"\\ud800"}',
        b'{"resourceType":"Patient","id":"a","x":' + b"[" * 500 + b"]" * 500 + b"}",
        b'{"resourceType":"Patient","id":"a","x":123456789012345678901234567890}',
    ],
)
def test_a_body_that_is_not_this_resource_is_refused(fhir: Fhir, body: bytes) -> None:
    assert fhir.ask("PUT", "Patient/a", body).status == 400
    assert fhir.ask("GET", "Patient/a").status == 404


@pytest.mark.parametrize("raw", [b"{", b'{"x":NaN}', b'{"x":1.}', b"[" * 9000, b"\xff\xfe\x00"])
def test_a_body_that_is_no_json_is_refused(raw: bytes) -> None:
    with pytest.raises(RequestRefused):
        parse_json(raw)


@pytest.mark.parametrize(
    ("if_match", "status"),
    [('W/"2"', 200), ('"2"', 200), ("2", 200), ("*", 200), ('W/"1"', 412), ('W/"3"', 412), ("x", 412)],
)
def test_an_update_needs_the_version_that_it_names(fhir: Fhir, if_match: str, status: int) -> None:
    fhir.put("Patient", "a")
    fhir.put("Patient", "a", active=True)
    body = {"resourceType": "Patient", "id": "a", "active": False}
    assert fhir.ask("PUT", "Patient/a", body, if_match=if_match).status == status


def test_preconditions_hold_for_missing_resources_and_deletes(fhir: Fhir) -> None:
    body = {"resourceType": "Patient", "id": "a"}
    assert fhir.ask("PUT", "Patient/a", body, if_match='W/"1"').status == 412
    assert fhir.ask("PUT", "Patient/a", body, if_none_match="*").status == 201
    assert fhir.ask("PUT", "Patient/a", body, if_none_match="*").status == 412
    assert fhir.ask("DELETE", "Patient/a", if_match='W/"7"').status == 412
    assert fhir.ask("DELETE", "Patient/a", if_match='W/"1"').status == 204


def test_a_read_of_a_known_version_is_not_modified(fhir: Fhir) -> None:
    fhir.put("Patient", "a")
    answer = fhir.ask("GET", "Patient/a", if_none_match='W/"1"')
    assert (answer.status, answer.body) == (304, b"")
    assert fhir.ask("GET", "Patient/a", if_none_match='W/"2"').status == 200


@pytest.mark.parametrize(
    ("prefer", "kind"),
    [
        ("return=minimal", None),
        ("return=representation", "CarePlan"),
        ("return=OperationOutcome", "OperationOutcome"),
    ],
)
def test_the_client_chooses_what_a_write_returns(fhir: Fhir, prefer: str, kind: str | None) -> None:
    answer = fhir.post(PLAN, prefer=prefer)
    assert answer.status == 201
    assert (json.loads(answer.body)["resourceType"] if answer.body else None) == kind


def test_a_conditional_create_happens_once(fhir: Fhir) -> None:
    first = fhir.post(PLAN, if_none_exist=QUERY)
    second = fhir.post(PLAN | {"status": "active"}, if_none_exist=f"CarePlan?{QUERY}")
    assert (first.status, second.status) == (201, 200)
    assert content(second) == content(first)


@pytest.mark.parametrize("method", ["create", "update", "delete"])
def test_a_condition_that_matches_several_is_refused(fhir: Fhir, method: str) -> None:
    fhir.post(PLAN)
    fhir.post(PLAN)
    answer = {
        "create": lambda: fhir.post(PLAN, if_none_exist=QUERY),
        "update": lambda: fhir.ask("PUT", f"CarePlan?{QUERY}", PLAN),
        "delete": lambda: fhir.ask("DELETE", f"CarePlan?{QUERY}"),
    }[method]()
    assert answer.status == 412
    assert len(fhir.recorder.writes) == 2


def test_a_conditional_update_creates_updates_and_then_rests(fhir: Fhir) -> None:
    statuses = [
        fhir.ask("PUT", f"CarePlan?{QUERY}", PLAN | {"status": s}).status
        for s in ("draft", "active", "active")
    ]
    assert statuses == [201, 200, 200]
    assert [write.version for write in fhir.recorder.writes] == [1, 2]


def test_a_conditional_update_keeps_to_the_id_in_the_body(fhir: Fhir) -> None:
    assert fhir.ask("PUT", f"CarePlan?{QUERY}", PLAN | {"id": "mine"}).status == 201
    assert fhir.get("CarePlan/mine")["status"] == "draft"
    assert fhir.ask("PUT", f"CarePlan?{QUERY}", PLAN | {"id": "other"}).status == 400


def test_a_conditional_delete_deletes_the_one_match(fhir: Fhir) -> None:
    fhir.put("CarePlan", "a", identifier=[KEY])
    assert fhir.ask("DELETE", f"CarePlan?{QUERY}").status == 204
    assert fhir.ask("GET", "CarePlan/a").status == 410
    assert fhir.ask("DELETE", f"CarePlan?{QUERY}").status == 204


@pytest.mark.parametrize("query", ["", "colour=red", "_count=1"])
def test_a_condition_must_say_something_the_server_understands(fhir: Fhir, query: str) -> None:
    fhir.put("CarePlan", "a")
    assert fhir.post(PLAN, if_none_exist=query).status in (400, 412)
    assert fhir.ask("DELETE", f"CarePlan?{query}").status in (400, 412)
    assert fhir.get("CarePlan/a")["id"] == "a"


def test_references_are_checked_when_that_is_switched_on() -> None:
    strict = Fhir(check_references=True)
    flag = {"subject": {"reference": "Patient/a"}}
    assert strict.put("Flag", "f", **flag).status == 400
    assert strict.put("Patient", "a").status == 201
    assert strict.put("Flag", "f", **flag).status == 201
    assert strict.ask("DELETE", "Patient/a").status == 409
    assert strict.get("Patient/a")["id"] == "a"
    strict.store.close()


def test_validation_names_the_element_and_never_its_value(fhir: Fhir) -> None:
    good = content(fhir.post({"resourceType": "Patient", "birthDate": "1950-01-01"}, "Patient/$validate"))
    assert good["issue"][0]["severity"] == "information"
    bad = fhir.post({"resourceType": "Patient", "birthDate": "long ago", "shoe": 43}, "Patient/$validate")
    issues = content(bad)["issue"]
    assert {expression for issue in issues for expression in issue["expression"]} >= {
        "Patient.birthDate",
        "Patient.shoe",
    }
    assert b"long ago" not in bad.body
    assert fhir.recorder.writes == []


@pytest.mark.parametrize(
    ("method", "url"), [("PATCH", "Patient/a"), ("GET", "Patient/a/Observation"), ("DELETE", "")]
)
def test_what_is_not_supported_is_refused(fhir: Fhir, method: str, url: str) -> None:
    assert fhir.ask(method, url).status == 405
