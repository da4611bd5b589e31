"""What each kind of entry says of a drug: a course, a dose, a supply, a prohibition; and its days."""

from datetime import date
from decimal import Decimal

import pytest

from adapter.clinical.model import Medicine, MedicineKind, MedicineStatus
from adapter.input.wire_json import Json, JsonValue
from mappings.codes import ATC, ICD10_CM, RXNORM
from tests.unit.inbound.made_records import coded, condition, medicine, read, reasons

K, S = MedicineKind, MedicineStatus
DENOSUMAB, ZOLEDRONATE, ALENDRONATE, PARACETAMOL = "M05BX04", "M05BA08", "M05BA04", "N02BE01"


def only(resource: Json) -> Medicine:
    (found,) = read(resource).record.medicines.items
    return found


def administered(atc: str, **more: JsonValue) -> Json:
    return medicine(
        atc,
        kind="MedicationAdministration",
        **{"status": "completed", "effectiveDateTime": "2026-08-03", **more},
    )


def dispensed(atc: str, **more: JsonValue) -> Json:
    return medicine(
        atc, kind="MedicationDispense", **{"status": "completed", "whenHandedOver": "2026-10-12", **more}
    )


def ordered(atc: str, **more: JsonValue) -> Json:
    return medicine(atc, kind="MedicationRequest", **{"authoredOn": "2026-02-02", **more})


BOUNDS = [{"timing": {"repeat": {"boundsPeriod": {"start": "2021-01-11", "end": "2026-01-12"}}}}]
PERIOD = {"start": "2021-02-01", "end": "2025-11-20"}


@pytest.mark.parametrize(
    ("entry", "status", "start", "last_dose", "ended"),
    [
        (ordered(DENOSUMAB), S.ACTIVE, "2026-02-02", None, None),
        (ordered(DENOSUMAB, status="on-hold"), S.ON_HOLD, "2026-02-02", None, None),
        (ordered(DENOSUMAB, status="stopped"), S.STOPPED, "2026-02-02", None, None),
        # given, not over
        (ordered(DENOSUMAB, status="completed"), S.GIVEN, "2026-02-02", "2026-02-02", None),
        (ordered(ZOLEDRONATE, status="completed"), S.GIVEN, "2026-02-02", "2026-02-02", None),
        (ordered(ALENDRONATE, status="completed"), S.ENDED, "2026-02-02", None, None),
        (ordered(ALENDRONATE, status="completed", dosageInstruction=BOUNDS), S.ENDED, "2021-01-11", None, "2026-01-12"),
        (ordered(ALENDRONATE, doNotPerform=True), S.PROHIBITED, "2026-02-02", None, None),
        (medicine(DENOSUMAB, effectivePeriod={"start": "2024"}), S.ACTIVE, "2024-01-01", None, None),
        (medicine(DENOSUMAB, status="stopped", effectivePeriod=PERIOD), S.STOPPED, "2021-02-01", None, "2025-11-20"),
        (medicine(ALENDRONATE, effectivePeriod={"start": "2008", "end": "2013"}), S.ACTIVE, "2008-01-01", None, "2013-12-31"),
        (medicine(DENOSUMAB, status="not-taken"), S.NOT_GIVEN, None, None, None),
        (administered(DENOSUMAB), S.GIVEN, "2026-08-03", "2026-08-03", None),
        (administered(DENOSUMAB, status="in-progress"), S.GIVEN, "2026-08-03", "2026-08-03", None),
        (administered(DENOSUMAB, status="not-done"), S.NOT_GIVEN, "2026-08-03", None, None),
        (administered(DENOSUMAB, effectiveDateTime="2026-08"), S.GIVEN, "2026-08-01", "2026-08-01", None),
        (administered(DENOSUMAB, effectiveDateTime="2026-11-20"), S.GIVEN, "2026-11-20", "2026-11-20", None),  # today
        (administered(DENOSUMAB, effectiveDateTime="2031-01-01"), S.GIVEN, "2031-01-01", None, None),
        (dispensed(ALENDRONATE), S.DISPENSED, "2026-10-12", None, None),
        (dispensed(DENOSUMAB), S.DISPENSED, "2026-10-12", "2026-10-12", None),
    ],
)  # fmt: skip
def test_each_entry_says_one_thing_with_its_days(
    entry: Json, status: MedicineStatus, start: str | None, last_dose: str | None, ended: str | None
) -> None:
    found = only(entry)
    days = [day.isoformat() if day else None for day in (found.start, found.last_dose, found.ended)]

    assert (found.status, days) == (status, [start, last_dose, ended])
    assert found.active is (status in {S.ACTIVE, S.ON_HOLD})


