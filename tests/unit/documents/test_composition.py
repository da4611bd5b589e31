"""The head of a document: as final as its release, by software, attested by a clinician."""

import pytest

from mappings.codes import BASE
from tests.unit.documents.documents_at_hand import (
    DOCTOR,
    released,
)
from tests.unit.documents.opened_documents import CASES, bundle, first, resources_in


@pytest.mark.parametrize(
    ("case", "status"),
    [
        ("proposed", "preliminary"),
        ("patient", "preliminary"),
        ("released", "final"),
        ("corrected", "amended"),
        ("retracted", "amended"),
    ],
)
def test_the_document_is_as_final_as_its_release(case: str, status: str) -> None:
    composition = first(bundle(*CASES[case]))

    assert composition["status"] == status
    assert ("attester" in composition) == (status != "preliminary")
    assert ("relatesTo" in composition) == (status == "amended")


def test_the_author_is_software_and_the_clinician_attests() -> None:
    document = bundle(*released())
    (device,) = resources_in(document, "Device")
    author = first(document)["author"][0]["reference"]

    assert [it["resource"] for it in document["entry"] if it["fullUrl"] == author] == [device]
    assert first(document)["attester"] == [
        {
            "mode": "professional",
            "time": "2026-11-13T10:00:00Z",
            "party": {
                "type": "Practitioner",
                "identifier": {
                    "system": f"{BASE}/NamingSystem/source-reference",
                    "value": "Practitioner/internist",
                },
                "display": DOCTOR["display"],
            },
        }
    ]


def test_a_correction_replaces_the_edition_before_it_and_keeps_the_name_of_the_letter() -> None:
    one, two, three = (bundle(*released(edition)) for edition in (1, 2, 3))

    assert [first(it).get("relatesTo") for it in (two, three)] == [
        [{"code": "replaces", "targetIdentifier": one["identifier"]}],
        [{"code": "replaces", "targetIdentifier": two["identifier"]}],
    ]
    assert first(one)["identifier"] == first(two)["identifier"] == first(three)["identifier"]


def test_the_document_is_dated_by_the_letter() -> None:
    assert bundle()["timestamp"] == "2026-11-12T00:00:00Z"
    assert first(bundle())["date"] == "2026-11-12"
