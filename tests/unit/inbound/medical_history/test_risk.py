from decimal import Decimal

import pytest

from adapter.clinical.model import Procedure, Relative
from adapter.input.wire_json import Json, JsonValue
from mappings.codes import ICD10_CM, ICD10_NL, LOINC
from tests.unit.inbound.made_records import (
    SUBJECT,
    coded,
    condition,
    intake,
    observation,
    quantity,
    read,
    reasons,
    snomed,
)

ROLE = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"


def frax(code: str, value: JsonValue, unit: str | None = "%", **more: JsonValue) -> Json:
    return observation(
        coded((LOINC, code)), **{"id": f"frax-{code}", "valueQuantity": quantity(value, unit), **more}
    )


def test_frax_is_read_in_percent() -> None:
    reading = read(frax("90265-0", Decimal("24.0")), frax("90266-8", Decimal("6.0")))
    found = reading.record.frax

    assert found is not None
    assert (found.mof_pct, found.hip_pct) == (Decimal("24.0"), Decimal("6.0"))
    assert {s for s in reading.sources if "frax" in s} == {
        "Observation/frax-90265-0/_history/1",
        "Observation/frax-90266-8/_history/1",
    }


@pytest.mark.parametrize(
    ("resource", "why"),
    [
        (frax("90265-0", Decimal("0.24"), "1"), "unit_mismatch"),
        (frax("90265-0", Decimal("0.24"), None), "unit_mismatch"),
        (frax("90265-0", 101), "implausible_value"),
        (frax("90265-0", -1), "implausible_value"),
        (frax("90265-0", "24"), "value_missing"),
        (frax("90265-0", 24, status="cancelled"), "withdrawn"),
    ],
)
def test_a_probability_that_is_no_percentage_is_refused(resource: Json, why: str) -> None:
    reading = read(resource)

    assert reading.record.frax is None
    assert reasons(reading) == [("frax", why)]


def test_a_risk_assessment_carries_frax_too() -> None:
    assessment = {
        "resourceType": "RiskAssessment",
        "id": "risk",
        "status": "final",
        "subject": SUBJECT,
        "occurrenceDateTime": "2026-11-01",
        "prediction": [
            {"outcome": coded((LOINC, "90265-0")), "probabilityDecimal": Decimal("12.5")},
            {"outcome": {"text": "hip"}, "probabilityDecimal": 3},
        ],
    }
    found = read(assessment).record.frax

    assert found is not None
    assert (found.mof_pct, found.hip_pct) == (Decimal("12.5"), None)
    assert reasons(read(assessment | {"status": "preliminary"})) == [("frax", "status_unusable")]


def relative(role: str, code: Json, **more: JsonValue) -> Json:
    return {
        "resourceType": "FamilyMemberHistory",
        "id": f"family-{role.lower()}",
        "status": "completed",
        "patient": SUBJECT,
        "relationship": coded((ROLE, role)),
        "condition": [{"code": code}],
        **more,
    }


@pytest.mark.parametrize(
    ("role", "code", "found"),
    [
        ("MTH", snomed("64859006"), (Relative.OSTEOPOROSIS,)),
        ("SIS", snomed("64859006"), (Relative.OSTEOPOROSIS,)),
        ("FTH", snomed("5913000"), (Relative.HIP_FRACTURE,)),
        ("FTH", coded((ICD10_NL, "S72.0")), (Relative.HIP_FRACTURE,)),
        ("FTH", intake("fracture-hip"), (Relative.HIP_FRACTURE,)),
        ("SIS", snomed("5913000"), ()),
        ("MTH", snomed("33737001"), ()),
        ("MTH", {"text": "botontkalking"}, ()),
    ],
)
def test_relatives_count_by_code_and_a_hip_only_of_a_parent(
    role: str, code: Json, found: tuple[Relative, ...]
) -> None:
    assert read(relative(role, code)).record.relatives == found


def test_each_relative_counts_once_per_finding() -> None:
    both = read(relative("MTH", snomed("64859006")), relative("SIS", snomed("64859006")))

    assert both.record.relatives == (Relative.OSTEOPOROSIS, Relative.OSTEOPOROSIS)
    assert read(relative("MTH", snomed("64859006"), status="entered-in-error")).record.relatives == ()


def operation(code: Json, **more: JsonValue) -> Json:
    return {
        "resourceType": "Procedure",
        "id": "op",
        "status": "completed",
        "subject": SUBJECT,
        "code": code,
        **more,
    }


def implant(**more: JsonValue) -> Json:
    return {"resourceType": "Device", "id": "implant", "status": "active", "patient": SUBJECT, **more}


