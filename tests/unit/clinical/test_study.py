"""Which study decides, which score in it, and what is in doubt."""

from dataclasses import replace
from datetime import date
from itertools import permutations
from typing import Any

import pytest

from adapter.clinical.model import (
    BoneRecord,
    Reason,
    Rejected,
    Side,
    Site,
    StandardDeviations,
    Standing,
    TScore,
)
from adapter.clinical.study import Study, completed_years, latest_study
from tests.unit.clinical.questions import parameters

NEW, OLD, LATER = date(2026, 11, 10), date(2021, 3, 2), date(2026, 11, 18)
PARAMETERS = parameters(
    decisive_sites=("lumbar_spine", "femoral_neck", "total_hip"), one_study_within_days=31
)
NECK, SPINE, HIP, HEEL = Site.FEMORAL_NECK, Site.LUMBAR_SPINE, Site.TOTAL_HIP, Site.CALCANEUS


def score(site: Site, value: str, on: date = NEW, **more: Any) -> TScore:
    return replace(TScore(site, StandardDeviations(value), on, evidence=f"{site}{value}"), **more)


def study(*scores: TScore, rejected: tuple[Rejected, ...] = ()) -> Study:
    return latest_study(BoneRecord(t_scores=scores, rejected=rejected), PARAMETERS)


def refused(on: date | None = NEW, site: Site | None = NECK, **more: Any) -> Rejected:
    return replace(Rejected(Reason.NON_NUMERIC, "t_score", "ref", site, None, on), **more)


def test_without_a_score_there_is_no_study() -> None:
    assert study() == Study(None, (), (), (), (), (), None)
    assert study().deciding is None


@pytest.mark.hazard(id="H08")
@pytest.mark.hazard(id="H15")
def test_the_lowest_decisive_score_of_the_latest_day_decides() -> None:
    spine, neck, hip = score(SPINE, "-1.2"), score(NECK, "-2.1"), score(HIP, "-1.9")
    old = score(NECK, "-2.6", OLD)

    found = study(spine, neck, hip, old)

    assert found.on == NEW
    assert found.deciding == neck
    assert found.scores == (neck, hip, spine)
    assert found.shown == (neck, hip, spine)
    assert found.earlier == (old,)


@pytest.mark.hazard(id="H14")
@pytest.mark.hazard(id="H15")
def test_a_site_that_does_not_decide_is_shown() -> None:
    neck, heel = score(NECK, "-1.0"), score(HEEL, "-3.0")

    found = study(neck, heel)

    assert found.scores == (neck,)
    assert found.shown == (heel, neck)


@pytest.mark.hazard(id="H15")
def test_the_same_score_read_twice_is_shown_once() -> None:
    assert study(score(NECK, "-1.0"), score(NECK, "-1.0")).shown == (score(NECK, "-1.0"),)


@pytest.mark.hazard(id="H14")
def test_a_later_heel_does_not_make_a_study() -> None:
    neck, heel = score(NECK, "-1.0"), score(HEEL, "-3.0", LATER)

    assert study(neck, heel).on == NEW
    assert study(neck, heel).shown == (neck,)


@pytest.mark.hazard(id="H14")
def test_only_a_heel_is_shown_and_decides_nothing() -> None:
    heel = score(HEEL, "-3.0")
    older = score(HEEL, "-3.2", OLD)

    assert study(heel, older) == Study(None, (), (heel,), (), (), (), None)


@pytest.mark.hazard(id="H15")
def test_the_order_of_the_scores_does_not_matter() -> None:
    scores = (
        score(NECK, "-1.0", side=Side.LEFT),
        score(NECK, "-1.0", side=Side.RIGHT),
        score(NECK, "-1.0"),
        score(SPINE, "-1.0"),
        score(NECK, "-1.0", evidence="b"),
        score(NECK, "-1.0", level="x"),
    )
    found = {study(*order).scores for order in permutations(scores)}

    assert len(found) == 1
    (ranked,) = found
    assert ranked[0] == scores[3]
    assert [s.side for s in ranked[1:]] == [None, None, None, Side.LEFT, Side.RIGHT]
    assert [s.evidence for s in ranked[1:4]] == ["b", "femoral_neck-1.0", "femoral_neck-1.0"]
    assert ranked[3].level == "x"


