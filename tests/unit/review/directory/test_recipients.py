from datetime import date

import pytest

from adapter.input.wire_json import Json, JsonValue
from workers.review.directory.recipients import name_of, recipients, searches
from workers.review.references import patients_of, target

BASE = "https://fhir.example.org/r4"
DIRECTORY: dict[tuple[str, str], Json] = {
    ("Practitioner", "1"): {
        "resourceType": "Practitioner",
        "id": "1",
        "name": [{"given": ["An"], "family": "Arts"}],
    },
    ("Practitioner", "2"): {"resourceType": "Practitioner", "id": "2", "active": False},
    ("Organization", "3"): {"resourceType": "Organization", "id": "3", "name": "Practice Three"},
    ("Practitioner", "4"): {"resourceType": "Practitioner", "id": "4", "name": [{"text": "An\x00 Arts\x1b"}]},
    ("PractitionerRole", "5"): {"id": "5", "period": {"start": "2010", "end": "2020-01-01"}},
    ("PractitionerRole", "6"): {"id": "6", "period": {"start": "2027-01-01"}},
    ("PractitionerRole", "7"): {"id": "7", "period": {"start": "2020", "end": "2026-11"}},
}
ON = date(2026, 11, 20)
GP = {"system": "s", "value": "7"}


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ({"reference": "Practitioner/1"}, [{"reference": "Practitioner/1", "display": "An Arts"}]),
        ({"reference": f"{BASE}/Practitioner/1"}, [{"reference": "Practitioner/1", "display": "An Arts"}]),
        ({"reference": "Organization/3"}, [{"reference": "Organization/3", "display": "Practice Three"}]),
        ({"reference": "Practitioner/2"}, []),  # no longer active
        ({"reference": "Practitioner/9"}, []),  # not there
        ({"reference": "https://elsewhere.org/Practitioner/1"}, []),
        ({"reference": "#contained"}, []),
        ({"display": "Dr Somebody"}, []),
        ("Practitioner/1", []),
        (
            {"type": "Practitioner", "identifier": {"system": "s", "value": "7"}, "display": "Dr Seven"},
            [{"type": "Practitioner", "identifier": {"system": "s", "value": "7"}, "display": "Dr Seven"}],
        ),
        ({"identifier": {"system": "s"}}, []),
        ({"reference": "Practitioner/4"}, [{"reference": "Practitioner/4", "display": "An Arts"}]),
        ({"reference": "PractitionerRole/5"}, []),  # ended
        ({"reference": "PractitionerRole/6"}, []),  # not begun
        ({"reference": "PractitionerRole/7"}, [{"reference": "PractitionerRole/7"}]),
        ({"identifier": GP, "display": "Dr Seven\x00"}, [{"identifier": GP, "display": "Dr Seven"}]),
        ({"identifier": {**GP, "period": {"end": "2020"}}}, []),
        ({"type": "Patient", "identifier": GP}, []),
    ],
)
@pytest.mark.hazard(id="H33")
@pytest.mark.hazard(id="H19")
def test_who_gets_the_letter(named: object, expected: list[JsonValue]) -> None:
    assert list(recipients({"generalPractitioner": [named]}, DIRECTORY, BASE, ON)) == expected


def test_everybody_who_is_named_is_looked_up_by_type() -> None:
    patients: list[Json] = [
        {"generalPractitioner": [{"reference": "Practitioner/1"}, {"reference": "Organization/3"}]},
        {"generalPractitioner": [{"reference": "Practitioner/2"}, {"reference": "Patient/1"}]},
        {"generalPractitioner": "nobody"},
        {},
    ]

    found = searches(patients, BASE)

    assert [(kind, params) for kind, params, _ in found] == [
        ("Organization", [("_id", "3")]),
        ("Practitioner", [("_id", "1,2")]),
    ]
    assert found[1][2]({"id": "1"})
    assert not found[1][2]({"id": "3"})


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        ({"resourceType": "Practitioner", "name": [{"text": " Dr An "}]}, "Dr An"),
        ({"resourceType": "Practitioner", "name": "odd"}, ""),
        (
            {
                "resourceType": "PractitionerRole",
                "practitioner": {"display": "An"},
                "organization": {"display": "P"},
            },
            "An, P",
        ),
        ({"resourceType": "PractitionerRole"}, ""),
    ],
)
@pytest.mark.hazard(id="H33")
def test_what_a_recipient_is_called(resource: Json, name: str) -> None:
    assert name_of(resource) == name


@pytest.mark.parametrize(
    ("resource", "patients"),
    [
        ({"resourceType": "Patient", "id": "a"}, {"a"}),
        ({"subject": {"reference": "Patient/a"}}, {"a"}),
        ({"patient": {"reference": f"{BASE}/Patient/a/_history/2"}}, {"a"}),
        ({"for": {"reference": "Patient/a"}}, {"a"}),
        (
            {
                "participant": [
                    {"actor": {"reference": "Patient/a"}},
                    {"actor": {"reference": "Practitioner/b"}},
                ]
            },
            {"a"},
        ),
        ({"subject": {"reference": "https://elsewhere.org/Patient/a"}}, set()),
        ({"subject": "Patient/a"}, set()),
        ({"participant": "Patient/a"}, set()),
        ({}, set()),
    ],
)
def test_whose_a_resource_is(resource: Json, patients: set[str]) -> None:
    assert patients_of(resource, BASE) == patients


def test_a_reference_to_another_server_points_nowhere_here() -> None:
    assert target({"reference": "https://fhir.example.org/r4evil/Patient/a"}, BASE) is None
