"""Renal function, marks of the laboratory, FRAX as read."""

from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from adapter.clinical.lab_marks import newest, of_its_day, reported_mark, undecided
from adapter.clinical.model import (
    Analyte,
    BoneRecord,
    Certainty,
    Condition,
    ConditionKind,
    Frax,
    Lab,
    LabMark,
    Percent,
    Sex,
)
from tests.factories import STUDY_DAY
from tests.unit.clinical.questions import NOBODY, ask, cites, days, of_conditions

a_lab = partial(Lab, on=STUDY_DAY)


def of_labs(*labs: Lab, **more: Any) -> BoneRecord:
    return BoneRecord(labs=labs, **more)


def egfr(value: str) -> Lab:
    return a_lab(Analyte.EGFR, Decimal(value), evidence="O/egfr")


CLEARANCE = a_lab(Analyte.CREATININE_CLEARANCE, Decimal(40), evidence="O/clearance")
CREATININE = a_lab(Analyte.CREATININE, Decimal("88.42"), evidence="O/creatinine")
WEIGHED: dict[str, Any] = {"sex": Sex.MALE, "birth_date": days("1946-11-20"), "weight_kg": Decimal(42)}


@pytest.mark.parametrize(
    ("record", "value"),
    [
        (of_labs(egfr("60")), "60"),
        (of_labs(egfr("60"), CLEARANCE), "40"),
        (of_labs(egfr("60"), CREATININE, **WEIGHED), "35"),
        (of_labs(CLEARANCE, CREATININE, **WEIGHED), "40"),
        (of_labs(CREATININE, **WEIGHED | {"sex": Sex.FEMALE}), "29.75"),
        (of_labs(CREATININE, **WEIGHED | {"weight_kg": Decimal(84)}), "70"),
        (
            of_labs(CREATININE, **WEIGHED | {"birth_date": days("1946-11-21")}),
            "35.58333333333333333333333333",
        ),
        (of_labs(replace(CREATININE, value=Decimal("176.84")), **WEIGHED), "17.5"),
    ],
)
def test_renal_function_is_the_clearance_else_the_egfr(record: BoneRecord, value: str) -> None:
    assert ask("renal_function", record) == Decimal(value)


@pytest.mark.parametrize("missing", ["sex", "birth_date", "weight_kg"])
def test_clearance_is_not_computed_while_anything_is_missing(missing: str) -> None:
    record = of_labs(CREATININE, **WEIGHED | {missing: None})

    assert ask("renal_function", record) is None
    assert ask("renal_function", replace(record, labs=(CREATININE, egfr("60")))) == 60


def test_a_weight_of_zero_is_no_figure() -> None:
    assert ask("renal_function", of_labs(CREATININE, **WEIGHED | {"weight_kg": Decimal(0)})) is None
    assert ask("renal_function", of_labs(replace(CREATININE, value=None), **WEIGHED)) is None
    assert ask("renal_function", NOBODY) is None


@pytest.mark.parametrize(
    ("value", "near"),
    [("19.9", False), ("20", True), ("30", True), ("35", True), ("45", True), ("45.1", False), ("75", False)],
)
def test_an_egfr_within_ten_of_a_limit(value: str, near: bool) -> None:
    assert ask("renal_function_near_limit", of_labs(egfr(value))) is near
    assert ask("renal_function_near_limit", of_labs(egfr(value), CLEARANCE)) is False
    assert ask("renal_function_near_limit", of_labs(egfr(value), CREATININE, **WEIGHED)) is False


def test_without_an_egfr_nothing_is_near() -> None:
    assert ask("renal_function_near_limit", NOBODY) is False
    assert ask("renal_function_near_limit", of_labs(replace(egfr("30"), value=None))) is False


def test_references_of_renal_function() -> None:
    record = of_labs(egfr("60"), CLEARANCE, CREATININE, a_lab(Analyte.CALCIUM, evidence="O/calcium"))

    for name in ("renal_function", "renal_function_near_limit"):
        assert cites(name, record) == ("O/egfr", "O/clearance", "O/creatinine")


MARKED = {
    "calcium_low": (Analyte.CALCIUM, LabMark.LOW, ConditionKind.HYPOCALCAEMIA),
    "calcium_high": (Analyte.CALCIUM, LabMark.HIGH, ConditionKind.HYPERCALCAEMIA),
    "vitamin_d_low": (Analyte.VITAMIN_D_25OH, LabMark.LOW, None),
    "alkaline_phosphatase_high": (Analyte.ALKALINE_PHOSPHATASE, LabMark.HIGH, None),
}


