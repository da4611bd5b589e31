from datetime import date
from typing import Any

import pytest

from adapter.clinical.model import FractureSite
from adapter.input.wire_json import Json
from mappings.codes import ICD10_CM, ICD10_NL, ICD10_WHO, ICPC_2, SNOMED
from mappings.inbound.fractures.fracture_history import ENERGY_EXTENSION, EXCLUDED
from mappings.valuesets import table
from tests.unit.inbound.made_records import answer, coded, condition, intake, read, reasons, snomed


def only(*resources: Json) -> Any:
    (fracture,) = read(*resources).record.fractures.items
    return fracture


@pytest.mark.parametrize(
    ("system", "code", "site"),
    [
        (SNOMED, "5913000", FractureSite.HIP),
        (SNOMED, "359817006", FractureSite.HIP),
        (ICD10_WHO, "S72.0", FractureSite.HIP),
        (ICD10_NL, "S72.10", FractureSite.HIP),
        (ICD10_CM, "S72.22XA", FractureSite.HIP),
        (ICD10_NL, "S72.3", FractureSite.FEMUR),
        (SNOMED, "42942008", FractureSite.VERTEBRA),
        (ICD10_CM, "S32.000A", FractureSite.VERTEBRA),
        (ICD10_NL, "M48.5", FractureSite.VERTEBRA),
        (SNOMED, "263199001", FractureSite.WRIST),
        (SNOMED, "263102004", FractureSite.WRIST),
        (ICD10_NL, "S52.5", FractureSite.WRIST),
        (ICD10_NL, "S52.0", FractureSite.FOREARM),
        (SNOMED, "65966004", FractureSite.FOREARM),
        (ICPC_2, "L72", FractureSite.FOREARM),
        (ICD10_NL, "S42.2", FractureSite.HUMERUS),
        (SNOMED, "58150001", FractureSite.CLAVICLE),
        (SNOMED, "33737001", FractureSite.RIBS),
        (SNOMED, "16114001", FractureSite.ANKLE),
        (SNOMED, "91037003", FractureSite.PELVIS),
        (SNOMED, "443165006", FractureSite.UNSPECIFIED),
        (ICD10_NL, "M80.0", FractureSite.UNSPECIFIED),
        (ICPC_2, "L76", FractureSite.UNSPECIFIED),
        (SNOMED, "359820003", FractureSite.HIP),
        (SNOMED, "208528000", FractureSite.HIP),
        (SNOMED, "42157000", FractureSite.VERTEBRA),
        (SNOMED, "84138006", FractureSite.VERTEBRA),
        (ICD10_WHO, "S22.1", FractureSite.VERTEBRA),
        (ICD10_WHO, "S32.7", FractureSite.VERTEBRA),
        (ICD10_NL, "T08", FractureSite.VERTEBRA),
        (ICD10_CM, "M80.08XA", FractureSite.VERTEBRA),
        (ICD10_CM, "M80.052A", FractureSite.FEMUR),
        (ICD10_CM, "S79.001A", FractureSite.HIP),
        (ICD10_CM, "Z87.81", FractureSite.UNSPECIFIED),
        (ICD10_NL, "S22.2", FractureSite.UNSPECIFIED),
        (ICD10_NL, "S82.6", FractureSite.ANKLE),
        (ICD10_NL, "S62.6", FractureSite.FINGER),
        (ICD10_NL, "S92.4", FractureSite.TOE),
        (ICD10_NL, "S02.6", FractureSite.FACE),
        (ICD10_NL, "S02.0", FractureSite.SKULL),
        (ICD10_NL, "S12.1", FractureSite.CERVICAL_SPINE),
        (SNOMED, "36202009", FractureSite.FACE),
        (SNOMED, "307136000", FractureSite.UNSPECIFIED),
    ],
)
def test_the_code_names_the_bone(system: str, code: str, site: FractureSite) -> None:
    assert only(condition(coded((system, code)))).site is site


def test_every_code_of_a_bone_that_does_not_count_was_looked_up() -> None:
    names = {site.replace("_", "-") for site in EXCLUDED}
    held = [match for found in table("fracture").prefixes.values() for match in found if match.name in names]
    assert held
    assert all(match.verified for match in held)


def test_our_own_codes_name_every_bone() -> None:
    for site in FractureSite:
        assert only(condition(intake(f"fracture-{site.replace('_', '-')}"))).site is site
    assert {FractureSite.FINGER, FractureSite.TOE} < EXCLUDED


