"""Nothing about bone goes unseen: what the reader cannot use is named with reason, site and day."""

from decimal import Decimal

import pytest

from adapter.clinical.model import Reason, Side, Site
from adapter.input.wire_json import Json, JsonValue
from mappings.codes import LOINC
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
CPT = "http://www.ama-assn.org/go/cpt"
NECK = snomed("29627003")
SAYS_T = {"value": Decimal("-2.9"), "unit": "T-score"}


def report(code: Json | None = None, **more: JsonValue) -> Json:
    body = {"resourceType": "DiagnosticReport", "id": "report", "status": "final", "subject": SUBJECT}
    return {**body, "code": code or coded((LOINC, "38269-7")), "effectiveDateTime": "2026-11-10", **more}


def named(*resources: Json, config: ReadingConfig | None = None) -> list[tuple[Reason, Site | None]]:
    return [
        (r.reason, r.site) for r in read(*resources, config=config).record.rejected if r.concerns == "t_score"
    ]


def coding(system: str | None, code: str, display: str | None = None) -> Json:
    parts = {"system": system, "code": code, "display": display}
    return {"coding": [{name: part for name, part in parts.items() if part}]}


@pytest.mark.parametrize(
    "system",
    ["urn:oid:2.16.840.1.113883.6.1", "https://loinc.org", "http://loinc.org/", "https://loinc.org/"],
)
def test_another_name_of_the_same_code_system_is_that_code_system(system: str) -> None:
    (score,) = read(observation(coding(system, "80946-7"), valueQuantity=SAYS_T)).record.t_scores

    assert (score.site, score.side) == (Site.TOTAL_HIP, Side.LEFT)


@pytest.mark.parametrize(
    ("code", "reason", "site"),
    [
        (coding(None, "80946-7", "DXA Hip-L T-score BMD"), Reason.UNKNOWN_CODE, Site.TOTAL_HIP),
        (coding(LOINC, "80946-7-0", "Bone densitometry hip left"), Reason.UNKNOWN_CODE, Site.TOTAL_HIP),
        (coding(LOINC, "38267-1^LOCAL"), Reason.UNKNOWN_CODE, Site.LUMBAR_SPINE),
        (coding(LOCAL, "TSCORE_LWK"), Reason.UNKNOWN_CODE, Site.LUMBAR_SPINE),
        (coding("http://read.info/ctv3", "XaITU", "Lumbar spine T score"), Reason.UNKNOWN_CODE, Site.LUMBAR_SPINE),
        ({"text": "DEXA T-score heup"}, Reason.UNCODED, Site.TOTAL_HIP),
        ({"text": "T-score"}, Reason.UNCODED, None),
        (coding(LOINC, "24701-5"), Reason.CODES_DISAGREE, None),
        (coding("urn:house", "80946-7"), Reason.UNKNOWN_CODE, Site.TOTAL_HIP),
        (coding(LOINC, "80946-7-0"), Reason.UNKNOWN_CODE, Site.TOTAL_HIP),
        (coding(LOINC, "85394-5"), Reason.CODES_DISAGREE, Site.LUMBAR_SPINE),
        (coding("http://read.info/ctv3", "XaITU"), Reason.UNKNOWN_CODE, None),
    ],
)  # fmt: skip
def test_what_calls_itself_a_t_score_is_named_where_its_code_cannot_be_relied_on(
    code: Json, reason: Reason, site: Site | None
) -> None:
    reading = read(observation(code, valueQuantity=SAYS_T))

    assert reading.record.t_scores == ()
    assert named(observation(code, valueQuantity=SAYS_T)) == [(reason, site)]


def test_the_label_alone_is_enough_to_be_named() -> None:
    plain = observation(
        {**coding(LOCAL, "X1"), "text": "T-score LWK"}, valueQuantity={"value": Decimal("-3.1")}
    )

    assert named(plain) == [(Reason.UNKNOWN_CODE, Site.LUMBAR_SPINE)]