@pytest.mark.parametrize(
    ("resource", "found"),
    [
        (operation(snomed("430715008")), (Procedure.GASTRIC_SURGERY,)),
        (operation(snomed("26452005")), (Procedure.GASTRIC_SURGERY,)),
        (condition(coded((ICD10_NL, "Z90.3"))), (Procedure.GASTRIC_SURGERY,)),
        (condition(coded((ICD10_NL, "Z90.3")), sure="refuted"), ()),
        (operation(intake("hip-replacement-left")), (Procedure.HIP_REPLACEMENT_LEFT,)),
        (
            operation(intake("hip-replacement"), bodySite=[snomed("24136001", "7771000")]),
            (Procedure.HIP_REPLACEMENT_LEFT,),
        ),
        (operation(intake("hip-replacement")), (Procedure.HIP_REPLACEMENT,)),
        (operation(snomed("430715008"), status="not-done"), ()),
        (operation(snomed("430715008"), status="entered-in-error"), ()),
        (operation(snomed("312681000")), ()),
        (operation(snomed("52734007"), bodySite=[snomed("287679003")]), (Procedure.HIP_REPLACEMENT_LEFT,)),
        (
            operation(snomed("52734007"), bodySite=[{"text": "rechter heup"}]),
            (Procedure.HIP_REPLACEMENT_RIGHT,),
        ),
        (operation({"text": "Totale heupprothese links"}), (Procedure.HIP_REPLACEMENT_LEFT,)),
        (operation({"text": "Knieprothese links"}), ()),
        (operation({"text": "Totale heupprothese"}, status="unknown"), (Procedure.HIP_REPLACEMENT,)),
        (condition({"text": "Status na kunstheup rechts"}), (Procedure.HIP_REPLACEMENT_RIGHT,)),
        (condition(coded((ICD10_CM, "Z96.649"))), (Procedure.HIP_REPLACEMENT,)),
        (implant(type=snomed("304120007")), (Procedure.HIP_REPLACEMENT,)),
        (implant(type={"text": "Hip prosthesis left"}), (Procedure.HIP_REPLACEMENT_LEFT,)),
        (implant(type=snomed("304120007"), status="entered-in-error"), ()),
        (implant(type={"text": "Pacemaker"}), ()),
    ],
)
def test_only_operations_that_were_done_count(resource: Json, found: tuple[Procedure, ...]) -> None:
    assert read(resource).record.procedures == found


HIP, FIXED = snomed("29836001"), {"text": "Operatie heup links"}
STEM = {
    "resourceType": "Device",
    "id": "stem",
    "status": "active",
    "type": {"text": "Cemented prosthesis stem"},
}


@pytest.mark.parametrize(
    ("resources", "found"),
    [
        ([operation(FIXED, usedCode=[snomed("304120007")])], (Procedure.HIP_REPLACEMENT_LEFT,)),
        ([operation(FIXED, usedCode=[{"text": "totale heupprothese"}])], (Procedure.HIP_REPLACEMENT_LEFT,)),
        ([operation(FIXED, usedReference=[{"display": "Bipolar prosthesis"}])], (Procedure.HIP_REPLACEMENT_LEFT,)),
        (
            [operation(FIXED, focalDevice=[{"manipulated": {"reference": "Device/stem"}}]), STEM],
            (Procedure.HIP_REPLACEMENT_LEFT,),
        ),
        (
            [operation({"text": "Operatie rechts"}, bodySite=[HIP], usedReference=[{"reference": "#in"}], contained=[{**STEM, "id": "in"}])],
            (Procedure.HIP_REPLACEMENT_RIGHT,),
        ),
        ([STEM], ()),  # of nobody
        ([operation({"text": "Femoropopliteale bypass"}, usedCode=[{"text": "vaatprothese"}])], ()),
        ([operation({"text": "Totale knie"}, usedReference=[{"display": "femoral component of knee prosthesis"}])], ()),
    ],
)  # fmt: skip
def test_what_an_operation_put_in_counts_with_its_place(
    resources: list[Json], found: tuple[Procedure, ...]
) -> None:
    reading = read(*resources)

    assert (reading.record.procedures, reading.needs_human, reading.foreign) == (found, (), 0)


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"usedReference": [{"reference": "Device/elsewhere"}]}, [("procedure", "member_missing")]),
        ({"focalDevice": [{"manipulated": {"reference": "Device/elsewhere"}}]}, [("procedure", "member_missing")]),
        ({"usedCode": [{"\u2318": "?"}]}, [("procedure", "member_missing")]),
        ({"usedReference": [{"reference": "#d"}], "contained": [{"resourceType": "Device", "id": "d"}]}, [("procedure", "member_missing")]),
        ({"usedReference": [{"reference": "Device/elsewhere", "display": "Bone anchor"}]}, []),
        ({"usedReference": [{"reference": "Medication/cefazolin"}]}, []),
        ({"usedReference": [{"reference": "Device/elsewhere"}], "code": {"text": "Cataractoperatie"}}, []),
    ],
)  # fmt: skip
def test_an_operation_of_the_hip_with_a_device_that_is_not_there_is_for_a_human(
    more: Json, named: list[tuple[str, str]]
) -> None:
    reading = read({**operation(FIXED), **more})

    assert reading.record.procedures == ()
    assert [(it.concerns, it.reason.value) for it in reading.needs_human] == named


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("Heupfractuur", True),
        ("Osteoporose", True),
        ("fracture du col du fémur", True),
        ("Diabetes", False),
        ("liesbreuk", False),
    ],
)
def test_a_relatives_bone_in_words_only_is_named_and_never_counted(words: str, named: bool) -> None:
    record = read(relative("MTH", {"text": words})).record

    assert record.relatives == ()
    assert [(it.concerns, it.reason.value) for it in record.rejected] == (
        [("relative", "uncoded_text")] if named else []
    )
