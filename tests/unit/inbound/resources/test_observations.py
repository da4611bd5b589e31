"""Every single measurement, wherever it stands: what it takes from the panel or report around it."""

from datetime import date
from decimal import Decimal

import pytest

from adapter.clinical.model import Adherence, Analyte, Reason, Site, Standing
from adapter.input.wire_json import Json, JsonValue
from mappings.codes import LOINC
from mappings.inbound.resources.compartment import SourceResource
from mappings.inbound.resources.observations import ObservationStatus, days_of, standing
from tests.unit.inbound.made_records import (
    DXA_DAY,
    SUBJECT,
    answer,
    coded,
    intake,
    medicine,
    observation,
    read,
    reasons,
    snomed,
    t_score,
)

SPINE, FEMUR, CALCIUM, DXA = "38267-1", "38263-0", "2000-8", "38269-7"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
UNREAD: Json = {"\u2318": "?"}


def part(code: Json | None = None, value: object = Decimal("-1.0"), unit: str = "{T-score}") -> Json:
    return {"code": code or coded((LOINC, SPINE)), "valueQuantity": {"value": value, "code": unit}}


def panel(*parts: Json, code: Json | None = None, **more: JsonValue) -> Json:
    held: JsonValue = list(parts) or None
    return observation(code or coded((LOINC, DXA)), id="panel", component=held, **more)


def report(**more: JsonValue) -> Json:
    body: Json = {"resourceType": "DiagnosticReport", "id": "report", "status": "final", "subject": SUBJECT}
    return {**body, "code": coded((LOINC, DXA)), **more}


def naming(*ids: str) -> list[Json]:
    return [{"reference": f"Observation/{it}"} for it in ids]


def test_every_status_says_what_a_result_is_worth() -> None:
    worth = {it.value: standing({"status": it.value}) for it in ObservationStatus}

    assert worth == {
        "registered": Standing.PRELIMINARY,
        "preliminary": Standing.PRELIMINARY,
        "final": Standing.VALID,
        "amended": Standing.VALID,
        "corrected": Standing.VALID,
        "cancelled": Standing.WITHDRAWN,
        "entered-in-error": Standing.WITHDRAWN,
        "unknown": None,
    }


@pytest.mark.parametrize(
    ("said", "value", "reason"),
    [
        ({"method": {"text": "QCT"}}, -1, Reason.CODES_DISAGREE),
        ({"device": {"display": "Quantitative ultrasound, heel"}}, -1, Reason.CODES_DISAGREE),
        ({"note": [{"text": "T-score -2.9"}]}, 0, Reason.TWO_VALUES),
        ({"focus": [UNREAD]}, -1, Reason.UNREADABLE),
        ({"focus": [{"reference": "RelatedPerson/donor"}]}, -1, Reason.ANOTHER_PERSON),
        ({"modifierExtension": [UNREAD]}, -1, Reason.MODIFIER_EXTENSION),
        ({"status": "cancelled"}, -1, Reason.WITHDRAWN),
        ({}, -1, None),
    ],
)
def test_what_a_panel_says_of_itself_holds_for_its_parts(
    said: Json, value: int, reason: Reason | None
) -> None:
    reading = read(panel(part(value=value), **said))

    refused = {it.reason for it in reading.record.rejected if it.site is Site.LUMBAR_SPINE}
    assert refused == ({reason} if reason else set())
    assert len(reading.record.t_scores) == (0 if reason else 1)


def test_a_part_without_words_may_be_a_score_where_its_panel_is_of_imaging() -> None:
    nameless = part(coded(("urn:house", "7")), unit="")
    imaging: list[JsonValue] = [coded((CATEGORY, "imaging"))]

    assert (unlisted := ("t_score", "unknown_code")) in reasons(read(panel(nameless, category=imaging)))
    assert unlisted not in reasons(read(panel(nameless)))


def test_a_modifier_of_one_part_is_about_that_part() -> None:
    reading = read(panel({**part(), "modifierExtension": [UNREAD]}, part(coded((LOINC, "38264-8")))))

    assert [it.site for it in reading.record.t_scores] == [Site.TOTAL_HIP]


@pytest.mark.parametrize("specimen", ["Urine 24 uur", "Ascites"])
@pytest.mark.parametrize("inside", [False, True])
def test_a_part_is_of_the_specimen_of_its_panel(specimen: str, inside: bool) -> None:
    kept: Json = {"resourceType": "Specimen", "id": "s", "type": {"text": specimen}}
    held = (
        {"specimen": {"reference": "#s"}, "contained": [kept]}
        if inside
        else {"specimen": {"display": specimen}}
    )

    calcium = part(coded((LOINC, CALCIUM)), Decimal("2.35"), "mmol/L")
    record = read(panel(calcium, code={"text": "Chemie"}, **held)).record

    assert record.labs == ()
    assert [(it.about, it.reason) for it in record.rejected] == [(Analyte.CALCIUM, Reason.CODES_DISAGREE)]