@pytest.mark.parametrize(
    "other",
    [
        observation(coding(LOINC, "77580-9"), valueQuantity={"value": 34, "unit": "{Tscore}"}),
        observation({**coding(LOCAL, "P1"), "text": "PROMIS T-score"}, valueQuantity={"value": 34}),
        observation({**coding(LOCAL, "LVEF"), "text": "Ejectiefractie"}, valueQuantity=quantity(58, "%")),
        observation({"text": "Vetmassa DXA lichaamssamenstelling"}, valueQuantity=quantity(21, "kg")),
        observation({"text": "FRAX met BMD"}, valueQuantity=quantity(8, "%")),
    ],
)
def test_other_results_are_no_alarm(other: Json) -> None:
    assert named(other) == []


GENERIC = observation(coding(LOCAL, "TSCORE"), valueQuantity={"value": Decimal("-2.9"), "unit": "SD"})
BY_SITE = ReadingConfig(local_t_scores={(LOCAL, "TSCORE"): (None, None)})


def test_a_generic_local_code_counts_with_the_body_site_where_the_institution_says_so() -> None:
    (score,) = read(GENERIC | {"bodySite": NECK}, config=BY_SITE).record.t_scores
    (worded,) = read(GENERIC | {"bodySite": {"text": "LWK 1-4"}}, config=BY_SITE).record.t_scores

    assert (score.site, score.site_assumed) == (Site.FEMORAL_NECK, False)
    assert (worded.site, worded.site_assumed) == (Site.LUMBAR_SPINE, True)
    assert named(GENERIC, config=BY_SITE) == [(Reason.NO_SITE, None)]
    assert named({**GENERIC, "bodySite": NECK, "code": {**GENERIC["code"], "text": "T-score"}}) == [
        (Reason.UNKNOWN_CODE, Site.FEMORAL_NECK)
    ]


def test_a_house_suffix_counts_where_the_institution_maps_it() -> None:
    mapped = ReadingConfig(local_t_scores={(LOINC, "80946-7-0"): (Site.TOTAL_HIP, Side.LEFT)})

    (score,) = read(
        observation(coding(LOINC, "80946-7-0"), valueQuantity=SAYS_T), config=mapped
    ).record.t_scores

    assert (score.site, score.side) == (Site.TOTAL_HIP, Side.LEFT)


DENSITY = observation(coded((LOINC, "24966-4")), id="bmd", valueQuantity=quantity(Decimal("0.66"), "g/cm2"))
Z_SCORE = observation(coded((LOINC, "85394-5")), id="z", valueQuantity=quantity(Decimal("-2.4"), "{Z-score}"))
LOCAL_DENSITY = observation(
    {"text": "Botdichtheid LWK"}, id="own", valueQuantity=quantity(Decimal("0.66"), "g/cm2")
)
IN_WORDS = report(conclusion="Osteoporose. T-score LWK -2,7.")
AS_FILE = report(presentedForm=[{"contentType": "application/pdf", "title": "DXA"}])
BY_CPT = report(coding(CPT, "77080"))
BY_NAME = report({"text": "Botdichtheidsmeting"})
PANEL = observation(coded((LOINC, "83311-1")), id="panel")
DOCUMENT: Json = {
    "resourceType": "DocumentReference",
    "id": "document",
    "status": "current",
    "subject": SUBJECT,
    "type": coded((LOINC, "38269-7")),
    "date": "2026-11-12T09:00:00+01:00",
    "context": {"period": {"start": "2026-11-10"}},
}
ALONE = {
    "density": (DENSITY, Reason.DENSITY_ONLY),
    "z-score": (Z_SCORE, Reason.Z_SCORE_ONLY),
    "local density": (LOCAL_DENSITY, Reason.DENSITY_ONLY),
    "words": (IN_WORDS, Reason.REPORT_ONLY),
    "file": (AS_FILE, Reason.REPORT_ONLY),
    "CPT": (BY_CPT, Reason.REPORT_ONLY),
    "local report": (BY_NAME, Reason.REPORT_ONLY),
    "panel": (PANEL, Reason.REPORT_ONLY),
    "document": (DOCUMENT, Reason.REPORT_ONLY),
}


@pytest.mark.parametrize(("result", "reason"), ALONE.values(), ids=ALONE)
@pytest.mark.hazard(id="H03")
def test_a_scan_without_a_t_score_is_named_on_its_day(result: Json, reason: Reason) -> None:
    (refused,) = read(result).record.rejected

    assert (refused.reason, str(refused.on)) == (reason, "2026-11-10")


