"""Checks that were made and verify nothing: what nobody could read, and an alarm of long ago (C-70)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from adapter.clinical.model import Analyte, BoneRecord, Lab, LabMark, Reason, Rejected, Sex
from tests.factories import STUDY_DAY
from tests.unit.clinical.questions import ask, cites, days

REFUSED = Rejected(Reason.MODIFIER_EXTENSION, "lab", "O/refused", on=STUDY_DAY, about="calcium")
CALCIUM = Lab(Analyte.CALCIUM, Decimal("2.4"), LabMark.NORMAL, STUDY_DAY, "O/calcium")
LONG_AGO = days("2020-03-01")


@pytest.mark.parametrize(
    ("known", "refused_on", "unread"),
    [
        (None, STUDY_DAY, True),
        (None, None, True),
        (LONG_AGO, STUDY_DAY, True),
        (STUDY_DAY, STUDY_DAY, True),
        (STUDY_DAY, None, True),
        (STUDY_DAY, LONG_AGO, False),
    ],
)
def test_a_value_is_unread_unless_a_usable_one_came_after_it(
    known: date | None, refused_on: date | None, unread: bool
) -> None:
    labs = (replace(CALCIUM, on=known),) if known else ()
    record = BoneRecord(labs=labs, rejected=(replace(REFUSED, on=refused_on),))

    assert ask("calcium_unread", record) is unread
    assert cites("calcium_unread", record) == (("O/refused",) if unread else ())


@pytest.mark.parametrize("reason", [Reason.WITHDRAWN, Reason.ANOTHER_PERSON, Reason.NOT_PERFORMED])
def test_what_was_withdrawn_or_is_somebody_else_s_is_no_check(reason: Reason) -> None:
    assert ask("calcium_unread", BoneRecord(rejected=(replace(REFUSED, reason=reason),))) is False


@pytest.mark.parametrize("about", ["egfr", "creatinine", "creatinine_clearance"])
def test_any_measure_of_the_kidneys_can_be_the_unread_one(about: str) -> None:
    assert ask("renal_function_unread", BoneRecord(rejected=(replace(REFUSED, about=about),))) is True


def test_an_unread_answer_is_about_its_own_question() -> None:
    record = BoneRecord(rejected=(Rejected(Reason.UNKNOWN_CODE, "answer", "O/1", about="pregnant"),))

    assert ask("pregnant_unread", record) is True
    assert ask("cannot_sit_upright_unread", record) is False


def test_a_newer_screen_that_nobody_could_read_takes_the_older_one_s_word() -> None:
    clear = BoneRecord(exclusion_screen_negative=True, days=(("exclusion_screen_negative", STUDY_DAY),))
    unread = Rejected(Reason.UNKNOWN_CODE, "answer", "O/1", on=STUDY_DAY, about="exclusion_screen_negative")

    assert ask("exclusion_screen_negative", clear) is True
    assert ask("exclusion_screen_negative", replace(clear, rejected=(unread,))) is None


@pytest.mark.parametrize(
    ("name", "lab", "alarms"),
    [
        ("calcium_was_abnormal", replace(CALCIUM, mark=LabMark.HIGH), True),
        ("calcium_was_abnormal", replace(CALCIUM, mark=LabMark.LOW), True),
        ("calcium_was_abnormal", CALCIUM, False),
        ("vitamin_d_was_low", Lab(Analyte.VITAMIN_D_25OH, Decimal(12)), True),
        ("vitamin_d_was_low", Lab(Analyte.VITAMIN_D_25OH, None, LabMark.LOW), True),
        ("vitamin_d_was_low", Lab(Analyte.VITAMIN_D_25OH, Decimal(60)), False),
        ("alkaline_phosphatase_was_high", Lab(Analyte.ALKALINE_PHOSPHATASE, None, LabMark.HIGH), True),
        ("alkaline_phosphatase_was_high", Lab(Analyte.ALKALINE_PHOSPHATASE, None, LabMark.LOW), False),
    ],
)
def test_an_alarm_of_long_ago_is_still_one_and_a_normal_value_is_none(
    name: str, lab: Lab, alarms: bool
) -> None:
    assert ask(name, BoneRecord(labs=(replace(lab, on=LONG_AGO),))) is alarms
    assert ask(name, BoneRecord(labs=(replace(lab, on=STUDY_DAY),))) is False


EGFR, CREATININE = Lab(Analyte.EGFR, Decimal(28)), Lab(Analyte.CREATININE, Decimal(210))
FRAIL = {"weight_kg": Decimal(58), "birth_date": days("1955-03-01"), "sex": Sex.FEMALE}


@pytest.mark.parametrize(
    ("labs", "more", "low"),
    [
        ([EGFR], {}, True),
        ([replace(EGFR, value=Decimal(35))], {}, False),
        ([replace(EGFR, value=None)], {}, False),
        ([CREATININE], FRAIL, True),
        ([replace(CREATININE, value=Decimal(70))], FRAIL, False),
        ([CREATININE], {}, False),  # without a weight nobody can tell
        ([], FRAIL, False),
    ],
)
def test_renal_function_of_long_ago_speaks_against_a_drug(
    labs: list[Lab], more: dict[str, Any], low: bool
) -> None:
    old = tuple(replace(lab, on=LONG_AGO, evidence="O/old") for lab in labs)
    record = BoneRecord(labs=old, **more)
    newer = replace(record, labs=(*old, Lab(Analyte.EGFR, Decimal(75), on=STUDY_DAY)))

    assert ask("renal_function_was_low", record) is low
    assert ask("renal_function_was_low", newer) is False
    assert cites("renal_function_was_low", record) == (("O/old",) if labs else ())


def test_only_a_low_calcium_of_long_ago_speaks_against_what_is_taken() -> None:
    low, high = (
        BoneRecord(labs=(replace(CALCIUM, mark=mark, on=LONG_AGO),)) for mark in (LabMark.LOW, LabMark.HIGH)
    )

    assert (ask("calcium_was_low", low), cites("calcium_was_low", low)) == (True, ("O/calcium",))
    assert (ask("calcium_was_low", high), cites("calcium_was_low", high)) == (False, ())
