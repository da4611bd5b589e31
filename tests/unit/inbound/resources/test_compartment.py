from itertools import permutations

import pytest

from adapter.clinical.model import Standing
from adapter.input.wire_json import Json, JsonValue
from mappings.codes import LOINC
from mappings.inbound import ReadingConfig
from tests.unit.inbound.made_records import (
    SUBJECT,
    coded,
    condition,
    medicine,
    read,
    reasons,
    snomed,
    t_score,
)


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "Patient/bea"},
        {"reference": "Patient/annabel"},
        {"reference": "https://other.example/fhir/Patient/anna"},
        {"reference": "#anna"},
        {"reference": "urn:uuid:6f1f3b9e-0000-4000-8000-000000000000"},
        {"reference": "Group/anna"},
        {"identifier": {"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": "111222333"}},
        {"display": "Anna"},
        "Patient/anna",
        None,
    ],
)
@pytest.mark.hazard(id="H11")
def test_only_a_literal_reference_to_this_patient_will_do(subject: object) -> None:
    reading = read(t_score(subject=subject))

    assert reading.record.t_scores == ()
    assert reading.foreign == 1
    assert reasons(reading) == [("resource", "wrong_patient")]
    assert "bea" not in repr(reading.record.rejected)


@pytest.mark.parametrize(
    "reference",
    ["Patient/anna", "Patient/anna/_history/2", "https://our.example/fhir/Patient/anna"],
)
def test_a_reference_may_name_a_version_or_our_own_server(reference: str) -> None:
    ours = ReadingConfig(base_url="https://our.example/fhir/")

    assert len(read(t_score(subject={"reference": reference}), config=ours).record.t_scores) == 1


@pytest.mark.hazard(id="H11")
def test_a_contained_result_of_another_patient_is_not_followed() -> None:
    report = {
        "resourceType": "DiagnosticReport",
        "id": "rep",
        "status": "final",
        "subject": SUBJECT,
        "code": coded((LOINC, "83311-1")),
        "contained": [t_score(id="in", subject={"reference": "Patient/bea"})],
    }

    assert read(report).record.t_scores == ()


def version(number: str, **more: JsonValue) -> Json:
    return t_score(meta={"versionId": number, "lastUpdated": f"2026-11-1{number[0]}T10:00:00Z"}, **more)


@pytest.mark.hazard(id="H08")
def test_of_several_versions_the_newest_counts_whatever_the_order() -> None:
    versions = [
        version("2", status="preliminary"),
        version("10", status="final"),
        version("9", status="amended"),
    ]

    for order in permutations(versions):
        (score,) = read(*order).record.t_scores
        assert (score.standing, score.evidence) == (Standing.VALID, "Observation/obs/_history/10")


@pytest.mark.hazard(id="H07")
@pytest.mark.hazard(id="H08")
def test_a_withdrawn_newest_version_withdraws_the_value() -> None:
    assert reasons(read(version("1"), version("2", status="entered-in-error"))) == [("t_score", "withdrawn")]


def test_the_order_of_resources_makes_no_difference() -> None:
    resources = [
        t_score(),
        t_score(-1, id="two", code="80946-7"),
        condition(snomed("69896004")),
        condition({"text": "fractuur van pols"}, id="words"),
        medicine(),
        t_score(subject={"reference": "Patient/bea"}, id="foreign"),
    ]
    first = read(*resources)

    assert all(read(*order) == first for order in list(permutations(resources))[::37])


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"resourceType": "Observation"},
        t_score(id="no/slashes"),
        t_score(id="x" * 65),
        t_score(id=7),
        t_score() | {"resourceType": ["Observation"]},
    ],
)
def test_a_resource_that_cannot_be_referred_to_is_malformed_and_leaves_the_rest_intact(broken: Json) -> None:
    reading = read(broken, t_score(id="good"))

    assert len(reading.record.t_scores) == 1
    assert reasons(reading) == [("resource", "malformed_resource")]


def test_every_fact_names_its_source_by_version() -> None:
    reading = read(t_score(), condition(snomed("69896004"), meta={"versionId": "5"}), medicine())

    assert reading.sources == (
        "Condition/con/_history/5",
        "MedicationStatement/med",
        "Observation/obs/_history/1",
        "Patient/anna/_history/3",
    )


def test_what_was_refused_is_no_source() -> None:
    assert read(t_score(status="cancelled")).sources == ("Patient/anna/_history/3",)


def test_types_that_nobody_reads_are_passed_over() -> None:
    reading = read({"resourceType": "Coverage", "id": "cov", "subject": {"reference": "Patient/bea"}})

    assert (reading.foreign, reading.record.rejected) == (0, ())
