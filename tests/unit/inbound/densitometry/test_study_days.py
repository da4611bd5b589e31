"""One scan is one study, however its parts are dated (C-61): the worst value that can be its own decides."""

from datetime import date
from decimal import Decimal

import pytest

from adapter.clinical.model import Reason, TScore
from adapter.input.wire_json import Json
from mappings.codes import LOINC
from mappings.inbound.densitometry.study_days import MONTH
from mappings.pathways import load
from tests.unit.inbound.made_records import SUBJECT, coded, read, t_score

SCAN = date(2026, 9, 15)
SPINE, HIP = "38267-1", "80946-7"


def report(*results: str, **more: object) -> Json:
    named = [{"reference": f"Observation/{name}"} for name in results]
    body = {"resourceType": "DiagnosticReport", "id": "report", "status": "final", "subject": SUBJECT}
    return {**body, "code": coded((LOINC, "38269-7")), "result": named, **more}


def hip(**more: object) -> Json:
    return t_score(Decimal("-0.8"), HIP, **{"id": "hip", "effectiveDateTime": "2026-09-15", **more})


def spine(**more: object) -> Json:
    return t_score(Decimal("-2.4"), SPINE, **{"id": "spine", "effectiveDateTime": "2026-09-15", **more})


def scores(*resources: Json) -> dict[str, TScore]:
    return {s.evidence.split("/")[1]: s for s in read(*resources).record.t_scores}


@pytest.mark.parametrize(
    ("dated", "guess"),
    [
        ({"effectiveDateTime": "2026-09-14T22:00:00Z"}, False),
        ({"effectiveDateTime": "2026-09"}, False),
        ({"effectiveDateTime": "2026"}, True),
        ({"effectiveDateTime": None, "effectivePeriod": {"start": "2026-09-10", "end": "2026-09-15"}}, False),
        ({"effectiveDateTime": None, "effectivePeriod": {"start": "2026", "end": "2026-10"}}, True),
        ({"effectiveDateTime": None, "issued": "2026-09-17T09:00:00+02:00"}, True),
    ],
)
def test_what_can_be_the_same_scan_is_the_same_study(dated: Json, guess: bool) -> None:
    found = scores(hip(), spine(**dated))

    assert (found["hip"].on, found["spine"].on) == (SCAN, SCAN)
    assert (found["spine"].earliest is not None) is guess


TYPED: Json = {"effectiveDateTime": None}


@pytest.mark.parametrize(
    ("dated", "day", "same"),
    [
        ({"effectiveDateTime": "2026-09"}, "2026-08-31", False),
        ({"effectiveDateTime": "2026-09"}, "2026-09-01", True),
        ({"effectiveDateTime": "2026-09"}, "2026-09-30", True),
        ({"effectiveDateTime": "2026-09"}, "2026-10-01", False),
        ({**TYPED, "issued": "2026-10-16T09:00:00Z"}, "2026-09-14", False),
        ({**TYPED, "issued": "2026-10-16T09:00:00Z"}, "2026-09-15", True),
        ({**TYPED, "issued": "2026-10-16T09:00:00Z"}, "2026-10-16", True),
        ({**TYPED, "issued": "2026-10-16T09:00:00Z"}, "2026-10-17", False),
    ],
)
def test_it_is_the_same_scan_from_its_first_possible_day_to_its_last(
    dated: Json, day: str, same: bool
) -> None:
    found = scores(hip(effectiveDateTime=day), spine(**dated))

    assert (found["hip"].on == found["spine"].on) is same


@pytest.mark.parametrize(
    ("start", "earliest"), [("2026-08-15", None), ("2026-08-14", date(2026, 8, 14))], ids=["month", "more"]
)
def test_a_guess_over_more_than_a_month_keeps_its_first_day(start: str, earliest: date | None) -> None:
    period = {"effectiveDateTime": None, "effectivePeriod": {"start": start, "end": "2026-09-15"}}

    found = scores(hip(), spine(**period))

    assert (found["spine"].on, found["spine"].earliest) == (SCAN, earliest)


@pytest.mark.parametrize(
    "year", [{"effectiveDateTime": "2026"}, {**TYPED, "effectivePeriod": {"start": "2026", "end": "2026"}}]
)
def test_in_one_report_a_year_is_the_day_of_the_others(year: Json) -> None:
    found = scores(hip(), spine(**year), report("spine", "hip"))

    assert (found["hip"].on, found["spine"].on, found["spine"].earliest) == (SCAN, SCAN, None)


def test_of_one_report_over_some_days_the_last_is_that_of_its_refused_values() -> None:
    refused = hip(effectiveDateTime="2026-09-13", valueQuantity=None, valueString="-2,9")
    neck = t_score(Decimal("-1.1"), "38263-0", id="neck", effectiveDateTime="2026-09-17")

    reading = read(spine(), neck, refused, report("spine", "hip", "neck"))

    assert [(it.reason, it.on) for it in reading.record.rejected] == [(Reason.NON_NUMERIC, date(2026, 9, 17))]
    assert {it.on for it in reading.record.t_scores} == {SCAN, date(2026, 9, 17)}