@pytest.mark.parametrize(
    "entry",
    [
        administered(PARACETAMOL),
        dispensed(PARACETAMOL),
        administered(PARACETAMOL, medicationCodeableConcept={"text": "paracetamol 500 mg"}),
        administered(DENOSUMAB, status="entered-in-error"),
        dispensed(ALENDRONATE, status="cancelled"),
        dispensed(ALENDRONATE, status="declined"),
        dispensed(ALENDRONATE, status="preparation"),
        ordered(DENOSUMAB, status="draft"),
        ordered(DENOSUMAB, intent="proposal"),
        medicine(DENOSUMAB, status="intended"),
    ],
)
def test_what_never_was_or_is_another_matter_leaves_nothing(entry: Json) -> None:
    reading = read(entry)

    assert (reading.record.medicines.items, reasons(reading)) == ((), [])


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (medicine(medicationCodeableConcept={"text": "Prolia 60 mg s.c."}), "bone_drug_like_unmapped"),
        (administered("", medicationCodeableConcept={"text": "Aclasta"}), "bone_drug_like_unmapped"),
        (dispensed("", medicationCodeableConcept={"text": "alendroninezuur 70mg"}), "bone_drug_like_unmapped"),
        (medicine(medicationCodeableConcept=coded((RXNORM, "316672"), text="Forsteo")), "bone_drug_like_unmapped"),
        (medicine(medicationCodeableConcept=coded((RXNORM, "316672"))), "unknown_code"),  # a code without a name
        (medicine("M05"), "unknown_code"),  # a group with bone drugs among others
        (administered("", medicationCodeableConcept=coded(("urn:oid:2.16.840.1.113883.2.4.4.1", "7"))), "unknown_code"),
        (administered(DENOSUMAB, status="unknown"), "status_unusable"),
        (administered(DENOSUMAB, modifierExtension=[{"url": "x"}]), "modifier_extension"),
    ],
)  # fmt: skip
def test_what_may_be_a_bone_drug_and_cannot_be_read_is_for_a_human(entry: Json, why: str) -> None:
    reading = read(entry)

    assert reading.record.medicines.items == ()
    assert [(r.concerns, r.reason.value) for r in reading.needs_human] == [("medicine", why)]


@pytest.mark.parametrize(
    ("said", "dose"),
    [("1 tablet per week", "70 mg, 1 tablet per week"), ("70 mg 1x/week", "70 mg 1x/week"), ("", "70 mg")],
)
def test_an_amount_beside_the_words_is_said_once(said: str, dose: str) -> None:
    told = {
        "doseAndRate": [{"doseQuantity": {"value": 70, "unit": "mg"}}],
        **({"text": said} if said else {}),
    }

    assert only(ordered(ALENDRONATE, dosageInstruction=[told])).dose == dose


def test_product_and_dose_are_kept_as_recorded() -> None:
    said = {"coding": [{"system": ATC, "code": ALENDRONATE}], "text": "Fosamax tablet 70mg"}
    told = only(medicine(medicationCodeableConcept=said, dosage=[{"text": "1x per week 1 tablet"}]))
    counted = only(administered(DENOSUMAB, dosage={"dose": {"value": 60, "unit": "mg"}}))

    assert (told.text, told.dose) == ("Fosamax tablet 70mg", "1x per week 1 tablet")
    assert counted.dose == "60 mg"


def test_a_supply_lasts_for_the_days_that_the_record_says() -> None:
    assert only(medicine(ALENDRONATE, daysSupply={"value": 84})).supplied_until is None
    assert only(dispensed(ALENDRONATE, daysSupply={"value": 84})).supplied_until == date(2027, 1, 4)
    assert only(dispensed(ALENDRONATE)).supplied_until is None
    assert only(dispensed(ALENDRONATE, daysSupply={"value": 99999})).supplied_until is None


def daily(amount: float, unit: str = "mg", **repeat: JsonValue) -> list[Json]:
    rhythm = {"frequency": 1, "period": 1, "periodUnit": "d", **repeat}
    return [
        {"timing": {"repeat": rhythm}, "doseAndRate": [{"doseQuantity": {"value": amount, "unit": unit}}]}
    ]


@pytest.mark.parametrize(
    ("atc", "dosage", "as_prednisone"),
    [
        ("H02AB06", daily(10), Decimal(10)),
        ("H02AB06", daily(5, frequency=2), Decimal(10)),
        ("H02AB06", daily(35, period=1, periodUnit="wk"), Decimal(5)),
        ("H02AB09", daily(20), Decimal(5)),  # hydrocortisone
        ("H02AB04", daily(4), Decimal(5)),  # methylprednisolone
        ("H02AB06", daily(5) + daily(2), Decimal(7)),
        ("H02AB06", [], None),
        ("H02AB06", daily(1, "tablet"), None),
        ("H02AB06", daily(10, periodUnit="moon"), None),
        ("H02AB06", [*daily(10), {"text": "afbouwschema"}], None),
        ("H02AB13", daily(6), None),  # no equivalent was looked up
        ("M05BA04", daily(10), None),
    ],
)
def test_a_glucocorticoid_is_counted_as_prednisone_only_when_all_is_known(
    atc: str, dosage: list[Json], as_prednisone: Decimal | None
) -> None:
    assert only(medicine(atc, dosage=dosage)).prednisone_mg_per_day == as_prednisone