@pytest.mark.parametrize("term", MARKED)
def test_only_the_mark_of_the_laboratory_counts(term: str) -> None:
    analyte, mark, kind = MARKED[term]
    for given in LabMark:
        assert ask(term, of_labs(a_lab(analyte, mark=given))) is (given is mark)
    assert ask(term, of_labs(a_lab(analyte, Decimal("2.4")))) is None  # nobody says what that is
    assert ask(term, of_labs(a_lab(Analyte.TSH, mark=mark))) is None
    assert ask(term, NOBODY) is None
    assert cites(term, of_labs(a_lab(analyte, evidence="O/1"), egfr("60"))) == ("O/1",)
    if kind:
        assert ask(term, of_conditions(Condition(kind))) is True
        assert ask(term, of_conditions(Condition(kind, Certainty.SUSPECTED))) is True
        assert ask(term, of_conditions(Condition(kind, active=False))) is None
        assert ask(term, of_conditions(Condition(kind, Certainty.REFUTED))) is None


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ("1.90", "2.80", True, True),
        ("1.90", "2.30", True, False),
        ("2.80", "2.30", False, True),
        ("2.30", "2.40", None, None),
        ("1.90", "high", True, True),
        ("low", "2.80", True, True),
        ("low", "high", True, True),
        ("low", "normal", True, False),
        ("normal", "1.90", True, False),
    ],
)
def test_of_two_calciums_of_one_day_neither_alarm_hides_the_other(
    first: str, second: str, low: bool | None, high: bool | None
) -> None:
    one, other = (
        a_lab(Analyte.CALCIUM, mark=LabMark(said))
        if said.isalpha()
        else a_lab(Analyte.CALCIUM, Decimal(said))
        for said in (first, second)
    )
    for record in (of_labs(one, other), of_labs(other, one)):
        assert (ask("calcium_low", record), ask("calcium_high", record)) == (low, high)


def test_a_total_calcium_says_nothing_beside_the_corrected_one_of_its_day() -> None:
    total, corrected = (
        a_lab(Analyte.CALCIUM, mark=it, corrected=it is LabMark.NORMAL)
        for it in (LabMark.LOW, LabMark.NORMAL)
    )

    assert ask("calcium_low", of_labs(total, corrected)) is False


@pytest.mark.parametrize(
    ("calcium", "low", "high"),
    [("2.09", True, False), ("2.10", None, None), ("2.60", None, None), ("2.61", False, True)],
)
def test_a_calcium_without_a_mark_alarms_by_its_number_and_never_reassures(
    calcium: str, low: bool | None, high: bool | None
) -> None:
    record = of_labs(a_lab(Analyte.CALCIUM, Decimal(calcium)))

    assert (ask("calcium_low", record), ask("calcium_high", record)) == (low, high)


LIMITS = {
    "25_oh_d": {"low_below": Decimal(30), "high_above": Decimal(150)},
    "calcium": {"high_above": Decimal("2.6")},
}


@pytest.mark.parametrize(
    ("term", "found", "answer"),
    [
        ("vitamin_d_low", a_lab(Analyte.VITAMIN_D_25OH, Decimal("29.9")), True),
        ("vitamin_d_low", a_lab(Analyte.VITAMIN_D_25OH, Decimal(30)), False),
        ("vitamin_d_low", a_lab(Analyte.VITAMIN_D_25OH, Decimal(30), LabMark.LOW), False),
        ("vitamin_d_low", a_lab(Analyte.VITAMIN_D_25OH, None, LabMark.LOW), True),
        ("vitamin_d_low", a_lab(Analyte.VITAMIN_D_25OH, Decimal(151)), False),
        ("calcium_high", a_lab(Analyte.CALCIUM, Decimal("2.61")), True),
        ("calcium_high", a_lab(Analyte.CALCIUM, Decimal("2.6")), None),
        ("calcium_low", a_lab(Analyte.CALCIUM, Decimal("1.0")), True),
        ("alkaline_phosphatase_high", a_lab(Analyte.ALKALINE_PHOSPHATASE, Decimal(900)), None),
        ("alkaline_phosphatase_high", a_lab(Analyte.ALKALINE_PHOSPHATASE, Decimal(9), LabMark.HIGH), True),
    ],
)
def test_the_limits_of_an_institution_stand_for_the_mark(term: str, found: Lab, answer: bool | None) -> None:
    assert ask(term, of_labs(found), lab_limits=LIMITS) is answer


def test_a_limit_of_zero_is_a_limit() -> None:
    limits = {"calcium": {"low_below": Decimal(0), "high_above": Decimal(0)}}

    assert ask("calcium_high", of_labs(a_lab(Analyte.CALCIUM, Decimal(1))), lab_limits=limits) is True


THRESHOLD = {"mof_pct": Decimal(20), "hip_pct": Decimal(3)}


def percent(written: str | None) -> Percent | None:
    return None if written is None else Percent(written)