def until(day: str) -> Json:
    return {"effectiveDateTime": None, "effectivePeriod": {"start": "2026-07-01", "end": day}}


@pytest.mark.parametrize(("end", "same"), [("2026-08-15", True), ("2026-08-14", False)])
def test_what_one_report_names_is_one_study_unless_more_than_a_month_lies_between(
    end: str, same: bool
) -> None:
    found = scores(hip(), spine(**until(end)), report("spine", "hip"))

    assert (found["spine"].on == SCAN) is same


def test_of_one_report_without_any_whole_day_the_days_that_all_can_be_are_left() -> None:
    found = scores(hip(effectiveDateTime="2026"), spine(effectiveDateTime="2026-09"), report("spine", "hip"))

    assert found["hip"].on == found["spine"].on == date(2026, 9, 1)


def test_of_one_report_without_any_whole_day_no_other_study_is_that_of_its_widest_part() -> None:
    later = t_score(Decimal("-1.1"), "38263-0", id="neck", effectiveDateTime="2026-11-10")

    found = scores(
        later, hip(effectiveDateTime="2026"), spine(effectiveDateTime="2026-09"), report("spine", "hip")
    )

    assert {it.on for name, it in found.items() if name != "neck"} == {date(2026, 9, 1)}


def test_of_a_month_and_a_day_of_typing_in_one_report_the_first_common_day_counts() -> None:
    typed = hip(**TYPED, issued="2026-10-05T09:00:00Z")

    found = scores(typed, spine(effectiveDateTime="2026-09"), report("spine", "hip"))

    assert {it.on for it in found.values()} == {date(2026, 9, 4)}


def test_what_hangs_together_by_another_report_is_one_study_too() -> None:
    neck = t_score(Decimal("-1.1"), "38263-0", id="neck", effectiveDateTime="2026")
    both = report("spine", "neck"), report("neck", "hip") | {"id": "other"}

    found = scores(hip(), neck, spine(**until("2026-08-20")), *both)

    assert {it.on for it in found.values()} == {SCAN}
    assert {it.earliest for it in found.values()} == {None}


def test_what_hangs_together_by_its_day_is_one_study_too() -> None:
    refused = hip(valueQuantity=None, valueString="-2,9")
    neck = t_score(Decimal("-1.1"), "38263-0", id="neck", effectiveDateTime="2026-09-17")

    reading = read(spine(), neck, refused, report("spine", "neck"))

    assert [(it.reason, it.on) for it in reading.record.rejected] == [(Reason.NON_NUMERIC, date(2026, 9, 17))]


def test_what_is_known_by_a_month_and_by_typing_is_one_study_where_both_can_be() -> None:
    """Of two that nobody dated the later begins, and the other joins it."""
    typed = hip(**TYPED, issued="2026-10-05T09:00:00Z")

    found = scores(typed, spine(effectiveDateTime="2026-09"))

    assert found["hip"].on == found["spine"].on == date(2026, 10, 5)


@pytest.mark.parametrize("effective", ["2026-08-15", "2025", "2026-10"])
def test_what_cannot_be_the_same_scan_stays_another_study(effective: str) -> None:
    assert scores(hip(), spine(effectiveDateTime=effective))["spine"].on != SCAN


def test_a_value_with_the_day_of_typing_only_takes_the_day_of_its_report() -> None:
    typed = hip(effectiveDateTime=None, issued="2026-09-17T09:00:00+02:00")

    found = scores(spine(), typed, report("spine", "hip", effectiveDateTime="2026-09-15"))

    assert (found["hip"].on, found["hip"].earliest) == (SCAN, None)
    assert found["hip"].report == found["spine"].report != ""


def test_a_report_groups_and_redates_nothing() -> None:
    found = scores(
        spine(), hip(effectiveDateTime="2026-09-17"), report("spine", "hip", effectiveDateTime="2026-09-15")
    )

    assert (found["spine"].on, found["hip"].on) == (SCAN, date(2026, 9, 17))
    assert found["hip"].report == found["spine"].report != ""


def test_a_year_belongs_to_the_newest_study_that_it_can_belong_to() -> None:
    earlier = hip(id="earlier", effectiveDateTime="2026-01-10")

    assert scores(hip(), earlier, spine(effectiveDateTime="2026"))["spine"].on == SCAN


def test_a_refused_value_stands_in_the_study_that_it_belongs_to() -> None:
    text = spine(effectiveDateTime="2026", valueQuantity=None, valueString="-2,9")

    (refused,) = read(hip(), text).record.rejected

    assert (refused.reason, refused.on) == (Reason.NON_NUMERIC, SCAN)


def test_two_values_typed_on_two_days_are_one_study_when_nobody_says_otherwise() -> None:
    one = hip(effectiveDateTime=None, issued="2026-09-17T09:00:00+02:00")
    other = spine(effectiveDateTime=None, issued="2026-09-15T09:00:00+02:00")

    found = scores(one, other)

    assert found["hip"].on == found["spine"].on == date(2026, 9, 17)


def test_a_month_is_what_the_rules_call_one_study() -> None:
    assert MONTH.days == load("core").core["one_study_within_days"]