def test_a_problem_may_say_that_a_medicine_is_in_use() -> None:
    long_term = condition(coded((ICD10_CM, "Z79.52")))

    assert only(long_term).kinds == {K.SYSTEMIC_GLUCOCORTICOID}
    assert only(long_term).status is S.ACTIVE
    assert only(condition(coded((ICD10_CM, "Z79.52")), state="resolved")).status is S.ENDED
    assert read(condition(coded((ICD10_CM, "Z79.52")), sure="refuted")).record.medicines.items == ()


def injected(kind: str, **more: JsonValue) -> Json:
    """Denosumab by any kind of resource; a Procedure and a service name it by their code."""
    entry = medicine(DENOSUMAB, kind=kind, **more)
    if kind in {"Procedure", "ServiceRequest"}:
        entry["code"] = entry.pop("medicationCodeableConcept")
    return {"intent": "order", **entry} if kind == "ServiceRequest" else entry


NEVER = "never"
UNUSABLE = "status_unusable"
# Every status of FHIR R4, by resource type.
SAID_BY_STATUS: dict[str, dict[str, object]] = {
    "MedicationRequest": {
        "active": S.ACTIVE, "on-hold": S.ON_HOLD, "cancelled": NEVER, "completed": S.GIVEN, "entered-in-error": NEVER,
        "stopped": S.STOPPED, "draft": NEVER, "unknown": UNUSABLE,
    },
    "MedicationStatement": {
        "active": S.ACTIVE, "completed": S.ENDED, "entered-in-error": NEVER, "intended": NEVER, "stopped": S.STOPPED,
        "on-hold": S.ON_HOLD, "unknown": UNUSABLE, "not-taken": S.NOT_GIVEN,
    },
    "MedicationAdministration": {
        "in-progress": S.GIVEN, "not-done": S.NOT_GIVEN, "on-hold": UNUSABLE, "completed": S.GIVEN,
        "entered-in-error": NEVER, "stopped": S.GIVEN, "unknown": UNUSABLE,
    },
    "MedicationDispense": {
        "preparation": NEVER, "in-progress": S.DISPENSED, "cancelled": NEVER, "on-hold": UNUSABLE,
        "completed": S.DISPENSED, "entered-in-error": NEVER, "stopped": UNUSABLE, "declined": NEVER, "unknown": UNUSABLE,
    },
    "Procedure": {
        "preparation": NEVER, "in-progress": S.GIVEN, "not-done": S.NOT_GIVEN, "on-hold": UNUSABLE, "stopped": S.GIVEN,
        "completed": S.GIVEN, "entered-in-error": NEVER, "unknown": UNUSABLE,
    },
    "ServiceRequest": {
        "draft": NEVER, "active": S.ACTIVE, "on-hold": S.ON_HOLD, "revoked": S.STOPPED, "completed": S.GIVEN,
        "entered-in-error": NEVER, "unknown": UNUSABLE,
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "status", "said"),
    [(kind, status, said) for kind, row in SAID_BY_STATUS.items() for status, said in row.items()],
)
def test_every_status_says_whether_the_drug_was_taken(kind: str, status: str, said: object) -> None:
    record = read(injected(kind, status=status)).record

    assert [it.status for it in record.medicines.items] == ([said] if isinstance(said, S) else [])
    refused = [it.reason.value for it in record.rejected if it.concerns == "medicine"]
    assert refused == ([UNUSABLE] if said == UNUSABLE else [])


@pytest.mark.parametrize("kind", ["MedicationRequest", "ServiceRequest"])
@pytest.mark.parametrize(
    ("intent", "said"),
    [
        ("proposal", NEVER),
        ("option", NEVER),
        *((it, S.ACTIVE) for it in ("plan", "order", "original-order", "reflex-order", "filler-order", "instance-order")),
        ("directive", UNUSABLE),
    ],
)  # fmt: skip
def test_every_intent_says_whether_the_drug_was_meant(kind: str, intent: str, said: object) -> None:
    record = read(injected(kind, intent=intent)).record

    assert [it.status for it in record.medicines.items] == ([said] if isinstance(said, S) else [])
    refused = [it.reason.value for it in record.rejected if it.concerns == "medicine"]
    assert refused == ([UNUSABLE] if said == UNUSABLE else [])


UNREAD: Json = {"\u2318": "?"}


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (medicine(ALENDRONATE, dosage=[UNREAD]), "unreadable"),
        (medicine(ALENDRONATE, effectiveDateTime="in spring"), "unreadable"),
        (medicine(PARACETAMOL, dosage=[UNREAD]), None),
        (dispensed(ALENDRONATE), None),
        (dispensed(ALENDRONATE, whenHandedOver=None), "date_missing"),
        (administered(ALENDRONATE, effectiveDateTime=None), "date_missing"),
        (dispensed(ALENDRONATE, whenHandedOver=None, whenPrepared="2026-10-12"), None),
        (dispensed(DENOSUMAB, whenHandedOver=None), None),  # the core asks for its day (C-65)
        (medicine(ALENDRONATE), None),
    ],
)
def test_what_tells_less_of_a_drug_than_it_could_is_kept_and_asked_about(
    entry: Json, reason: str | None
) -> None:
    reading = read({key: value for key, value in entry.items() if value is not None})

    assert len(reading.record.medicines.items) == 1
    assert reasons(reading) == ([("medicine", reason)] if reason else [])
