"""What may be a deciding fact and cannot be read is named as that fact; what tells of another is not."""

import pytest

from adapter.clinical import decide
from adapter.clinical.model import Reason
from adapter.input.wire_json import Json, JsonValue
from mappings.codes import ATC, LOINC, SNOMED
from mappings.pathways import load
from tests.unit.inbound.made_records import (
    SUBJECT,
    TODAY,
    answer,
    coded,
    condition,
    medicine,
    observation,
    quantity,
    read,
    t_score,
)

HOUSE, NOTHING = coded(("http://codes.example.org/house", "X1")), {"\u2318": "?"}
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
VITAL = [coded((CATEGORY, "vital-signs"))]
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"


def device(**more: JsonValue) -> Json:
    return {"resourceType": "Device", "id": "it", "status": "active", "patient": SUBJECT, **more}


def procedure(code: Json, **more: JsonValue) -> Json:
    return {
        "resourceType": "Procedure",
        "id": "it",
        "status": "completed",
        "subject": SUBJECT,
        "code": code,
        **more,
    }


def given(kind: str, code: Json, **more: JsonValue) -> Json:
    return medicine(kind=kind, id="it", status="completed", medicationCodeableConcept=code, **more)


def vital(code: Json, unit: str) -> Json:
    return observation(code, id="it", category=VITAL, valueQuantity=quantity(58, unit))


def calcium(**more: JsonValue) -> Json:
    return observation(coded((LOINC, "2000-8")), id="it", valueQuantity=quantity(2, "mmol/L"), **more)


PREDNISOLONE, LEUPRORELIN = coded((ATC, "H02AB06")), {**HOUSE, "text": "leuproreline depot"}


@pytest.mark.parametrize(
    ("resource", "named"),
    [
        (device(type=HOUSE), ("procedure", Reason.UNKNOWN_CODE, "")),
        (device(type=NOTHING), ("procedure", Reason.UNCODED, "")),
        (procedure(HOUSE, status="in-progress"), ("procedure", Reason.UNKNOWN_CODE, "")),
        (condition(HOUSE), ("condition", Reason.UNKNOWN_CODE, "procedure")),
        (given("MedicationDispense", PREDNISOLONE), ("medicine", Reason.NO_DATE, "")),
        (given("MedicationAdministration", PREDNISOLONE), ("medicine", Reason.NO_DATE, "")),
        (given("MedicationAdministration", LEUPRORELIN), ("medicine", Reason.UNKNOWN_CODE, "")),
        (vital(HOUSE, "kg"), ("body_measure", Reason.UNKNOWN_CODE, "weight_kg")),
        (vital(HOUSE, "kg/m2"), ("body_measure", Reason.UNKNOWN_CODE, "bmi")),
        (vital({**HOUSE, "text": "Gewicht"}, "?"), ("body_measure", Reason.UNKNOWN_CODE, "weight_kg")),
        (calcium(interpretation=[NOTHING]), ("lab", Reason.UNREADABLE, "calcium")),
        (t_score(interpretation=[NOTHING]), ("t_score", Reason.UNREADABLE, "")),
        (t_score(focus=[NOTHING]), ("t_score", Reason.UNREADABLE, "")),
    ],
)
def test_a_resource_that_cannot_be_used_is_named_with_its_reason(
    resource: Json, named: tuple[str, Reason, str]
) -> None:
    assert named in [(it.concerns, it.reason, it.about) for it in read(resource).record.rejected]


@pytest.mark.parametrize(
    "resource",
    [
        device(),
        device(type=coded((SNOMED, "72506001"), text="Implantable defibrillator")),
        procedure({"text": "knie-arthroscopie"}, status="in-progress"),
        procedure(HOUSE, status="not-done"),
        given("MedicationDispense", PREDNISOLONE, whenHandedOver="2026-09-01"),
        given("MedicationDispense", {**HOUSE, "text": "paracetamol"}),
        vital(HOUSE, "cm"),
        vital({**HOUSE, "text": "Temperatuur"}, "kg"),
        calcium(interpretation=[coded((INTERPRETATION, "N"))]),
        calcium(interpretation=[]),
        t_score(interpretation=[coded((INTERPRETATION, "N"))]),
        t_score(interpretation=[{"text": "normaal"}]),
    ],
)
def test_another_thing_is_not_named(resource: Json) -> None:
    assert read(resource).record.rejected == ()


ON_ALENDRONATE = (
    t_score(),
    medicine(id="alendronate", effectivePeriod={"start": "2024-01-10"}),
    *(answer(f"no-known-{it}", id=f"no-{it}") for it in ("conditions", "fractures")),
    answer("menopausal-status", "post"),
    observation(coded((LOINC, "98979-8")), id="egfr", valueQuantity=quantity(75, "mL/min")),
)
CREATININE = observation(
    coded((LOINC, "14682-9")),
    id="creatinine",
    valueQuantity=quantity(180, "umol/L"),
    effectiveDateTime="2022-03-01",
)


UNLISTED = observation(
    {**HOUSE, "text": "kreatinine"},
    id="unlisted",
    valueQuantity=quantity(230, "umol/L"),
    effectiveDateTime="2026-09-01",
)
WEIGHT = observation(coded((LOINC, "29463-7")), id="weight", valueQuantity=quantity(58, "kg"))


@pytest.mark.parametrize(
    ("more", "decision"),
    [
        ((), "continue"),
        ((calcium(interpretation=[NOTHING]),), "clinician_decides"),
        ((observation(coded((LOINC, "98979-8")), id="newer", valueString="?"),), "clinician_decides"),
        ((CREATININE, vital(HOUSE, "kg")), "clinician_decides"),
        ((vital(HOUSE, "kg"),), "continue"),
        ((UNLISTED, WEIGHT), "clinician_decides"),
        ((UNLISTED,), "continue"),
    ],
    ids=[
        "all is read",
        "a mark",
        "renal function",
        "a weight beside creatinine",
        "a weight alone",
        "a creatinine before the eGFR",
        "one that nothing would be computed from",
    ],
)
def test_a_drug_does_not_go_on_where_what_may_speak_against_it_cannot_be_read(
    more: tuple[Json, ...], decision: str
) -> None:
    found = decide(read(*ON_ALENDRONATE, *more).record, load("antonius"), TODAY)

    assert found.treatment.decision == decision


def test_a_refused_score_of_the_next_day_leaves_open_which_study_decides() -> None:
    hip = t_score("?", code="38263-0", id="hip", effectiveDateTime="2026-11-11")
    found = [
        decide(read(answer("menopausal-status", "post"), *it).record, load("antonius"), TODAY)
        for it in ((t_score(), hip), (t_score(),))
    ]

    assert ["study_day_uncertain" in {it.code for it in one.flags} for one in found] == [True, False]
