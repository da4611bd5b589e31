from itertools import permutations

import pytest

from adapter.clinical.model import Reason, Standing
from adapter.input.wire_json import Json, JsonValue
from mappings.codes import LOINC
from mappings.inbound import ReadingConfig
from mappings.inbound.resources.compartment import READ, sort_out
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


# Where each type names its patient (R4); a scanner and the product of an order have none, and
# a call has participants.
NAMED_BY = {
    **dict.fromkeys(("AllergyIntolerance", "DetectedIssue", "Device", "FamilyMemberHistory"), "patient"),
    **dict.fromkeys(
        (
            *(
                "AdverseEvent",
                "Communication",
                "Condition",
                "DiagnosticReport",
                "DocumentReference",
                "Encounter",
            ),
            *(
                "Flag",
                "ImagingStudy",
                "List",
                "MedicationAdministration",
                "MedicationDispense",
                "MedicationRequest",
            ),
            *("MedicationStatement", "Observation", "Procedure", "QuestionnaireResponse", "RiskAssessment"),
            "ServiceRequest",
        ),
        "subject",
    ),
}
HERS, ANOTHER_S = {"reference": "Patient/anna"}, {"reference": "Patient/bea"}


def sorted_out(kind: str, **content: JsonValue) -> tuple[int, int, list[Reason]]:
    """How many of a resource were kept, how many were foreign, and why."""
    chart = sort_out("anna", [{"resourceType": kind, "id": "it", **content}], "https://our.example/fhir")
    return len(chart.of(kind)), chart.foreign, [it.reason for it in chart.rejected]


KEPT, FOREIGN = (1, 0, list[Reason]()), (0, 1, [Reason.WRONG_PATIENT])


@pytest.mark.hazard(id="H11")
@pytest.mark.parametrize(("kind", "element"), NAMED_BY.items())
def test_of_every_type_only_what_names_this_patient_is_kept(kind: str, element: str) -> None:
    elsewhere = "patient" if element == "subject" else "subject"

    assert sorted_out(kind, **{element: HERS}) == KEPT
    assert sorted_out(kind, **{element: ANOTHER_S}) == FOREIGN
    assert sorted_out(kind, **{element: {}}) == FOREIGN
    if kind != "Device":
        assert sorted_out(kind, **{elsewhere: HERS}) == FOREIGN


@pytest.mark.hazard(id="H11")
@pytest.mark.parametrize(
    ("kind", "content", "found"),
    [
        ("Device", {}, KEPT),
        ("Medication", {}, KEPT),
        ("Appointment", {"participant": [{"actor": HERS}]}, KEPT),
        ("Appointment", {"participant": [{"actor": {"reference": "Practitioner/gp"}}, {"actor": HERS}]}, KEPT),
        ("Appointment", {"participant": [{"actor": {"reference": "https://our.example/fhir/Patient/anna"}}]}, KEPT),
        ("Appointment", {"participant": [{"actor": HERS}, {"actor": ANOTHER_S}]}, FOREIGN),
        ("Appointment", {"participant": [{"actor": HERS}, {"actor": {"reference": "https://x/Patient/b"}}]}, FOREIGN),
        ("Appointment", {"participant": [{"actor": {"reference": "Practitioner/gp"}}]}, FOREIGN),
        ("Appointment", {"participant": [{}]}, FOREIGN),
        ("Appointment", {}, FOREIGN),
    ],
)  # fmt: skip
def test_what_need_not_name_a_patient_names_no_other(
    kind: str, content: Json, found: tuple[int, int, list[Reason]]
) -> None:
    assert sorted_out(kind, **content) == found


def test_every_type_that_is_read_says_whose_it_is() -> None:
    assert {*NAMED_BY, "Appointment", "Medication"} == READ


@pytest.mark.parametrize(
    ("reference", "here"),
    [
        ("Condition/it", True),
        ("https://our.example/fhir/Condition/it", True),
        ("Condition/other", False),
        ("Observation/it", False),
        ("it", False),
        ("", False),
    ],
)
def test_what_a_reference_means_is_here_or_not(reference: str, here: bool) -> None:
    chart = sort_out("anna", [{"resourceType": "Condition", "id": "it", "subject": HERS}], "")

    assert chart.holds(reference) is here
    (entry,) = chart.of("Condition")
    assert (entry.location, entry.evidence) == ("Condition/it", "Condition/it")


def changed(**meta: JsonValue) -> Json:
    return {"resourceType": "Condition", "id": "it", "subject": HERS, "meta": meta}


@pytest.mark.hazard(id="H08")
@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (changed(versionId="9"), changed(versionId="10")),
        (changed(versionId="abc", lastUpdated="2026-11-19T10:00:00Z"), changed(versionId="1")),
        (
            changed(versionId="b", lastUpdated="2026-11-18T10:00:00Z"),
            changed(versionId="a", lastUpdated="2026-11-19T10:00:00Z"),
        ),
        (changed(lastUpdated="2026-11-18T10:00:00Z"), changed(lastUpdated="2026-11-19T10:00:00Z")),
        (
            changed(lastUpdated="2026-11-18T10:00:00Z"),
            {"code": {}, **changed(lastUpdated="2026-11-19T10:00:00Z")},
        ),
        (changed(versionId="1" * 20), changed(versionId="1")),  # no number of a version is that long
        (changed(versionId="\u0663"), changed(versionId="1")),  # a digit of another script is none
        (
            changed(versionId="3", lastUpdated="2026-11-19T10:00:00Z"),
            changed(versionId="4", lastUpdated="2026-11-18T10:00:00Z"),
        ),
    ],
)
def test_of_two_versions_the_later_counts(older: Json, newer: Json) -> None:
    for both in ([older, newer], [newer, older]):
        (kept,) = sort_out("anna", both, "").of("Condition")
        assert kept.body["meta"] == newer["meta"]