# --- doubts -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "conflict"),
    [
        (score(NECK, "-1.4"), True),
        (score(NECK, "-1.2", evidence="again"), False),
        (score(NECK, "-1.4", side=Side.LEFT), False),
        (score(HIP, "-1.4"), False),
        (score(NECK, "-1.4", OLD), False),
        (score(NECK, "-1.4", standing=Standing.WITHDRAWN), False),
    ],
)
def test_two_values_of_one_site_side_and_day_are_a_conflict(other: TScore, conflict: bool) -> None:
    first = score(NECK, "-1.2")

    found = study(first, other)

    assert set(found.conflicts) == ({first, other} if conflict else set())


PRELIMINARY: dict[str, Any] = {"standing": Standing.PRELIMINARY}


def test_a_preliminary_score_decides_when_it_is_all_there_is() -> None:
    low, high = score(NECK, "-2.9", **PRELIMINARY), score(SPINE, "-1.0", **PRELIMINARY)
    old = score(NECK, "-3.3", OLD, **PRELIMINARY)

    found = study(high, old, low)

    assert (found.on, found.deciding, found.scores, found.shown) == (NEW, low, (low, high), (low, high))
    assert found.earlier == (old,)
    assert found.unusable == ()


def test_a_withdrawn_score_never_decides() -> None:
    neck = score(NECK, "-2.9", standing=Standing.WITHDRAWN)

    assert study(neck).deciding is None
    assert study(neck).shown == ()
    assert [refusal.evidence for refusal in study(neck).unusable] == [neck.evidence]


def test_one_valid_score_of_any_day_sets_every_preliminary_one_aside() -> None:
    valid, newer = score(SPINE, "-1.0", OLD), score(NECK, "-2.9", **PRELIMINARY)

    assert study(valid, newer).deciding == valid
    assert [refusal.evidence for refusal in study(valid, newer).unusable] == [newer.evidence]


def test_the_score_that_decides_is_shown_even_beside_a_valid_heel() -> None:
    heel, neck = score(HEEL, "-1.0"), score(NECK, "-2.9", **PRELIMINARY)

    found = study(heel, neck)

    assert found.deciding == neck
    assert neck in found.shown


@pytest.mark.parametrize("standing", [Standing.WITHDRAWN, Standing.PRELIMINARY])
def test_a_score_that_is_not_valid_does_not_decide_beside_a_valid_one(standing: Standing) -> None:
    neck = score(NECK, "-2.9", standing=standing)
    spine = score(SPINE, "-1.2")

    found = study(neck, spine)

    assert found.deciding == spine
    assert found.shown == (spine,)
    assert found.unusable == (
        Rejected(Reason.PRELIMINARY_SUPERSEDED, "t_score", neck.evidence, NECK, None, NEW),
    )


def test_a_valid_score_of_the_same_place_replaces_it() -> None:
    assert study(score(NECK, "-2.9", standing=Standing.WITHDRAWN), score(NECK, "-1.2")).unusable == ()


@pytest.mark.parametrize(
    ("one", "matters"),
    [
        (refused(), True),
        (refused(side=Side.LEFT), True),
        (refused(site=None), True),
        (refused(site=HIP), True),
        (refused(site=HEEL), False),
        (refused(on=None), True),
        (refused(on=LATER), True),
        (refused(on=OLD), False),
        (refused(site=SPINE), True),  # the spine has a valid value that day, and this may be a worse one
        (refused(site=SPINE, reason=Reason.WITHDRAWN), False),
        (refused(site=SPINE, reason=Reason.UNIT_MISMATCH), False),  # its density
        (refused(site=SPINE, on=LATER), True),
        (refused(concerns="condition"), False),
    ],
)
def test_a_refused_score_matters_unless_a_valid_one_took_its_place(one: Rejected, matters: bool) -> None:
    found = study(score(SPINE, "-1.2"), rejected=(one,))

    assert found.unusable == ((one,) if matters else ())


