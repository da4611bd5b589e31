from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from adapter.clinical.model import Analyte, Lab, LabMark
from adapter.input.wire_json import Json, JsonValue
from mappings.codes import INTAKE, LOINC
from mappings.inbound import ReadingConfig, ReadingLimits, RecordReading
from mappings.pathways import PATHWAY_NAMES, load
from tests.unit.inbound.made_records import coded, observation, quantity, read, reasons

INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"


def lab(code: str, value: JsonValue, unit: str | None, **more: JsonValue) -> Json:
    return observation(coded((LOINC, code)), **{"id": "lab", "valueQuantity": quantity(value, unit), **more})


def only(*resources: Json, **settings: Any) -> Lab:
    (found,) = read(*resources, config=ReadingConfig(**settings)).record.labs
    return found


@pytest.mark.parametrize(
    ("code", "value", "unit", "analyte", "expected"),
    [
        ("62238-1", 32, "mL/min/{1.73_m2}", Analyte.EGFR, "32"),
        ("98979-8", 32, "mL/min", Analyte.EGFR, "32"),
        ("33914-3", 32, "mL/min/1.73m2", Analyte.EGFR, "32"),
        ("14682-9", 90, "umol/L", Analyte.CREATININE, "90"),
        ("2160-0", 1, "mg/dL", Analyte.CREATININE, "88.4"),
        ("2000-8", Decimal("2.31"), "mmol/L", Analyte.CALCIUM, "2.31"),
        ("29265-6", Decimal("2.31"), "mmol/L", Analyte.CALCIUM, "2.31"),
        ("17861-6", 10, "mg/dL", Analyte.CALCIUM, "2.4950"),
        ("17861-6", 95, "mg/L", Analyte.CALCIUM, "2.37025"),
        ("2160-0", 7, "mg/L", Analyte.CREATININE, "61.88"),
        ("68438-1", 12, "nmol/L", Analyte.VITAMIN_D_25OH, "12"),
        ("1989-3", 20, "ug/L", Analyte.VITAMIN_D_25OH, "49.920"),
        ("62292-8", 20, "ng/mL", Analyte.VITAMIN_D_25OH, "49.920"),
        ("6768-6", 80, "U/L", Analyte.ALKALINE_PHOSPHATASE, "80"),
        ("1751-7", 4, "g/dL", Analyte.ALBUMIN, "40"),
        ("3016-3", 2, "m[IU]/L", Analyte.TSH, "2"),
        ("14866-8", 5, "pmol/L", Analyte.PTH, "5"),
    ],
)
def test_a_value_comes_in_the_analytes_own_unit(
    code: str, value: object, unit: str, analyte: Analyte, expected: str
) -> None:
    found = only(lab(code, value, unit))

    assert (found.analyte, found.value, found.on) == (analyte, Decimal(expected), date(2026, 11, 10))


def test_creatinine_clearance_comes_by_our_own_code() -> None:
    clearance = observation(coded((INTAKE, "creatinine-clearance")), valueQuantity=quantity(33, "mL/min"))

    assert only(clearance).analyte is Analyte.CREATININE_CLEARANCE


