from datetime import date
from decimal import Decimal

import pytest

from adapter.clinical.model import BoneRecord, Menopause
from adapter.input.wire_json import Json, JsonValue
from mappings.codes import LOINC, PLAN_KEY, SNOMED
from mappings.inbound.questionnaire.patient_questions import (
    FOODS,
    INTAKE_CODES,
    QUESTIONS,
    AnswerKind,
    PatientQuestion,
)
from mappings.valuesets import intake_codes
from tests.unit.inbound.made_records import (
    SUBJECT,
    answer,
    coded,
    intake,
    observation,
    quantity,
    read,
    reasons,
    snomed,
)


def value_of(record: BoneRecord, fact: str) -> object:
    found: object = record
    for name in fact.split("."):
        found = getattr(found, name)
    return found


@pytest.mark.parametrize(
    "question", [q for q in QUESTIONS if q.answer is AnswerKind.YES_NO], ids=lambda q: q.fact
)
def test_yes_no_and_silence_are_three_things(question: PatientQuestion) -> None:
    assert value_of(read(answer(question.code, True)).record, question.fact) is True
    assert value_of(read(answer(question.code, False)).record, question.fact) is False
    assert value_of(read(answer(question.code, "no")).record, question.fact) is False
    assert value_of(read().record, question.fact) is None


@pytest.mark.parametrize(
    "question", [q for q in QUESTIONS if q.answer is AnswerKind.NUMBER], ids=lambda q: q.fact
)
def test_a_number_comes_in_its_own_unit_or_is_refused(question: PatientQuestion) -> None:
    right = observation(
        intake(question.code), valueQuantity=quantity(Decimal("2.5"), question.units[0] or "1")
    )
    wrong = right | {"valueQuantity": quantity(2, "/wk")}

    assert value_of(read(right).record, question.fact) == Decimal("2.5")
    assert value_of(read(wrong).record, question.fact) is None
    assert reasons(read(wrong)) == [("answer", "unit_mismatch")]


@pytest.mark.parametrize(
    ("code", "word", "fact", "value"),
    [
        ("menopausal-status", "pre", "menopause", Menopause.PRE),
        ("menopausal-status", "post", "menopause", Menopause.POST),
        ("menopausal-status", "unknown", "menopause", None),
        ("breast-cancer-risk", "high", "breast_cancer_risk_high", True),
        ("residence", "nursing-home", "nursing_home", True),
        ("residence", "own-home", "nursing_home", False),
        ("skin", "dark", "lifestyle.skin_dark", True),
        ("skin", "light", "lifestyle.skin_dark", False),
        ("skin", "unknown", "lifestyle.skin_dark", None),
    ],
)
def test_a_choice_is_one_of_our_codes(code: str, word: str, fact: str, value: object) -> None:
    assert value_of(read(answer(code, word)).record, fact) == value


@pytest.mark.parametrize(
    ("status", "smoker"),
    [("449868002", True), ("77176002", True), ("8517006", False), ("266919005", False)],
)
def test_smoking_comes_by_its_usual_code(status: str, smoker: bool) -> None:
    found = read(observation(coded((LOINC, "72166-2")), valueCodeableConcept=snomed(status)))

    assert found.record.lifestyle.smoker is smoker


@pytest.mark.parametrize(
    ("code", "unit", "fact"),
    [
        ("74013-4", "{drinks}/d", "lifestyle.alcohol_glasses_per_day"),
        ("74013-4", "/d", "lifestyle.alcohol_glasses_per_day"),
        ("52552-7", "{#}", "falls_last_12m"),
        ("42802-9", "a", "age_at_menopause"),
    ],
)
def test_questions_with_a_loinc_code_are_known_by_it(code: str, unit: str, fact: str) -> None:
    found = read(observation(coded((LOINC, code)), valueQuantity=quantity(3, unit)))

    assert value_of(found.record, fact) == 3
    assert (fact.removeprefix("lifestyle."), "Observation/obs/_history/1") in found.record.evidence


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"status": "preliminary"}, "status_unusable"),
        ({"status": "entered-in-error"}, "withdrawn"),
        ({"effectiveDateTime": None}, "date_missing"),
        ({"effectiveDateTime": "2030-01-01"}, "date_in_future"),
        ({"valueBoolean": None}, "value_missing"),
        ({"valueBoolean": "yes"}, "unknown_code"),
        ({"valueBoolean": 1}, "unknown_code"),
        ({"modifierExtension": [{"url": "x"}]}, "modifier_extension"),
    ],
)
def test_an_answer_that_cannot_be_used_is_none(more: Json, why: str) -> None:
    said = {k: v for k, v in (answer("veil") | more).items() if v is not None}
    reading = read(said)

    assert reading.record.lifestyle.veil is None
    assert reasons(reading) == [("answer", why)]


