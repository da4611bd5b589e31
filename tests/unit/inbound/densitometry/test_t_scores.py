from datetime import date
from decimal import Decimal

import pytest

from adapter.clinical.model import Reason, Side, Site, Standing
from adapter.input.wire_json import Json, JsonValue
from mappings.codes import LOINC, SNOMED
from mappings.inbound import ReadingConfig
from tests.unit.inbound.made_records import (
    DXA_DAY,
    SUBJECT,
    coded,
    observation,
    quantity,
    read,
    reasons,
    snomed,
    t_score,
)

LOCAL = "https://hospital.example/codes"


def test_a_t_score_is_read_with_its_digits_site_day_and_source() -> None:
    (score,) = read(t_score(Decimal("-2.4962"))).record.t_scores

    assert (score.site, score.side, score.value) == (Site.LUMBAR_SPINE, None, Decimal("-2.4962"))
    assert (score.on, score.standing) == (date(2026, 11, 10), Standing.VALID)
    assert score.evidence == "Observation/obs/_history/1"


@pytest.mark.parametrize(
    ("code", "site", "side"),
    [
        ("38267-1", Site.LUMBAR_SPINE, None),
        ("104938-6", Site.LUMBAR_SPINE, None),
        ("38263-0", Site.FEMUR_REGION_UNKNOWN, None),
        ("80948-3", Site.FEMUR_REGION_UNKNOWN, Side.LEFT),
        ("80947-5", Site.FEMUR_REGION_UNKNOWN, Side.RIGHT),
        ("38264-8", Site.TOTAL_HIP, None),
        ("80946-7", Site.TOTAL_HIP, Side.LEFT),
        ("80945-9", Site.TOTAL_HIP, Side.RIGHT),
        ("38265-5", Site.FOREARM, None),
        ("80944-2", Site.FOREARM, Side.LEFT),
        ("80943-4", Site.FOREARM, Side.RIGHT),
        ("38266-3", Site.CALCANEUS, None),
        ("85390-3", Site.HUMERUS, None),
    ],
)
def test_the_loinc_code_names_the_site_and_side(code: str, site: Site, side: Side | None) -> None:
    (score,) = read(t_score(code=code)).record.t_scores

    assert (score.site, score.side, score.site_assumed) == (site, side, False)


@pytest.mark.parametrize(
    ("code", "body_site", "site", "side", "level"),
    [
        ("38263-0", "29627003", Site.FEMORAL_NECK, None, None),
        ("80948-3", "29627003", Site.FEMORAL_NECK, Side.LEFT, None),
        ("38263-0", "310651003", Site.TOTAL_HIP, None, None),
        ("38263-0", "182046008", Site.TOTAL_HIP, None, None),
        ("38263-0", "29836001", Site.TOTAL_HIP, None, None),
        ("38263-0", "71341001:272741003=7771000", Site.FEMUR_REGION_UNKNOWN, Side.LEFT, None),
        ("38264-8", "71341001:272741003=24028007", Site.TOTAL_HIP, Side.RIGHT, None),
        ("38264-8", "29627003", Site.FEMORAL_NECK, None, None),
        ("38264-8", "731966006", Site.OTHER, None, None),  # seen for Ward's area
        ("38267-1", "122496007", Site.LUMBAR_SPINE, None, None),
        ("38267-1", "66794005", Site.SINGLE_VERTEBRA, None, "L1"),
        ("38267-1", "11994002", Site.SINGLE_VERTEBRA, None, "L4"),
        ("38265-5", "47728000", Site.RADIUS_33, None, None),
        ("38265-5", "62413002", Site.FOREARM, None, None),
    ],
)
def test_the_body_site_narrows_what_the_code_says(
    code: str, body_site: str, site: Site, side: Side | None, level: str | None
) -> None:
    (score,) = read(t_score(code=code, bodySite=snomed(body_site))).record.t_scores

    assert (score.site, score.side, score.level) == (site, side, level)


def test_a_lumbar_spine_at_a_thoracic_body_site_is_a_contradiction_about_the_lumbar_spine() -> None:
    (refused,) = read(t_score(bodySite=snomed("122495006"))).record.rejected

    assert (refused.reason, refused.site) == (Reason.CODES_DISAGREE, Site.LUMBAR_SPINE)


