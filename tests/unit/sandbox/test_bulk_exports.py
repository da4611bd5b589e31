"""The sandbox exports as the standard for Bulk Data has it."""

import json

import pytest

from tests.made_resources import a_gp, a_patient, a_t_score
from tests.unit.sandbox.in_process import BASE, Fhir, content
from workers.sandbox.bulk_exports import IN_ONE_FILE
from workers.sandbox.wire import FhirResponse

ASYNC = "respond-async"


def kick_off(fhir: Fhir, url: str) -> str:
    answer = fhir.ask("GET", url, prefer=ASYNC)
    assert answer.status == 202, answer.body
    return answer.headers["Content-Location"]


def complete(fhir: Fhir, status: str) -> FhirResponse:
    assert fhir.ask("GET", status).status == 202
    return fhir.ask("GET", status)


def locations_in(fhir: Fhir, url: str) -> list[str]:
    """`Type/id` of each resource in a file."""
    answer = fhir.ask("GET", url)
    assert (answer.status, answer.media) == (200, "application/fhir+ndjson")
    held = [json.loads(it) for it in answer.body.splitlines()]
    return [f"{it['resourceType']}/{it['id']}" for it in held]


def exported(fhir: Fhir, url: str) -> list[str]:
    manifest = content(complete(fhir, kick_off(fhir, url)))
    found = [(it, locations_in(fhir, it["url"])) for it in manifest["output"]]
    assert all(len(held) == it["count"] for it, held in found)
    return sorted(place for _, held in found for place in held)


@pytest.fixture
def ward(fhir: Fhir) -> Fhir:
    group = {
        "resourceType": "Group",
        "id": "g",
        "type": "person",
        "actual": True,
        "member": [{"entity": {"reference": "Patient/anna"}}],
    }
    fhir.store.load([a_gp(), a_patient("anna"), a_t_score("anna"), a_patient("bea"), group])
    return fhir


@pytest.mark.parametrize(
    ("url", "places"),
    [
        ("$export", ["Group/g", "Observation/anna-spine", "Patient/anna", "Patient/bea", "Practitioner/gp"]),
        ("Patient/$export", ["Observation/anna-spine", "Patient/anna", "Patient/bea", "Practitioner/gp"]),
        ("Group/g/$export", ["Observation/anna-spine", "Patient/anna", "Practitioner/gp"]),
        ("Patient/$export?_type=Patient", ["Patient/anna", "Patient/bea"]),
    ],
)
def test_each_level_exports_what_belongs_to_it(ward: Fhir, url: str, places: list[str]) -> None:
    assert exported(ward, url) == places


def test_the_status_is_half_done_and_then_complete(ward: Fhir) -> None:
    status = kick_off(ward, "$export")

    first, then = ward.ask("GET", status), ward.ask("GET", status)

    assert (first.status, first.headers["X-Progress"], first.headers["Retry-After"]) == (
        202,
        "50% complete",
        "1",
    )
    assert (then.status, "Expires" in then.headers) == (200, True)
    told = content(then)
    assert (told["requiresAccessToken"], told["error"]) == (True, [])


def test_what_is_written_later_is_not_in_it(ward: Fhir) -> None:
    status = kick_off(ward, "$export?_type=Patient")
    ward.store.load([a_patient("carla")])

    (file,) = content(complete(ward, status))["output"]

    assert locations_in(ward, file["url"]) == ["Patient/anna", "Patient/bea"]


def test_a_type_with_many_resources_comes_in_several_files(fhir: Fhir) -> None:
    fhir.store.load([a_patient(f"p{number}") for number in range(IN_ONE_FILE + 1)])

    files = content(complete(fhir, kick_off(fhir, "Patient/$export")))["output"]

    assert [it["count"] for it in files] == [IN_ONE_FILE, 1]


def test_a_deleted_export_is_not_there_any_more(ward: Fhir) -> None:
    status = kick_off(ward, "$export")

    assert ward.ask("DELETE", status).status == 202
    assert ward.ask("GET", status).status == 404


@pytest.mark.parametrize(
    ("url", "prefer", "status"),
    [
        ("$export", "", 400),
        ("$export?_type=Nothing", ASYNC, 400),
        ("$export?_elements=id", ASYNC, 400),
        ("Group/nobody/$export", ASYNC, 404),
        ("Observation/$export", ASYNC, 404),
        (f"{BASE}/_export/99", ASYNC, 404),
    ],
)
def test_what_cannot_be_exported_is_refused(ward: Fhir, url: str, prefer: str, status: int) -> None:
    assert ward.ask("GET", url, prefer=prefer).status == status