@pytest.mark.parametrize(
    ("more", "mark"),
    [
        ({"interpretation": [coded((INTERPRETATION, "L"))]}, LabMark.LOW),
        ({"interpretation": [coded((INTERPRETATION, "LL"))]}, LabMark.LOW),
        ({"interpretation": [coded((INTERPRETATION, "N"))]}, LabMark.NORMAL),
        ({"interpretation": [coded((INTERPRETATION, "HH"))]}, LabMark.HIGH),
        ({"interpretation": [coded((INTERPRETATION, "L"), (INTERPRETATION, "H"))]}, None),
        ({"referenceRange": [{"low": {"value": 50}}]}, LabMark.LOW),
        ({"referenceRange": [{"low": {"value": 5}, "high": {"value": 10}}]}, LabMark.HIGH),
        ({"referenceRange": [{"low": {"value": 5}, "high": {"value": 50}}]}, LabMark.NORMAL),
        ({"referenceRange": [{"low": {"value": 12}, "high": {"value": 50}}]}, LabMark.NORMAL),
        ({"referenceRange": [{"low": {"value": 5}, "high": {"value": 12}}]}, LabMark.NORMAL),
        ({"referenceRange": [{"low": {"value": 50}, "age": {"high": {"value": 18}}}]}, None),
        ({"referenceRange": [{"low": {"value": 20, "code": "ng/mL"}}]}, None),
        ({"referenceRange": [{"low": {"value": 50}}, {"low": {"value": 30}}]}, None),
        ({"referenceRange": [{"low": {"value": 50}, "appliesTo": [{"text": "winter"}]}]}, None),
        ({"referenceRange": [{"text": "> 50"}]}, None),
        ({}, None),
    ],
)
def test_the_mark_is_the_laboratorys_own(more: Json, mark: LabMark | None) -> None:
    assert only(lab("68438-1", 12, "nmol/L", **more)).mark is mark


def test_the_laboratorys_interpretation_comes_before_its_range_and_that_before_our_limits() -> None:
    limits = {Analyte.VITAMIN_D_25OH: (Decimal(30), None)}
    plain = lab("68438-1", 12, "nmol/L")
    ranged = plain | {"referenceRange": [{"low": {"value": 10}}]}
    marked = ranged | {"interpretation": [coded((INTERPRETATION, "H"))]}

    assert only(plain, lab_limits=limits).mark is LabMark.LOW
    assert (only(ranged, lab_limits=limits).mark, only(ranged, lab_limits=limits).low) == (None, Decimal(10))
    assert only(marked, lab_limits=limits).mark is LabMark.HIGH


def test_a_mark_without_a_number_is_still_a_mark() -> None:
    below = lab("68438-1", 10, "nmol/L", interpretation=[coded((INTERPRETATION, "L"))])
    below["valueQuantity"]["comparator"] = "<"
    bare = observation(coded((LOINC, "6768-6")), interpretation=[coded((INTERPRETATION, "H"))])

    assert (only(below).value, only(below).mark) == (None, LabMark.LOW)
    assert (only(bare).value, only(bare).mark) == (None, LabMark.HIGH)
    assert reasons(read(bare)) == []