LEFT_BESIDE: Json = {"url": "http://nictiz.nl/fhir/StructureDefinition/ext-AnatomicalLocation.Laterality"}


@pytest.mark.parametrize(
    "body_site",
    [
        snomed("29627003", "7771000"),
        {**snomed("29627003"), "extension": [{**LEFT_BESIDE, "valueCodeableConcept": snomed("7771000")}]},
        snomed("29627003:272741003=7771000"),
        snomed("29627003 |Structure of neck of femur| : 272741003 |Laterality| = 7771000 |Left|"),
    ],
    ids=["qualifier", "extension", "post-coordinated", "with terms"],
)
def test_the_side_may_be_a_qualifier_an_extension_or_part_of_the_code(body_site: Json) -> None:
    (score,) = read(t_score(code="38263-0", bodySite=body_site)).record.t_scores

    assert (score.site, score.side) == (Site.FEMORAL_NECK, Side.LEFT)


def test_the_number_of_a_side_is_no_side_in_another_code_system() -> None:
    beside = {**LEFT_BESIDE, "valueCodeableConcept": coded(("urn:house", "7771000"))}
    body_site = {**snomed("29627003"), "extension": [beside]}

    (score,) = read(t_score(code="38263-0", bodySite=body_site)).record.t_scores

    assert (score.site, score.side) == (Site.FEMORAL_NECK, None)


@pytest.mark.parametrize(
    ("code", "label", "site", "assumed"),
    [
        ("80948-3", "DXA Femur-L T-score BMD", Site.FEMUR_REGION_UNKNOWN, False),
        ("38263-0", "T-score Left Femur Neck", Site.FEMORAL_NECK, True),
        ("38263-0", "T-score collum femoris", Site.FEMORAL_NECK, True),
        ("38263-0", "Left Femur Total", Site.TOTAL_HIP, True),
        ("38263-0", "Femur neck and total", Site.FEMUR_REGION_UNKNOWN, False),
        ("38267-1", "AP spine L2", Site.SINGLE_VERTEBRA, False),
        ("38267-1", "AP spine L1-L4", Site.LUMBAR_SPINE, False),
    ],
)
def test_a_label_gives_a_region_only_where_no_code_does_and_then_says_so(
    code: str, label: str, site: Site, assumed: bool
) -> None:
    (score,) = read(t_score() | {"code": coded((LOINC, code), text=label)}).record.t_scores

    assert (score.site, score.site_assumed) == (site, assumed)


def test_the_forearm_code_is_a_forearm_unless_the_institution_says_otherwise() -> None:
    generic = ReadingConfig(forearm_code_site=Site.LUMBAR_SPINE)

    (plain,) = read(t_score(code="38265-5")).record.t_scores
    (meant,) = read(t_score(code="38265-5"), config=generic).record.t_scores
    (forearm,) = read(t_score(code="38265-5", bodySite=snomed("47728000")), config=generic).record.t_scores
    (lateral,) = read(t_score(code="80944-2"), config=generic).record.t_scores

    assert (plain.site, plain.site_assumed) == (Site.FOREARM, False)
    assert (meant.site, meant.site_assumed) == (Site.LUMBAR_SPINE, True)
    assert (forearm.site, forearm.site_assumed) == (Site.RADIUS_33, False)
    assert lateral.site is Site.FOREARM


@pytest.mark.parametrize(
    ("label", "site"),
    [
        ("T-score", None),
        ("T-score femur", None),  # it may be the part that decides
        ("T-score L1-L4", Site.LUMBAR_SPINE),
        ("T-score L2", Site.SINGLE_VERTEBRA),
        ("AP spine L2 T-score", Site.SINGLE_VERTEBRA),
        ("T-score Ward", Site.OTHER),
        ("trochanter T-score", Site.OTHER),
        ("T-score collum", Site.FEMORAL_NECK),
    ],
)
def test_words_tell_as_much_of_the_place_of_a_refused_score_as_they_can(
    label: str, site: Site | None
) -> None:
    (refused,) = read(t_score() | {"code": coded((LOCAL, "X1"), text=label)}).record.rejected

    assert (refused.reason, refused.site) == (Reason.UNKNOWN_CODE, site)


