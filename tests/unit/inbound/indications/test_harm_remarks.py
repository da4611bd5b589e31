"""Harm of a bone drug told elsewhere: why it was stopped, how a reaction was, what a note says."""

import pytest

from adapter.input.wire_json import Json, JsonValue
from mappings.codes import ICD10_CM, ICD10_NL
from tests.unit.inbound.made_records import SUBJECT, coded, condition, medicine, read

NAMED = ("condition", "drug_harm_like_unmapped")
JAW = coded((ICD10_CM, "M87.180"))


def allergy(**more: JsonValue) -> Json:
    made = {"resourceType": "AllergyIntolerance", "id": "it", "patient": SUBJECT, "code": {"text": "Fosamax"}}
    return {**made, **more}


def tells(*resources: Json) -> bool:
    return NAMED in {(it.concerns, it.reason.value) for it in read(*resources).needs_human}


@pytest.mark.parametrize(
    "told",
    [
        medicine(
            kind="MedicationRequest", status="stopped", statusReason={"text": "Atypische femurfractuur"}
        ),
        medicine(status="stopped", statusReason=[JAW]),
        medicine(
            kind="MedicationAdministration", status="not-done", statusReason=[{"text": "Kiefernekrose"}]
        ),
        medicine(
            kind="MedicationDispense", status="stopped", statusReasonCodeableConcept={"text": "kaaknecrose"}
        ),
        medicine(status="stopped", note=[{"text": "Gestopt wegens kaaknecrose, niet herstarten."}]),
        medicine(note=[{"text": "Geen kaaknecrose, wel een atypische femurfractuur in 2020."}]),
        allergy(reaction=[{"manifestation": [{"text": "Osteonecrosis of the jaw"}]}]),
        allergy(reaction=[{"manifestation": [{"text": "zie brief"}], "description": "kaaknecrose"}]),
        condition(coded((ICD10_NL, "M81.9")), note=[{"text": "ONJ in 2021 onder zoledroninezuur"}]),
    ],
)
@pytest.mark.hazard(id="H30")
def test_harm_that_is_told_beside_a_drug_is_for_a_human(told: Json) -> None:
    assert tells(told)


@pytest.mark.parametrize(
    "nothing",
    [
        medicine(status="stopped", statusReason=[{"text": "Maagklachten"}]),
        medicine(note=[{"text": "Geen kaaknecrose, geen atypische fractuur."}]),
        medicine(note=[{"text": "Cave kaaknecrose bij tandextractie."}]),
        medicine(note=[{"text": "Informed about the risk of ONJ"}]),
        medicine(status="entered-in-error", statusReason=[JAW]),
        allergy(reaction=[{"manifestation": [{"text": "Huiduitslag"}]}]),
        condition(coded((ICD10_NL, "M81.9")), sure="refuted", note=[{"text": "kaaknecrose"}]),
    ],
)
def test_a_remark_that_denies_it_or_warns_of_it_is_none(nothing: Json) -> None:
    assert not tells(nothing)


def test_harm_that_is_on_record_is_told_once() -> None:
    assert not tells(medicine(statusReason=[JAW]), condition(JAW))


@pytest.mark.parametrize(
    "lost",
    [
        medicine(status="stopped", statusReason=[{"\u2318": "?"}]),
        allergy(reaction=[{"\u2318": "?"}]),
        allergy(reaction=[{"manifestation": [{"\u2318": "?"}]}]),
        medicine(kind="MedicationRequest", reasonReference=[{"\u2318": "?"}]),
    ],
)
def test_a_reason_or_a_reaction_that_nobody_can_read_may_be_harm(lost: Json) -> None:
    assert ("condition", "unreadable") in {(it.concerns, it.reason.value) for it in read(lost).needs_human}