@pytest.mark.parametrize(("result", "reason"), ALONE.values(), ids=ALONE)
@pytest.mark.hazard(id="H03")
def test_it_is_named_beside_an_older_study_and_not_beside_its_own(result: Json, reason: Reason) -> None:
    assert [r for r, _ in named(t_score(effectiveDateTime="2020-01-13"), result)] == [reason]
    assert named(t_score(), result) == []


@pytest.mark.parametrize(("result", "_reason"), ALONE.values(), ids=ALONE)
def test_it_is_not_named_once_it_was_withdrawn(result: Json, _reason: Reason) -> None:
    assert named(result | {"status": "entered-in-error"}) == []


def test_a_forearm_beside_it_does_not_make_up_for_the_spine() -> None:
    assert [r for r, _ in named(t_score(code="38265-5"), AS_FILE)] == [Reason.REPORT_ONLY]


@pytest.mark.parametrize(
    "group",
    [
        report(result=[{"reference": "Observation/obs"}, {"reference": "Observation/gone"}]),
        report(result=[{"reference": "Observation/obs"}, {"reference": "#gone"}]),
        report(result=[{"reference": "Observation/obs"}, {"identifier": {"value": "17"}}]),
        observation(
            coded((LOINC, "83311-1")),
            id="panel",
            hasMember=[{"reference": "Observation/obs"}, {"reference": "Observation/gone"}],
        ),
    ],
)
@pytest.mark.hazard(id="H12")
def test_a_result_that_is_named_and_not_there_is_missed(group: Json) -> None:
    assert [r for r, _ in named(t_score(), group)] == [Reason.MEMBER_MISSING]


def test_a_result_that_is_there_under_any_reference_is_not_missed() -> None:
    whole = [{"reference": "https://fhir.example/r4/Observation/obs"}, {"reference": "#in"}]
    inner = {**DENSITY, "id": "in"}

    assert named(t_score(), report(result=whole, contained=[inner])) == []


def test_a_result_that_is_named_by_its_identifier_is_not_missed() -> None:
    known = {"system": "https://ris.example", "value": "17"}

    assert named(t_score(identifier=[known]), report(result=[{"identifier": known}])) == []


HIP = t_score(Decimal("-0.5"), "80946-7", id="hip")
HIP_DENSITY = observation(coded((LOINC, "46278-8")), id="b", valueQuantity=quantity(Decimal("0.9"), "g/cm2"))


@pytest.mark.hazard(id="H03")
@pytest.mark.parametrize("result", [DENSITY, LOCAL_DENSITY, Z_SCORE], ids=["density", "local", "z-score"])
def test_a_site_that_was_measured_without_its_t_score_is_named_beside_another_site(result: Json) -> None:
    assert [site for _, site in named(HIP, result)] == [Site.LUMBAR_SPINE]
    assert named(HIP, t_score(), result) == []
    assert named(HIP, HIP_DENSITY) == []


@pytest.mark.hazard(id="H03")
@pytest.mark.parametrize(
    "result",
    [
        report(conclusion="T-score LWK -2,9; T-score heup -0,5"),
        {**PANEL, "valueString": "T-score LWK -2,9"},
        {**PANEL, "note": [{"text": "T-score LWK -2,9"}]},
        observation(
            coded((LOINC, "19005-8")),
            id="said",
            category=[coding("http://terminology.hl7.org/CodeSystem/observation-category", "imaging")],
            valueString="DXA: T-score LWK -2,9",
        ),
    ],
    ids=["conclusion", "panel", "note", "impression"],
)
def test_words_that_tell_of_a_lower_value_than_all_numbers_are_named(result: Json) -> None:
    assert named(HIP, result) == [(Reason.REPORT_ONLY, None)]
    assert named(HIP, t_score(Decimal("-2.94")), result) == []
    assert named(HIP, t_score(Decimal("-3.2")), result) == []


def vertebra(number: int) -> Json:
    return t_score(Decimal("-3.0"), id=f"l{number}", code="38267-1") | {
        "code": coded((LOINC, "38267-1")) | {"text": f"L{number}"}
    }


