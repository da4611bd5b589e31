"""What entries of a Bundle say of each other by address."""

import pytest

from adapter.input.wire_json import Json
from workers.review.references import settled

A, B = "urn:uuid:6f9619ff-8b86-4011-b42d-00c04fc964ff", "urn:uuid:6f9619ff-8b86-4011-b42d-00c04fc964fe"


def bundle(*entries: tuple[str, Json]) -> Json:
    held = [{"fullUrl": url, "resource": it} for url, it in entries]
    return {"resourceType": "Bundle", "entry": held}


def test_an_address_of_an_entry_becomes_its_type_and_id() -> None:
    patient = {"resourceType": "Patient", "id": "p"}
    score = {"resourceType": "Observation", "id": "o", "subject": {"reference": A}, "note": [{"text": A}]}

    found = settled(bundle((A, patient), (B, score)))["entry"][1]["resource"]

    assert found["subject"] == {"reference": "Patient/p"}
    assert found["note"] == [{"text": A}]


def test_an_entry_without_an_id_gets_that_of_its_address() -> None:
    found = settled(bundle((A, {"resourceType": "Patient"})))

    assert found["entry"][0]["resource"]["id"] == A.removeprefix("urn:uuid:")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"entry": 1},
        {"entry": [1, {"fullUrl": A}, {"fullUrl": 1, "resource": {}}, {"resource": {"id": "p"}}]},
    ],
)
def test_what_has_no_addresses_stays_as_it_is(body: Json) -> None:
    assert settled(body) is body