@pytest.mark.parametrize(
    ("mof", "hip", "threshold", "exceeds"),
    [
        ("20", "1", THRESHOLD, True),
        ("19.9", "2.9", THRESHOLD, False),
        ("5", "3", THRESHOLD, True),
        ("20", None, THRESHOLD, True),
        (None, "3", THRESHOLD, True),
        (None, None, THRESHOLD, None),
        ("19", "9", {"mof_pct": Decimal(20)}, False),
        ("20", "0", {"mof_pct": Decimal(20)}, True),
        ("20", "3", {"hip_pct": Decimal(3)}, True),
        ("99", None, {"hip_pct": Decimal(3)}, None),
        ("50", "50", None, None),
        ("50", "50", {}, None),
    ],
)
def test_frax_exceeds_where_either_value_reaches_its_threshold(
    mof: str | None, hip: str | None, threshold: dict[str, Decimal] | None, exceeds: bool | None
) -> None:
    record = BoneRecord(frax=Frax(percent(mof), percent(hip), evidence="O/frax"))

    assert ask("frax_exceeds_threshold", record, frax_threshold=threshold) is exceeds
    assert cites("frax_exceeds_threshold", record) == cites("frax_known", record) == ("O/frax",)
    assert ask("frax_known", record) is True


@pytest.mark.parametrize(("mof", "hip"), [("10", None), (None, "1")])
def test_a_value_of_frax_that_is_not_known_is_not_below_its_threshold(
    mof: str | None, hip: str | None
) -> None:
    record = BoneRecord(frax=Frax(percent(mof), percent(hip)))

    assert ask("frax_exceeds_threshold", record, frax_threshold=THRESHOLD) is None


def test_frax_that_was_not_read_is_unknown() -> None:
    assert ask("frax_exceeds_threshold", NOBODY, frax_threshold=THRESHOLD) is None
    assert ask("frax_known", NOBODY) is False
    assert cites("frax_known", NOBODY) == ()


@pytest.mark.parametrize(
    ("value", "low", "high", "is_high", "is_low"),
    [
        ("2.7", "2.2", "2.6", True, False),
        ("2.1", "2.2", "2.6", False, True),
        ("2.3", "2.2", "2.6", False, False),
        ("2.3", "2.2", None, None, None),
        ("2.8", "2.2", None, True, False),
        ("2.3", None, "2.6", None, None),
        ("1.7", None, "2.6", False, True),
    ],
)
def test_a_value_without_a_mark_is_held_against_the_limits_of_its_laboratory(
    value: str, low: str | None, high: str | None, is_high: bool | None, is_low: bool | None
) -> None:
    lowest, highest = (Decimal(it) if it else None for it in (low, high))
    found = of_labs(replace(a_lab(Analyte.CALCIUM, Decimal(value)), low=lowest, high=highest))

    assert (ask("calcium_high", found), ask("calcium_low", found)) == (is_high, is_low)


@pytest.mark.parametrize(
    ("limits", "mark", "value", "is_high", "is_low"),
    [
        (
            {"high_above": Decimal("2.75")},
            None,
            "1.95",
            False,
            True,
        ),  # an upper limit says nothing of too little
        (
            {"high_above": Decimal("2.75")},
            LabMark.HIGH,
            "2.65",
            None,
            None,
        ),  # the house has its own upper limit
        ({"high_above": Decimal("2.75")}, LabMark.LOW, "2.12", False, True),
        ({"high_above": Decimal("2.75"), "low_below": Decimal("2.1")}, LabMark.LOW, "2.12", False, False),
        ({"low_below": Decimal("2.0")}, LabMark.HIGH, "2.65", True, False),
    ],
)
def test_a_limit_of_the_institution_stands_for_its_own_side_only(
    limits: dict[str, Decimal], mark: LabMark | None, value: str, is_high: bool | None, is_low: bool | None
) -> None:
    found = of_labs(replace(a_lab(Analyte.CALCIUM, Decimal(value)), mark=mark))

    asked = [ask(term, found, lab_limits={"calcium": limits}) for term in ("calcium_high", "calcium_low")]

    assert asked == [is_high, is_low]


def of_kind(analyte: Analyte, value: str | None, mark: LabMark | None = None, **more: Any) -> Lab:
    return a_lab(analyte, None if value is None else Decimal(value), mark, **more)


LOW, HIGH, NORMAL = LabMark.LOW, LabMark.HIGH, LabMark.NORMAL
EARLIER = days("2026-11-09")


