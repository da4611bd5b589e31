"""Transactions are all or nothing; batches are each for itself."""

import pytest

from adapter.input.wire_json import Json, JsonValue
from tests.unit.sandbox.in_process import Fhir, content, ids

KEY = "http://ids.test/key"


def entry(method: str, url: str, resource: Json | None = None, full_url: str = "", **request: str) -> Json:
    made: Json = {"request": {"method": method, "url": url, **request}}
    return made | ({"resource": resource} if resource else {}) | ({"fullUrl": full_url} if full_url else {})


def bundle(kind: str, *entries: Json) -> Json:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def transact(fhir: Fhir, *entries: Json, **headers: str) -> list[Json]:
    answer = fhir.post(bundle("transaction", *entries), "", **headers)
    assert answer.status == 200, answer.body
    response = content(answer)
    assert response["type"] == "transaction-response"
    found: list[Json] = response["entry"]
    return found


def resource(type_: str, **elements: JsonValue) -> Json:
    return {"resourceType": type_, **elements}


PATIENT, PLAN = (
    "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0",
    "urn:uuid:1c3151bd-1cbf-4d64-b04d-cd9187a4c6e1",
)


def test_urn_references_become_real_whatever_the_order_of_entries(fhir: Fhir) -> None:
    div = f'<div xmlns="http://www.w3.org/1999/xhtml"><a href="{PLAN}">plan</a></div>'
    communication = resource(
        "Communication",
        id="c",
        text={"status": "generated", "div": div},
        subject={"reference": PATIENT},
        basedOn=[{"reference": PLAN}],
        extension=[{"url": "http://x.test", "valueUri": PLAN}],
        identifier=[{"system": "urn:ietf:rfc:3986", "value": PLAN}],
    )
    made = transact(
        fhir,
        entry("PUT", "Communication/c", communication),
        entry("POST", "CarePlan", resource("CarePlan", subject={"reference": PATIENT}), PLAN),
        entry("POST", "Patient", resource("Patient"), PATIENT),
    )
    plan, patient = (made[n]["response"]["location"].split("/_history")[0] for n in (1, 2))
    stored = fhir.get("Communication/c")
    assert stored["subject"]["reference"] == patient
    assert stored["basedOn"] == [{"reference": plan}]
    assert stored["extension"][0]["valueUri"] == plan
    assert f'href="{plan}"' in stored["text"]["div"]
    assert stored["identifier"][0]["value"] == PLAN
    assert fhir.found(f"CarePlan?patient={patient}") == [plan.split("/")[1]]


def test_answers_come_in_the_order_of_the_entries(fhir: Fhir) -> None:
    fhir.put("Patient", "old")
    made = transact(
        fhir,
        entry("GET", "Patient?_id=old,new"),
        entry("PUT", "Patient/new", resource("Patient", id="new")),
        entry("DELETE", "Patient/old"),
    )
    assert [each["response"]["status"] for each in made] == ["200 OK", "201 Created", "204 No Content"]
    assert ids(made[0]["resource"]) == ["new"]
    assert made[1]["response"] == {
        "status": "201 Created",
        "location": "Patient/new/_history/1",
        "etag": 'W/"1"',
        "lastModified": "2026-03-01T12:00:00.001Z",
    }
    assert "resource" not in made[1]


def test_resources_come_back_when_they_are_asked_for(fhir: Fhir) -> None:
    put = entry("PUT", "Patient/a", resource("Patient", id="a"))
    assert transact(fhir, put, prefer="return=representation")[0]["resource"]["id"] == "a"
    assert transact(fhir, put, prefer="return=OperationOutcome")[0]["response"]["outcome"]["resourceType"]


@pytest.mark.parametrize(
    ("broken", "status"),
    [
        (entry("PUT", "Patient/b", resource("Patient", id="c")), 400),
        (entry("PUT", "Patient/a", resource("Patient", id="a", active=True)), 400),
        (entry("PUT", "Patient/a_b", resource("Patient")), 400),
        (entry("POST", "Patient", resource("Observation")), 400),
        (entry("POST", "Flag", resource("Flag", subject={"reference": PLAN})), 400),
        (
            entry("POST", "Flag", resource("Flag", subject={"reference": f"Patient?identifier={KEY}|none"})),
            412,
        ),
        (
            entry("POST", "Flag", resource("Flag", subject={"reference": f"Patient?identifier={KEY}|two"})),
            412,
        ),
        (entry("PUT", "Patient/x", resource("Patient", id="x"), ifMatch='W/"7"'), 412),
        (entry("PUT", f"Patient?identifier={KEY}|two", resource("Patient")), 412),
        (entry("GET", "Patient/nobody"), 404),
        (entry("FETCH", "Patient/a"), 400),
        (entry("PUT", "http://elsewhere.test/fhir/Patient/b", resource("Patient", id="b")), 400),
        ({"resource": resource("Patient")}, 400),
    ],
)
def test_one_broken_entry_undoes_the_whole_transaction_and_is_named(
    fhir: Fhir, broken: Json, status: int
) -> None:
    for id_ in ("x", "y"):
        fhir.put("Patient", id_, identifier=[{"system": KEY, "value": "two"}])
    good = entry("PUT", "Patient/a", resource("Patient", id="a"))
    answer = fhir.post(bundle("transaction", good, broken), "")
    assert answer.status == status
    assert content(answer)["issue"][0]["expression"] == ["Bundle.entry[1]"]
    assert fhir.ask("GET", "Patient/a").status == 404
    assert len(fhir.recorder.writes) == 2


