"""Weight and body mass index: the newest valid one counts; an unusable one is named with its reason."""

from datetime import date
from decimal import Decimal

import pytest

from adapter.clinical.model import Reason
from adapter.input.wire_json import Json
from mappings.codes import LOINC
from tests.unit.inbound.made_records import coded, observation, quantity, read

WEIGHT, BMI, HEIGHT = "29463-7", "39156-5", "8302-2"


def weight(value: object = Decimal(61), unit: str = "kg", code: str = WEIGHT, **more: object) -> Json:
    return observation(coded((LOINC, code)), **{"valueQuantity": quantity(value, unit), **more})


def refused(*resources: Json) -> list[tuple[str, Reason]]:
    rejected = read(*resources).record.rejected
    return [(it.about, it.reason) for it in rejected if it.concerns == "body_measure"]


def test_a_weight_is_kept_with_its_day() -> None:
    record = read(weight()).record

    assert (record.weight_kg, dict(record.days)["weight_kg"]) == (Decimal(61), date(2026, 11, 10))
    assert record.rejected == ()


@pytest.mark.parametrize(
    ("measured", "reason"),
    [
        (weight("61"), Reason.NO_VALUE),
        (weight(valueQuantity=None), Reason.NO_VALUE),
        (weight(valueQuantity=None, valueString="61 kg"), Reason.NO_VALUE),
        (weight(valueQuantity=quantity(Decimal(61), "kg", comparator="<")), Reason.COMPARATOR),
        (weight(unit="[stone_av]"), Reason.UNIT_MISMATCH),
        (weight(Decimal(6100)), Reason.IMPLAUSIBLE),
        (weight(status="preliminary"), Reason.STATUS_UNUSABLE),
        (weight(status="?"), Reason.STATUS_UNUSABLE),
        (weight(effectiveDateTime=None), Reason.NO_DATE),
        (weight(effectiveDateTime="2027-01-01"), Reason.FUTURE_DATE),
        (weight(modifierExtension=[{"url": "http://codes.example.org/x"}]), Reason.MODIFIER_EXTENSION),
        (
            observation(
                valueQuantity=quantity(Decimal(61), "kg"),
                code=coded(("http://codes.example.org/house", WEIGHT)),
            ),
            Reason.UNKNOWN_CODE,
        ),
        (
            observation(valueQuantity=quantity(Decimal(61), "kg"), code=coded((LOINC, WEIGHT), (LOINC, BMI))),
            Reason.CODES_DISAGREE,
        ),
    ],
)
def test_a_weight_that_cannot_be_used_is_named(measured: Json, reason: Reason) -> None:
    assert read(measured).record.weight_kg is None
    assert ("weight_kg", reason) in refused(measured)


def test_the_same_of_a_body_mass_index() -> None:
    assert refused(weight("18", "kg/m2", BMI)) == [("bmi", Reason.NO_VALUE)]


def test_a_height_decides_nothing_and_is_not_named() -> None:
    assert refused(weight("?", "cm", HEIGHT)) == []


@pytest.mark.parametrize("ids", [("a", "b"), ("b", "a")])
def test_of_two_weights_of_one_day_the_lower_counts(ids: tuple[str, str]) -> None:
    both = [
        observation(coded((LOINC, "29463-7")), id=key, valueQuantity=quantity(value, "kg"))
        for key, value in zip(ids, (45, 95), strict=True)
    ]

    assert read(*both).record.weight_kg == 45
