"""Elements that may change a resource's meaning (``isModifier`` of FHIR R4): an unreadable one is named.

For every kind of resource that reading knows, and for every element of it that R4 lists as one. What such a
resource says is then not relied on: it is refused by its own name, whatever else of it can be read.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from adapter.clinical.model import Reason, Rejected
from adapter.input.wire_json import Json
from mappings.codes import ATC, LOINC
from mappings.inbound.resources.compartment import READ
from mappings.inbound.resources.resource_status import status_unread
from tests.unit.inbound.made_records import (
    ANNA,
    DXA_DAY,
    SUBJECT,
    coded,
    condition,
    intake,
    medicine,
    read,
    snomed,
    t_score,
)

OSTEOPOROSIS = snomed("64859006")
ALLERGY_STATE = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
ALLERGY_SURE = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"


def of(kind: str, **content: object) -> Json:
    return {"resourceType": kind, "id": "it", "meta": {"versionId": "1"}, "subject": SUBJECT, **content}


ALENDRONATE = coded((ATC, "M05BA04"))
# One of each kind, as it is used when all of it can be read, and its modifier elements
# beside those of every resource.
KINDS: dict[str, tuple[Json, tuple[str, ...]]] = {
    "Observation": (t_score(id="it"), ("status",)),
    "DiagnosticReport": (of("DiagnosticReport", status="final", code=coded((LOINC, "38269-7")), effectiveDateTime=DXA_DAY), ("status",)),
    "DocumentReference": (of("DocumentReference", status="current", type=coded((LOINC, "38269-7")), date=f"{DXA_DAY}T10:00:00Z"), ("status",)),
    "Condition": (condition(OSTEOPOROSIS, id="it"), ("clinicalStatus", "verificationStatus")),
    "Procedure": (of("Procedure", status="completed", code=snomed("52734007")), ("status",)),
    "Device": (of("Device", status="active", patient=SUBJECT, type={"text": "hip prosthesis"}), ("status",)),
    "AllergyIntolerance": (
        of("AllergyIntolerance", patient=SUBJECT, code=ALENDRONATE, clinicalStatus=coded((ALLERGY_STATE, "active")), verificationStatus=coded((ALLERGY_SURE, "confirmed"))),
        ("clinicalStatus", "verificationStatus"),
    ),
    "FamilyMemberHistory": (
        of("FamilyMemberHistory", status="completed", patient=SUBJECT, relationship=coded(("http://terminology.hl7.org/CodeSystem/v3-RoleCode", "MTH")), condition=[{"code": OSTEOPOROSIS}]),
        ("status",),
    ),
    "RiskAssessment": (
        of("RiskAssessment", status="final", occurrenceDateTime=DXA_DAY, prediction=[{"outcome": coded((LOINC, "90265-0")), "probabilityDecimal": 12}]),
        ("status",),
    ),
    "List": (of("List", status="current", mode="working", code=coded((LOINC, "11450-4")), date=DXA_DAY, entry=[{"item": {"reference": "Condition/other"}}]), ("status", "mode")),
    "Flag": (of("Flag", status="active", code=intake("cannot-sit-upright-30min")), ("status",)),
    "AdverseEvent": (of("AdverseEvent", actuality="actual", event={"text": "Val uit bed"}), ("actuality",)),
    "DetectedIssue": (of("DetectedIssue", status="final", patient=SUBJECT, detail="Interactie van twee middelen"), ("status",)),
    "QuestionnaireResponse": (
        of("QuestionnaireResponse", status="completed", item=[{"linkId": "1", "text": "Iets gebroken?", "answer": [{"valueBoolean": False}]}]),
        ("status",),
    ),
    "Encounter": (of("Encounter", status="finished", reasonCode=[{"text": "Controle bloeddruk"}]), ("status",)),
    "ImagingStudy": (of("ImagingStudy", status="available", started=DXA_DAY, description="DXA heup en LWK"), ("status",)),
    "MedicationRequest": (medicine(kind="MedicationRequest", id="it", authoredOn=DXA_DAY), ("status", "intent", "doNotPerform")),
    "MedicationStatement": (medicine(id="it"), ("status",)),
    "MedicationAdministration": (of("MedicationAdministration", status="completed", medicationCodeableConcept=coded((ATC, "M05BX04")), effectiveDateTime=DXA_DAY), ("status",)),
    "ServiceRequest": (
        of("ServiceRequest", status="completed", intent="order", code=coded((ATC, "M05BX04")), occurrenceDateTime=DXA_DAY),
        ("status", "intent", "doNotPerform"),
    ),
    "MedicationDispense": (of("MedicationDispense", status="completed", medicationCodeableConcept=ALENDRONATE, whenHandedOver=DXA_DAY), ("status",)),
}  # fmt: skip
OTHER = condition(OSTEOPOROSIS, id="other")
GARBAGE: dict[str, object] = {
    "a word of no list": "\u2318?",
    "an object": {"\u2318": "?"},
    "a list": [{"\u2318": "?"}],
    "a number": 7,
}
EVERYWHERE: dict[str, object] = {
    "modifierExtension": [{"url": "http://codes.example.org/changes-the-meaning"}],
    "implicitRules": "http://codes.example.org/rules",
    "meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}]},
}
# Elements of a part of the resource that R4 calls modifiers, or parts that can
# carry an extension that is one.
INSIDE: dict[str, str] = {
    "List": "entry", "FamilyMemberHistory": "condition", "RiskAssessment": "prediction",
    "MedicationRequest": "dosageInstruction", "MedicationStatement": "dosage", "MedicationDispense": "dosageInstruction",
    "AllergyIntolerance": "reaction", "Condition": "evidence", "Procedure": "performer", "Observation": "referenceRange",
}  # fmt: skip


def rows() -> Iterator[object]:
    for kind, (whole, elements) in KINDS.items():
        for element in elements:
            for name, garbage in GARBAGE.items():
                yield pytest.param({**whole, element: garbage}, id=f"{kind}.{element}: {name}")
        for element, content in EVERYWHERE.items():
            yield pytest.param({**whole, element: content}, id=f"{kind}.{element}")
    for kind, part in INSIDE.items():
        whole = KINDS[kind][0]
        held = whole.get(part) or [{}]
        changed = [{**held[0], "modifierExtension": EVERYWHERE["modifierExtension"]}]
        yield pytest.param({**whole, part: changed}, id=f"{kind}.{part}.modifierExtension")


def named(resource: Json) -> list[Rejected]:
    refused = read(resource, OTHER).record.rejected
    return [it for it in refused if it.evidence.startswith(f"{resource['resourceType']}/it")]


@pytest.mark.parametrize(
    "resource",
    [
        it[0]
        for it in KINDS.values()
        if it[0]["resourceType"] not in {"DiagnosticReport", "DocumentReference", "ImagingStudy"}
    ],
    ids=lambda it: str(it["resourceType"]),
)
def test_what_can_be_read_is_not_refused(resource: Json) -> None:
    assert named(resource) == []


@pytest.mark.parametrize("resource", list(rows()))
def test_what_may_change_the_meaning_and_cannot_be_read_is_named(resource: Json) -> None:
    assert named(resource) != []


def test_every_kind_that_decides_has_a_row() -> None:
    # An Appointment, a letter of ours and a Medication are no evidence by themselves.
    assert READ - KINDS.keys() == {"Appointment", "Communication", "Medication"}


# Of codes that the models of R4 only hint at with a plus.
OF_THE_PLUS = {
    "DetectedIssue": {"corrected", "cancelled", "entered-in-error", "unknown"},
    "Encounter": {"entered-in-error", "unknown"},
}


@pytest.mark.parametrize(
    "kind",
    ["Procedure", "DetectedIssue", "QuestionnaireResponse", "Encounter", "Device", "FamilyMemberHistory", "Flag", "List", "Medication"],
)  # fmt: skip
def test_every_status_of_r4_can_be_read(kind: str) -> None:
    told: Any = get_fhir_model_class(kind).model_fields["status"].json_schema_extra
    codes = {*told["enum_values"], *OF_THE_PLUS.get(kind, ())} - {"+"}

    assert [it for it in codes if status_unread({"resourceType": kind, "status": it})] == []
    assert status_unread({"resourceType": kind, "status": "\u2318?"})
    assert not status_unread({"resourceType": kind})


def test_a_label_that_is_none_of_a_test_changes_nothing() -> None:
    label = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}

    for security in ([label], [], [{"code": "HTEST"}], "HTEST"):
        assert named({**t_score(id="it"), "meta": {"security": security}}) == []


def test_a_modifier_of_a_component_or_of_a_contained_result_is_its_own() -> None:
    spine, hip = (
        {name: it for name, it in t_score(code=code).items() if name in ("code", "valueQuantity")}
        for code in ("38267-1", "80946-7")
    )
    panel = of("Observation", status="final", code=coded((LOINC, "38269-7")), effectiveDateTime=DXA_DAY)
    changed = {"modifierExtension": EVERYWHERE["modifierExtension"]}
    parts = {**panel, "component": [spine, {**hip, **changed}]}
    report = of("DiagnosticReport", status="final", code=coded((LOINC, "38269-7")), effectiveDateTime=DXA_DAY)
    inside = {**report, "contained": [t_score(id="a"), t_score(id="b", code="80946-7", **changed)]}

    for whole in (parts, inside):
        record = read(whole).record
        assert len(record.t_scores) == 1
        assert [it.reason for it in record.rejected if it.concerns == "t_score"] == [
            Reason.MODIFIER_EXTENSION
        ]


PATIENT: list[tuple[str, object]] = [
    ("modifierExtension", EVERYWHERE["modifierExtension"]),
    ("implicitRules", EVERYWHERE["implicitRules"]),
    *(
        (name, it)
        for name in ("active", "deceasedBoolean", "deceasedDateTime", "link")
        for it in GARBAGE.values()
    ),
    (
        "link",
        [{"other": {"reference": "Patient/other"}, "type": "seealso", "modifierExtension": [{"url": "x"}]}],
    ),
]


@pytest.mark.parametrize(("element", "content"), PATIENT)
def test_the_same_of_the_patient_is_for_a_human(element: str, content: object) -> None:
    reading = read(patient={**ANNA, element: content})

    assert [it.evidence for it in reading.needs_human] == ["Patient/anna/_history/3"]


LINKS = ("replaced-by", "replaces", "refer", "seealso")


@pytest.mark.parametrize("others", LINKS)
def test_a_link_that_nobody_can_read_is_not_hidden_by_another(others: str) -> None:
    link = [{"other": {"reference": "Patient/x"}, "type": it} for it in (others, "merged")]

    assert [it.reason for it in read(patient={**ANNA, "link": link}).needs_human] == [Reason.UNREADABLE]


def test_a_state_of_the_patient_that_nobody_can_read_is_no_extension() -> None:
    def named(**more: object) -> list[str]:
        return [it.reason.value for it in read(patient={**ANNA, **more}).needs_human]

    extended = {"modifierExtension": EVERYWHERE["modifierExtension"]}
    assert named(deceasedBoolean="perhaps") == ["unreadable"]
    assert named(**extended) == ["modifier_extension"]
    assert named(deceasedBoolean="perhaps", **extended) == ["modifier_extension", "unreadable"]


@pytest.mark.parametrize(
    "more",
    [
        {"active": True},
        {"deceasedBoolean": False},
        *({"link": [{"other": {"reference": "Patient/x"}, "type": it}]} for it in LINKS),
        {"deceasedDateTime": "2026-05-06"},
        {"contact": [{"name": {"text": "somebody"}}]},
    ],
)
def test_a_patient_who_can_be_read_is_for_nobody(more: Json) -> None:
    assert read(patient={**ANNA, **more}).needs_human == ()


def test_a_medication_that_an_order_refers_to_is_read_by_its_own_modifiers() -> None:
    stock = {"resourceType": "Medication", "id": "stock", "code": ALENDRONATE}
    order = {**medicine(id="it"), "medicationReference": {"reference": "Medication/stock"}}
    del order["medicationCodeableConcept"]

    def found(**more: object) -> tuple[int, int]:
        record = read(order, {**stock, **more}).record
        return len(record.medicines.items), len(record.rejected)

    assert found() == found(status="active") == (1, 0)
    assert [found(**{name: it}) for name, it in EVERYWHERE.items()] == [(0, 1)] * 3
    assert [found(status=it) for it in ("entered-in-error", *GARBAGE.values())] == [(0, 1)] * 5
