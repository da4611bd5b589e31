"""The DocumentReference under which the letter is kept: one per edition, and true about its files."""

from base64 import b64decode, b64encode
from hashlib import sha1

import pytest
from fhir.resources.R4B import get_fhir_model_class

from adapter.errors import SoftwareFault
from mappings.documents import DocumentMetadata, RenderedLetter, document_bundle, document_reference
from mappings.outbound import check
from tests.unit.documents.documents_at_hand import (
    DOCTOR,
    PDF,
    RELEASE,
    metadata,
    released,
    rendered,
    rendered_for_patient,
)

CASES = {
    "preliminary": (rendered(), metadata()),
    "final": released(),
    "amended": released(2),
    "patient": (rendered_for_patient(), metadata()),
}


@pytest.mark.parametrize("case", CASES)
def test_it_is_valid_and_passes_the_gate(case: str) -> None:
    draft = document_reference(*CASES[case])

    get_fhir_model_class("DocumentReference").model_validate(draft.resource)
    assert check(draft.resource) == ()


@pytest.mark.parametrize("standing", ["preliminary", "final", "amended"])
def test_it_is_as_final_as_its_release(standing: str) -> None:
    resource = document_reference(*CASES[standing]).resource

    assert (resource["status"], resource["docStatus"]) == ("current", standing)
    assert resource.get("authenticator") == (None if standing == "preliminary" else DOCTOR)


def test_size_and_hash_are_those_of_the_bytes() -> None:
    written, where = released()
    files = [it["attachment"] for it in document_reference(written, where).resource["content"]]

    assert [it["contentType"] for it in files] == ["application/pdf", "text/html"]
    for file, content in zip(files, (PDF, written.html.encode()), strict=True):
        assert b64decode(file["data"]) == content
        assert file["size"] == len(content)
        assert file["hash"] == b64encode(sha1(content).digest()).decode()  # noqa: S324 - as R4 wants it


def test_it_carries_the_name_of_the_document_that_is_sent() -> None:
    written, where = released()

    master = document_reference(written, where).resource["masterIdentifier"]
    assert master == document_bundle(written, where)["identifier"]


def test_a_release_updates_the_reference_and_a_correction_makes_a_new_one() -> None:
    proposed, final, corrected = (
        document_reference(*CASES[it]) for it in ("preliminary", "final", "amended")
    )

    assert proposed.location == final.location
    assert corrected.location != final.location
    assert proposed.fingerprint != final.fingerprint


@pytest.mark.parametrize("earlier", [None, "DocumentReference/9"])
def test_a_correction_names_what_it_replaces_and_its_place_where_known(earlier: str | None) -> None:
    _, first = CASES["final"]
    written, where = released(2, earlier=earlier)
    (relation,) = document_reference(written, where).resource["relatesTo"]

    assert relation["code"] == "replaces"
    assert relation["target"]["identifier"]["value"] == first.edition_id(written.letter)
    assert relation["target"].get("reference") == earlier


def test_the_same_letter_gives_the_same_reference() -> None:
    assert document_reference(*released()) == document_reference(*released())


def test_it_is_found_from_the_patient_and_the_plan() -> None:
    where = metadata()
    resource = document_reference(rendered(), where).resource

    assert resource["subject"] == {"reference": "Patient/17"}
    assert resource["context"]["related"] == [{"reference": f"CarePlan/{where.plan['id']}"}]


@pytest.mark.parametrize(
    ("written", "where"),
    [(rendered(), metadata(released=RELEASE)), (released()[0], metadata())],
)
def test_it_never_says_more_than_the_letter(written: RenderedLetter, where: DocumentMetadata) -> None:
    with pytest.raises(SoftwareFault, match="cannot be filed as"):
        document_reference(written, where)


@pytest.mark.parametrize("damage", [{"size": 1}, {"hash": "x"}, {"data": ""}])
def test_the_gate_stops_a_file_that_is_not_what_it_is_said_to_be(damage: dict[str, object]) -> None:
    resource = document_reference(rendered(), metadata()).resource
    resource["content"][0]["attachment"] |= damage

    assert check(resource) == ("attachment",)


def test_the_gate_stops_a_standing_that_nobody_has() -> None:
    resource = document_reference(rendered(), metadata()).resource | {"docStatus": "draft"}

    assert check(resource) == ("attachment",)