@pytest.mark.parametrize(
    ("about", "own"),
    [
        ("Patient/anna", True),
        ("Condition/1", True),
        ("MedicationStatement/1", True),
        ("MedicationRequest/1", True),
        ("MedicationAdministration/1", True),
        ("Procedure/1", True),
        ("https://fhir.example.org/r4/Procedure/1", True),
        ("Patient/bea", False),
        ("RelatedPerson/1", False),
        ("Device/1", False),
    ],
)
def test_a_focus_on_somebody_else_makes_it_a_result_of_somebody_else(about: str, own: bool) -> None:
    reading = read(t_score(focus=[{"reference": about}]))

    assert len(reading.record.t_scores) == own
    assert reasons(reading) == ([] if own else [("t_score", "about_another_person")])


@pytest.mark.parametrize(
    "focus",
    [
        {"reference": ""},
        {"reference": "#inside"},
        {"reference": "urn:uuid:5a1c1a3e-0a5f-4b4f-9d0e-0c6f8a7b6d5e"},
        {"identifier": {"system": "urn:house", "value": "4711"}},
        {"type": "Patient"},
    ],
)
def test_a_focus_on_nobody_knows_whom_may_be_on_the_patient(focus: Json) -> None:
    """Somebody else's result is no newer study; one that may be the patient's is."""
    assert reasons(read(t_score(focus=[focus]))) == [("t_score", "unreadable")]


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("MedicationStatement", "active"),
        ("MedicationRequest", "active"),
        ("MedicationAdministration", "completed"),
    ],
)
def test_what_is_said_of_a_drug_is_said_of_the_patient(kind: str, status: str) -> None:
    poor = answer("adherence", "poor", focus=[{"reference": f"{kind}/med"}])

    (drug,) = read(medicine(kind=kind, status=status), poor).record.medicines.items

    assert drug.adherence is Adherence.POOR


def test_a_report_lends_its_day_to_what_the_panels_in_it_name() -> None:
    member = t_score(effectiveDateTime=None)
    between = observation(coded((LOINC, DXA)), id="panel", hasMember=naming("obs"), effectiveDateTime=None)
    whole = report(result=naming("panel"), effectiveDateTime=DXA_DAY)

    assert [it.on for it in read(member, between, whole).record.t_scores] == [date(2026, 11, 10)]


DAY, TYPED = date(2026, 11, 10), date(2026, 11, 13)
OWN, LENT = {"effectiveDateTime": "2026-11-10"}, {"issued": "2026-11-13T09:00:00Z"}


@pytest.mark.parametrize(
    ("body", "above", "day", "typed"),
    [
        (OWN, [{"effectiveDateTime": "2026-11-12"}], DAY, False),
        ({}, [OWN], DAY, False),
        (LENT, [OWN], DAY, False),
        ({}, [LENT, OWN], DAY, False),
        (LENT, [], TYPED, True),
        ({}, [LENT], TYPED, True),
        ({}, [{}, LENT], TYPED, True),
        ({}, [{}], None, False),
        ({}, [], None, False),
    ],
)
def test_a_day_of_typing_counts_last_and_says_that_it_is_one(
    body: Json, above: list[Json], day: date | None, typed: bool
) -> None:
    days, issued = days_of(body, [SourceResource(it, "") for it in above], None)

    assert (days and days.first, issued) == (day, typed)


def test_of_two_reports_the_later_one_lends_its_day() -> None:
    member = t_score(effectiveDateTime=None)
    both = [
        report(id=name, result=naming("obs"), effectiveDateTime=day)
        for name, day in (("a", "2026-11-09"), ("b", "2026-11-12"), ("c", "2026-11-10"))
    ]

    assert [it.on for it in read(member, *both).record.t_scores] == [date(2026, 11, 12)]


def test_panels_that_name_each_other_are_read_once() -> None:
    one = observation(coded((LOINC, DXA)), id="one", hasMember=naming("other", "obs"))
    other = observation(coded((LOINC, DXA)), id="other", hasMember=naming("one"))

    assert len(read(one, other, t_score(effectiveDateTime=None)).record.t_scores) == 1


def test_the_nearest_that_names_a_body_site_lends_it() -> None:
    member = t_score(code=FEMUR)
    bare = report(id="bare", result=naming("obs"))
    sited = observation(coded((LOINC, DXA)), id="panel", hasMember=naming("obs"), bodySite=snomed("29627003"))

    assert [it.site for it in read(member, bare, sited).record.t_scores] == [Site.FEMORAL_NECK]
    own = {**member, "bodySite": snomed("310651003")}
    assert [it.site for it in read(own, bare, sited).record.t_scores] == [Site.TOTAL_HIP]


def inner(**more: JsonValue) -> Json:
    return {**t_score(id="in"), **more}


