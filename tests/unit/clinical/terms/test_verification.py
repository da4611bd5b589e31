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


@pytest.mark.parametrize("days_known", [(LONG_AGO, STUDY_DAY), (STUDY_DAY, LONG_AGO), (None, STUDY_DAY)])
def test_the_newest_usable_value_is_the_one_that_comes_after(days_known: tuple[date | None, ...]) -> None:
    labs = tuple(replace(CALCIUM, on=on) for on in days_known)

    assert (
        ask("calcium_unread", BoneRecord(labs=labs, rejected=(replace(REFUSED, on=days("2025-01-01")),)))
        is False
    )


@pytest.mark.parametrize("reason", [Reason.WITHDRAWN, Reason.ANOTHER_PERSON, Reason.NOT_PERFORMED])
def test_what_was_withdrawn_or_is_somebody_else_s_is_no_check(reason: Reason) -> None:
    assert ask("calcium_unread", BoneRecord(rejected=(replace(REFUSED, reason=reason),))) is False


@pytest.mark.parametrize("about", ["egfr", "creatinine", "creatinine_clearance"])
def test_any_measure_of_the_kidneys_can_be_the_unread_one(about: str) -> None:
    assert ask("renal_function_unread", BoneRecord(rejected=(replace(REFUSED, about=about),))) is True


QUESTIONS = (
    *("pregnant", "lactating", "cannot_sit_upright", "bisphosphonate_contraindicated", "dental_problem"),
    *("breast_cancer_risk_high", "exclusion_screen_negative", "bmi"),
)


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_unread_answer_is_about_its_own_question(question: str) -> None:
    record = BoneRecord(rejected=(Rejected(Reason.UNKNOWN_CODE, "answer", "O/1", about=question),))

    assert [it for it in QUESTIONS if ask(f"{it}_unread", record)] == [question]
    assert cites(f"{question}_unread", record) == ("O/1",)


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
        ("vitamin_d_was_low", Lab(Analyte.VITAMIN_D_25OH, Decimal("24.9"), LabMark.NORMAL), True),
        ("vitamin_d_was_low", Lab(Analyte.VITAMIN_D_25OH, Decimal(25), LabMark.NORMAL), False),
        ("alkaline_phosphatase_was_high", Lab(Analyte.ALKALINE_PHOSPHATASE, None, LabMark.HIGH), True),
        ("alkaline_phosphatase_was_high", Lab(Analyte.ALKALINE_PHOSPHATASE, None, LabMark.LOW), False),
    ],
)
def test_an_alarm_of_long_ago_is_still_one_and_a_normal_value_is_none(
    name: str, lab: Lab, alarms: bool
) -> None:
    assert ask(name, BoneRecord(labs=(replace(lab, on=LONG_AGO),))) is alarms
    assert ask(name, BoneRecord(labs=(replace(lab, on=STUDY_DAY),))) is False


def unread(about: str, on: date | None = STUDY_DAY) -> Rejected:
    return Rejected(Reason.UNREADABLE, "lab", f"O/{about}", on=on, about=about)


NEWER = Lab(Analyte.EGFR, Decimal(75), on=days("2026-11-15"), evidence="O/egfr")
WEIGHT_UNREAD = Rejected(Reason.UNREADABLE, "body_measure", "O/weight", on=STUDY_DAY, about="weight_kg")


@pytest.mark.parametrize(
    ("refused", "more", "waits_for"),
    [
        # A later eGFR takes the place of an unread one, and of a creatinine without a weight ...
        ([unread("egfr")], {}, ()),
        ([unread("creatinine")], {}, ()),
        ([unread("egfr", days("2026-11-15"))], {}, ("O/egfr",)),
        # ... and of no clearance, which decides before it (C-29), reported or computed.
        ([unread("creatinine_clearance")], {}, ("O/creatinine_clearance",)),
        ([unread("creatinine")], {"weight_kg": Decimal(58)}, ("O/creatinine",)),
        ([unread("creatinine"), WEIGHT_UNREAD], {}, ("O/creatinine",)),
        ([unread("creatinine_clearance", None)], {}, ("O/creatinine_clearance",)),
        # Of long ago it would not decide today.
        ([unread("creatinine_clearance", LONG_AGO)], {}, ()),
        ([], {}, ()),
    ],
)
def test_an_unread_clearance_outranks_a_later_egfr(
    refused: list[Rejected], more: dict[str, Any], waits_for: tuple[str, ...]
) -> None:
    record = BoneRecord(labs=(NEWER,), rejected=tuple(refused), **more)

    assert ask("renal_function_unread", record) is bool(waits_for)
    assert cites("renal_function_unread", record) == waits_for


EGFR, CREATININE = Lab(Analyte.EGFR, Decimal(28)), Lab(Analyte.CREATININE, Decimal(210))
FRAIL = {"weight_kg": Decimal(58), "birth_date": days("1955-03-01"), "sex": Sex.FEMALE}


