"""Each reader is handed its own measurements: all comes out as if every reader looked at all of them."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import islice, product

import pytest

from adapter.clinical.model import Analyte, Site
from adapter.input.wire_json import Json
from mappings.codes import LOINC, SNOMED
from mappings.inbound import ReadingConfig
from mappings.inbound.chapters import chapters
from mappings.inbound.reader import reading_basis_of
from mappings.inbound.resources.compartment import sort_out
from mappings.inbound.resources.measurement_kind import MeasurementKind
from mappings.inbound.resources.observations import Sort
from mappings.inbound.subjects import MeasurementSubject, by_subject, subjects_of
from mappings.valuesets import table
from tests.examples import FEW
from tests.record_readings import read_by
from tests.unit.inbound.made_records import TODAY, coded, condition, intake, observation, snomed

BORN = date(1954, 3, 1)
HOUSE = "http://house.example/codes"
OWN = ReadingConfig(
    forearm_code_site=Site.TOTAL_HIP,
    local_t_scores={(HOUSE, "T-1"): (Site.LUMBAR_SPINE, None), (LOINC, "8867-4"): (None, None)},
    local_laboratory={(HOUSE, "CA"): Analyte.CALCIUM, (SNOMED, "271649006"): Analyte.PTH},
)
LISTED = tuple(
    pair
    for subject in ("lab", "dxa", "report", "vfa", "score", "body", "frax", "symptom", "unrelated")
    for pair in table(subject).codes()[:2]
)
WORDS = ("", "Calcium", "Heart rate", "T-score", "T-score lumbar spine", "BMD femoral neck", "Gewicht", "Ca++ ionised", "PTH", "eGFR", "DXA")  # fmt: skip
CODES: tuple[Json, ...] = (
    *({**coded(pair), **({"text": text} if text else {})} for pair in LISTED for text in ("", "T-score hip")),
    *(coded((HOUSE, key), text=text) for key in ("T-1", "CA", "2823-3") for text in WORDS),
    *(coded((LOINC, key), text=text) for key in ("8867-4", "38267-1-0") for text in WORDS),
    *({"text": text} for text in WORDS if text),
    *map(intake, ("fracture-energy", "adherence", "no-known-fractures", "calcium-portions", "veil", "route-oral")),
    snomed("271649006"),
    {},
)  # fmt: skip
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
CATEGORIES = (None, "laboratory", "vital-signs", "imaging")
SITES = (None, snomed("29627003"), {"text": "heup"})
VALUES: tuple[Json, ...] = (
    {},
    {"valueQuantity": {"value": Decimal("-2.6"), "unit": "T-score"}},
    {"valueQuantity": {"value": Decimal("0.9"), "unit": "g/cm2"}},
    {"valueQuantity": {"value": 80, "code": "kg"}},
    {"valueQuantity": {"value": 42}, "interpretation": [coded((f"{CATEGORY}", "L"), text="low")]},
    {"valueString": "T-score -2.6, osteoporosis of the spine"},
    {"valueString": "."},
    {"valueBoolean": True},
    {"valueCodeableConcept": {"text": "osteopenia"}},
    {"component": [{"code": coded((LOINC, "38267-1")), "valueQuantity": {"value": -3}}, {}, 7]},
    {"hasMember": [{"reference": "Observation/elsewhere"}]},
)


def every_reader(_: MeasurementKind) -> tuple[MeasurementSubject, ...]:
    return tuple(MeasurementSubject)


def papers() -> Iterator[Json]:
    for code, category, site, value in product(CODES, CATEGORIES, SITES, VALUES):
        named = [coded((CATEGORY, category))] if category else None
        yield observation(code, category=named, bodySite=site, **value)


def told(paper: Json, whose: Sort[MeasurementSubject]) -> tuple[object, ...]:
    """Everything that the chapters say of it."""
    chart = sort_out("anna", [paper], OWN.base_url)
    basis, refused = reading_basis_of(chart, by_subject(chart, OWN, whose), BORN, read_by(OWN), TODAY)
    return refused, *chapters(basis)


def test_what_a_reader_is_not_handed_would_have_told_it_nothing() -> None:
    for paper in islice(
        papers(), 0, None, 7 if FEW else 5
    ):  # steps that leave no value, site and category out
        assert told(paper, subjects_of) == told(paper, every_reader), paper


def test_what_nobody_reads_is_handed_to_nobody() -> None:
    rate = observation(
        coded((LOINC, "8867-4"), text="Heart rate"), valueQuantity={"value": 70, "code": "/min"}
    )

    assert [*handed_to(rate)] == []


@pytest.mark.parametrize("subject", MeasurementSubject)
def test_every_reader_is_handed_what_is_its_own(subject: MeasurementSubject) -> None:
    own = {
        MeasurementSubject.SCAN: (LOINC, "38267-1"),
        MeasurementSubject.VFA: (LOINC, "83051-3"),
        MeasurementSubject.ANSWER: (intake("veil")["coding"][0]["system"], "veil"),
        MeasurementSubject.LABORATORY: (LOINC, "17861-6"),
        MeasurementSubject.FRAX: (LOINC, "90265-0"),
        MeasurementSubject.BODY: (LOINC, "29463-7"),
    }[subject]

    assert subject in handed_to(observation(coded(own)))


def handed_to(paper: Json) -> set[MeasurementSubject]:
    """Who reads it, beside a Condition that has nothing to do with it."""
    chart = sort_out("anna", [paper, condition(snomed("38341003"))], "")
    assert chart.foreign == 0
    return {subject for subject, handed in by_subject(chart, ReadingConfig()).items() if handed}