@pytest.mark.parametrize(
    ("code", "body", "site", "level"),
    [
        ("443165006", "122496007", FractureSite.VERTEBRA, None),
        ("443165006", "66794005", FractureSite.VERTEBRA, "L1"),
        ("443165006", "29627003", FractureSite.HIP, None),
        ("71620000", "29627003", FractureSite.HIP, None),
        ("65966004", "75129005", FractureSite.WRIST, None),
        ("42942008", "14293000", FractureSite.VERTEBRA, "L2"),
        ("5913000", "122496007", FractureSite.HIP, None),
    ],
)
def test_the_body_site_makes_a_coarse_code_finer(
    code: str, body: str, site: FractureSite, level: str | None
) -> None:
    found = only(condition(snomed(code), bodySite=[snomed(body)]))

    assert (found.site, found.level) == (site, level)


def test_a_thoracic_level_comes_by_our_own_code() -> None:
    assert only(condition(snomed("50448004"), bodySite=[intake("T12")])).level == "T12"


@pytest.mark.parametrize("code", ["443165006", "203450003", "240198002", "704334005"])
def test_an_osteoporotic_fracture_is_low_energy_by_its_meaning(code: str) -> None:
    assert only(condition(snomed(code))).low_energy is True


def test_the_energy_is_unknown_unless_somebody_coded_it() -> None:
    plain = condition(snomed("5913000"), note=[{"text": "low energy"}])
    extension = {"url": ENERGY_EXTENSION, "valueCodeableConcept": intake("low")}
    observed = answer("fracture-energy", "high", focus=[{"reference": "Condition/con"}])

    assert only(plain).low_energy is None
    assert only(plain | {"extension": [extension]}).low_energy is True
    assert only(plain, observed).low_energy is False
    assert only(plain | {"extension": [extension]}, observed).low_energy is True
    assert only(plain, observed | {"focus": [{"reference": "Condition/other"}]}).low_energy is None
    assert only(plain, observed | {"status": "entered-in-error"}).low_energy is None


def test_two_answers_about_the_energy_that_differ_are_none() -> None:
    focus = [{"reference": "Condition/con"}]
    high, low = (
        answer("fracture-energy", "high", focus=focus),
        answer("fracture-energy", "low", focus=focus, id="b"),
    )

    assert only(condition(snomed("5913000")), high, low).low_energy is None


@pytest.mark.parametrize(
    ("onset", "day"),
    [
        ({"onsetDateTime": "2020-05-06"}, date(2020, 5, 6)),
        ({"onsetDateTime": "2020"}, date(2020, 12, 31)),
        ({"onsetDateTime": "2026"}, date(2026, 11, 20)),  # not after today
        ({"onsetPeriod": {"start": "2020-05-06", "end": "2020-07-01"}}, date(2020, 5, 6)),
        ({"onsetAge": {"value": 51, "code": "a"}}, date(2006, 2, 28)),  # the day before she was 52
        ({"onsetAge": {"value": 72, "code": "a"}}, date(2026, 11, 20)),  # not after today
        ({"onsetString": "toen ik 51 was", "recordedDate": "2006-01-02"}, date(2006, 1, 2)),
        ({"recordedDate": "2006-01-02"}, date(2006, 1, 2)),
        ({}, None),
    ],
)
def test_when_it_broke(onset: Json, day: date | None) -> None:
    assert only(condition(snomed("5913000"), **onset)).on == day


def test_a_resolved_fracture_is_still_one_and_a_refuted_one_is_none() -> None:
    assert only(condition(snomed("5913000"), state="resolved")).site is FractureSite.HIP
    assert read(condition(snomed("5913000"), sure="refuted")).record.fractures.items == ()
    assert read(condition(snomed("5913000"), sure="entered-in-error")).record.fractures.items == ()


@pytest.mark.hazard(id="H17")
def test_a_suspected_fracture_is_for_a_human() -> None:
    reading = read(condition(snomed("5913000"), sure="provisional"))

    assert (reading.record.fractures.items, reading.record.fractures.complete) == ((), False)
    assert [(r.concerns, r.reason.value) for r in reading.needs_human] == [("fracture", "status_unusable")]


def test_a_fracture_in_the_future_is_refused() -> None:
    assert reasons(read(condition(snomed("5913000"), onsetDateTime="2027-01-01"))) == [
        ("fracture", "date_in_future")
    ]


def test_fractures_and_other_conditions_are_lists_of_their_own() -> None:
    record = read(condition(snomed("5913000")), condition(snomed("69896004"), id="ra")).record

    assert (len(record.fractures.items), len(record.conditions.items)) == (1, 1)


def test_osteoporosis_with_a_fracture_is_both() -> None:
    record = read(condition(coded((ICD10_NL, "M80.0")))).record

    assert [f.low_energy for f in record.fractures.items] == [True]
    assert [c.kind.value for c in record.conditions.items] == ["osteoporosis"]


def test_two_bones_in_one_condition_contradict_each_other() -> None:
    assert reasons(read(condition(snomed("5913000", "33737001")))) == [("fracture", "codes_disagree")]