def test_local_codes_count_when_the_institution_maps_them() -> None:
    local = t_score() | {"code": coded((LOCAL, "DEXA_FN_TSCORE"))}
    mapped = ReadingConfig(local_t_scores={(LOCAL, "DEXA_FN_TSCORE"): (Site.FEMORAL_NECK, Side.LEFT)})

    (score,) = read(local, config=mapped).record.t_scores

    assert (score.site, score.side) == (Site.FEMORAL_NECK, Side.LEFT)
    assert read(local).record.t_scores == ()


def test_an_unmapped_local_code_with_the_unit_of_a_t_score_is_reported() -> None:
    local = observation(coded((LOCAL, "DEXA_FN_TSCORE")), valueQuantity=quantity(-2, "{T-score}"))
    questionnaire = observation(coded((LOINC, "77580-9")), valueQuantity=quantity(50, "{T-score}"))

    assert reasons(read(local)) == [("t_score", "unknown_code")]
    assert reasons(read(questionnaire)) == []


@pytest.mark.parametrize(
    "more",
    [
        {"code": coded((LOINC, "38267-1"), (LOINC, "38264-8"))},
        {"code": coded((LOINC, "80948-3"), (LOINC, "80954-1"))},  # T-score and BMD
        {"code": coded((LOINC, "38267-1"), (LOINC, "85394-5"))},  # T-score and Z-score
        {"bodySite": snomed("29627003")},
        {"bodySite": snomed("66794005", "11994002")},
        {"code": coded((LOINC, "80948-3")), "bodySite": snomed("29627003:272741003=24028007")},
    ],
    ids=["two sites", "BMD", "Z", "spine at the femur", "two vertebrae", "left on the right"],
)
@pytest.mark.hazard(id="H22")
def test_codes_that_contradict_each_other_are_refused_and_shown_to_a_human(more: Json) -> None:
    reading = read(t_score() | more)

    assert reading.record.t_scores == ()
    assert reasons(reading) == [("t_score", "codes_disagree")]
    assert reading.needs_human == reading.record.rejected


def test_a_femur_code_beside_a_local_code_of_the_neck_is_the_neck() -> None:
    both = t_score() | {"code": coded((LOINC, "38263-0"), (LOCAL, "FN"))}
    mapped = ReadingConfig(local_t_scores={(LOCAL, "FN"): (Site.FEMORAL_NECK, None)})

    assert [s.site for s in read(both, config=mapped).record.t_scores] == [Site.FEMORAL_NECK]


