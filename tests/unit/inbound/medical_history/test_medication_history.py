from datetime import date
from typing import Any

import pytest

from adapter.clinical.model import Adherence, ConditionKind, MedicineKind, Reason
from adapter.input.wire_json import Json
from mappings.codes import ATC, RXNORM, SNOMED
from tests.unit.inbound.made_records import answer, coded, intake, medicine, read, snomed

K = MedicineKind
DENOSUMAB = coded((ATC, "M05BX04"))


def only(*resources: Json) -> Any:
    (found,) = read(*resources).record.medicines.items
    return found


@pytest.mark.parametrize(
    ("system", "code", "kinds"),
    [
        (ATC, "M05BA04", {K.ALENDRONATE}),
        (ATC, "M05BB03", {K.ALENDRONATE, K.VITAMIN_D}),
        (ATC, "M05BB04", {K.RISEDRONATE, K.CALCIUM, K.VITAMIN_D}),
        (ATC, "M05BX03", {K.OTHER_BONE_DRUG}),
        (ATC, "M05BX04", {K.DENOSUMAB}),
        (ATC, "H05AA02", {K.TERIPARATIDE}),
        (ATC, "G03XC01", {K.RALOXIFENE}),
        (ATC, "A12AX", {K.CALCIUM, K.VITAMIN_D}),
        (ATC, "H02AB06", {K.SYSTEMIC_GLUCOCORTICOID}),
        (ATC, "R03BA02", {K.OTHER}),  # inhaled
        (ATC, "R03AK06", {K.OTHER}),
        (ATC, "N03AB02", {K.ANTIEPILEPTIC, K.FALL_RISK_DRUG}),
        (ATC, "L02BG03", {K.ANTIHORMONAL}),
        (ATC, "N05BA04", {K.FALL_RISK_DRUG}),  # oxazepam
        (ATC, "C03AA03", {K.OTHER}),  # hydrochlorothiazide
        (RXNORM, "904419", {K.ALENDRONATE}),
        (SNOMED, "109029006", {K.RALOXIFENE}),
    ],
)
def test_the_code_names_the_kinds(system: str, code: str, kinds: set[MedicineKind]) -> None:
    assert only(medicine(medicationCodeableConcept=coded((system, code)))).kinds == kinds


@pytest.mark.parametrize("kind", ["MedicationRequest", "MedicationStatement"])
@pytest.mark.parametrize(
    ("status", "active"), [("active", True), ("on-hold", True), ("completed", False), ("stopped", False)]
)
def test_the_status_says_whether_it_is_taken(kind: str, status: str, active: bool) -> None:
    assert only(medicine(kind=kind, status=status)).active is active


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("MedicationRequest", {"status": "draft"}),
        ("MedicationRequest", {"status": "cancelled"}),
        ("MedicationRequest", {"status": "entered-in-error"}),
        ("MedicationRequest", {"intent": "proposal"}),
        ("MedicationRequest", {"intent": "option"}),
        ("MedicationStatement", {"status": "intended"}),
        ("MedicationStatement", {"status": "entered-in-error"}),
    ],
)
def test_what_nobody_takes_is_no_medicine(kind: str, more: Json) -> None:
    record = read(medicine(kind=kind, **more)).record

    assert (record.medicines.items, record.medicines.complete, record.rejected) == ((), False, ())


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"medicationCodeableConcept": {"text": "alendroninezuur 70 mg"}}, "bone_drug_like_unmapped"),
        ({"medicationCodeableConcept": {"text": "witte tabletten"}}, "uncoded_text"),
        ({"medicationCodeableConcept": None}, "uncoded_text"),
        ({"medicationCodeableConcept": coded(("urn:oid:2.16.840.1.113883.2.4.4.1", "123"))}, "unknown_code"),
        (
            {"medicationCodeableConcept": None, "medicationReference": {"reference": "Medication/lost"}},
            "uncoded_text",
        ),
        (
            {
                "medicationCodeableConcept": None,
                "medicationReference": {
                    "reference": "https://x.example.org/Medication/7",
                    "display": "Prolia 60 mg",
                },
            },
            "bone_drug_like_unmapped",
        ),
        ({"medicationCodeableConcept": coded((ATC, "M05BA04"), (RXNORM, "72143"))}, "codes_disagree"),
        ({"status": "unknown"}, "status_unusable"),
        ({"status": None}, "status_unusable"),
        ({"modifierExtension": [{"url": "x"}]}, "modifier_extension"),
    ],
)
def test_a_medicine_that_could_be_anything_is_for_a_human(more: Json, why: str) -> None:
    reading = read(medicine(**more))

    assert (reading.record.medicines.items, reading.record.medicines.complete) == ((), False)
    assert [(r.concerns, r.reason.value) for r in reading.needs_human] == [("medicine", why)]


