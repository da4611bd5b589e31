from datetime import date
from typing import Any

import pytest

from adapter.clinical.model import Reason
from adapter.input.wire_json import Json, JsonValue
from mappings.codes import LOINC, SNOMED
from mappings.inbound import ReadingConfig
from tests.unit.inbound.made_records import (
    SUBJECT,
    answer,
    coded,
    condition,
    intake,
    medicine,
    read,
    reasons,
    snomed,
)

LISTED = date(2026, 11, 5)
EMPTY = "http://terminology.hl7.org/CodeSystem/list-empty-reason"


def complete(*resources: Json, **settings: Any) -> dict[str, bool]:
    record = read(*resources, config=ReadingConfig(**settings)).record
    return {
        "conditions": record.conditions.complete,
        "fractures": record.fractures.complete,
        "medications": record.medicines.complete,
    }


def a_list(code: Json, **more: JsonValue) -> Json:
    return {
        "resourceType": "List",
        "id": "list",
        "status": "current",
        "mode": "working",
        "subject": SUBJECT,
        "code": code,
        "date": LISTED.isoformat(),
        "emptyReason": coded((EMPTY, "nilknown")),
        **more,
    }


def test_an_empty_search_is_unknown() -> None:
    assert not any(complete().values())
    assert read().record.conditions.on is None


@pytest.mark.parametrize(
    "entry", [condition(snomed("38341003")), condition(snomed("5913000")), medicine("C03AA03")]
)
@pytest.mark.hazard(id="H28")
def test_single_resources_make_no_list_complete(entry: Json) -> None:
    assert not any(complete(entry).values())


def test_a_current_list_with_its_entries_is_complete_of_its_own_day() -> None:
    old = condition(snomed("38341003"), onsetDateTime="2001-01-01")
    drawn_up = a_list(
        coded((LOINC, "11450-4")), emptyReason=None, entry=[{"item": {"reference": "Condition/con"}}]
    )

    record = read(old, drawn_up).record

    assert (record.conditions.complete, record.conditions.on) == (True, LISTED)
    assert record.fractures.complete is False  # a problem list does not answer for fractures


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ([{"item": {"reference": "Condition/elsewhere"}}], "member_missing"),
        ([{"item": {"display": "hypertension"}}], "member_missing"),
        ([{"item": {"reference": "Condition/elsewhere"}, "deleted": True}], None),
    ],
)
def test_a_list_that_names_more_than_there_is_says_so(entry: list[Json], why: str | None) -> None:
    listed = a_list(
        intake("conditions"), emptyReason=None, entry=[*entry, {"item": {"reference": "Condition/con"}}]
    )

    reading = read(condition(snomed("38341003")), listed)

    assert reading.record.conditions.complete is (why is None)
    assert reasons(reading) == ([("list", why)] if why else [])


MORE = {"emptyReason": None, "entry": [{"item": {"reference": "Condition/elsewhere"}}]}


@pytest.mark.parametrize(
    ("code", "more", "complete"),
    [
        ("conditions", {**MORE, "date": "2026-11-15"}, False),
        ("conditions", {**MORE, "date": "2026-11-10"}, False),  # of the same day
        ("conditions", {**MORE, "date": None}, False),  # nobody knows which came first
        ("conditions", {**MORE, "date": "2031-01-01"}, False),
        ("conditions", {"date": "2026-11-15", "modifierExtension": [{"url": "x"}]}, False),
        ("conditions", {"date": "2026-11-15", "mode": "?"}, False),
        ("conditions", {**MORE, "date": "2026-11-09"}, True),
        ("fractures", {**MORE, "date": "2026-11-15"}, True),  # a list of something else
        ("conditions", {**MORE, "date": "2026-11-15", "status": "retired"}, True),
        ("conditions", {"date": "2026-11-15", "emptyReason": coded((EMPTY, "notasked"))}, True),
        ("conditions", {"date": "2026-11-15"}, True),
    ],
)  # fmt: skip
@pytest.mark.hazard(id="H28")
def test_a_list_that_cannot_be_used_takes_the_word_of_what_was_said_before(
    code: str, more: Json, complete: bool
) -> None:
    said = answer("no-known-conditions")  # on the tenth
    drawn_up = a_list(coded((LOINC, "11450-4")), id="before", date="2026-11-10")

    for statement in (said, drawn_up):
        record = read(statement, a_list(intake(code), **more)).record
        assert record.conditions.complete is complete
        assert any(statement["id"] in source for _, source in record.evidence) is complete