@pytest.mark.parametrize(
    "unit",
    [
        {"code": "1", "unit": "T-Score"},
        {"code": "{T-score}"},
        {"code": "{T-Score}"},
        {"code": "{Tscore}"},
        {"code": "{STDEV}"},
        {"code": "{SD}"},
        {"code": "{score}"},
        {"unit": "T-score"},
        {"unit": "T-Score"},
        {},
    ],
)
def test_the_units_of_a_t_score_and_none_at_all_are_accepted(unit: Json) -> None:
    assert len(read(t_score(valueQuantity={"value": Decimal("-1.0"), **unit})).record.t_scores) == 1


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"valueQuantity": {"value": Decimal("0.887"), "unit": "g/cm²", "code": "g/cm-2"}}, Reason.UNIT_MISMATCH),
        ({"valueQuantity": {"value": Decimal("-2.6"), "unit": "g/cm2", "code": "1"}}, Reason.UNIT_MISMATCH),
        ({"valueQuantity": {"value": Decimal("0.887"), "code": "g/cm2"}}, Reason.UNIT_MISMATCH),
        ({"valueQuantity": {"value": 95, "code": "%"}}, Reason.UNIT_MISMATCH),
        ({"valueQuantity": {"value": 95, "code": "{%YAM}"}}, Reason.UNIT_MISMATCH),
        ({"valueQuantity": {"value": -2, "comparator": "<"}}, Reason.COMPARATOR),
        ({"valueQuantity": {"value": Decimal("-10.01")}}, Reason.IMPLAUSIBLE),
        ({"valueQuantity": {"value": 25}}, Reason.IMPLAUSIBLE),
        ({"valueQuantity": {"value": "-2.6"}}, Reason.NON_NUMERIC),
        ({"valueQuantity": {"value": "+2.6"}}, Reason.NON_NUMERIC),
        ({"valueQuantity": {"value": True}}, Reason.NON_NUMERIC),
        ({"valueQuantity": {"value": float("nan")}}, Reason.NON_NUMERIC),
        ({"valueQuantity": {"value": float("inf")}}, Reason.NON_NUMERIC),
        ({"valueQuantity": [1]}, Reason.NON_NUMERIC),
        ({"valueQuantity": {"unit": "1"}}, Reason.NO_VALUE),
        ({"valueQuantity": None, "valueString": "-2,6"}, Reason.NON_NUMERIC),
        ({"valueQuantity": None, "valueString": "GEANNULEERD"}, Reason.WITHDRAWN),
        ({"valueQuantity": None, "valueCodeableConcept": snomed("64859006")}, Reason.NON_NUMERIC),
        ({"valueQuantity": None, "valueInteger": -3}, Reason.NON_NUMERIC),
        ({"valueQuantity": None, "dataAbsentReason": coded(("x", "error"))}, Reason.NO_VALUE),
        ({"status": "entered-in-error"}, Reason.WITHDRAWN),
        ({"status": "cancelled"}, Reason.WITHDRAWN),
        ({"status": "unknown"}, Reason.STATUS_UNUSABLE),
        ({"status": "banana"}, Reason.STATUS_UNUSABLE),
        ({"status": ["final"]}, Reason.STATUS_UNUSABLE),
        ({"effectiveDateTime": None}, Reason.NO_DATE),
        ({"effectiveDateTime": "10-11-2026"}, Reason.NO_DATE),
        ({"effectiveDateTime": "2026-13-41"}, Reason.NO_DATE),
        ({"effectiveDateTime": "2026-11-21"}, Reason.FUTURE_DATE),
        ({"modifierExtension": [{"url": "https://hospital.example/not"}]}, Reason.MODIFIER_EXTENSION),
        ({"bodySite": snomed("64859006")}, Reason.NO_SITE),
    ],
)  # fmt: skip
@pytest.mark.hazard(id="H02")
@pytest.mark.hazard(id="H04")
@pytest.mark.hazard(id="H06")
@pytest.mark.hazard(id="H09")
@pytest.mark.hazard(id="H10")
@pytest.mark.hazard(id="H18")
def test_what_is_not_plainly_a_t_score_is_refused_with_its_reason(value: Json, reason: Reason) -> None:
    reading = read(t_score(**value))

    assert reading.record.t_scores == ()
    assert reasons(reading) == [("t_score", reason.value)]


@pytest.mark.parametrize("value", [Decimal("-3.2"), Decimal("-2.5"), Decimal(1)])
@pytest.mark.parametrize("comparator", ["<", "<=", ">", ">=", "ad"])
@pytest.mark.hazard(id="H06")
def test_a_bound_is_no_measurement_on_whichever_side(comparator: str, value: Decimal) -> None:
    reading = read(t_score(valueQuantity={"value": value, "unit": "{T-score}", "comparator": comparator}))

    assert (reading.record.t_scores, reasons(reading)) == ((), [("t_score", "comparator_on_value")])


def test_a_refused_score_keeps_what_is_known_of_it() -> None:
    (refused,) = read(t_score(code="80945-9", status="entered-in-error")).record.rejected

    assert (refused.site, refused.side, refused.on) == (Site.TOTAL_HIP, Side.RIGHT, date(2026, 11, 10))
    assert refused.evidence == "Observation/obs/_history/1"


@pytest.mark.parametrize(
    ("status", "standing"),
    [
        ("final", Standing.VALID),
        ("amended", Standing.VALID),
        ("corrected", Standing.VALID),
        ("preliminary", Standing.PRELIMINARY),
        ("registered", Standing.PRELIMINARY),
    ],
)
@pytest.mark.hazard(id="H07")
def test_the_status_says_how_far_to_trust_a_score(status: str, standing: Standing) -> None:
    assert [s.standing for s in read(t_score(status=status)).record.t_scores] == [standing]


