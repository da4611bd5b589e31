"""What was measured without a usable T-score: named on its day, unless its own study has one."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from adapter.clinical.model import Reason, Rejected, Side, Site
from adapter.input.wire_json import Json
from mappings.codes import LOINC
from mappings.inbound import ReadingLimits, RecordReading
from tests.unit.inbound.made_records import (
    DXA_DAY,
    SUBJECT,
    TODAY,
    coded,
    observation,
    quantity,
    read,
    snomed,
    t_score,
)

DAY = date(2026, 11, 10)
HIP_CODE, SPINE_CODE, NECK_CODE = "80946-7", "38267-1", "38263-0"
IMAGING: Json = {"coding": [{"code": "imaging"}]}
UNSAID = "\u2318"  # neither a letter nor a digit


def report(*results: str, **more: object) -> Json:
    body = {"resourceType": "DiagnosticReport", "id": "report", "status": "final", "subject": SUBJECT}
    named = [{"reference": f"Observation/{it}"} for it in results]
    return {**body, "code": coded((LOINC, "38269-7")), "effectiveDateTime": DXA_DAY, "result": named, **more}


def hip(value: str = "-0.5", **more: object) -> Json:
    return t_score(Decimal(value), HIP_CODE, **{"id": "hip", **more})


def density(**more: object) -> Json:
    measured = {"id": "bmd", "valueQuantity": quantity(Decimal("0.66"), "g/cm2"), **more}
    return observation(coded((LOINC, "24966-4")), **measured)


def refused(*resources: Json, on: date = TODAY, config: RecordReading | None = None) -> list[Rejected]:
    given = [{k: v for k, v in it.items() if v is not None} for it in resources]
    return [it for it in read(*given, on=on, config=config).record.rejected if it.concerns == "t_score"]


def reasons_of(*resources: Json) -> list[Reason]:
    return [it.reason for it in refused(*resources)]


@pytest.mark.parametrize(
    ("said", "sites"),
    [
        ("T-score niet betrouwbaar.", [Site.LUMBAR_SPINE, Site.TOTAL_HIP]),
        ("Heup niet betrouwbaar door prothese.", [Site.TOTAL_HIP]),
        ("Linker heup niet betrouwbaar.", [Site.TOTAL_HIP]),
        ("Rechter heup niet betrouwbaar.", []),
        ("Collum niet betrouwbaar.", [Site.TOTAL_HIP]),  # one region
        ("L2 niet te beoordelen.", [Site.LUMBAR_SPINE]),
        ("Goede kwaliteit.", []),
    ],
)
def test_a_score_is_asked_about_where_its_report_doubts_it(said: str, sites: list[Site]) -> None:
    found = refused(t_score(), hip(), report("obs", "hip", conclusion=said))

    assert [(it.reason, it.site) for it in found] == [(Reason.UNREADABLE, site) for site in sites]
    assert {(it.on, it.evidence) for it in found} <= {(DAY, "DiagnosticReport/report")}


def test_a_doubt_about_one_side_may_be_about_a_hip_of_an_unknown_side() -> None:
    unsided = hip() | {"code": coded((LOINC, "38264-8"))}

    assert reasons_of(unsided, report("hip", conclusion="Linker heup niet betrouwbaar.")) == [
        Reason.UNREADABLE
    ]


@pytest.mark.parametrize(
    ("level", "said", "asked"),
    [
        ("L1-L4", "L2 niet te beoordelen.", True),
        ("L3-L4", "L2 niet te beoordelen.", False),
        ("L3-L4", "Wervelkolom niet te beoordelen.", True),
    ],
)
def test_a_doubt_about_a_vertebra_is_about_the_spine_that_holds_it(
    level: str, said: str, asked: bool
) -> None:
    spine = t_score() | {"code": coded((LOINC, SPINE_CODE), text=level)}

    assert reasons_of(spine, report("obs", conclusion=said)) == [Reason.UNREADABLE] * asked


@pytest.mark.parametrize(
    ("dated", "named", "asked"),
    [
        (DXA_DAY, True, True),
        ("2026-10-10", False, True),  # 31 days before
        ("2026-10-09", False, False),
        ("2026-12-11", False, True),
        ("2026-12-12", False, False),
        ("2026-10-09", True, True),
    ],
)
def test_a_doubt_is_about_the_scores_of_its_month_and_those_that_it_names(
    dated: str, named: bool, asked: bool
) -> None:
    doubting = report(*(["obs"] if named else []), conclusion="Niet betrouwbaar.", effectiveDateTime=dated)

    found = refused(t_score(), doubting, on=date(2027, 1, 10))

    assert [it.site for it in found if it.reason is Reason.UNREADABLE] == [Site.LUMBAR_SPINE] * asked


GONE = {"status": "entered-in-error"}


@pytest.mark.parametrize(
    ("above", "asked"),
    [
        ([report("hip", **GONE)], ["DiagnosticReport/report"]),
        ([report("hip", **GONE), report("hip", id="new")], []),
        ([report("hip")], []),
        ([report("hip"), observation({"text": "DXA"}, id="p", hasMember=[{"reference": "Observation/hip"}], **GONE)], ["Observation/p/_history/1"]),
    ],
)  # fmt: skip
def test_a_score_whose_only_report_was_withdrawn_stands_and_is_asked_about(
    above: list[Json], asked: list[str]
) -> None:
    reading = read(hip(), *above)

    assert [it.site for it in reading.record.t_scores] == [Site.TOTAL_HIP]
    found = [it for it in reading.record.rejected if it.concerns == "t_score"]
    assert [it.evidence for it in found] == asked
    assert {(it.reason, it.site, it.side, it.on) for it in found} <= {
        (Reason.STATUS_UNUSABLE, Site.TOTAL_HIP, Side.LEFT, DAY)
    }


@pytest.mark.parametrize(
    ("near", "day"),
    [
        (["2026-10-20"], date(2026, 10, 20)),  # 31 days before today
        (["2026-10-19"], TODAY),
        (["2026-10-25", "2026-11-02", "2026-10-28"], date(2026, 11, 2)),
        ([], TODAY),
    ],
)
def test_a_report_without_a_day_is_of_the_newest_study_of_this_month_or_of_today(
    near: list[str], day: date
) -> None:
    studies = [t_score(id=f"of-{it}", effectiveDateTime=it) for it in near]

    found = refused(*studies, report(effectiveDateTime=None))

    assert [(it.reason, it.on) for it in found] == [(Reason.REPORT_ONLY, day)]


@pytest.mark.parametrize(
    ("dated", "own"),
    [
        ({"effectiveDateTime": "2026-10-10"}, True),
        ({"effectiveDateTime": "2026-10-09"}, False),
        ({"effectiveDateTime": "2026-11-10"}, True),
        ({"effectiveDateTime": "2026-11"}, True),
        ({"effectiveDateTime": "2026-10"}, False),  # what is no whole day says itself how far it reaches
        ({"effectivePeriod": {"start": "2026-11-10", "end": "2026-11-12"}}, True),
        ({"effectivePeriod": {"start": "2026-11-11", "end": "2026-11-12"}}, False),
        ({"effectivePeriod": {"start": "2026-11-08", "end": "2026-11-10"}}, True),
        ({"effectivePeriod": {"start": "2026-11-08", "end": "2026-11-09"}}, False),
    ],
)
def test_a_density_is_of_the_study_of_its_month(dated: Json, own: bool) -> None:
    found = refused(t_score(), density(**{"effectiveDateTime": None, **dated}))

    assert [it.reason for it in found] == [Reason.DENSITY_ONLY] * (not own)


@pytest.mark.parametrize(("day", "on"), [(DXA_DAY, DAY), (None, None)])
def test_words_of_a_scan_that_nobody_can_read_are_named_on_their_day(
    day: str | None, on: date | None
) -> None:
    words = observation({"text": "Uitslag"}, category=[IMAGING], valueString=UNSAID, effectiveDateTime=day)

    assert [(it.reason, it.on) for it in refused(words)] == [(Reason.UNREADABLE, on)]
    assert Reason.UNREADABLE in reasons_of(words, t_score(id="other"))


@pytest.mark.parametrize(
    ("category", "label", "said", "asked"),
    [
        ("imaging", "Uitslag", UNSAID, True),
        ("laboratory", "Uitslag", UNSAID, False),
        ("survey", "Uitslag", UNSAID, False),
        ("imaging", "Botdichtheid", "Laag, osteoporose", True),
        ("survey", "Botdichtheid", "Laag, osteoporose", False),  # an answer, about a scan of another day
    ],
)
def test_words_are_of_a_scan_where_their_category_can_be_that_of_one(
    category: str, label: str, said: str, asked: bool
) -> None:
    kinds = [{"coding": [{"code": category}]}]
    words = observation({"text": label}, category=kinds, valueString=said)

    assert bool(refused(words)) is asked


@pytest.mark.parametrize(
    ("months", "named"), [(timedelta(0), True), (timedelta(days=1), False), (-timedelta(days=1), True)]
)
def test_a_scan_of_which_nothing_came_is_named_as_long_as_it_could_decide(
    months: timedelta, named: bool
) -> None:
    limits = RecordReading(limits=ReadingLimits(Decimal(29), Decimal(35), Decimal(24)))
    scan = {
        "resourceType": "Procedure", "id": "scan", "status": "completed", "subject": SUBJECT,
        "code": snomed("312681000"), "performedDateTime": "2024-11-20",
    }  # fmt: skip

    assert [it.on for it in refused(scan, on=TODAY + months, config=limits)] == [date(2024, 11, 20)] * named
    assert refused(scan, on=date(2024, 11, 19), config=limits) == []  # it is planned


@pytest.mark.parametrize(
    ("beside", "named"),
    [
        ([], [Reason.REPORT_ONLY]),
        (
            [report(conclusion="Osteopenie.", effectiveDateTime="2026-10-25")],
            [Reason.REPORT_ONLY],
        ),  # as the report
        ([report(effectiveDateTime="2025-10-25")], [Reason.REPORT_ONLY] * 2),
        ([report(effectiveDateTime=None)], [Reason.REPORT_ONLY] * 2),
    ],
)
def test_a_scan_is_told_by_the_report_of_its_month(beside: list[Json], named: list[Reason]) -> None:
    study = {
        "resourceType": "ImagingStudy", "id": "study", "status": "available", "subject": SUBJECT,
        "started": DXA_DAY, "description": "DXA heup en LWK",
    }  # fmt: skip

    assert reasons_of(study, *beside) == named


def test_a_modified_report_is_named_beside_the_scores_of_its_study() -> None:
    modified = report("hip", modifierExtension=[{"url": "x"}])

    assert reasons_of(hip(), modified) == [Reason.MODIFIER_EXTENSION]


def vertebra(number: int, day: str = DXA_DAY) -> Json:
    single = t_score(Decimal("-3.0"), id=f"l{number}", effectiveDateTime=day)
    return single | {"code": coded((LOINC, SPINE_CODE), text=f"L{number}")}


def test_single_vertebrae_are_a_spine_on_each_of_their_days() -> None:
    found = refused(vertebra(1), vertebra(2), vertebra(3, "2025-05-05"), vertebra(4, "2025-05-05"))

    assert {(it.reason, it.site, it.on, it.evidence) for it in found} == {
        (Reason.MEMBER_MISSING, Site.LUMBAR_SPINE, DAY, "Observation/l1/_history/1"),
        (Reason.MEMBER_MISSING, Site.LUMBAR_SPINE, date(2025, 5, 5), "Observation/l3/_history/1"),
    }


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("T-score LWK -2,9", True),
        ("T-score heup -0,5", False),
        ("T-score heup -0,55", False),  # within the rounding of words
        ("T-score heup -0,56", True),
        ("T-score heup -0,4", False),
        ("T-score LWK -0,4; T-score LWK -2,9", True),
    ],
)
@pytest.mark.parametrize("named", [True, False])
def test_words_are_asked_about_that_tell_of_a_lower_value_than_every_number(
    said: str, asked: bool, named: bool
) -> None:
    found = refused(hip(), report(*(["hip"] if named else []), conclusion=said))

    assert [(it.reason, it.on) for it in found] == [(Reason.REPORT_ONLY, DAY)] * asked


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("T-score heup -0,5; T-score LWK -2,0", False),
        ("T-score heup -1,0", False),  # neither, and above the lowest
        ("T-score heup -2,3", True),
    ],
)
def test_words_are_held_against_all_numbers_of_the_study(said: str, asked: bool) -> None:
    found = refused(hip(), t_score(Decimal("-2.0")), report(conclusion=said))

    assert [it.reason for it in found] == [Reason.REPORT_ONLY] * asked


def test_words_may_compare_with_a_number_of_an_earlier_study() -> None:
    earlier = hip("-2.9", id="earlier", effectiveDateTime="2020-01-10")

    assert reasons_of(hip(), earlier, report(conclusion="T-score heup -0,5. Eerder: T-score -2,9")) == []
    assert reasons_of(hip(), report(conclusion="T-score heup -0,5. Eerder: T-score -2,9")) == [
        Reason.REPORT_ONLY
    ]


def test_a_lower_value_in_words_is_of_the_newest_study_that_it_can_be_of() -> None:
    between = report(conclusion="T-score LWK -2,9", effectiveDateTime="2026-10-30")

    found = refused(hip(), hip("-0.7", id="before", effectiveDateTime="2026-10-15"), between)

    assert [(it.reason, it.on) for it in found] == [(Reason.REPORT_ONLY, DAY)]


def test_words_of_another_study_tell_nothing_of_this_one() -> None:
    old = report(conclusion="T-score LWK -2,9", effectiveDateTime="2025-01-10")

    assert [it.on for it in refused(hip(), old)] == [date(2025, 1, 10)]  # as a report without numbers


@pytest.mark.parametrize(
    ("dated", "day"),
    [(DXA_DAY, DAY), ("2026-11-12", date(2026, 11, 12)), (None, DAY)],
)
def test_a_missing_result_is_named_on_the_newest_day_of_its_report(dated: str | None, day: date) -> None:
    found = refused(hip(), report("hip", "gone", effectiveDateTime=dated))

    assert [(it.reason, it.on) for it in found] == [(Reason.MEMBER_MISSING, day)]


@pytest.mark.parametrize(
    ("code", "value", "reason"),
    [
        (coded((LOINC, "24966-4")), {"valueQuantity": quantity(Decimal("0.66"), "g/cm2")}, Reason.DENSITY_ONLY),
        (coded((LOINC, "24966-4")), {"component": [{"code": {"text": "Oppervlak"}}]}, Reason.DENSITY_ONLY),
        (coded((LOINC, "85394-5")), {"valueQuantity": quantity(Decimal("-2.4"), "{Z}")}, Reason.Z_SCORE_ONLY),
        ({"text": "Botdichtheid LWK"}, {"valueQuantity": quantity(Decimal("0.66"), "g/cm2")}, Reason.DENSITY_ONLY),
        ({"text": "Botdichtheid LWK"}, {"valueString": "verlaagd"}, Reason.REPORT_ONLY),
    ],
)  # fmt: skip
@pytest.mark.parametrize("modified", [False, True])
def test_a_result_without_a_t_score_is_named_by_what_it_is(
    code: Json, value: Json, reason: Reason, modified: bool
) -> None:
    more = {"modifierExtension": [{"url": "x"}]} if modified else {}

    found = {it.reason for it in refused(observation(code, **value, **more))}

    assert (Reason.MODIFIER_EXTENSION if modified else reason) in found