@pytest.mark.parametrize(
    ("counts", "other"),
    [
        # The later day, whatever it says; a value without a day comes before none that has one.
        (of_kind(Analyte.EGFR, "60"), of_kind(Analyte.EGFR, "30", on=EARLIER)),
        (of_kind(Analyte.EGFR, "60", on=EARLIER), of_kind(Analyte.EGFR, "30", on=None)),
        (of_kind(Analyte.CALCIUM, "2.4", on=STUDY_DAY), of_kind(Analyte.CALCIUM, "2.9", corrected=True, on=EARLIER)),
        # Of one day the calcium that was corrected for albumin.
        (of_kind(Analyte.CALCIUM, "2.4", NORMAL, corrected=True), of_kind(Analyte.CALCIUM, "2.9", HIGH)),
        # A mark of the side that harms before a number alone ...
        (of_kind(Analyte.VITAMIN_D_25OH, "40", LOW), of_kind(Analyte.VITAMIN_D_25OH, "30")),
        (of_kind(Analyte.ALKALINE_PHOSPHATASE, "120", HIGH), of_kind(Analyte.ALKALINE_PHOSPHATASE, "900")),
        (of_kind(Analyte.VITAMIN_D_25OH, None, LOW), of_kind(Analyte.VITAMIN_D_25OH, "30")),
        (of_kind(Analyte.CALCIUM, "2.0", LOW), of_kind(Analyte.CALCIUM, "2.4")),
        (of_kind(Analyte.CALCIUM, "2.0", HIGH), of_kind(Analyte.CALCIUM, "2.4", NORMAL)),
        # ... but not of the other side, and not of the kidneys, which decide by their number.
        (of_kind(Analyte.VITAMIN_D_25OH, "30"), of_kind(Analyte.VITAMIN_D_25OH, "200", HIGH)),
        (of_kind(Analyte.EGFR, "30"), of_kind(Analyte.EGFR, "60", LOW)),
        (of_kind(Analyte.CREATININE_CLEARANCE, "30"), of_kind(Analyte.CREATININE_CLEARANCE, "60", LOW)),
        (of_kind(Analyte.CREATININE, "210"), of_kind(Analyte.CREATININE, "90", HIGH)),
        (of_kind(Analyte.EGFR, "60"), of_kind(Analyte.EGFR, None, LOW)),
        # Of two numbers the one that speaks more against a drug.
        (of_kind(Analyte.EGFR, "30"), of_kind(Analyte.EGFR, "60")),
        (of_kind(Analyte.CREATININE_CLEARANCE, "30"), of_kind(Analyte.CREATININE_CLEARANCE, "60")),
        (of_kind(Analyte.CREATININE, "210"), of_kind(Analyte.CREATININE, "90")),
        (of_kind(Analyte.VITAMIN_D_25OH, "12"), of_kind(Analyte.VITAMIN_D_25OH, "60")),
        (of_kind(Analyte.ALBUMIN, "22"), of_kind(Analyte.ALBUMIN, "40")),
        (of_kind(Analyte.ALKALINE_PHOSPHATASE, "900"), of_kind(Analyte.ALKALINE_PHOSPHATASE, "100")),
        (of_kind(Analyte.ESR, "80"), of_kind(Analyte.ESR, "5")),
        (of_kind(Analyte.TSH, "9"), of_kind(Analyte.TSH, "2")),
        (of_kind(Analyte.EGFR, "60"), of_kind(Analyte.EGFR, None)),
        # Else any, and always the same.
        (of_kind(Analyte.EGFR, "60", NORMAL), of_kind(Analyte.EGFR, "60")),
        (of_kind(Analyte.EGFR, "60", evidence="O/2"), of_kind(Analyte.EGFR, "60", evidence="O/1")),
    ],
)  # fmt: skip
def test_of_two_values_the_newest_counts_and_of_one_day_the_worse(counts: Lab, other: Lab) -> None:
    for both in ((counts, other), (other, counts)):
        assert newest(both, reported_mark) == counts


def test_where_low_and_high_harm_all_different_values_of_the_newest_day_are_kept() -> None:
    first, second, again = (of_kind(Analyte.CALCIUM, it, evidence=f"O/{it}") for it in ("2.8", "1.9", "2.80"))
    before = of_kind(Analyte.CALCIUM, "3.0", on=EARLIER)

    assert undecided([before, second, first]) == undecided([second, first]) == (first, second)
    assert undecided([first, again]) == (again,)  # the same value twice: the later reference
    assert undecided([of_kind(Analyte.EGFR, "30"), of_kind(Analyte.EGFR, "60")]) == (
        of_kind(Analyte.EGFR, "30"),
    )
    assert undecided([first]) == (first,)


def test_values_of_one_day_are_those_of_one_analyte_and_correction() -> None:
    one, other = of_kind(Analyte.CALCIUM, "2.8"), of_kind(Analyte.CALCIUM, "1.9")
    others = (
        of_kind(Analyte.CALCIUM, "2.4", on=EARLIER),
        of_kind(Analyte.CALCIUM, "2.4", corrected=True),
        of_kind(Analyte.PTH, "2.4"),
    )

    assert of_its_day(one, [one, *others, other]) == (one, other)
