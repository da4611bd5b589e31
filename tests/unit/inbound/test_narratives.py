"""What questionnaires, adverse events and alerts tell in words.

It is named where no entry of the record explains it, and is never a fact.
"""

import pytest

from adapter.input.wire_json import Json, JsonValue
from mappings.codes import ICD10_NL
from tests.unit.inbound.made_records import SUBJECT, coded, condition, medicine, observation, read

BROKEN, DRUG = "Heeft u na uw 50e iets gebroken?", "Gebruikt u een bisfosfonaat of Prolia?"
YES_NO = "http://terminology.hl7.org/CodeSystem/v2-0136"
FRACTURE, MEDICINE = ("fracture", "fracture_like_unmapped"), ("medicine", "bone_drug_like_unmapped")


def form(*items: Json, **more: JsonValue) -> Json:
    made = {"resourceType": "QuestionnaireResponse", "id": "it", "subject": SUBJECT, "status": "completed"}
    return {**made, "item": list(items), **more}


def item(asked: str, **answer: JsonValue) -> Json:
    return {"linkId": "1", "text": asked, "answer": [answer]}


def coding(code: str, display: str = "") -> Json:
    return {"system": YES_NO, "code": code, **({"display": display} if display else {})}


def event(words: str, **more: JsonValue) -> Json:
    told = {"actuality": "actual", "event": {"text": words}}
    return {"resourceType": "AdverseEvent", "id": "it", "subject": SUBJECT, **told, **more}


def alert(words: str, **more: JsonValue) -> Json:
    made = {"resourceType": "DetectedIssue", "id": "it", "patient": SUBJECT, "status": "final"}
    return {**made, "detail": words, **more}


def named(*resources: Json) -> set[tuple[str, str]]:
    reading = read(*resources)
    told_by = f"{resources[0]['resourceType']}/it"
    assert not any(it.evidence.startswith(told_by) for it in reading.record.fractures.items)
    assert not any(it.evidence.startswith(told_by) for it in reading.record.medicines.items)
    return {(it.concerns, it.reason.value) for it in reading.needs_human if it.evidence.startswith(told_by)}


@pytest.mark.parametrize(
    ("answered", "told"),
    [
        (item(BROKEN, valueBoolean=True), {FRACTURE}),
        (item(BROKEN, valueString="heup links in 2023"), {FRACTURE}),
        (item(BROKEN, valueString="Nee, maar wel mijn pols in 2019"), {FRACTURE}),
        (item(BROKEN, valueInteger=2), {FRACTURE}),
        (item(BROKEN, valueCoding=coding("Y", "Ja")), {FRACTURE}),
        (item(BROKEN, valueCoding=coding("Z9")), {FRACTURE}),  # a code of nobody may be a yes
        (item(DRUG, valueBoolean=True), {MEDICINE}),
        (item("Welke medicijnen?", valueString="Fosamax, elke maandag"), {MEDICINE}),
        ({"linkId": "g", "text": "Botten", "item": [item(DRUG, valueBoolean=True)]}, {MEDICINE}),
        (
            {
                "linkId": "g",
                "text": "Botten",
                "answer": [{"valueBoolean": False, "item": [item(DRUG, valueBoolean=True)]}],
            },
            {MEDICINE},
        ),
        (
            item("Heeft u kanker gehad?", valueString="borstkanker"),
            {("condition", "malignancy_like_unmapped")},
        ),
    ],
)
@pytest.mark.hazard(id="H31")
def test_what_a_patient_writes_is_not_overheard(answered: Json, told: set[tuple[str, str]]) -> None:
    reading = read(form(answered))

    assert named(form(answered)) == told
    assert not reading.record.fractures.items


@pytest.mark.parametrize(
    "answered",
    [
        item(BROKEN, valueBoolean=False),
        item(BROKEN, valueInteger=0),
        item(BROKEN, valueString="nee"),
        item(BROKEN, valueString="Geen botbreuken"),
        item(BROKEN, valueString="weet ik niet"),
        item(BROKEN, valueCoding=coding("N")),
        item(BROKEN, valueCoding=coding("X", "Nee")),
        item(BROKEN),
        {"linkId": "1", "text": BROKEN},
        item("Heeft uw vader of moeder een heup gebroken?", valueBoolean=True),
        item("Hoe voelt u zich?", valueString="goed"),
    ],
)
def test_a_no_and_what_is_said_of_others_ask_nothing(answered: Json) -> None:
    assert named(form(answered)) == set()


