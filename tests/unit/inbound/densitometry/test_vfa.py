from datetime import date

import pytest

from adapter.clinical.model import VertebralFracture
from adapter.input.wire_json import Json, JsonValue
from mappings.codes import INTAKE, LOINC
from tests.unit.inbound.made_records import coded, intake, observation, read, reasons, snomed


def vertebra(level: Json, grade: JsonValue) -> Json:
    value = {"valueInteger": grade} if isinstance(grade, int) else {"valueCodeableConcept": intake(grade)}
    return {"code": level, **value}


def vfa(*parts: Json, **more: JsonValue) -> Json:
    return observation(intake("vfa"), **{"id": "vfa", "component": list(parts), **more})


def test_an_assessment_lists_the_fractured_vertebrae() -> None:
    found = read(vfa(vertebra(intake("T12"), "genant-2"), vertebra(snomed("66794005"), 3))).record.vfa

    assert found is not None
    assert found.fractures == (VertebralFracture(3, "L1"), VertebralFracture(2, "T12"))
    assert (found.on, found.evidence) == (date(2026, 11, 10), "Observation/vfa/_history/1")


def test_performed_without_a_fracture_is_not_the_same_as_not_performed() -> None:
    none = read(vfa(valueCodeableConcept=intake("none"))).record.vfa
    normal = read(vfa(vertebra(intake("T8"), "genant-0"))).record.vfa

    assert none is not None
    assert none.fractures == ()
    assert normal is not None
    assert normal.fractures == ()
    assert read().record.vfa is None


def test_a_component_that_is_no_vertebra_is_passed_over() -> None:
    quality = {"code": {"text": "quality"}, "valueString": "good"}
    found = read(vfa(quality, vertebra(intake("T12"), 2))).record.vfa

    assert found is not None
    assert found.fractures == (VertebralFracture(2, "T12"),)


def test_the_level_may_be_unknown() -> None:
    found = read(vfa(vertebra(intake("vertebra-unspecified"), "genant-2"))).record.vfa

    assert found is not None
    assert found.fractures == (VertebralFracture(2, None),)


@pytest.mark.parametrize("code", ["83051-3", "83014-1"])
def test_the_loinc_codes_of_the_views_are_accepted_as_code(code: str) -> None:
    views = vfa(vertebra(intake("T12"), "genant-2")) | {"code": coded((LOINC, code))}

    assert read(views).record.vfa is not None


@pytest.mark.parametrize(
    ("resource", "why"),
    [
        (vfa(), "value_missing"),
        (vfa(vertebra(intake("T12"), "genant-2"), valueCodeableConcept=intake("none")), "codes_disagree"),
        (vfa(vertebra(intake("T12"), "high")), "unknown_code"),
        (vfa(vertebra(intake("T12"), 2) | {"modifierExtension": [{"url": "x"}]}), "unknown_code"),
        (vfa(vertebra(intake("T12"), 2), vertebra(intake("L1"), "high")), "unknown_code"),
        (vfa({"code": {"text": "quality"}, "valueString": "good"}), "value_missing"),
        (vfa(vertebra(intake("T12"), 4)), "unknown_code"),
        (vfa(vertebra(intake("T12"), True)), "unknown_code"),
        (vfa(vertebra(intake("T12"), 2), status="preliminary"), "status_unusable"),
        (vfa(vertebra(intake("T12"), 2), status="entered-in-error"), "withdrawn"),
        (vfa(vertebra(intake("T12"), 2), effectiveDateTime=None), "date_missing"),
    ],
)
def test_an_assessment_that_cannot_be_read_is_refused(resource: Json, why: str) -> None:
    reading = read(resource)

    assert reading.record.vfa is None
    assert reasons(reading) == [("vfa", why)]
    assert bool(reading.needs_human) is (why != "withdrawn")  # it may show a broken vertebra


def test_the_newest_assessment_counts() -> None:
    old = vfa(vertebra(intake("T12"), 2), id="old", effectiveDateTime="2020-01-01")
    found = read(old, vfa(valueCodeableConcept=coded((INTAKE, "none")))).record.vfa

    assert found is not None
    assert found.fractures == ()