@pytest.mark.hazard(id="H03")
def test_vertebrae_without_the_spine_as_a_whole_are_named_as_the_spine() -> None:
    assert named(HIP, vertebra(1), vertebra(2)) == [(Reason.MEMBER_MISSING, Site.LUMBAR_SPINE)]
    assert named(HIP, vertebra(3)) == []
    assert named(HIP, vertebra(1), vertebra(2), t_score()) == []


def test_a_part_of_a_panel_that_names_the_spine_and_a_number_is_named() -> None:
    def panel(label: str, value: Json) -> Json:
        return {**PANEL, "component": [{"code": {"text": label}, "valueQuantity": value}]}

    assert named(panel("L1-L4 LWK", {"value": Decimal("-2.9")})) == [(Reason.UNCODED, Site.LUMBAR_SPINE)]
    assert named(HIP, panel("LWK", {"value": Decimal("58.1"), "unit": "cm2"})) == []


@pytest.mark.parametrize(
    ("note", "seen"), [("Waarde niet betrouwbaar door artrose", True), ("Goed te beoordelen", False)]
)
def test_a_score_that_its_own_note_doubts_is_named(note: str, seen: bool) -> None:
    assert named(t_score(note=[{"text": note}])) == [(Reason.UNREADABLE, Site.LUMBAR_SPINE)] * seen


@pytest.mark.hazard(id="H03")
def test_a_scan_that_is_known_by_its_procedure_only_is_named_where_it_is_newer() -> None:
    scan = {
        "resourceType": "Procedure",
        "id": "scan",
        "status": "completed",
        "subject": SUBJECT,
        "code": snomed("312681000"),
        "performedDateTime": "2026-11-10",
    }

    assert named(t_score(effectiveDateTime="2025-10-13"), scan) == [(Reason.REPORT_ONLY, None)]
    assert named(t_score(), scan) == []
    assert named(scan, report()) == [(Reason.REPORT_ONLY, None)]
    for more in (
        {"status": "not-done"},
        {"performedDateTime": "2019-11-10"},
        {"code": {"text": "Echo hart"}},
    ):
        assert named(t_score(effectiveDateTime="2025-10-13"), scan | more) == []


def test_the_day_of_a_report_reaches_the_members_of_its_panels() -> None:
    undated = t_score(effectiveDateTime=None)
    panel = observation(
        coded((LOINC, "83311-1")),
        id="p",
        effectiveDateTime=None,
        hasMember=[{"reference": "Observation/obs"}],
    )
    (score,) = read(undated, panel, report(result=[{"reference": "Observation/p"}])).record.t_scores

    assert str(score.on) == "2026-11-10"


@pytest.mark.parametrize(
    ("conclusion", "seen"),
    [
        ("DXA: osteoporose LWK.", True),
        ("Osteopenie; overweeg DXA.", False),
        ("Osteoporose bekend (DXA 2019).", False),
        ("Botdensitometrie: geen osteoporose.", False),
    ],
)
def test_a_report_of_imaging_is_of_a_dxa_where_it_tells_what_that_showed(conclusion: str, seen: bool) -> None:
    told = report(coded((LOINC, "18748-4")), conclusion=conclusion)

    assert named(told) == [(Reason.REPORT_ONLY, None)] * seen


def test_a_contained_result_counts_with_a_subject_of_its_own_and_not_with_another() -> None:
    inner = {**t_score(effectiveDateTime=None), "id": "in"}
    mother = {**inner, "subject": {"reference": "Patient/mother"}}

    assert [s.site for s in read(report(contained=[inner])).record.t_scores] == [Site.LUMBAR_SPINE]
    assert named(report(contained=[mother])) == [(Reason.ANOTHER_PERSON, Site.LUMBAR_SPINE)]