NOTHING_KNOWN = coded(("http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "UNK"))


@pytest.mark.parametrize(
    "said",
    [
        [{"text": "beneden de grens"}],
        [{"text": "beneden de grens"}, NOTHING_KNOWN],
        [{"\u2318": "?"}],
        ["laag"],
        "laag",
        {"text": "laag"},
    ],
)
@pytest.mark.parametrize(
    ("code", "unit", "asked"), [("68438-1", "nmol/L", True), ("14682-9", "umol/L", False)]
)
def test_a_mark_that_nobody_can_read_is_asked_about_where_it_says_more_than_the_number(
    said: JsonValue, code: str, unit: str, asked: bool
) -> None:
    reading = read(lab(code, 80, unit, interpretation=said))

    assert [it.value for it in reading.record.labs] == [80]
    assert reasons(reading) == ([("lab", "unreadable")] if asked else [])
    assert reasons(read(lab(code, 80, unit, interpretation=[NOTHING_KNOWN]))) == []


@pytest.mark.parametrize("category", [None, "laboratory", "vital-signs"])
def test_a_listed_code_is_a_laboratory_value_whatever_its_category(category: str | None) -> None:
    kinds: list[JsonValue] = [{"coding": [{"code": category}]}]

    assert only(lab("2160-0", 1, "mg/dL", category=kinds if category else None)).value == Decimal("88.4")


@pytest.mark.parametrize("category", ["laboratory", "vital-signs"])
def test_the_number_of_a_listed_code_in_another_system_is_named_and_not_used(category: str) -> None:
    foreign = lab("2160-0", 1, "mg/dL", category=[{"coding": [{"code": category}]}])

    record = read(foreign | {"code": coded(("urn:house", "2160-0"))}).record

    assert record.labs == ()
    assert [(it.about, it.reason.value) for it in record.rejected] == [(Analyte.CREATININE, "unknown_code")]


def test_a_number_that_cannot_be_used_is_refused_beside_its_mark() -> None:
    high = lab("2000-8", 2, "furlong", interpretation=[coded((INTERPRETATION, "H"))])

    reading = read(high)

    (found,) = reading.record.labs
    assert (found.value, found.mark) == (None, LabMark.HIGH)
    assert [(it.concerns, it.about) for it in reading.record.rejected] == [("lab", Analyte.CALCIUM)]


@pytest.mark.parametrize("name", ["core", *PATHWAY_NAMES])
def test_the_limits_of_reading_are_those_of_the_pathway(name: str) -> None:
    parameters = load(name).core
    limits = ReadingLimits.of(parameters)

    assert limits.lowest_renal_ml_min == min(parameters["renal_limits_ml_min"].values())
    assert limits.albumin_below_g_l == parameters["calcium_correction"]["albumin_below_g_l"]
    assert limits.uncoded_months >= max(parameters["max_age_months"].values())


@pytest.mark.parametrize(("lowest", "usable"), [(25, False), (28, False), (29, True), (35, True)])
def test_a_bound_on_kidney_function_counts_below_the_limits_of_the_pathway(lowest: int, usable: bool) -> None:
    limits = ReadingLimits(Decimal(lowest), Decimal(35), Decimal(24))
    bound = lab("62238-1", 28, "mL/min") | {"valueQuantity": quantity(28, "mL/min", comparator="<")}

    assert bool(read(bound, config=RecordReading(limits=limits)).record.labs) is usable


@pytest.mark.parametrize(
    ("comparator", "value", "usable"),
    [
        (">", 90, True),
        (">=", 60, True),
        ("<", 15, True),
        ("<=", 29, True),
        ("<", 30, False),
        ("<", 60, False),
        ("", 60, True),
        (None, 60, True),
        ("ad", 60, False),
        ("~", 60, False),
        (7, 60, False),
        ({"\u2318": "<"}, 60, False),
    ],
)
def test_a_bound_on_kidney_function_counts_where_it_decides_like_a_number(
    comparator: JsonValue, value: int, usable: bool
) -> None:
    reading = read(
        lab("62238-1", value, "mL/min") | {"valueQuantity": quantity(value, "mL/min", comparator=comparator)}
    )

    assert bool(reading.record.labs) is usable
    assert reasons(reading) == ([] if usable else [("lab", "comparator_on_value")])


def test_a_bound_is_held_against_no_reference_range() -> None:
    above = {"valueQuantity": quantity(90, "mL/min", comparator=">")}
    found = only(lab("62238-1", 90, "mL/min", referenceRange=[{"high": {"value": 80}}]) | above)

    assert (found.value, found.mark, found.low, found.high) == (Decimal(90), None, None, None)


@pytest.mark.parametrize(("comparator", "usable"), [(">", True), (">=", True), ("<", False)])
def test_more_vitamin_d_than_can_be_told_is_enough(comparator: str, usable: bool) -> None:
    reading = read(
        lab("1989-3", 150, "nmol/L") | {"valueQuantity": quantity(150, "nmol/L", comparator=comparator)}
    )

    assert bool(reading.record.labs) is usable


@pytest.mark.parametrize(
    ("resource", "why"),
    [
        (lab("2160-0", 1, "g/L"), "unit_mismatch"),
        (lab("2160-0", 1, "g/L", referenceRange=[{"low": {"value": 2}}]), "unit_mismatch"),
        (lab("2160-0", 1, None), "unit_mismatch"),
        (lab("2160-0", -1, "mg/dL"), "implausible_value"),
        (lab("2160-0", Decimal("0.9"), "umol/L"), "implausible_value"),
        (lab("2160-0", 80, "mg/dL"), "implausible_value"),
        (lab("62238-1", 900, "mL/min/{1.73_m2}"), "implausible_value"),
        (lab("2160-0", "1", "mg/dL"), "value_missing"),
        (lab("2160-0", 1, "mg/dL", valueQuantity=None), "value_missing"),
        (lab("2160-0", 1, "mg/dL", status="preliminary"), "status_unusable"),
        (lab("2160-0", 1, "mg/dL", status="cancelled"), "withdrawn"),
        (lab("2160-0", 1, "mg/dL", effectiveDateTime=None), "date_missing"),
    ],
)
def test_an_unusable_value_is_refused_with_its_reason(resource: Json, why: str) -> None:
    reading = read(resource)

    assert reading.record.labs == ()
    assert reasons(reading) == [("lab", why)]


def test_the_newest_valid_value_counts() -> None:
    old = lab("62238-1", 70, "mL/min", id="old", effectiveDateTime="2024-01-01")
    new = lab("33914-3", 28, "mL/min", id="new", effectiveDateTime="2026-10-01")
    void = lab("62238-1", 90, "mL/min", id="void", status="entered-in-error")

    assert only(old, new, void).value == 28


def test_weight_and_body_mass_index_are_read_in_kilograms() -> None:
    weight = lab("29463-7", 150, "[lb_av]", id="w")
    bmi = lab("39156-5", Decimal("18.4"), "kg/m2", id="b")
    slip = lab("29463-7", 7000, "kg", id="s", effectiveDateTime="2026-11-11")
    record = read(weight, bmi, slip).record

    assert record.weight_kg == Decimal("68.03885550")
    assert record.bmi == Decimal("18.4")
    assert ("weight_kg", "Observation/w/_history/1") in record.evidence


LAB = "http://lab.example.org"
OWN = {(LAB, "KREA"): Analyte.CREATININE, ("", "CA"): Analyte.CALCIUM}


def own(*codes: tuple[str, str], **more: JsonValue) -> Json:
    given = {"id": "lab", "valueQuantity": quantity(90, "umol/L"), **more}
    return observation(coded(*codes), **given)


def test_a_code_of_the_laboratory_counts_where_it_is_mapped() -> None:
    found = only(own((LAB, "KREA")), local_laboratory=OWN)

    assert (found.analyte, found.value) == (Analyte.CREATININE, Decimal(90))
    assert read(own((LAB, "KREA"))).record.labs == ()


def test_a_mapped_code_may_have_no_system() -> None:
    calcium = own(("", "CA"), valueQuantity={"value": Decimal("2.4"), "unit": "mmol/L"})

    assert only(calcium, local_laboratory=OWN).analyte is Analyte.CALCIUM


def test_a_mapped_code_still_needs_a_unit_that_is_known() -> None:
    reading = read(
        own((LAB, "KREA"), valueQuantity=quantity(90, "mg/d")), config=ReadingConfig(local_laboratory=OWN)
    )

    assert (reading.record.labs, reasons(reading)) == ((), [("lab", "unit_mismatch")])


@pytest.mark.parametrize(
    ("codes", "about"),
    [
        (((LAB, "KREA"), (LOINC, "2000-8")), {Analyte.CREATININE, Analyte.CALCIUM}),
        (((LOINC, "14682-9"), (LOINC, "2000-8")), {Analyte.CREATININE, Analyte.CALCIUM}),
    ],
    ids=["mapped against listed", "two that are listed"],
)
def test_codes_of_two_substances_are_for_a_human(
    codes: tuple[tuple[str, str], ...], about: set[Analyte]
) -> None:
    reading = read(own(*codes), config=ReadingConfig(local_laboratory=OWN))

    assert reading.record.labs == ()
    assert {(it.about, it.reason.value) for it in reading.needs_human} == {
        (a, "codes_disagree") for a in about
    }


@pytest.mark.parametrize(
    ("code", "unit", "values", "counts"),
    [
        ("62238-1", "mL/min/{1.73_m2}", (25, 75), 25),
        ("14682-9", "umol/L", (210, 90), 210),
        ("68438-1", "nmol/L", (12, 80), 12),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_of_one_day_the_value_that_speaks_against_a_drug_counts(
    code: str, unit: str, values: tuple[Any, Any], counts: Any, turned: bool
) -> None:
    ids = ("b", "a") if turned else ("a", "b")
    both = [{**lab(code, value, unit), "id": key} for key, value in zip(ids, values, strict=True)]

    assert only(*both).value == Decimal(counts)


@pytest.mark.parametrize(
    ("code", "number", "unit", "counts"),
    [
        ("68438-1", 60, "nmol/L", None),  # which harms by being low: a mark of the other side hides no number
        ("2160-0", 1, "mg/dL", None),  # of which the number alone decides
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_of_one_day_a_mark_stands_before_a_number_alone(
    code: str, number: object, unit: str, counts: LabMark | None, turned: bool
) -> None:
    ids = ("b", "a") if turned else ("a", "b")
    marked = observation(coded((LOINC, code)), interpretation=[coded((INTERPRETATION, "H"))], id=ids[0])

    assert only(marked, {**lab(code, number, unit), "id": ids[1]}).mark is counts


def test_of_one_day_a_mark_without_a_number_comes_first_and_hides_no_number() -> None:
    marked = observation(coded((LOINC, "2000-8")), interpretation=[coded((INTERPRETATION, "H"))])

    found = read({**lab("2000-8", Decimal("1.90"), "mmol/L"), "id": "number"}, marked).record.labs

    assert [(it.mark, it.value) for it in found] == [(LabMark.HIGH, None), (None, Decimal("1.90"))]


def test_the_same_value_twice_counts_once() -> None:
    twice = [{**lab("2000-8", Decimal("2.30"), "mmol/L"), "id": key} for key in ("a", "b")]

    (found,) = read(*twice).record.labs

    assert found.evidence == "Observation/b/_history/1"


@pytest.mark.parametrize("turned", [False, True])
def test_of_one_day_both_are_kept_where_only_a_pathway_says_which_harms(turned: bool) -> None:
    """Calcium harms on both sides, and these have no mark: the limits are those of the pathway."""
    both = [
        {**lab("2000-8", Decimal(value), "mmol/L"), "id": value.replace(".", "-")}
        for value in ("2.95", "2.40", "1.90")
    ]

    found = read(*(reversed(both) if turned else both)).record.labs

    assert [it.value for it in found] == [Decimal("2.95"), Decimal("2.40"), Decimal("1.90")]


def test_of_one_day_the_calcium_that_was_corrected_for_albumin_counts() -> None:
    total = lab("2000-8", Decimal("2.05"), "mmol/L", interpretation=[coded((INTERPRETATION, "L"))])
    corrected = lab("29265-6", Decimal("2.35"), "mmol/L") | {"id": "corrected"}

    (found,) = read(total, corrected).record.labs

    assert (found.value, found.corrected) == (Decimal("2.35"), True)


def test_one_limit_beside_a_value_is_kept_in_its_unit_and_marks_only_what_is_beyond_it() -> None:
    inside = only(lab("17861-6", 8, "mg/dL", referenceRange=[{"high": {"value": 10}}]))
    beyond = only(lab("17861-6", 11, "mg/dL", referenceRange=[{"high": {"value": 10}}]))

    assert (inside.mark, inside.low, round(inside.high or 0, 2)) == (None, None, Decimal("2.50"))
    assert beyond.mark is LabMark.HIGH


@pytest.mark.parametrize(
    ("specimen", "blood"),
    [
        ({"specimen": {"display": "Urine 24 uur"}}, False),
        (
            {
                "specimen": {"reference": "#s"},
                "contained": [{"resourceType": "Specimen", "id": "s", "type": {"text": "Ascites"}}],
            },
            False,
        ),
        ({"specimen": {"display": "Serum"}}, True),
        ({"specimen": {"reference": "Specimen/1"}}, True),
        ({}, True),
    ],
)
def test_a_value_of_another_specimen_than_blood_is_refused(specimen: Json, blood: bool) -> None:
    reading = read(lab("2000-8", Decimal("2.35"), "mmol/L", **specimen))

    assert bool(reading.record.labs) is blood
    assert [it.reason.value for it in reading.record.rejected] == ([] if blood else ["codes_disagree"])