def test_conditional_entries_resolve_for_the_references_of_others(fhir: Fhir) -> None:
    fhir.put("Patient", "known", identifier=[{"system": KEY, "value": "p"}])
    made = transact(
        fhir,
        entry("POST", "Patient", resource("Patient"), PATIENT, ifNoneExist=f"identifier={KEY}|p"),
        entry(
            "PUT",
            f"CarePlan?identifier={KEY}|c",
            resource("CarePlan", identifier=[{"system": KEY, "value": "c"}]),
            PLAN,
        ),
        entry(
            "PUT",
            "Task/t",
            resource("Task", id="t", focus={"reference": PLAN}, **{"for": {"reference": PATIENT}}),
        ),
        entry(
            "PUT", "Flag/f", resource("Flag", id="f", subject={"reference": f"Patient?identifier={KEY}|p"})
        ),
    )
    assert [each["response"]["status"][:3] for each in made] == ["200", "201", "201", "201"]
    task = fhir.get("Task/t")
    assert task["for"]["reference"] == "Patient/known"
    assert made[1]["response"]["location"].startswith(task["focus"]["reference"])
    assert fhir.get("Flag/f")["subject"]["reference"] == "Patient/known"


def test_one_condition_in_two_entries_is_refused(fhir: Fhir) -> None:
    post = entry("POST", "Patient", resource("Patient"), ifNoneExist=f"identifier={KEY}|p")
    assert fhir.post(bundle("transaction", post, post), "").status == 400


def test_a_transaction_has_one_time_and_the_next_a_later_one(fhir: Fhir) -> None:
    puts = [entry("PUT", f"Patient/{id_}", resource("Patient", id=id_)) for id_ in "ab"]
    transact(fhir, *puts)
    transact(fhir, entry("PUT", "Patient/c", resource("Patient", id="c")))
    a, b, c = (fhir.get(f"Patient/{id_}")["meta"]["lastUpdated"] for id_ in "abc")
    assert a == b < c


def test_targets_later_in_the_transaction_count_when_references_are_checked() -> None:
    strict = Fhir(check_references=True)
    flag = resource("Flag", id="f", subject={"reference": "Patient/a"})
    transact(strict, entry("PUT", "Flag/f", flag), entry("PUT", "Patient/a", resource("Patient", id="a")))
    transact(strict, entry("DELETE", "Patient/a"), entry("DELETE", "Flag/f"))
    assert strict.ask("GET", "Patient/a").status == 410
    strict.store.close()


def test_a_batch_does_what_it_can_in_the_order_given(fhir: Fhir) -> None:
    for number in range(5):
        fhir.put("Observation", f"o{number}", subject={"reference": "Patient/a"})
    asked = bundle(
        "batch",
        entry("GET", "Patient/a"),
        entry("PUT", "Patient/a", resource("Patient", id="a")),
        entry("GET", "Patient/a"),
        entry("PUT", "Patient/b", resource("Observation")),
        entry("GET", "Observation?patient=a&_count=2"),
        entry("GET", "metadata"),
    )
    answer = fhir.post(asked, "")
    made = content(answer)["entry"]
    assert [each["response"]["status"][:3] for each in made] == ["404", "201", "200", "400", "200", "200"]
    assert made[3]["response"]["outcome"]["issue"][0]["expression"] == ["Bundle.entry[3]"]
    page = made[4]["resource"]
    assert (page["type"], ids(page)) == ("searchset", ["o0", "o1"])
    assert ids(fhir.get(page["link"][1]["url"])) == ["o2", "o3"]
    assert fhir.recorder.entries["GET", "Patient"] == 2


@pytest.mark.parametrize(
    "body",
    [
        {"resourceType": "Patient"},
        {"resourceType": "Bundle", "type": "collection"},
        {"resourceType": "Bundle", "type": "batch", "entry": {}},
    ],
)
def test_only_batches_and_transactions_can_be_posted_to_the_base(fhir: Fhir, body: Json) -> None:
    assert fhir.post(body, "").status == 400


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_an_empty_bundle_is_answered_by_an_empty_one(fhir: Fhir, kind: str) -> None:
    assert "entry" not in content(fhir.post(bundle(kind), ""))