@pytest.mark.parametrize(
    "focus",
    [
        {"display": "moeder van de patiënte"},
        {"reference": "RelatedPerson/mother"},
        {"reference": "Patient/x"},
    ],
)
def test_a_measurement_with_its_focus_on_somebody_else_is_not_hers(focus: Json) -> None:
    assert named(t_score(focus=[focus])) == [(Reason.ANOTHER_PERSON, Site.LUMBAR_SPINE)]
    assert [s.value for s in read(t_score(focus=[SUBJECT])).record.t_scores] == [Decimal("-2.7")]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"valueQuantity": {"value": 0, "unit": ""}, "valueString": "-2.8"}, Reason.TWO_VALUES),
        ({"dataAbsentReason": coded((LOCAL, "x"))}, Reason.TWO_VALUES),
        ({"valueQuantity": {"value": 0}, "note": [{"text": "T-score -2,8"}]}, Reason.TWO_VALUES),
        ({"valueQuantity": {"value": Decimal("-8.1")}}, Reason.IMPLAUSIBLE),
        ({"valueQuantity": {"value": Decimal("6.1")}}, Reason.IMPLAUSIBLE),
        ({"valueQuantity": {"value": Decimal("-2.8"), "unit": "Z-score"}}, Reason.UNIT_MISMATCH),
    ],
)
@pytest.mark.hazard(id="H34")
def test_a_number_that_is_in_doubt_is_refused(value: Json, reason: Reason) -> None:
    assert named(t_score(**value)) == [(reason, Site.LUMBAR_SPINE)]


@pytest.mark.parametrize("value", ["-8.0", "6.0", "0", "-5.4"])
def test_a_number_that_can_be_is_read(value: str) -> None:
    assert [s.value for s in read(t_score(Decimal(value))).record.t_scores] == [Decimal(value)]


@pytest.mark.parametrize("unit", ["T score", "SDs", "Std Dev", "SD", ""])
def test_a_unit_in_words_is_read(unit: str) -> None:
    quantity = {"value": Decimal("-2.8"), "unit": unit}

    assert [s.value for s in read(t_score(valueQuantity=quantity)).record.t_scores] == [Decimal("-2.8")]


@pytest.mark.parametrize(
    ("code", "body_site", "label", "site", "assumed", "level"),
    [
        ("38267-1", None, "T-score lumbar spine L1-4", Site.LUMBAR_SPINE, False, "L1-L4"),
        ("38267-1", {"text": "LWK L2-4"}, None, Site.LUMBAR_SPINE, False, "L2-L4"),
        ("38267-1", {**snomed("122496007"), "text": "L1-4"}, None, Site.LUMBAR_SPINE, False, "L1-L4"),
        ("38267-1", {**snomed("122496007"), "text": "L3"}, None, Site.LUMBAR_SPINE, False, None),
        ("38267-1", None, "L3", Site.SINGLE_VERTEBRA, False, "L3"),
        ("38267-1", {"text": "L3"}, None, Site.SINGLE_VERTEBRA, False, "L3"),
        ("80946-7", snomed("287679003"), None, Site.TOTAL_HIP, False, None),
        ("80948-3", None, "Col fémoral gauche", Site.FEMORAL_NECK, True, None),
        ("80948-3", {"coding": [{"display": "Left femoral neck"}]}, None, Site.FEMORAL_NECK, True, None),
        ("38263-0", {**coding(LOCAL, "FN"), "text": "Femurhals"}, None, Site.FEMORAL_NECK, True, None),
        ("80946-7", None, "Hip neck left", Site.FEMORAL_NECK, True, None),
        ("38267-1", {"text": "heup links"}, None, Site.LUMBAR_SPINE, True, None),
    ],
)
def test_codes_beat_words_and_words_tell_what_no_code_does(
    code: str, body_site: Json | None, label: str | None, site: Site, assumed: bool, level: str | None
) -> None:
    (score,) = read(
        t_score() | {"code": coded((LOINC, code), text=label), "bodySite": body_site}
    ).record.t_scores

    assert (score.site, score.site_assumed, score.level) == (site, assumed, level)


def test_a_hip_of_the_other_side_is_a_contradiction() -> None:
    assert named(t_score(code="80946-7", bodySite=snomed("287579007"))) == [
        (Reason.CODES_DISAGREE, Site.TOTAL_HIP)
    ]


def test_a_label_that_speaks_of_a_prosthesis_marks_the_hip() -> None:
    metal = {"code": coded((LOINC, "80945-9"), text="Right hip T-score (prosthesis in situ)")}

    assert [s.prosthesis for s in read(t_score() | metal).record.t_scores] == [True]
    assert [s.prosthesis for s in read(t_score()).record.t_scores] == [False]


