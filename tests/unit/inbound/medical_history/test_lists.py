from typing import Any

import pytest

from mappings.codes import LOINC
from mappings.inbound import ReadingConfig
from tests.unit.inbound.papers import SUBJECT, Json, answer, coded, condition, intake, medicine, read, snomed

EMPTY = "http://terminology.hl7.org/CodeSystem/list-empty-reason"


def complete(*resources: Json, **settings: Any) -> dict[str, bool]:
    record = read(*resources, config=ReadingConfig(**settings)).record
    return {
        "conditions": record.conditions.complete,
        "fractures": record.fractures.complete,
        "medications": record.medicines.complete,
    }


def a_list(code: Json, **more: Any) -> Json:
    return {
        "resourceType": "List",
        "id": "list",
        "status": "current",
        "mode": "working",
        "subject": SUBJECT,
        "code": code,
        "emptyReason": coded((EMPTY, "nilknown")),
        **more,
    }


def test_an_empty_search_is_unknown() -> None:
    assert not any(complete().values())


def test_a_list_with_something_in_it_is_complete() -> None:
    assert complete(condition(snomed("38341003"))) == {
        "conditions": True,
        "fractures": False,
        "medications": False,
    }
    assert complete(condition(snomed("5913000"))) == {
        "conditions": False,
        "fractures": True,
        "medications": False,
    }
    assert complete(medicine("C03AA03")) == {"conditions": False, "fractures": False, "medications": True}


@pytest.mark.parametrize("code", ["64859006", "312894000", "76498008", "77386006", "77176002"])
def test_a_diagnosis_of_low_bone_mass_or_a_single_answer_is_no_history(code: str) -> None:
    assert complete(condition(snomed(code)))["conditions"] is False


def test_a_refuted_condition_alone_is_no_history() -> None:
    assert complete(condition(snomed("69896004"), sure="refuted"))["conditions"] is False


@pytest.mark.parametrize("name", ["conditions", "fractures", "medications"])
def test_somebody_may_say_that_there_are_none(name: str) -> None:
    only = {n: n == name for n in ("conditions", "fractures", "medications")}

    assert complete(a_list(intake(name))) == only
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


def test_the_declaration_is_a_source() -> None:
    assert "List/list" in read(a_list(intake("conditions"))).sources


def test_an_entry_that_cannot_be_read_leaves_its_list_open() -> None:
    drug = medicine(id="words", medicationCodeableConcept={"text": "botmedicijn"})
    words = condition({"text": "ziekte van Kahler"}, id="words")

    assert complete(medicine("C03AA03"), drug)["medications"] is False
    assert complete(condition(snomed("38341003")), words)["conditions"] is False
    assert complete(condition(snomed("5913000")), words)["fractures"] is False
    assert complete(words, complete_lists=frozenset({"conditions"}))["conditions"] is True
