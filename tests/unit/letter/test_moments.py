"""Moments that can still be true: nothing is planned for a day that has passed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from adapter.clinical.decision import (
    Decision,
    Flag,
    FollowUp,
    Option,
)
from adapter.clinical.model import (
    Analyte,
    BoneRecord,
    Lab,
    Medicine,
    Reason,
    Rejected,
)
from tests.unit.letter.drug_letters import (
    CONTINUE,
    SINCE_2012,
    WEEKLY,
    lines_of,
    taking,
    written,
)
from tests.unit.letter.patients import WHY, activities, decision, record

RECENT = Medicine(WEEKLY, start=date(2026, 10, 1))


OFFERED = Option("denosumab", ("denosumab",), WHY)


def plan(decided: Decision, of: BoneRecord) -> str:
    return " | ".join(lines_of(written(decided, of), "plan"))


@pytest.mark.parametrize(
    ("taken", "options", "there"),
    [
        (SINCE_2012, (), False),
        (Medicine(WEEKLY), (), False),  # since nobody knows when
        (RECENT, (), True),
        (SINCE_2012, (OFFERED,), True),  # of the drug that is to come
    ],
)
def test_the_first_evaluation_is_planned_while_it_can_still_be_the_first(
    taken: Medicine, options: tuple[Option, ...], *, there: bool
) -> None:
    decided = decision(
        activities=(),
        treatment=replace(CONTINUE, options=options),
        follow_ups=(FollowUp("evaluation_3_months", WHY, interval="3mo"),),
    )

    assert ("First evaluation" in plan(decided, taking(taken))) is there


def test_nothing_is_done_before_the_start_of_a_drug_that_runs() -> None:
    decided = decision(
        activities=activities("lab_request_before_treatment", "dental_check_first"), treatment=CONTINUE
    )

    running, fresh = written(decided, taking(SINCE_2012)), written(decided, record())

    assert "now, the drug is already taken" in "".join(lines_of(running, "plan"))
    assert "before treatment starts" in "".join(lines_of(fresh, "plan"))
    assert [
        bool(any("dentist checks" in it for it in lines_of(one, "treatment"))) for one in (running, fresh)
    ] == [False, True]


def test_only_values_that_are_not_known_are_asked_for() -> None:
    decided = decision(
        activities=activities("lab_request_before_treatment"), treatment=CONTINUE, flags=(), unknown=()
    )
    egfr = Lab(Analyte.EGFR, Decimal(75), on=date(2026, 11, 1))
    lines = [lines_of(written(decided, record(labs=labs)), "plan") for labs in ((), (egfr,))]
    outdated = replace(
        decided,
        flags=(Flag("lab_outdated", WHY, "renal_function"),),
    )

    both, calcium, again = (
        "".join(it) for it in (*lines, lines_of(written(outdated, record(labs=(egfr,))), "plan"))
    )

    unread = replace(decided, rejected=(Rejected(Reason.UNREADABLE, "lab", about=Analyte.EGFR),))
    newer = "".join(lines_of(written(unread, record(labs=(egfr,))), "plan"))

    assert "Check renal function and serum calcium" in newer
    assert "Check renal function and serum calcium" in both
    assert "Check serum calcium" in calcium
    assert "Check renal function and serum calcium" in again


def review(due: date | None, drug: str = "oral_bisphosphonate", interval: str | None = None) -> FollowUp:
    return FollowUp("treatment_review", WHY, due, interval=interval, details=(("drug", drug),))


@pytest.mark.parametrize(
    ("reviews", "line"),
    [
        ((review(date(2017, 3, 1)), review(date(2027, 3, 1))), "1 March 2027"),
        ((review(date(2017, 3, 1)), review(date(2022, 3, 1))), "now (was due 1 March 2022)"),
        (
            (review(date(2027, 3, 1)), review(None, "denosumab", "3y")),
            "1 March 2027 (oral bisphosphonate, once weekly) and after 3 years (denosumab)",
        ),
    ],
)
def test_each_drug_has_one_review_and_none_in_the_past(reviews: tuple[FollowUp, ...], line: str) -> None:
    said_of_it = plan(decision(activities=(), follow_ups=reviews), taking(SINCE_2012))

    assert said_of_it.count("Review of the treatment") == 1
    assert line in said_of_it