@pytest.mark.parametrize(
    ("outer", "held", "reason"),
    [
        ({}, {}, None),
        ({"status": "entered-in-error"}, {}, "withdrawn"),
        ({"status": "preliminary"}, {}, None),
        ({"modifierExtension": [UNREAD]}, {}, "modifier_extension"),
        ({}, {"subject": {"reference": "Patient/bea"}}, "about_another_person"),
        ({}, {"subject": {"display": "Anna"}}, None),
        ({}, {"focus": [{"reference": "Patient/bea"}]}, "about_another_person"),
        ({}, {"status": "cancelled"}, "withdrawn"),
    ],
)
@pytest.mark.parametrize("kind", ["DiagnosticReport", "Observation"])
def test_a_contained_result_is_worth_no_more_than_what_holds_it(
    kind: str, outer: Json, held: Json, reason: str | None
) -> None:
    holder = panel(**outer) if kind == "Observation" else report(**outer)

    reading = read({**holder, "contained": [inner(**held)]})

    assert len(reading.record.t_scores) == (0 if reason else 1)
    assert (("t_score", reason) in reasons(reading)) is bool(reason)


GONE, NEW = {"status": "entered-in-error"}, {"id": "new"}


def of_checks(**more: JsonValue) -> Json:
    return report(code={"text": "Chemie"}, **more)


def naming_panel(**more: JsonValue) -> Json:
    return observation({"text": "Chemie"}, **{"id": "panel", "hasMember": naming("obs"), **more})


@pytest.mark.parametrize(
    ("above", "believed"),
    [
        ([of_checks(result=naming("obs"))], True),
        ([of_checks(result=naming("obs"), **GONE)], False),
        ([of_checks(result=naming("obs"), status="cancelled")], False),
        ([of_checks(result=naming("obs"), status="unknown")], True),
        ([of_checks(result=naming("obs"), **GONE), of_checks(result=naming("obs"), **NEW)], True),
        ([naming_panel(**GONE)], False),
        ([naming_panel(**GONE), of_checks(result=naming("obs"))], False),
        ([naming_panel(), of_checks(result=naming("panel"), **GONE)], False),
    ],
)
@pytest.mark.parametrize(
    ("measured", "concerns"),
    [
        (part(coded((LOINC, "98979-8")), 90, "mL/min"), "lab"),
        (part(coded((LOINC, "29463-7")), 70, "kg"), "body_measure"),
        ({"code": intake("vfa"), "valueCodeableConcept": intake("none")}, "vfa"),
        ({"code": coded((LOINC, "90265-0")), "valueQuantity": {"value": 12, "code": "%"}}, "frax"),
    ],
)
def test_what_its_only_report_withdrew_does_not_count_as_measured(
    above: list[Json], believed: bool, measured: Json, concerns: str
) -> None:
    found = reasons(read(observation(**measured), *above))

    assert found == ([] if believed else [(concerns, "status_unusable")])


def test_a_kidney_function_of_a_withdrawn_report_hides_no_older_one() -> None:
    kidneys = part(coded((LOINC, "98979-8")), 25, "mL/min")
    old = observation(**kidneys, id="old", effectiveDateTime="2026-10-01")
    new = observation(**kidneys | {"valueQuantity": {"value": 90, "code": "mL/min"}})

    record = read(old, new, of_checks(result=naming("obs"), **GONE)).record

    assert [it.value for it in record.labs] == [25]
    assert [(it.about, it.on) for it in record.rejected] == [(Analyte.EGFR, date(2026, 11, 10))]


@pytest.mark.parametrize(
    ("value", "withdrawn"),
    [
        ({"valueString": "GEANNULEERD"}, True),
        ({"valueString": "Annulé"}, True),
        ({"valueCodeableConcept": {"text": "Cancelled by requester"}}, True),
        ({"valueCodeableConcept": {"text": "volgt"}}, False),
        ({"valueString": "volgt"}, False),
    ],
)
def test_an_order_that_was_cancelled_in_words_is_withdrawn(value: Json, withdrawn: bool) -> None:
    found = reasons(read(observation(coded((LOINC, SPINE)), **value)))

    assert found == [("t_score", "withdrawn" if withdrawn else "non_numeric_t_score")]


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"reference": "Condition/1"}, None),
        ({"reference": "RelatedPerson/1"}, "about_another_person"),
        (UNREAD, "unreadable"),
    ],
)
def test_one_focus_on_somebody_else_or_on_nobody_knows_whom_is_enough(
    other: Json, reason: str | None
) -> None:
    found = reasons(read(t_score(focus=[SUBJECT, other])))

    assert found == ([("t_score", reason)] if reason else [])


def test_a_panel_under_the_code_of_a_score_lacks_no_value_where_it_names_members() -> None:
    whole = {**t_score(valueQuantity=None, id="panel"), "hasMember": naming("obs")}

    reading = read(whole, t_score())

    assert (len(reading.record.t_scores), reasons(reading)) == (1, [])


def test_a_number_of_a_panel_that_names_others_is_its_own() -> None:
    both = {**t_score(id="panel"), "hasMember": naming("obs")}

    assert len(read(both, t_score(Decimal("-1.9"))).record.t_scores) == 2


def test_a_result_that_says_it_has_members_and_names_none_lacks_its_value() -> None:
    empty = {**t_score(valueQuantity=None), "hasMember": []}

    assert reasons(read(empty)) == [("t_score", "value_missing")]