def test_the_newest_answer_counts_and_two_of_one_day_that_differ_are_none() -> None:
    old = answer("veil", False, id="old", effectiveDateTime="2020-01-01")
    new = answer("veil", True, id="new")
    contrary = answer("veil", False, id="contrary")

    assert read(new, old).record.lifestyle.veil is True
    assert read(new, old, contrary).record.lifestyle.veil is None
    assert reasons(read(new, old, contrary)) == [("answer", "codes_disagree")]


def test_portions_of_food_are_components_of_one_list() -> None:
    parts = [
        {"code": intake("glass-milk"), "valueQuantity": quantity(2, "/d")},
        {"code": intake("slice-cheese"), "valueQuantity": quantity(Decimal("1.5"), None)},
    ]
    eaten = observation(intake("calcium-portions"), component=parts)
    odd = observation(
        intake("calcium-portions"), component=[*parts, {"code": intake("T12"), "valueInteger": 1}]
    )

    assert read(eaten).record.lifestyle.calcium_portions == (
        ("glass_milk", Decimal(2)),
        ("slice_cheese", Decimal("1.5")),
    )
    assert read(odd).record.lifestyle.calcium_portions == ()
    assert reasons(read(odd)) == [("answer", "unknown_code")]


def test_a_symptom_is_there_only_when_the_answer_is_yes() -> None:
    assert [s.value for s in read(answer("thigh-or-groin-pain")).record.symptoms] == ["thigh_or_groin_pain"]
    assert read(answer("thigh-or-groin-pain", False)).record.symptoms == ()


def test_a_raised_flag_says_yes_unless_somebody_was_asked() -> None:
    flag = {
        "resourceType": "Flag",
        "id": "flag",
        "status": "active",
        "subject": SUBJECT,
        "code": intake("high-fracture-risk"),
    }

    assert read(flag).record.high_fracture_risk is True
    assert read(flag | {"status": "inactive"}).record.high_fracture_risk is None
    assert read(flag, answer("high-fracture-risk", False)).record.high_fracture_risk is False


def letter(**more: JsonValue) -> Json:
    return {
        "resourceType": "Communication",
        "id": "letter",
        "status": "completed",
        "subject": SUBJECT,
        "identifier": [{"system": PLAN_KEY, "value": "key"}],
        "sent": "2024-09-12T10:00:00Z",
        **more,
    }


def test_our_own_letter_counts_once_it_was_sent() -> None:
    assert read(letter()).record.handover_sent == date(2024, 9, 12)
    assert read(letter(status="preparation")).record.handover_sent is None
    assert read(letter(identifier=[])).record.handover_sent is None
    assert read(letter(sent="2027-01-01T10:00:00Z")).record.handover_sent is None
    told_so = observation(intake("gp-handover-sent"), valueDateTime="2025-01-02")
    assert read(told_so).record.handover_sent == date(2025, 1, 2)
    assert read(told_so, letter()).record.handover_sent == date(2025, 1, 2)


def test_the_telephone_appointment_is_known_by_its_service_type() -> None:
    appointment = {
        "resourceType": "Appointment",
        "id": "app",
        "status": "booked",
        "serviceType": [intake("phone-appointment-fop")],
        "start": "2026-12-01T09:00:00+01:00",
        "participant": [{"actor": SUBJECT}, {"actor": {"reference": "Practitioner/x"}}],
    }
    of_two = appointment | {"participant": [{"actor": SUBJECT}, {"actor": {"reference": "Patient/bea"}}]}

    assert read(appointment).record.phone_appointment == date(2026, 12, 1)
    assert read(appointment | {"status": "cancelled"}).record.phone_appointment is None
    assert read(of_two).foreign == 1


def test_every_question_and_food_is_in_the_code_system() -> None:
    assert set(INTAKE_CODES.values()) <= intake_codes()
    assert {food.replace("_", "-") for food in FOODS} <= intake_codes()
    assert {choice for q in QUESTIONS for choice in q.choices} <= intake_codes()


@pytest.mark.parametrize(
    ("system", "status", "smoker"),
    [
        (SNOMED, "428041000124106", True),
        (SNOMED, "160605003", True),
        (SNOMED, "160617001", False),
        (SNOMED, "266927001", None),
        (LOINC, "LA18978-9", False),
        (LOINC, "LA18976-3", True),
        (LOINC, "LA18980-5", None),
    ],
)
def test_an_answer_that_says_unknown_stays_open_and_asks_nobody(
    system: str, status: str, smoker: bool | None
) -> None:
    told = observation(coded((LOINC, "72166-2")), valueCodeableConcept=coded((system, status)))

    reading = read(told)

    assert (reading.record.lifestyle.smoker, reading.needs_human) == (smoker, ())


@pytest.mark.parametrize(
    ("system", "status", "pregnant"),
    [
        (SNOMED, "77386006", True),
        (SNOMED, "60001007", False),
        (LOINC, "LA15173-0", True),
        (LOINC, "LA4489-6", None),
    ],
)
def test_pregnancy_comes_by_its_usual_code(system: str, status: str, pregnant: bool | None) -> None:
    told = observation(coded((LOINC, "82810-3")), valueCodeableConcept=coded((system, status)))

    assert read(told).record.pregnant is pregnant
