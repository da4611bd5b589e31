"""The plan in rows: what, who and when."""

from datetime import date

import pytest

from adapter.clinical.decision import (
    Activity,
    FollowUp,
)
from tests.unit.letter.letters_in_words import texts_of, written
from tests.unit.letter.patients import (
    WHY,
    activities,
)


@pytest.mark.parametrize(
    ("follow_up", "row"),
    [
        (FollowUp("phone_control_3m", WHY, date(2027, 3, 1)), ("3-month phone control", "clinic", "1 March 2027")),
        (FollowUp("treatment_review", WHY, interval="3y"), ("Review of the treatment, no automatic stop", "prescriber", "after 3 years")),
        (FollowUp("gp_letter_after_control", WHY, trigger="phone_control_3m"), ("Follow-up letter to the GP", "clinic", "after the 3-month phone control")),
        (FollowUp("repeat_dxa", WHY), ("Repeat DXA", "GP", "interval to be set by the clinician")),
        (FollowUp("yearly_evaluation", WHY), ("Yearly evaluation", "GP", "date to be set by the clinician")),
        (FollowUp("bone_walk", WHY), ("Bone walk (local term)", "clinician", "date to be set by the clinician")),
    ],
)  # fmt: skip
def test_the_plan_says_what_who_and_when(follow_up: FollowUp, row: tuple[str, ...]) -> None:
    it = written(activities=(), follow_ups=(follow_up,))

    assert [line.cells for part in it.parts for b in part.blocks if b.key == "plan" for line in b.lines] == [
        row
    ]


def test_a_pathway_may_say_who_acts() -> None:
    told = Activity("vfa_request", WHY, details=(("owner", "gp"),))

    assert texts_of(written(activities=(told,), follow_ups=()), "plan")[0].endswith("(GP).")


def test_only_details_with_words_are_printed() -> None:
    told = Activity(
        "exclude_other_causes",
        WHY,
        details=(("labs", "calcium, TSH"), ("row", "ETZ-50"), ("calcium_active", "False")),
    )

    text = texts_of(written(activities=(told,), follow_ups=()), "plan")[0]

    assert (
        text
        == "Exclude other causes of bone loss (calcium and TSH): before the diagnosis is confirmed (clinician)."
    )


def test_an_activity_of_an_institution_is_printed_in_words() -> None:
    it = written(activities=activities("ask_the_bone_nurse"), follow_ups=())

    assert texts_of(it, "plan") == ["Ask the bone nurse (local term): to be agreed (clinician)."]


def test_of_one_drug_the_next_review_is_planned_and_no_other() -> None:
    reviews = tuple(FollowUp("treatment_review", WHY, date(year, 6, 1)) for year in (2031, 2036))

    assert texts_of(written(activities=(), follow_ups=reviews), "plan") == [
        "Review of the treatment, no automatic stop: 1 June 2031 (prescriber)."
    ]