@pytest.mark.parametrize(
    "said",
    [
        {"conclusion": "Osteoporose van de heup."},
        {"conclusionCode": [snomed("64859006")]},
        {"conclusionCode": [{"text": "Osteoporose"}]},
        {"presentedForm": [{"contentType": "text/plain", "data": "Q29uY2x1c2llOiBvc3Rlb3Bvcm9zZQ=="}]},
    ],
)
def test_what_calls_the_bone_low_is_a_sign_of_its_own(said: Json) -> None:
    high = t_score(Decimal("2.6"))
    marked = t_score(Decimal("2.6"), interpretation=[coding(None, "L") | coded(("urn:v3", "L"))])
    whole = report(result=[{"reference": "Observation/obs"}], **said)

    assert [s.evidence for s in read(high, whole).record.low_bone_signs] == ["DiagnosticReport/report"]
    assert [s.evidence for s in read(marked).record.low_bone_signs] == ["Observation/obs/_history/1"]
    assert read(high).record.low_bone_signs == ()


@pytest.mark.parametrize(
    ("dated", "day"),
    [
        ({"effectiveDateTime": "2026"}, "2026-11-20"),
        ({"effectiveDateTime": "2026-09"}, "2026-09-30"),
        ({"effectiveDateTime": None, "issued": "2026-09-17T09:00:00+02:00"}, "2026-09-17"),
        ({"effectiveDateTime": None}, "2026-11-20"),
    ],
)
def test_an_unread_report_counts_from_the_last_day_that_it_can_be_of(dated: Json, day: str) -> None:
    """It may be newer than what was read, and then what was read is history."""
    unread = {name: value for name, value in report(**dated).items() if value is not None}

    (refused,) = read(t_score(effectiveDateTime="2025-12-20"), unread).record.rejected

    assert (refused.reason, str(refused.on)) == (Reason.REPORT_ONLY, day)


@pytest.mark.hazard(id="H12")
def test_a_missing_result_counts_on_the_newest_day_of_its_report() -> None:
    named_both = [{"reference": "Observation/obs"}, {"reference": "Observation/gone"}]

    (refused,) = read(
        t_score(effectiveDateTime="2026-09-17"), report(result=named_both, effectiveDateTime="2026-09-15")
    ).record.rejected

    assert (refused.reason, str(refused.on)) == (Reason.MEMBER_MISSING, "2026-09-17")


@pytest.mark.parametrize(
    "said",
    [
        {"code": {**coded((LOINC, "38265-5")), "text": "DXA L1-L4 T-score lumbar"}},
        {"bodySite": {"text": "Lumbale wervelkolom"}},
        {"bodySite": snomed("122496007")},
    ],
)
def test_a_forearm_code_does_not_put_aside_what_calls_itself_the_spine(said: Json) -> None:
    """The code is often used for any T-score: read as a forearm, the value that decides would not count."""
    assert named(t_score(code="38265-5") | said) == [(Reason.CODES_DISAGREE, Site.LUMBAR_SPINE)]


@pytest.mark.parametrize(
    ("value", "unit"),
    [({"valueString": "-2,9"}, ""), ({"valueQuantity": {"value": Decimal("-2.8"), "unit": "SDs"}}, "SDs")],
)
def test_the_number_of_a_t_score_in_any_system_is_named_whatever_stands_beside_it(
    value: Json, unit: str
) -> None:
    assert named(observation(coding("urn:house", "38267-1"), **value)) == [
        (Reason.UNKNOWN_CODE, Site.LUMBAR_SPINE)
    ], unit


@pytest.mark.parametrize("unreadable", [{"?": "?"}, {"text": "???"}, {"coding": [{"code": "X"}]}])
def test_a_femur_whose_region_nobody_can_read_is_refused(unreadable: Json) -> None:
    """It may be the neck, and the femur alone never decides."""
    assert named(t_score(code="80948-3", bodySite=unreadable)) == [(Reason.NO_SITE, None)]
    assert [s.site for s in read(t_score(code="80948-3")).record.t_scores] == [Site.FEMUR_REGION_UNKNOWN]


@pytest.mark.parametrize("whole", [DENSITY, PANEL, t_score()], ids=["density", "panel", "T-score"])
@pytest.mark.parametrize("parts", [[{"?": "?"}], ["~"], "~", [{"code": {}}]])
def test_a_component_that_does_not_say_what_it_is_is_named(whole: Json, parts: object) -> None:
    assert Reason.UNREADABLE in [
        reason for reason, _ in named(t_score(code="80946-7", id="hip"), {**whole, "component": parts})
    ]


