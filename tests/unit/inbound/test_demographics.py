from datetime import date
from typing import Any

import pytest

from adapter.clinical.model import Sex
from adapter.input.wire_json import Json
from mappings.inbound.demographics import Labels, patient_context
from tests.unit.inbound.made_records import ANNA, read, reasons


def context(**more: Any) -> Any:
    return read(patient=ANNA | more).patient


def test_the_context_is_what_plan_and_letter_need() -> None:
    gp = {"reference": "Practitioner/gp"}
    found = context(
        name=[
            {"use": "old", "family": "Elders"},
            {"use": "official", "given": ["Anna", "B."], "family": "de Vries"},
        ],
        identifier=[
            {"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": "111222333"},
            {"value": "loose"},
        ],
        generalPractitioner=[gp, "odd"],
        managingOrganization={"reference": "Organization/us"},
        communication=[{"language": {"coding": [{"code": "nl-NL"}]}}],
    )

    assert (found.id, found.reference, found.version, found.name) == (
        "anna",
        "Patient/anna",
        "3",
        "Anna B. de Vries",
    )
    assert found.identifiers == (("http://fhir.nl/fhir/NamingSystem/bsn", "111222333"),)
    assert found.general_practitioners == (gp,)
    assert found.managing_organization == {"reference": "Organization/us"}
    assert (found.language, found.active, found.deceased) == ("nl-NL", True, False)
    assert (found.evidence, found.gender, found.birth_date) == (
        "Patient/anna/_history/3",
        "female",
        "1954-03-01",
    )
    assert context(meta=None).evidence == "Patient/anna"


@pytest.mark.parametrize(
    ("names", "printed"),
    [
        ([{"use": "usual", "text": "A"}, {"use": "official", "text": "B"}], "B"),
        ([{"text": "A"}, {"use": "usual", "text": "B"}], "B"),
        ([{"use": "old", "text": "A"}, {"text": "B"}], "B"),
        ([{"use": "maiden", "text": "A"}, {"use": "nickname", "text": "B"}], "A"),
        ([{"use": "official"}, {"use": "old", "text": "B"}], "B"),
        ([{"text": "Mrs Vries", "family": "de Vries"}], "Mrs Vries"),
        ([{"prefix": ["dr."], "given": ["Anna"], "family": "de Vries"}], "dr. Anna de Vries"),
        ([{"given": "Anna", "family": "de Vries"}], "de Vries"),
        ([], None),
    ],
)
def test_the_best_name_is_printed(names: list[Json], printed: str | None) -> None:
    assert context(name=names).name == printed


@pytest.mark.parametrize(
    ("spoken", "language"),
    [
        ([("nl", True), ("fr", False)], "nl"),
        ([("fr", None), ("nl", True)], "nl"),
        ([("fr", None)], "fr"),
        ([("fr", None), ("nl", None)], None),
        ([("fr", True), ("nl", True)], None),
        ([], None),
    ],
)
def test_the_letter_is_in_the_language_that_is_preferred_or_alone(
    spoken: list[tuple[str, bool | None]], language: str | None
) -> None:
    told = [{"language": {"coding": [{"code": code}]}, "preferred": it} for code, it in spoken]

    assert context(communication=told).language == language


def test_its_repr_shows_nobody() -> None:
    shown = repr(
        context(
            name=[{"text": "Anna de Vries"}],
            identifier=[{"system": "s", "value": "111222333"}],
            generalPractitioner=[{"display": "Dr Bos"}],
            managingOrganization={"display": "Practice Bos"},
        )
    )

    assert not any(secret in shown for secret in ("Vries", "111222333", "1954", "Bos"))


@pytest.mark.parametrize(
    ("written", "born", "only_year"),
    [
        ("1954-03-01", date(1954, 3, 1), False),
        ("1954-02", date(1954, 2, 28), False),
        ("1954", date(1954, 12, 31), True),
        ("01-03-1954", None, False),
        (None, None, False),
    ],
)
def test_of_a_partial_birth_date_the_last_day_counts(
    written: str | None, born: date | None, only_year: bool
) -> None:
    record = read(patient=ANNA | {"birthDate": written}).record

    assert (record.birth_date, record.birth_year_only) == (born, only_year)


@pytest.mark.parametrize(
    ("gender", "sex"), [("female", Sex.FEMALE), ("male", Sex.MALE), ("other", None), (7, None)]
)
def test_the_sex_is_known_only_where_rules_can_use_it(gender: object, sex: Sex | None) -> None:
    assert read(patient=ANNA | {"gender": gender}).record.sex is sex


@pytest.mark.parametrize(
    ("more", "deceased", "on"),
    [
        ({"deceasedBoolean": True}, True, None),
        ({"deceasedBoolean": False}, False, None),
        ({"deceasedDateTime": "2020-05-06T10:00:00Z"}, True, date(2020, 5, 6)),
        ({}, False, None),
    ],
)
def test_whether_the_patient_died(more: Json, deceased: bool, on: date | None) -> None:
    assert (context(**more).deceased, context(**more).deceased_on) == (deceased, on)


def test_a_merged_record_says_by_which_it_was_replaced() -> None:
    link = [
        {"type": "seealso", "other": {"reference": "Patient/x"}},
        {"type": "replaced-by", "other": {"reference": "Patient/y"}},
    ]

    assert context(link=link, active=False).replaced_by == "Patient/y"
    assert context(link=link, active=False).active is False
    assert context().replaced_by is None


def test_a_patient_without_a_usable_id_has_no_facts() -> None:
    reading = read(patient={"resourceType": "Patient", "id": "../etc"})

    assert (reading.patient.id, reading.record.t_scores) == ("", ())
    assert reasons(reading) == [("resource", "malformed_resource")]


HTEST = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}
HOUSE = {"system": "http://house.example/labels", "code": "TRAINING"}
OF_THE_HOUSE = frozenset({("http://house.example/labels", "TRAINING")})


@pytest.mark.parametrize(
    ("meta", "labels", "test"),
    [
        ({"security": [HTEST]}, frozenset(), True),
        ({"tag": [HTEST]}, frozenset(), True),
        ({"tag": [HOUSE]}, OF_THE_HOUSE, True),
        ({"security": [{"code": "R"}, HOUSE]}, OF_THE_HOUSE, True),
        ({"tag": [HTEST]}, OF_THE_HOUSE, True),
        ({"tag": [HOUSE]}, frozenset(), False),
        ({"tag": [{"code": "HTEST"}, {"system": HTEST["system"]}]}, frozenset(), False),
        ({"versionId": "3"}, OF_THE_HOUSE, False),
        (None, OF_THE_HOUSE, False),
    ],
)
def test_a_patient_made_to_try_a_system_is_labelled_so(meta: object, labels: Labels, test: bool) -> None:
    assert patient_context(ANNA | {"meta": meta}, labels).test is test


def test_a_patient_replaced_by_nobody_can_say_whom_is_replaced_all_the_same() -> None:
    assert context(link=[{"type": "replaced-by"}]).replaced_by == "unknown"
