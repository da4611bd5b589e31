"""Injections that were recorded as a procedure or as a service: they count as doses, or are asked about."""

from datetime import date
from decimal import Decimal

import pytest

from adapter.clinical import decide
from adapter.clinical.decision import Decision
from adapter.clinical.model import MedicineKind, MedicineStatus, Reason
from adapter.input.wire_json import Json
from mappings.codes import ATC, LOINC
from mappings.pathways import load
from tests.unit.inbound.made_records import SUBJECT, TODAY, answer, coded, read, t_score

DENOSUMAB, ZOLEDRONATE = "M05BX04", "M05BA08"
RECENT, LONG_AGO = "2026-06-20", "2026-02-20"  # five and nine months before today
S = MedicineStatus


def service(code: Json, day: str = RECENT, **more: object) -> Json:
    return {
        "resourceType": "ServiceRequest", "id": "it", "subject": SUBJECT, "status": "completed", "intent": "order",
        "code": code, "occurrenceDateTime": day, **more,
    }  # fmt: skip


def procedure(code: Json, day: str = RECENT, **more: object) -> Json:
    return {
        "resourceType": "Procedure", "id": "it", "subject": SUBJECT, "status": "completed", "code": code,
        "performedDateTime": day, **more,
    }  # fmt: skip


DRUG, INJECTION = coded((ATC, DENOSUMAB)), {"text": "subcutane injectie"}
STOCK: Json = {"resourceType": "Medication", "id": "m", "code": DRUG}


@pytest.mark.parametrize(
    ("resource", "status"),
    [
        (service(DRUG), S.GIVEN),
        (service(INJECTION, orderDetail=[DRUG]), S.GIVEN),
        (service(DRUG, status="active"), S.ACTIVE),
        (service(DRUG, status="on-hold"), S.ON_HOLD),
        (service(DRUG, status="revoked"), S.STOPPED),
        (service(DRUG, doNotPerform=True), S.PROHIBITED),
        (procedure(DRUG), S.GIVEN),
        (procedure(INJECTION, usedCode=[DRUG]), S.GIVEN),
        (procedure(INJECTION, usedReference=[{"reference": "#m"}], contained=[STOCK]), S.GIVEN),
        (procedure(DRUG, status="stopped"), S.GIVEN),
        (procedure(DRUG, status="not-done"), S.NOT_GIVEN),
    ],
)
def test_it_is_one_entry_of_the_drug(resource: Json, status: MedicineStatus) -> None:
    record = read(resource).record

    (found,) = record.medicines.items
    assert (found.kinds, found.status, found.start) == (
        frozenset({MedicineKind.DENOSUMAB}),
        status,
        date(2026, 6, 20),
    )
    assert found.last_dose == (date(2026, 6, 20) if status is S.GIVEN else None)
    assert record.rejected == ()


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        (service({"text": "Prolia 60 mg sc"}), Reason.BONE_DRUG_LIKE),
        (procedure({"text": "injectie denosumab"}), Reason.BONE_DRUG_LIKE),
        (procedure({"text": "Injectie leuproreline depot 22,5 mg"}), Reason.UNCODED),
        (service({"text": "Zoladex 10,8 mg"}), Reason.UNCODED),
        (service(DRUG, status="unknown"), Reason.STATUS_UNUSABLE),
        (procedure(DRUG, status="unknown"), Reason.STATUS_UNUSABLE),
        (service(DRUG, intent="?"), Reason.STATUS_UNUSABLE),
    ],
)
def test_what_may_have_been_one_is_named(resource: Json, reason: Reason) -> None:
    record = read(resource).record

    assert record.medicines.items == ()
    assert [(it.concerns, it.reason) for it in record.rejected] == [("medicine", reason)]


@pytest.mark.parametrize(
    ("state", "status", "reason"),
    [
        ("completed", S.ACTIVE, None),
        ("in-progress", S.ACTIVE, None),
        ("stopped", S.ACTIVE, None),
        ("not-done", S.NOT_GIVEN, None),
        ("preparation", None, None),
        ("entered-in-error", None, None),
        ("on-hold", None, Reason.STATUS_UNUSABLE),
        ("unknown", None, Reason.STATUS_UNUSABLE),
        ("banana", None, Reason.STATUS_UNUSABLE),
        (None, None, Reason.STATUS_UNUSABLE),
    ],
)
def test_a_procedure_with_any_other_drug_works_for_good_if_it_was_done(
    state: str | None, status: MedicineStatus | None, reason: Reason | None
) -> None:
    """No code says whether it is the removal of what a drug against androgens silences (C-68)."""
    record = read(procedure(coded((ATC, "L02AE03")), status=state)).record

    assert [it.status for it in record.medicines.items] == ([status] if status else [])
    assert [it.reason for it in record.rejected] == ([reason] if reason else [])


@pytest.mark.parametrize(
    "resource",
    [
        service(DRUG, status="draft"),
        service(DRUG, intent="proposal"),
        service(DRUG, status="entered-in-error"),
        procedure(DRUG, status="preparation"),
        procedure(DRUG, status="entered-in-error"),
        service(coded((LOINC, "24325-3"))),
        procedure({"text": "griepvaccinatie"}),
        procedure({"text": "dexamethason-suppressietest"}),
    ],
)
def test_what_never_was_or_is_about_something_else_says_nothing(resource: Json) -> None:
    record = read(resource).record

    assert (record.medicines.items, record.rejected) == ((), ())


def decided(*resources: Json) -> Decision:
    known = (
        t_score(Decimal("-1.8")),
        *(answer(f"no-known-{it}", id=f"no-{it}") for it in ("conditions", "fractures")),
        answer("exclusion-screen", "negative"),
        answer("menopausal-status", "post"),
    )
    return decide(read(*known, *resources).record, load("antonius"), TODAY)


@pytest.mark.parametrize(
    "injection", [service(DRUG, LONG_AGO), procedure(DRUG, LONG_AGO)], ids=["service", "procedure"]
)
def test_a_dose_that_is_overdue_is_an_alarm(injection: Json) -> None:
    found = decided(injection)

    assert "denosumab_dose_overdue" in {it.code for it in found.flags}
    assert "urgent_contact_prescriber" in {it.code for it in found.activities}
    assert "denosumab_dose_overdue" not in {
        it.code for it in decided({**injection, "status": "entered-in-error"}).flags
    }


@pytest.mark.parametrize("make", [service, procedure], ids=["service", "procedure"])
def test_an_infusion_of_this_year_counts_as_treatment(make: object) -> None:
    assert callable(make)
    low = t_score(Decimal("-3.1"), id="newer", effectiveDateTime="2026-11-11")
    without = decided(low).treatment.options
    beside = decided(low, make(coded((ATC, ZOLEDRONATE)))).treatment.options

    assert [it.code for it in without] == ["bisphosphonate"]
    assert beside == ()