@pytest.mark.parametrize("code", ["24966-4", "46278-8", "85394-5", "80938-4", "80940-0", "46383-6"])
def test_a_t_score_under_the_code_of_another_result_is_not_used_and_named(code: str) -> None:
    reading = read(t_score(code=code))

    assert reading.record.t_scores == ()
    assert reasons(reading) == [("t_score", "codes_disagree")]


@pytest.mark.parametrize(
    "note",
    [
        "Patient cancelled her first appointment.",
        "Vorige week geannuleerd, nu gemeten.",
        "L1-L4, goede kwaliteit.",
    ],
)
def test_a_note_never_withdraws_a_final_result(note: str) -> None:
    assert [s.standing for s in read(t_score(note=[{"text": note}])).record.t_scores] == [Standing.VALID]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ({"effectiveDateTime": "2026-11-10T23:30:00-08:00"}, date(2026, 11, 11)),
        ({"effectiveDateTime": "2026-09-14T22:00:00Z"}, date(2026, 9, 15)),
        ({"effectiveDateTime": "2026-09-15T00:30:00+02:00"}, date(2026, 9, 15)),
        ({"effectiveDateTime": "2026"}, date(2026, 1, 1)),
        ({"effectiveDateTime": "2026-11"}, date(2026, 11, 1)),
        ({"effectiveDateTime": None, "effectivePeriod": {"start": "2026-11-09", "end": "2026-11-10"}}, date(2026, 11, 9)),
        ({"effectiveDateTime": None, "effectiveInstant": "2026-11-10T10:00:00Z"}, date(2026, 11, 10)),
        ({"effectiveDateTime": None, "issued": "2026-11-12T10:00:00Z"}, date(2026, 11, 12)),
    ],
)  # fmt: skip
def test_the_day_is_that_of_the_institution_and_of_a_part_the_first(written: Json, day: date) -> None:
    assert [s.on for s in read(t_score(**written)).record.t_scores] == [day]


def report(**more: JsonValue) -> Json:
    return {
        "resourceType": "DiagnosticReport",
        "id": "rep",
        "status": "final",
        "subject": SUBJECT,
        "code": coded((LOINC, "83311-1")),
        "effectiveDateTime": DXA_DAY,
        **more,
    }


def test_a_report_lends_its_date_to_its_results() -> None:
    undated = t_score(effectiveDateTime=None)

    reading = read(undated, report(result=[{"reference": "Observation/obs"}]))

    assert [s.on for s in reading.record.t_scores] == [date(2026, 11, 10)]


def test_a_panel_lends_body_site_and_date_to_its_members_and_the_value_comes_once() -> None:
    member = t_score(code="38263-0", effectiveDateTime=None)
    panel = observation(
        coded((LOINC, "83311-1")),
        id="panel",
        bodySite=snomed("29627003"),
        hasMember=[{"reference": "Observation/obs"}],
    )

    (score,) = read(member, panel, report(result=[{"reference": "Observation/obs"}])).record.t_scores

    assert (score.site, score.on) == (Site.FEMORAL_NECK, date(2026, 11, 10))


@pytest.mark.hazard(id="H10")
def test_components_are_read_with_the_status_and_date_of_the_whole() -> None:
    parts = [
        {"code": coded((LOINC, "38267-1")), "valueQuantity": quantity(Decimal("-2.1"), "1")},
        {"code": coded((LOINC, "80946-7")), "valueQuantity": quantity(Decimal("-1.9"), "1")},
        {"code": coded((LOINC, "24966-4")), "valueQuantity": quantity(Decimal("0.9"), "g/cm2")},
    ]
    panel = observation(coded((LOINC, "83311-1")), component=parts)

    assert {s.site: s.value for s in read(panel).record.t_scores} == {
        Site.LUMBAR_SPINE: Decimal("-2.1"),
        Site.TOTAL_HIP: Decimal("-1.9"),
    }
    assert {s.standing for s in read(panel | {"status": "preliminary"}).record.t_scores} == {
        Standing.PRELIMINARY
    }
    refused = read(panel | {"modifierExtension": [{"url": "x"}]}).record.rejected
    assert {(r.reason, r.site) for r in refused} == {
        (Reason.MODIFIER_EXTENSION, site) for site in (Site.LUMBAR_SPINE, Site.TOTAL_HIP, None)
    }


