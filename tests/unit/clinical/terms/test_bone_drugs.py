"""Osteoporosis drugs as rules ask about them: today, before, due, forbidden."""

from typing import Any

import pytest

from adapter.clinical.model import Adherence, BoneRecord, MedicineKind, MedicineStatus
from tests.factories import TODAY
from tests.unit.clinical.questions import NOBODY, NONE_KNOWN, ask, cites, days, drug, of_medicines

DENOSUMAB, ALENDRONATE = MedicineKind.DENOSUMAB, MedicineKind.ALENDRONATE
STOPPED = drug(
    DENOSUMAB, active=False, start=days("2022-03-01"), last_dose=days("2026-02-01"), evidence="M/d"
)


@pytest.mark.hazard(id="H29")
def test_denosumab_that_ended_without_a_drug_after_it_is_overdue() -> None:
    assert ask("denosumab_overdue", of_medicines(STOPPED)) is True
    assert cites("denosumab_overdue", of_medicines(STOPPED)) == ("M/d",)
    assert ask("taking_denosumab", of_medicines(STOPPED)) is False


@pytest.mark.hazard(id="H29")
@pytest.mark.parametrize(
    ("start", "overdue"), [("2026-02-01", False), ("2026-08-01", False), ("2026-01-31", True), (None, True)]
)
def test_a_drug_that_came_after_the_last_dose_follows_it(start: str | None, overdue: bool) -> None:
    follows = drug(ALENDRONATE, start=days(start) if start else None)

    assert ask("denosumab_overdue", of_medicines(STOPPED, follows)) is overdue


@pytest.mark.hazard(id="H29")
def test_denosumab_of_unknown_date_is_followed_by_what_is_taken_now() -> None:
    undated = drug(DENOSUMAB, active=False)

    assert ask("denosumab_overdue", of_medicines(undated)) is True
    assert ask("denosumab_overdue", of_medicines(undated, drug(ALENDRONATE))) is False
    assert ask("denosumab_overdue", of_medicines(undated, drug(ALENDRONATE, active=False))) is True


def test_denosumab_whose_dose_nobody_recorded_is_asked_about() -> None:
    record = of_medicines(drug(DENOSUMAB))

    assert ask("denosumab_overdue", record) is None
    assert ask("last_dose_unknown", record) is True
    assert cites("last_dose_unknown", record) == ("M/1",)
    assert ask("last_dose_unknown", of_medicines(drug(ALENDRONATE))) is False


@pytest.mark.parametrize(
    ("starts", "asked"), [([None], True), (["2026-03-01"], False), ([None, "2026-03-01"], True)]
)
def test_a_limited_course_since_nobody_knows_when_is_asked_about(
    starts: list[str | None], asked: bool
) -> None:
    entries = [drug(MedicineKind.TERIPARATIDE, start=days(it) if it else None) for it in starts]

    assert ask("anabolic_start_unknown", of_medicines(*entries)) is asked


def test_without_denosumab_it_is_unknown_until_the_list_is_known() -> None:
    assert ask("denosumab_overdue", NOBODY) is None
    assert ask("denosumab_overdue", BoneRecord(medicines=NONE_KNOWN)) is False


def test_the_next_dose_has_its_day_while_that_lies_ahead() -> None:
    assert ask("denosumab_due", of_medicines(drug(DENOSUMAB, last_dose=days("2026-09-19")))) == days(
        "2027-03-19"
    )
    assert ask("denosumab_due", of_medicines(drug(DENOSUMAB, last_dose=days("2026-05-20")))) == TODAY
    assert ask("denosumab_due", of_medicines(STOPPED)) is None
    assert ask("denosumab_due", of_medicines(drug(DENOSUMAB))) is None
    assert (
        ask("denosumab_due", of_medicines(drug(MedicineKind.ZOLEDRONATE, last_dose=days("2026-09-19"))))
        is None
    )


PROHIBITED = ("bisphosphonate_prohibited", "denosumab_prohibited", "other_bone_drug_prohibited")


@pytest.mark.parametrize(
    ("more", "term"),
    [
        ({"kind": ALENDRONATE}, "bisphosphonate_prohibited"),
        ({"kind": DENOSUMAB}, "denosumab_prohibited"),
        ({"kind": MedicineKind.RALOXIFENE}, "other_bone_drug_prohibited"),
    ],
)
def test_an_order_not_to_give_it(more: dict[str, Any], term: str) -> None:
    record = of_medicines(drug(more["kind"], active=False, status=MedicineStatus.PROHIBITED))

    assert [it for it in PROHIBITED if ask(it, record)] == [term]
    assert cites(term, record) == ("M/1",)
    assert ask("bone_drug_before", record) is False
    assert ask(term, NOBODY) is False
    assert ask(term, of_medicines(drug(more["kind"]))) is False