@pytest.mark.parametrize(
    "value", [{"valueQuantity": {"?": "?"}}, {"valueQuantity": None}, {"valueString": "0,66"}]
)
def test_a_density_that_nobody_can_read_is_named_beside_a_t_score(value: Json) -> None:
    spoilt = {name: it for name, it in {**DENSITY, "valueQuantity": None, **value}.items() if it is not None}

    assert named(t_score(code="80946-7"), spoilt) == [(Reason.UNREADABLE, Site.LUMBAR_SPINE)]


def test_a_report_that_cannot_be_read_is_named_beside_its_results() -> None:
    strange = report(result=[{"reference": "Observation/obs"}], modifierExtension=[{"url": "urn:x"}])

    assert named(t_score(), strange) == [(Reason.MODIFIER_EXTENSION, None)]


def test_a_report_without_a_day_may_be_of_today() -> None:
    undated = {name: it for name, it in IN_WORDS.items() if name != "effectiveDateTime"}

    assert [str(r.on) for r in read(t_score(effectiveDateTime="2020-01-13"), undated).record.rejected] == [
        "2026-11-20"
    ]
    assert [str(r.on) for r in read(t_score(), undated).record.rejected] == ["2026-11-10"]


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (report(coding("urn:house", "83311-1")), Reason.REPORT_ONLY),
        ({**DENSITY, "code": coding("urn:house", "24966-4")}, Reason.DENSITY_ONLY),
    ],
    ids=["report", "density"],
)
def test_the_number_of_a_dxa_in_any_system_is_named(result: Json, reason: Reason) -> None:
    assert [r for r, _ in named(result)] == [reason]


def test_the_number_of_the_forearm_in_another_system_may_be_any_site() -> None:
    assert named(observation(coding("urn:house", "38265-5"), valueQuantity=SAYS_T)) == [
        (Reason.UNKNOWN_CODE, None)
    ]


@pytest.mark.parametrize(
    ("conclusion", "reasons"),
    [
        ({"conclusionCode": [{"?": "?"}]}, [Reason.UNREADABLE]),
        ({"conclusionCode": "~"}, [Reason.UNREADABLE]),
        ({"conclusionCode": [coding("urn:house", "17")]}, [Reason.UNREADABLE]),
        ({"conclusion": {"?": "?"}}, [Reason.UNREADABLE]),
        ({"conclusionCode": [snomed("64859006")]}, []),
        ({"conclusionCode": [snomed("17621005")]}, []),
        ({"conclusionCode": [coding("urn:house", "17", "Normaal")]}, []),
        ({"conclusion": "Normale botdichtheid."}, []),
    ],
)
def test_a_conclusion_that_nobody_can_read_is_named(conclusion: Json, reasons: list[Reason]) -> None:
    whole = report(result=[{"reference": "Observation/obs"}], **conclusion)

    assert [reason for reason, _ in named(t_score(), whole)] == reasons


def test_a_withdrawn_t_score_under_any_number_is_named_as_withdrawn() -> None:
    house = observation(coding("urn:house", "38267-1"), valueQuantity=SAYS_T, status="entered-in-error")

    assert named(house) == [(Reason.WITHDRAWN, Site.LUMBAR_SPINE)]


@pytest.mark.parametrize(
    ("named", "seen"),
    [
        ({"description": "DXA bone density axial skeleton"}, True),
        ({"content": [{"attachment": {"title": "DEXA 2026.pdf"}}]}, True),
        ({"description": "X-thorax"}, False),
        ({"description": "DXA aangevraagd"}, False),
    ],
)
def test_a_document_of_any_imaging_is_of_a_dxa_by_its_title(named: Json, seen: bool) -> None:
    imaging = coded((LOINC, "18748-4"))
    document = {
        "resourceType": "DocumentReference",
        "id": "doc",
        "status": "current",
        "subject": SUBJECT,
        "type": imaging,
    }

    found = reasons(read({**document, "date": f"{DXA_DAY}T10:00:00Z", **named}))

    assert found == ([("t_score", "report_without_t_score")] if seen else [])