@pytest.mark.parametrize(
    ("system", "words", "asked"),
    [
        (RXNORM, "prednisoLONE 10 MG Disintegrating Oral Tablet", True),
        (RXNORM, "Dexamethasone 4 mg oral tablet", True),
        (RXNORM, "hydrocortisone 10 MG/ML Topical Cream", False),
        (RXNORM, "budesonide 0.09 MG/ACTUAT Metered Dose Nasal Spray", False),
        (RXNORM, "Beclometasone 100 microgram inhaler", False),
        (RXNORM, "lisinopril 10 MG Oral Tablet", False),
        (RXNORM, "deflazacort 6 MG Oral Tablet", True),
        (RXNORM, "fludrocortisone acetate 0.1 MG Oral Tablet", False),
        (RXNORM, "Medrol 16 MG Oral Tablet", True),
        (RXNORM, "Prednisolon 25 mg intraveneus", True),
        (RXNORM, "Dexamethason, hoog gedoseerd", True),
        (RXNORM, "Dexamethasone with an antibiotic", True),
        (RXNORM, "Dexamethason oogdruppels 1 mg/ml", False),
        (RXNORM, "Epoprostenol (prostacyclin) 0.5 MG Injection", False),
        (RXNORM, "Vantavo 70 MG Oral Tablet", True),
    ],
)
def test_a_product_that_no_value_set_holds_tells_by_its_name(system: str, words: str, asked: bool) -> None:
    found = read(medicine(medicationCodeableConcept=coded((system, "999"), text=words))).record

    assert bool(found.rejected) is asked


@pytest.mark.parametrize(
    "words",
    [
        "OSPOMYV 60 mg Injektionslösung",
        "Conexxence 60 mg s.c.",
        "Stoboclo",
        "SONDELBAY 20 microgrammes",
        "Evfraxy 60 mg",
    ],
)
@pytest.mark.parametrize("kind", ["MedicationDispense", "MedicationAdministration"])
def test_a_brand_without_the_name_of_its_substance_is_known(kind: str, words: str) -> None:
    supply = medicine(kind=kind, status="completed", medicationCodeableConcept={"text": words})

    assert [it.reason for it in read(supply).record.rejected] == [Reason.BONE_DRUG_LIKE]


@pytest.mark.parametrize(
    ("code", "parts", "kinds"),
    [
        (None, [DENOSUMAB], [{K.DENOSUMAB}]),
        ({"text": "Wegwerpspuit 1 ml"}, [DENOSUMAB], [{K.DENOSUMAB}]),
        (coded((ATC, "M05BX04")), [{"text": "water"}], [{K.DENOSUMAB}]),
        ({"text": "Wegwerpspuit 1 ml"}, [DENOSUMAB, {"text": "water"}], []),
        (coded((ATC, "N02BE01")), [{"text": "paracetamol"}, {"text": "zetmeel"}], [{K.OTHER}]),
    ],
)
def test_an_ingredient_tells_what_the_name_of_the_product_does_not(
    code: Json | None, parts: list[Json], kinds: list[set[MedicineKind]]
) -> None:
    product = {
        "resourceType": "Medication",
        "id": "m",
        "ingredient": [{"itemCodeableConcept": it} for it in parts],
    }
    inside = medicine(
        medicationCodeableConcept=None,
        medicationReference={"reference": "#m"},
        contained=[{**product, "code": code} if code else product],
    )
    record = read(inside).record

    assert [it.kinds for it in record.medicines.items] == kinds
    assert bool(record.rejected) is not bool(kinds)


def test_the_product_may_be_a_resource_inside_or_beside() -> None:
    product = {"resourceType": "Medication", "id": "prod", "code": coded((ATC, "M05BX04"))}
    beside = medicine(medicationCodeableConcept=None, medicationReference={"reference": "Medication/prod"})
    inside = beside | {"contained": [product], "medicationReference": {"reference": "#prod"}}

    assert only(beside, product).kinds == {K.DENOSUMAB}
    assert only(inside).kinds == {K.DENOSUMAB}


def test_start_and_last_dose_come_from_the_dates_of_use() -> None:
    given = only(
        medicine(
            "M05BX04",
            effectivePeriod={"start": "2024-03-01"},
            dosage=[{"timing": {"event": ["2025-09-25", "2026-03-25", "2027-01-01"]}}],
        )
    )
    ended = only(medicine(status="stopped", effectivePeriod={"start": "2024-03", "end": "2026-01-05"}))
    ordered = only(medicine(kind="MedicationRequest", authoredOn="2025-02-01"))

    assert (given.start, given.last_dose, given.active) == (date(2024, 3, 1), date(2026, 3, 25), True)
    assert (ended.start, ended.last_dose, ended.ended) == (date(2024, 3, 1), None, date(2026, 1, 5))
    assert (ordered.start, ordered.last_dose) == (date(2025, 2, 1), None)