@pytest.mark.parametrize(
    ("day", "asked"), [("2026-10-01", True), ("2026-09-01", False), ("2026-08-01", False), (None, True)]
)
def test_a_dose_that_was_not_given_after_the_last_one_that_was(day: str | None, asked: bool) -> None:
    missed = drug(
        DENOSUMAB,
        active=False,
        status=MedicineStatus.NOT_GIVEN,
        start=days(day) if day else None,
        evidence="M/missed",
    )
    given = drug(DENOSUMAB, last_dose=days("2026-09-01"))
    before = drug(MedicineKind.ZOLEDRONATE, active=False, last_dose=days("2024-09-01"))
    record = of_medicines(missed, given, before)

    assert ask("dose_not_given", record) is asked
    assert cites("dose_not_given", record) == (("M/missed",) if asked else ())
    assert ask("dose_not_given", of_medicines(missed)) is True


def test_a_holiday_is_looked_at_again() -> None:
    holiday = of_medicines(
        drug(ALENDRONATE, active=False, start=days("2021-01-01"), ended=days("2026-01-10"))
    )

    assert ask("bone_drug_holiday", holiday) is True
    assert cites("bone_drug_holiday", holiday) == ("M/1",)
    assert ask("holiday_since", holiday) == days("2026-01-10")
    assert ask("holiday_review_due", holiday) == days("2028-01-10")
    assert ask("holiday_review_due", holiday, holiday_review_months=6) is None
    assert ask("holiday_review_due", of_medicines(drug(ALENDRONATE, active=False))) is None
    assert ask("past_bone_drugs", holiday) == ("alendronate",)
    assert ask("holiday_review_due", holiday, days("2028-01-10")) == days("2028-01-10")
    assert ask("holiday_review_due", holiday, days("2028-01-11")) is None


def test_a_holiday_begins_on_the_last_day_that_is_known_and_goes_on_beside_another_drug() -> None:
    entries = [
        drug(ALENDRONATE, active=False, ended=days("2025-03-01")),
        drug(ALENDRONATE, active=False, ended=days("2025-01-01"), supplied_until=days("2025-05-01")),
        drug(MedicineKind.ZOLEDRONATE, active=False, last_dose=days("2025-04-01")),
        drug(MedicineKind.RALOXIFENE, evidence="M/raloxifene"),
    ]

    assert ask("bone_drug_holiday", of_medicines(*entries)) is True
    assert ask("holiday_since", of_medicines(*entries)) == days("2025-05-01")
    assert ask("bone_drug_holiday", of_medicines(entries[-1])) is False
    assert ask("holiday_since", of_medicines(entries[-1])) is None


@pytest.mark.parametrize(
    ("more", "unexplained"), [({}, True), ({"adherence": Adherence.POOR}, False), ({"active": True}, False)]
)
def test_a_drug_of_before_of_which_nobody_recorded_why_it_ended(
    more: dict[str, Any], unexplained: bool
) -> None:
    record = of_medicines(drug(ALENDRONATE, **{"active": False, **more}), drug(DENOSUMAB, evidence="M/d"))

    assert ask("bone_drug_before_unexplained", record) is unexplained
    assert cites("bone_drug_before_unexplained", record) == (("M/1",) if unexplained else ())


def test_an_anabolic_course_that_is_over_and_not_followed() -> None:
    over = drug(MedicineKind.TERIPARATIDE, active=False, ended=days("2026-05-01"))

    assert ask("anabolic_course_over", of_medicines(over)) is True
    assert ask("anabolic_course_over", of_medicines(over, drug(ALENDRONATE))) is False
    assert ask("bone_drug_active", of_medicines(over)) is False


def test_the_names_of_today_and_their_earliest_start() -> None:
    record = of_medicines(
        drug(ALENDRONATE, start=days("2024-01-01")),
        drug(DENOSUMAB, start=days("2025-01-01"), last_dose=days("2026-10-01")),
    )

    assert ask("active_bone_drugs", record) == ("alendronate", "denosumab")
    assert ask("bone_drug_start", record) == days("2024-01-01")
    assert ask("bone_drug_before_unexplained", record) is False
