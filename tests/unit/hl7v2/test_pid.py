"""A Patient as PID: enough to find the person, and nothing that a letter does not need."""

import pytest

from adapter.input.wire_json import Json
from mappings.hl7v2.pid import IDENTIFIER_TYPES, authority, name, pid

PATIENT: Json = {
    "resourceType": "Patient",
    "id": "p",
    "gender": "female",
    "birthDate": "1957-03-04",
    "name": [{"family": "de Vries", "given": ["Anna", "Maria"]}],
    "address": [{"city": "Utrecht"}],
    "telecom": [{"value": "mobile"}],
}


def field(patient: Json, number: int) -> str:
    return pid(patient, "opaque").rstrip("\r").split("|")[number]


def test_address_and_telephone_stay_in_the_house() -> None:
    assert "Utrecht" not in pid(PATIENT, "opaque")
    assert "mobile" not in pid(PATIENT, "opaque")


@pytest.mark.parametrize(
    ("birth", "written"),
    [
        ("1957-03-04", "19570304"),
        ("1957-03", "195703"),
        ("1957", "1957"),
        ("yesterday", ""),
        (None, ""),
        (7, ""),
    ],
)
def test_a_birth_date_is_as_exact_as_it_is_known(birth: object, written: str) -> None:
    assert field({**PATIENT, "birthDate": birth}, 7) == written


@pytest.mark.parametrize(
    ("gender", "sex"),
    [("female", "F"), ("male", "M"), ("other", "O"), ("unknown", "U"), (None, "U"), ("x", "U")],
)
def test_a_sex_that_nobody_knows_is_said_to_be_unknown(gender: str | None, sex: str) -> None:
    assert field({**PATIENT, "gender": gender}, 8) == sex


@pytest.mark.parametrize(
    ("names", "written"),
    [
        ([{"family": "de Vries", "given": ["Anna", "Maria"]}], "de Vries^Anna^Maria"),
        ([{"family": "A"}, {"use": "official", "family": "B"}], "B"),
        ([{"text": "Anna de Vries"}], "Anna de Vries"),
        ([{"family": "de ^Vries|"}], "de \\S\\Vries\\F\\"),
        (["de Vries"], ""),
        ([], ""),
    ],
)
def test_the_official_name_counts_and_is_escaped(names: list[Json], written: str) -> None:
    assert name({"name": names}).rstrip("^") == written


@pytest.mark.parametrize(
    ("system", "written"),
    [
        ("urn:oid:2.16.840.1.113883.2.4.6.3", "&2.16.840.1.113883.2.4.6.3&ISO"),
        ("http://hospital/mrn", "&http://hospital/mrn&URI"),
        ("", ""),
    ],
)
def test_a_system_is_an_authority_by_its_universal_id(system: str, written: str) -> None:
    assert authority(system) == written


@pytest.mark.parametrize(
    ("identifiers", "written"),
    [
        ([], "opaque"),
        ([{"value": "1", "use": "old"}], "opaque"),
        ([{"value": 7}], "opaque"),
        ([{"value": "1"}, {"value": "2"}], "1~2"),
    ],
)
def test_without_a_known_identifier_ours_is_told(identifiers: list[Json], written: str) -> None:
    found = field({**PATIENT, "identifier": identifiers}, 3)

    assert "~".join(it.split("^")[0] for it in found.split("~")) == written


def test_the_type_of_an_identifier_is_kept() -> None:
    typed = {"value": "1", "type": {"coding": [{"system": IDENTIFIER_TYPES, "code": "MR"}]}}

    assert field({**PATIENT, "identifier": [typed]}, 3).endswith("^MR")