@pytest.mark.hazard(id="H07")
def test_contained_results_are_read_and_share_the_fate_of_their_report() -> None:
    inner = {k: v for k, v in t_score().items() if k not in ("subject", "effectiveDateTime")}
    whole = report(contained=[inner | {"id": "in"}], result=[{"reference": "#in"}])

    (score,) = read(whole).record.t_scores

    assert (score.on, score.evidence) == (date(2026, 11, 10), "DiagnosticReport/rep")
    assert reasons(read(whole | {"status": "entered-in-error"})) == [("t_score", "withdrawn")]


def test_the_same_value_twice_is_one_score() -> None:
    assert len(read(t_score(), t_score(id="copy")).record.t_scores) == 1
    assert len(read(t_score(), t_score(Decimal("-2.6"), id="other")).record.t_scores) == 2


def test_scores_only_in_the_narrative_are_not_read() -> None:
    told = report(text={"status": "generated", "div": "<div>T-score -2.9</div>"}, conclusion="T-score -2.9")

    assert read(told).record.t_scores == ()


def test_a_body_site_of_another_system_is_not_guessed() -> None:
    elsewhere = t_score(bodySite=coded((LOCAL, "LWK")))
    both = t_score(bodySite=coded((LOCAL, "LWK"), (SNOMED, "122496007")))

    assert reasons(read(elsewhere)) == [("t_score", "site_unknown")]
    assert len(read(both).record.t_scores) == 1


@pytest.mark.parametrize(
    "day",
    [
        "1900-01-01",
        "1899-12-30",
        "0001-01-01T00:00:00Z",
        "1753-01-01",
        "1970-01-01",
        "1970-01-01T01:00:00+01:00",
    ],
)
def test_a_day_that_a_system_writes_for_none_is_none(day: str) -> None:
    reading = read(t_score(effectiveDateTime=day))

    assert (reading.record.t_scores, reasons(reading)) == ((), [("t_score", "date_missing")])


@pytest.mark.parametrize(
    "method", ["QCT LWK", "pQCT", "quantitative CT", "Ultrasound of the heel", "Ultraschall"]
)
def test_a_score_by_another_method_than_dxa_is_for_a_human(method: str) -> None:
    reading = read(t_score(method={"text": method}))

    assert (reading.record.t_scores, reasons(reading)) == ((), [("t_score", "codes_disagree")])
    assert [it.site for it in reading.needs_human] == [Site.LUMBAR_SPINE]


def test_a_withdrawn_score_by_another_method_is_withdrawn_and_no_newer_study() -> None:
    old = t_score(id="dxa", effectiveDateTime="2026-01-10")
    reading = read(old, t_score(id="qct", method={"text": "QCT"}, status="entered-in-error"))

    assert reasons(reading) == [("t_score", "withdrawn")]
    assert [it.evidence for it in reading.record.t_scores] == ["Observation/dxa/_history/1"]


def test_a_score_by_dxa_may_say_so() -> None:
    assert len(read(t_score(method={"text": "DXA, Hologic"})).record.t_scores) == 1


@pytest.mark.parametrize("method", [{"text": "\u2318?"}, {"\u2318": "?"}, "DXA"])
def test_a_method_that_nobody_can_read_may_be_another(method: object) -> None:
    assert reasons(read(t_score(method=method))) == [("t_score", "unreadable")]


@pytest.mark.parametrize(
    ("device", "refused"),
    [
        ({"reference": "Device/scanner"}, []),
        ({"display": "Hologic Horizon DXA"}, []),
        ({"display": "Quantitative ultrasound, heel"}, [("t_score", "codes_disagree")]),
        ({"\u2318": "?"}, [("t_score", "unreadable")]),
        ("\u2318", [("t_score", "unreadable")]),
    ],
)
def test_a_device_that_nobody_can_read_may_be_of_another_method(
    device: object, refused: list[tuple[str, str]]
) -> None:
    assert reasons(read(t_score(device=device))) == refused