@pytest.mark.parametrize(
    ("labs", "more", "low"),
    [
        ([EGFR], {}, True),
        ([replace(EGFR, value=Decimal("34.9"))], {}, True),
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


TODAYS = replace(CREATININE, on=STUDY_DAY, evidence="O/creatinine")
CLEARANCE = Lab(Analyte.CREATININE_CLEARANCE, Decimal(40), on=STUDY_DAY)


@pytest.mark.parametrize(
    ("labs", "more", "behind"),
    [
        ([TODAYS], FRAIL, ()),
        ([TODAYS], FRAIL | {"birth_date": None}, ("O/creatinine",)),
        ([TODAYS], FRAIL | {"sex": None}, ("O/creatinine",)),
        ([TODAYS], FRAIL | {"weight_kg": None}, ()),  # nobody weighed: renal function is not known, and waits so
        ([TODAYS], {}, ()),
        ([TODAYS], FRAIL | {"weight_kg": None, "rejected": (WEIGHT_UNREAD,)}, ("O/creatinine", "O/weight")),
        ([TODAYS, CLEARANCE], FRAIL | {"sex": None}, ()),
        ([TODAYS, replace(CLEARANCE, on=LONG_AGO)], FRAIL | {"sex": None}, ("O/creatinine",)),
        ([replace(TODAYS, value=None)], FRAIL | {"sex": None}, ()),
        ([NEWER], FRAIL | {"sex": None}, ()),
        ([NEWER, TODAYS], FRAIL | {"sex": None}, ("O/creatinine",)),
    ],
)  # fmt: skip
def test_a_clearance_that_cannot_be_computed_for_want_of_what_cannot_be_read(
    labs: list[Lab], more: dict[str, Any], behind: tuple[str, ...]
) -> None:
    record = BoneRecord(labs=tuple(labs), **more)

    assert ask("clearance_not_computable", record) is bool(behind)
    assert cites("clearance_not_computable", record) == behind


TOTAL = Lab(Analyte.CALCIUM, Decimal("2.3"), on=STUDY_DAY, evidence="O/calcium")
ALBUMIN = Lab(Analyte.ALBUMIN, Decimal(40), on=STUDY_DAY, evidence="O/albumin")
LOW_ALBUMIN = replace(ALBUMIN, value=Decimal(20))
ALBUMIN_UNREAD = unread("albumin")


@pytest.mark.parametrize(
    ("calcium", "albumin", "hidden"),
    [
        ("2.50", "22", True),
        ("2.50", "34", True),  # 2.62
        ("2.48", "34", False),  # 2.60, which is not above the limit
        ("2.55", "35", False),  # not low
        ("2.20", "22", False),
    ],
)
@pytest.mark.hazard(id="H14")
def test_a_low_albumin_hides_a_high_calcium(calcium: str, albumin: str, hidden: bool) -> None:
    total, protein = replace(TOTAL, value=Decimal(calcium)), replace(ALBUMIN, value=Decimal(albumin))

    assert ask("calcium_hidden_by_albumin", BoneRecord(labs=(total, protein))) is hidden
    assert (
        ask("calcium_hidden_by_albumin", BoneRecord(labs=(replace(total, corrected=True), protein))) is False
    )


@pytest.mark.parametrize(
    ("labs", "refused", "behind"),
    [
        ([LOW_ALBUMIN], [], ("O/albumin",)),  # no calcium is no better than a low one
        ([ALBUMIN], [], ()),
        ([], [], ()),
        ([TOTAL], [], ()),
        ([TOTAL, LOW_ALBUMIN], [], ("O/calcium", "O/albumin")),
        ([replace(TOTAL, on=LONG_AGO), LOW_ALBUMIN], [], ("O/calcium", "O/albumin")),
        ([TOTAL, replace(LOW_ALBUMIN, on=LONG_AGO)], [], ("O/calcium", "O/albumin")),
        # Without its number a low albumin may hide any calcium, and without its own a calcium may be any.
        ([TOTAL, replace(ALBUMIN, value=None, mark=LabMark.LOW)], [], ("O/calcium", "O/albumin")),
        ([TOTAL, replace(ALBUMIN, value=None, mark=LabMark.NORMAL)], [], ()),
        ([replace(TOTAL, value=None, mark=LabMark.NORMAL), LOW_ALBUMIN], [], ("O/calcium", "O/albumin")),
        # An albumin that cannot be read may be a low one.
        ([TOTAL], [ALBUMIN_UNREAD], ("O/calcium", "O/albumin")),
        ([TOTAL, replace(ALBUMIN, on=days("2026-11-15"))], [ALBUMIN_UNREAD], ()),
        ([replace(TOTAL, corrected=True)], [ALBUMIN_UNREAD], ()),
        ([], [ALBUMIN_UNREAD], ()),
        # The limit of the laboratory counts for the corrected value too.
        ([replace(TOTAL, value=Decimal("2.40"), high=Decimal("2.5")), replace(ALBUMIN, value=Decimal(33))], [], ("O/calcium", "O/albumin")),
    ],
)  # fmt: skip
def test_what_an_albumin_may_hide(labs: list[Lab], refused: list[Rejected], behind: tuple[str, ...]) -> None:
    record = BoneRecord(labs=tuple(labs), rejected=tuple(refused))

    assert ask("calcium_hidden_by_albumin", record) is bool(behind)
    assert cites("calcium_hidden_by_albumin", record) == behind


@pytest.mark.parametrize(("limit", "hides"), [("2.75", False), ("2.50", True)])
def test_the_limit_of_the_institution_comes_before_that_of_the_laboratory(limit: str, hides: bool) -> None:
    calcium, albumin = (
        replace(TOTAL, value=Decimal("2.5"), high=Decimal("2.6")),
        replace(ALBUMIN, value=Decimal(33)),
    )
    limits = {"calcium": {"high_above": Decimal(limit)}}

    record = BoneRecord(labs=(calcium, albumin))
    assert ask("calcium_hidden_by_albumin", record, lab_limits=limits) is hides
    assert ask("calcium_hidden_by_albumin", record) is True
