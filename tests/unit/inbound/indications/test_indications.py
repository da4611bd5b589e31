"""What an order or operation was for: a diagnosis that may stand nowhere else, and is not missed."""

import pytest

from adapter.clinical.model import ConditionKind
from adapter.input.wire_json import Json, JsonValue
from mappings.codes import ICD10_CM, ICD10_NL
from tests.unit.inbound.made_records import SUBJECT, coded, condition, medicine, read, reasons

MYELOMA, BREAST = coded((ICD10_NL, "C90.0")), coded((ICD10_NL, "C50.4"))
OSTEOPOROSIS = coded((ICD10_NL, "M81.9"))


def order(reason: JsonValue, **more: JsonValue) -> Json:
    return medicine("L04AX04", kind="MedicationRequest", reasonCode=[reason], **more)


def operation(reason: JsonValue, **more: JsonValue) -> Json:
    done = {"status": "completed", "subject": SUBJECT, "code": {"text": "Operatie"}, "reasonCode": [reason]}
    return {"resourceType": "Procedure", "id": "it", **done, **more}


def named_by_reference(
    made: JsonValue, display: str, to: str = "https://elsewhere.example.org/Condition/7"
) -> Json:
    """The same with a reason that is a reference to elsewhere."""
    resource = {**made({}), "reasonReference": [{"reference": to, "display": display}]}
    return {name: held for name, held in resource.items() if name != "reasonCode"}


@pytest.mark.parametrize(("status", "told"), [("active", True), ("stopped", True), ("draft", False)])
def test_osteoporosis_as_the_reason_of_a_medicine_is_a_diagnosis(status: str, told: bool) -> None:
    found = read(order(OSTEOPOROSIS, status=status)).record.conditions.items

    assert [it.kind for it in found] == ([ConditionKind.OSTEOPOROSIS] if told else [])
    assert read(operation(OSTEOPOROSIS)).record.conditions.items == ()


@pytest.mark.parametrize(
    ("resource", "why"),
    [
        (order(MYELOMA), "malignancy_like_unmapped"),
        (order({"text": "adjuvant bij mammacarcinoom"}), "malignancy_like_unmapped"),
        (order({"text": "kaaknecrose"}), "drug_harm_like_unmapped"),
        (operation(BREAST), "malignancy_like_unmapped"),
        (operation({"text": "MRONJ stadium 2"}), "drug_harm_like_unmapped"),
        (named_by_reference(order, "adjuvant bij mammacarcinoom"), "malignancy_like_unmapped"),
        (named_by_reference(operation, "Atypische femurfractuur rechts"), "drug_harm_like_unmapped"),
        (order({"\u2318": "?"}), "unreadable"),
        (operation({"\u2318": "?"}), "unreadable"),
    ],
)
@pytest.mark.hazard(id="H31")
def test_a_tumour_or_a_harm_that_only_a_reason_tells_of_is_for_a_human(resource: Json, why: str) -> None:
    reading = read(resource)

    assert ("condition", why) in reasons(reading)
    assert not reading.record.conditions.complete


@pytest.mark.parametrize(
    "resources",
    [
        (operation({"text": "Verdenking coloncarcinoom"}),),  # an operation that looks for it
        (order(coded((ICD10_NL, "I10"))),),
        (order({"text": "pijn knie bij artrose"}),),
        (order(coded((ICD10_CM, "Z80.3"), text="Family history of breast cancer")),),
        (order({"text": "basaalcelcarcinoom"}),),
        (order(MYELOMA, status="cancelled"),),
        (operation(BREAST, status="not-done"),),
        (operation(BREAST), condition(BREAST, state="resolved", onsetDateTime="2004")),
        (operation(BREAST), condition(BREAST, sure="refuted")),
        (named_by_reference(order, "Hypertensie"),),
        # What the reference leads to tells for itself.
        (named_by_reference(order, "kaaknecrose", "Condition/con"), condition(coded((ICD10_NL, "I10")))),
    ],
)
def test_what_is_told_elsewhere_or_is_another_matter_asks_nothing(resources: tuple[Json, ...]) -> None:
    assert reasons(read(*resources)) == []
