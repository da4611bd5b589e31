"""What travels with a document, and what stays in the house."""

from base64 import b64decode

from mappings.codes import BASE
from mappings.outbound import check
from tests.unit.documents.documents_at_hand import (
    PDF,
    metadata,
    referring,
    rendered,
)
from tests.unit.documents.opened_documents import (
    bundle,
    resources_in,
)


def test_the_pdf_travels_inside() -> None:
    (file,) = resources_in(bundle(), "Binary")

    assert b64decode(file["data"]) == PDF
    assert file["contentType"] == "application/pdf"


def test_the_steps_of_a_referring_plan_travel_along() -> None:
    document = bundle(rendered(), referring())
    (plan,) = resources_in(document, "CarePlan")
    urls = {it["fullUrl"] for it in document["entry"]}

    steps = {it["reference"]["reference"] for it in plan["activity"]}
    assert steps
    assert steps <= urls


def test_of_the_patient_only_who_it_is_leaves_the_house() -> None:
    (patient,) = resources_in(bundle(), "Patient")

    assert patient.keys() == {"resourceType", "identifier", "name", "gender", "birthDate"}


def test_what_we_do_not_hold_is_named_and_not_pointed_at() -> None:
    (plan,) = resources_in(bundle(), "CarePlan")

    sources = [
        it for it in plan["supportingInfo"] if "reference" not in it
    ]  # the patient, whom we do hold, has one
    assert len(sources) == len(plan["supportingInfo"]) - 1
    for source in sources:
        assert source["type"] == source["identifier"]["value"].partition("/")[0] == "Observation"


def test_what_we_hold_travels_along_without_the_marks_of_the_server() -> None:
    hospital = {
        "resourceType": "Organization",
        "id": "hospital",
        "meta": {"versionId": "9", "profile": ["http://example.org/p"]},
        "name": "Example Hospital",
        "partOf": {"reference": "Organization/group"},
        "endpoint": [{"reference": "https://elsewhere.example.org/fhir/Endpoint/1"}],
    }
    document = bundle(rendered(), metadata(enclosed={"Organization/hospital": hospital}))

    (sent,) = resources_in(document, "Organization")
    assert sent["meta"] == {"profile": ["http://example.org/p"]}
    assert sent["partOf"]["identifier"]["value"] == "Organization/group"
    assert sent["endpoint"][0] == {
        "type": "Endpoint",
        "identifier": {
            "system": f"{BASE}/NamingSystem/source-reference",
            "value": "https://elsewhere.example.org/fhir/Endpoint/1",
        },
    }


def test_the_patient_of_another_server_is_not_taken_for_ours() -> None:
    where = metadata(
        enclosed={
            "Organization/hospital": {
                "resourceType": "Organization",
                "id": "hospital",
                "name": "x",
                "partOf": {"reference": "https://elsewhere.example.org/fhir/Device/1"},
            },
            "Device/1": {"resourceType": "Device", "id": "1"},
        }
    )

    assert len(resources_in(bundle(rendered(), where), "Device")) == 1


def test_the_enclosed_plan_still_passes_the_gate_of_writing() -> None:
    for kind in ("CarePlan", "Device"):
        (resource,) = resources_in(bundle(), kind)
        assert set(check(resource)) <= {"one-patient"}  # whose reference is a urn inside a document