def test_one_report_is_one_study_on_whatever_days_it_was_made() -> None:
    spine, hip = score(SPINE, "-2.4", date(2026, 11, 8), report="R"), score(HIP, "-0.8", report="R")

    found = study(spine, hip)

    assert (found.deciding, found.on, found.earlier) == (spine, NEW, ())
    assert study(replace(spine, report=""), hip).deciding == hip
    assert study(replace(spine, report="other"), hip).deciding == hip
    assert study(replace(spine, on=date(2026, 10, 9)), hip).deciding == hip  # more than a month before


def test_two_spans_of_the_spine_are_no_contradiction() -> None:
    whole, part = score(SPINE, "-2.4", level="L1-L4"), score(SPINE, "-2.6", level="L2-L4")

    assert (study(whole, part).conflicts, study(whole, part).deciding) == ((), part)
    assert study(whole, replace(part, level="L1-L4")).conflicts != ()


def test_without_a_study_every_refused_decisive_score_matters() -> None:
    assert study(rejected=(refused(on=OLD),)).unusable == (refused(on=OLD),)
    assert study(rejected=(refused(on=OLD, site=HEEL),)).unusable == ()


def test_an_earlier_day_and_a_heel_do_not_replace_a_refused_value() -> None:
    assert study(score(SPINE, "-1"), score(NECK, "-1", OLD), rejected=(refused(),)).unusable == (refused(),)
    assert study(score(HEEL, "-1"), score(SPINE, "-1"), rejected=(refused(site=HEEL),)).unusable == ()


def test_doubts_stand_in_an_order_of_their_own() -> None:
    doubts = (
        refused(reason=Reason.UNIT_MISMATCH),
        refused(site=None),
        refused(on=None),
        refused(side=Side.RIGHT),
        refused(evidence="a"),
        refused(),
    )
    found = {study(rejected=order).unusable for order in permutations(doubts)}

    assert found == {
        (refused(site=None), refused(on=None), refused(evidence="a"), refused(), refused(side=Side.RIGHT),
         refused(reason=Reason.UNIT_MISMATCH))
    }  # fmt: skip


# --- age and gate -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        ("1976-11-10", "2026-11-10", 50),
        ("1976-11-11", "2026-11-10", 49),
        ("1976-11-09", "2026-11-10", 50),
        ("1976-12-01", "2026-11-10", 49),
        ("1976-10-30", "2026-11-10", 50),
        ("2000-02-29", "2025-02-28", 24),
        ("2000-02-29", "2025-03-01", 25),
        ("2026-11-10", "2026-11-10", 0),
        ("1976-11-10", "9999-12-31", 8023),
        ("1976-11-10", "9999-11-09", 8022),
        ("9999-12-31", "0001-01-01", -9999),
    ],
)
def test_the_birthday_itself_counts(born: str, on: str, years: int) -> None:
    assert completed_years(date.fromisoformat(born), date.fromisoformat(on)) == years


def test_age_needs_both_dates() -> None:
    assert completed_years(None, NEW) is None
    assert completed_years(NEW, None) is None


def test_where_a_later_study_could_not_be_read_no_earlier_one_decides() -> None:
    old = score(NECK, "-1.0", OLD)
    later = refused(NEW)

    found = study(old, rejected=(later,))

    assert found.newer == (later,)
    assert (found.on, found.deciding, found.scores) == (None, None, ())
    assert found.earlier == (old,)