def test_what_the_record_holds_is_not_asked_again() -> None:
    told = form(item(BROKEN, valueBoolean=True), item(DRUG, valueBoolean=True))
    held = (condition(coded((ICD10_NL, "S72.0"))), medicine("M05BA04"))

    assert named(told, *held) == set()


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (event("Osteonecrose van de kaak"), {("condition", "drug_harm_like_unmapped")}),
        (event("Val met heupfractuur"), {FRACTURE}),
        (event("Huiduitslag na amoxicilline"), set()),
        (event("Osteonecrose van de kaak", actuality="potential"), set()),
        (event("\u2318?"), {("condition", "unreadable")}),
        (alert("Alendroninezuur niet afleveren: slikstoornis"), {MEDICINE}),
        (alert("Alendroninezuur en calcium: innametijden scheiden"), set()),
        (alert("Alendroninezuur dubbel", severity="high"), {MEDICINE}),
        (alert("Alendroninezuur niet afleveren", status="cancelled"), set()),
        (alert("Interactie simvastatine en claritromycine", severity="high"), set()),
        (alert("\u2318?"), {("condition", "unreadable")}),
    ],
)
def test_events_and_alerts_are_heard_where_they_are_about_bone(told: Json, why: set[tuple[str, str]]) -> None:
    assert named(told) == why


def test_a_form_that_nobody_can_read_may_tell_of_anything() -> None:
    assert {concerns for concerns, _ in named(form({"\u2318": "?"}))} == {"fracture", "condition", "medicine"}
    assert named(form({"\u2318": "?"}, status="entered-in-error")) == set()
    assert named(form(item(BROKEN, valueBoolean=False), status="\u2318?"))


def result(asked: str, category: str = "survey", **value: JsonValue) -> Json:
    kind = {"category": [coded(("http://terminology.hl7.org/CodeSystem/observation-category", category))]}
    return observation({"text": asked}, id="it", **kind, **value)


@pytest.mark.parametrize(
    ("answered", "told"),
    [
        (result("Fractuur na het 50e levensjaar", valueCodeableConcept={"text": "Ja"}), {FRACTURE}),
        (result("Hüftfraktur in der Vorgeschichte", "social-history", valueBoolean=True), {FRACTURE}),
        (result("Aantal fracturen", valueInteger=2), {FRACTURE}),
        (result("Fracturen", valueString="Nee, maar wel een pols in 2019"), {FRACTURE}),
        (result("Receives denosumab injections", valueString="Yes, last one in January"), {MEDICINE}),
        (
            result("Voorgeschiedenis", "exam", valueString="Kaaknecrose in 2021"),
            {("condition", "drug_harm_like_unmapped")},
        ),
    ],
)
@pytest.mark.hazard(id="H31")
def test_a_result_that_is_an_answer_is_not_overheard(answered: Json, told: set[tuple[str, str]]) -> None:
    assert named(answered) == told


@pytest.mark.parametrize(
    "nothing",
    [
        result("Fractuur na het 50e levensjaar", valueCodeableConcept={"text": "Nee"}),
        result("Fractuur na het 50e levensjaar", valueCodeableConcept=coded((YES_NO, "N"))),
        result("Voorgeschiedenis", valueString="Blanco. Geen fracturen, geen maligniteit."),
        result("Fracture history"),
        result("Aantal fracturen", valueInteger=0),
        result("Heupfractuur bij ouder", valueString="Ja"),
        result("Fractuurrisico", valueString="verhoogd"),
        result("Breukkracht van het bot", valueQuantity={"value": 3, "unit": "N"}),
        result("Fractuur", "laboratory", valueBoolean=True),
        result("Fractuur", valueBoolean=True, status="entered-in-error"),
        result("Fractuur", valueBoolean=True, focus=[{"reference": "RelatedPerson/7"}]),
        result("Nagelbreuk", valueString="nee"),
    ],
)
def test_a_result_that_denies_or_is_another_matter_tells_nothing(nothing: Json) -> None:
    assert named(nothing) == set()