@pytest.mark.parametrize(
    ("name", "entry", "contradicts"),
    [
        ("conditions", condition(snomed("69896004"), onsetDateTime="2015-01-01"), True),
        ("conditions", condition(snomed("69896004")), True),  # since nobody knows when
        (
            "conditions",
            condition(snomed("69896004"), onsetDateTime="2026-11-12"),
            False,
        ),  # younger than the answer
        ("conditions", condition(snomed("69896004"), sure="refuted"), False),
        ("conditions", condition(snomed("69896004"), state="resolved", onsetDateTime="2015-01-01"), False),
        (
            "conditions",
            condition(snomed("5913000"), onsetDateTime="2015-01-01"),
            False,
        ),  # a fracture is no problem
        ("fractures", condition(snomed("5913000"), onsetDateTime="2015-01-01"), True),
        ("fractures", condition(snomed("5913000"), state="resolved", onsetDateTime="2015-01-01"), True),
        ("fractures", condition(snomed("5913000"), onsetDateTime="2026-11-12"), False),
        (
            "fractures",
            condition(snomed("5913000"), onsetDateTime="2026-11-10"),
            True,
        ),  # of the day of the answer
        ("fractures", condition(snomed("5913000")), True),
        ("conditions", condition(snomed("69896004"), onsetDateTime="2026-11-10"), True),
        ("medications", medicine(effectivePeriod={"start": "2026-11-10"}), True),
        ("medications", medicine(effectivePeriod={"start": "2026-11-11"}), False),
        ("medications", medicine(), True),
        ("medications", medicine(effectivePeriod={"start": "2020-01-01", "end": "2026-11-10"}), True),
        ("medications", medicine(effectivePeriod={"start": "2020-01-01", "end": "2026-11-09"}), False),
        ("medications", medicine(effectivePeriod={"start": "2024-01-01"}), True),
        ("medications", medicine(status="stopped", effectivePeriod={"start": "2020", "end": "2021"}), False),
        ("medications", medicine(effectivePeriod={"start": "2020-01-01", "end": "2021-01-01"}), False),
    ],
)
@pytest.mark.hazard(id="H28")
def test_none_beside_an_entry_that_is_not_younger_is_a_contradiction(
    name: str, entry: Json, contradicts: bool
) -> None:
    reading = read(entry, answer(f"no-known-{name}", True))
    asked = [r for r in reading.needs_human if r.reason is Reason.CONTRADICTED]

    assert bool(asked) is contradicts
    assert complete(entry, answer(f"no-known-{name}", True))[name] is not contradicts


@pytest.mark.parametrize("name", ["conditions", "fractures", "medications"])
def test_somebody_may_say_that_there_are_none(name: str) -> None:
    only = {n: n == name for n in ("conditions", "fractures", "medications")}

    assert complete(a_list(intake(name))) == only
    assert complete(a_list(intake(name), mode="snapshot")) == only
    assert complete(answer(f"no-known-{name}", True)) == only
    assert complete(answer(f"no-known-{name}", "none")) == only
    assert complete(complete_lists=frozenset({name})) == only


def test_the_usual_list_codes_are_known() -> None:
    assert complete(a_list(coded((LOINC, "11450-4"))))["conditions"] is True
    assert complete(a_list(coded((LOINC, "10160-0"))))["medications"] is True


@pytest.mark.parametrize(
    "more",
    [
        {"emptyReason": coded((EMPTY, "notasked"))},
        {"emptyReason": None},
        {"status": "retired"},
        {"status": "entered-in-error"},
        {"mode": "changes"},
        {"date": None},
        {"date": "2031-01-01"},
        {"entry": [{"item": {"reference": "Condition/1"}}]},
        {"modifierExtension": [{"url": "x"}]},
        {"subject": {"reference": "Patient/bea"}},
        {"code": coded((LOINC, "48765-2"))},
    ],
)
def test_any_other_list_says_nothing(more: Json) -> None:
    assert not any(complete(a_list(intake("conditions")) | more).values())