@pytest.mark.parametrize(
    ("atc", "route", "oral"),
    [
        ("M05BA06", snomed("26643006"), True),
        ("M05BA06", intake("route-oral"), True),
        ("M05BA06", intake("route-not-oral"), False),
        ("M05BA06", None, None),  # ibandronate comes both ways
        ("M05BA04", None, True),
        ("M05BA08", None, False),
        ("M05BX04", None, False),
        ("H02AB06", None, None),
    ],
)
def test_the_route_is_coded_or_the_only_one_there_is(atc: str, route: Json | None, oral: bool | None) -> None:
    assert only(medicine(atc, dosage=[{"route": route}] if route else [])).oral is oral


def test_adherence_is_an_observation_about_the_medicine() -> None:
    focus = [{"reference": "MedicationStatement/med"}]
    old = answer("adherence", "good", id="old", effectiveDateTime="2025-01-01", focus=focus)
    new = answer("adherence", "poor", id="new", focus=focus)

    assert only(medicine()).adherence is None
    assert only(medicine(), old).adherence is Adherence.GOOD
    assert only(medicine(), old, new).adherence is Adherence.POOR
    assert only(medicine(), new | {"status": "cancelled"}).adherence is None


@pytest.mark.parametrize("kind", ["MedicationRequest", "MedicationStatement"])
def test_the_reason_for_stopping_is_a_code(kind: str) -> None:
    reason: object = intake("gastrointestinal-intolerance")
    reasons = reason if kind == "MedicationRequest" else [reason]

    stopped = only(medicine(kind=kind, status="stopped", statusReason=reasons))
    told = only(medicine(kind=kind, status="stopped", statusReason=[{"text": "maagpijn"}]))

    assert stopped.stopped_for is ConditionKind.GASTROINTESTINAL_INTOLERANCE
    assert told.stopped_for is None


@pytest.mark.parametrize("intent", [None, "banana", ["order"]])
@pytest.mark.parametrize("forbids", [False, True])
def test_an_order_that_does_not_say_whether_it_was_meant_is_refused_by_name(
    intent: object, forbids: bool
) -> None:
    record = read(medicine(kind="MedicationRequest", intent=intent, doNotPerform=forbids)).record

    assert record.medicines.items == ()
    assert [(it.concerns, it.reason) for it in record.rejected] == [("medicine", Reason.STATUS_UNUSABLE)]


NONE_KNOWN = ("http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips", "no-known-medications")


@pytest.mark.parametrize(
    ("more", "found", "why"),
    [
        ({}, [], None),
        ({"modifierExtension": [{"url": "x"}]}, [], Reason.MODIFIER_EXTENSION),
        ({"status": "unknown"}, [], Reason.STATUS_UNUSABLE),
        ({"medicationCodeableConcept": coded(NONE_KNOWN, (ATC, "M05BX04"))}, [{K.DENOSUMAB}], None),
    ],
)
def test_an_entry_that_says_that_there_is_no_medicine_is_none(
    more: Json, found: list[set[MedicineKind]], why: Reason | None
) -> None:
    record = read(medicine(**{"medicationCodeableConcept": coded(NONE_KNOWN), **more})).record

    assert [it.kinds for it in record.medicines.items] == found
    assert [it.reason for it in record.rejected] == ([why] if why else [])


PZN = "http://fhir.de/CodeSystem/ifa/pzn"


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (coded((PZN, "00766741"), text="Ramipril-ratiopharm 5 mg Tabletten"), []),
        (coded((PZN, "00766741"), text="Dafalgan 1 g"), [Reason.UNKNOWN_CODE]),  # a brand may hide anything
        (coded((PZN, "00766741"), text="Fosamax 70 mg"), [Reason.BONE_DRUG_LIKE]),
        (coded((PZN, "00766741"), text="Decortin H 20 mg"), [Reason.UNKNOWN_CODE]),
        (coded((PZN, "00766741")), [Reason.UNKNOWN_CODE]),
        ({"text": "Metoprolol 50 mg"}, [Reason.UNCODED]),  # a text alone is never interpreted
    ],
)
def test_under_a_product_number_a_substance_of_every_day_tells_and_a_brand_does_not(
    code: Json, why: list[Reason]
) -> None:
    found = read(medicine(medicationCodeableConcept=code)).record

    assert [it.reason for it in found.rejected if it.concerns == "medicine"] == why