@pytest.mark.parametrize(
    "more", [{"valueBoolean": False}, {"status": "entered-in-error"}, {"effectiveDateTime": None}]
)
def test_an_answer_counts_only_when_it_is_valid_and_says_so(more: Json) -> None:
    said = {k: v for k, v in (answer("no-known-conditions") | more).items() if v is not None}

    assert not any(complete(said).values())


def test_of_two_statements_the_later_counts_and_of_one_day_the_one_that_says_more() -> None:
    old = condition(snomed("38341003"), onsetDateTime="2001-01-01")
    entry = [{"item": {"reference": "Condition/con"}}]
    drawn_up = a_list(coded((LOINC, "11450-4")), emptyReason=None, entry=entry, date="2026-11-10")

    same_day = read(old, drawn_up, answer("no-known-conditions"))
    before = read(old, drawn_up, answer("no-known-conditions", effectiveDateTime="2026-11-08"))
    after = read(old, drawn_up, answer("no-known-conditions", effectiveDateTime="2026-11-12"))

    assert (same_day.record.conditions.complete, same_day.needs_human) == (True, ())
    assert (before.record.conditions.complete, before.record.conditions.on) == (True, date(2026, 11, 10))
    assert (after.record.conditions.complete, after.record.conditions.on) == (False, date(2026, 11, 12))
    assert [it.on for it in after.needs_human] == [date(2026, 11, 12)]


def test_a_list_of_something_else_is_not_named_whatever_is_wrong_with_it() -> None:
    allergies = a_list(coded((LOINC, "48765-2")), date=None, modifierExtension=[{"url": "x"}])

    assert reasons(read(allergies)) == []


def test_the_declaration_is_a_source() -> None:
    assert "List/list" in read(a_list(intake("conditions"))).sources


def test_an_entry_that_cannot_be_read_leaves_its_list_open() -> None:
    drug = medicine(id="words", medicationCodeableConcept={"text": "botmedicijn"})
    words = condition({"text": "ziekte van Kahler"}, id="words")

    everything = frozenset({"conditions", "fractures", "medications"})

    assert complete(drug, complete_lists=everything) == dict.fromkeys(everything, True) | {
        "medications": False
    }
    assert complete(words, complete_lists=everything) == dict.fromkeys(everything, False) | {
        "medications": True
    }
    assert not any(complete(words, drug, complete_lists=everything).values())


@pytest.mark.parametrize(
    ("first", "second", "complete"),
    [
        (("2026-01-12", True), ("2026-11-10", False), False),
        (("2026-11-10", True), ("2026-11-10", False), False),
        (("2026-01-12", False), ("2026-11-10", True), True),
        (("2026-01-12", True), ("2026-11-10", True), True),
    ],
)
def test_a_later_answer_that_does_not_say_none_takes_an_earlier_none_back(
    first: tuple[str, bool], second: tuple[str, bool], complete: bool
) -> None:
    said = [
        answer("no-known-conditions", given, id=f"asked-{number}", effectiveDateTime=day)
        for number, (day, given) in enumerate((first, second))
    ]

    assert read(*said).record.conditions.complete is complete


IPS = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"


@pytest.mark.parametrize(
    "nothing",
    [
        condition(coded((IPS, "no-known-problems"))),
        condition(coded((SNOMED, "160245001"))),
        {**medicine("L04AX04"), "medicationCodeableConcept": coded((IPS, "no-known-medications"))},
        {**medicine("L04AX04"), "medicationCodeableConcept": coded((SNOMED, "787481004"))},
    ],
)
def test_an_entry_that_says_that_there_is_none_is_none_and_contradicts_none(nothing: Json) -> None:
    answers = [answer(f"no-known-{it}") for it in ("conditions", "fractures", "medications")]

    reading = read(nothing, *answers)

    record = reading.record
    assert (record.conditions.items, record.medicines.items, reading.needs_human) == ((), (), ())
    assert record.conditions.complete
    assert record.medicines.complete


def test_an_entry_that_says_none_and_was_refuted_is_asked_about() -> None:
    assert read(condition(coded((IPS, "no-known-problems")), sure="refuted")).record.conditions.items == ()
    assert read(condition(coded((IPS, "no-problem-info")))).needs_human
