"""The deciding T-score, doubts about it, earlier studies, VFA."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from adapter.clinical.model import (
    BoneRecord,
    Condition,
    ConditionKind,
    Reason,
    Rejected,
    Side,
    Site,
    Standing,
    TScore,
    VertebralFracture,
    Vfa,
)
from tests.factories import STUDY_DAY, a_rejected
from tests.unit.clinical.questions import NOBODY, ask, cites, days, scan, score

NECK, SPINE, HEEL = Site.FEMORAL_NECK, Site.LUMBAR_SPINE, Site.CALCANEUS
MYELOMA = Condition(ConditionKind.MULTIPLE_MYELOMA)


def test_the_lowest_and_the_highest_decisive_score() -> None:
    record = scan(
        score(NECK, "-2.1"),
        score(SPINE, "1.2"),
        score(HEEL, "-3"),
        score(NECK, "-2.9", on=days("2021-03-02")),
    )

    assert ask("lowest_t", record) == Decimal("-2.1")
    assert ask("highest_t", record) == Decimal("1.2")
    assert ask("earlier_lowest_t", record) == Decimal("-2.9")
    assert ask("t_score_usable", record) is True
    for name in ("lowest_t", "highest_t", "t_score_usable", "t_score_received", "sign_suspect", "rounding_changes_class", "vertebrae_differ", "t_score_site_assumed"):  # fmt: skip
        assert cites(name, record) == ("O/calcaneus", "O/femoral_neck", "O/lumbar_spine")
    assert cites("earlier_lowest_t", record) == ("O/femoral_neck",)


def test_the_lowest_of_all_earlier_studies() -> None:
    record = scan(
        score(NECK, "-1"),
        score(SPINE, "-2.2", on=days("2021-03-02")),
        score(NECK, "-2.9", on=days("2016-03-02")),
    )

    assert ask("earlier_lowest_t", record) == Decimal("-2.9")


@pytest.mark.parametrize(
    ("record", "usable", "received", "not_decisive"),
    [
        (NOBODY, False, False, False),
        (scan(score(HEEL, "-3")), False, True, True),
        (scan(score(NECK, "-3")), True, True, False),
        (scan(score(NECK, "-3", standing=Standing.WITHDRAWN)), False, True, False),
        (BoneRecord(rejected=(a_rejected(),)), False, True, False),
        (BoneRecord(rejected=(a_rejected(concerns="condition"),)), False, False, False),
    ],
)
def test_what_arrived_and_what_can_be_used(
    record: BoneRecord, usable: bool, received: bool, not_decisive: bool
) -> None:
    assert ask("t_score_usable", record) is usable
    assert ask("t_score_received", record) is received
    assert ask("t_score_not_decisive", record) is not_decisive
    assert cites("t_score_not_decisive", record) == (("O/calcaneus",) if not_decisive else ())


def test_two_values_of_one_place() -> None:
    record = scan(score(NECK, "-1"), score(NECK, "-2"), score(SPINE, "-1"))

    assert ask("t_score_conflict", record) is True
    assert cites("t_score_conflict", record) == ("O/femoral_neck", "O/femoral_neck")
    assert ask("t_score_conflict", scan(score(NECK, "-1", side=Side.LEFT), score(NECK, "-2"))) is False


@pytest.mark.parametrize(
    ("assumed", "lower", "answer"), [(True, "-1", True), (False, "-1", False), (True, "-3", False)]
)
def test_only_the_deciding_score_asks_whether_its_site_was_assumed(
    assumed: bool, lower: str, answer: bool
) -> None:
    record = scan(score(NECK, "-2", site_assumed=assumed), score(SPINE, lower))

    assert ask("t_score_site_assumed", record) is answer


OSTEOPOROSIS = Condition(ConditionKind.OSTEOPOROSIS)


@pytest.mark.parametrize(("value", "changes"), [("-2.45", True), ("-2.4", False)])
def test_rounding_to_one_decimal_may_change_the_class_and_is_told(value: str, changes: bool) -> None:
    assert ask("rounding_changes_class", scan(score(NECK, value))) is changes


def test_nothing_to_round_without_a_score() -> None:
    assert ask("rounding_changes_class", NOBODY) is False


def vertebra(level: str | None, value: str, site: Site = Site.SINGLE_VERTEBRA) -> TScore:
    return score(site, value, level=level)


@pytest.mark.parametrize(
    ("scores", "differ"),
    [
        ((vertebra("L1", "-1.0"), vertebra("L2", "-2.0")), False),
        ((vertebra("L1", "-1.0"), vertebra("L2", "-2.1")), True),
        ((vertebra("L1", "-2.1"), vertebra("L2", "-1.0")), True),
        ((vertebra("L3", "-1.0"), vertebra("L4", "-2.1")), True),
        ((vertebra("L2", "-1.0"), vertebra("L3", "-2.1")), True),
        ((vertebra("L1", "-1.0"), vertebra("L3", "-3.0")), False),
        ((vertebra("L1", "-1.0"), vertebra("L4", "-3.0")), False),
        ((vertebra("T12", "-1.0"), vertebra("L1", "-3.0")), False),
        ((vertebra("L1", "-1.0"), vertebra(None, "-3.0")), False),
        ((vertebra("L1", "-1.0", SPINE), vertebra("L2", "-3.0")), False),
        ((vertebra("L1", "-1.0"),), False),
    ],
)
def test_neighbouring_vertebrae_more_than_one_apart(scores: tuple[TScore, ...], differ: bool) -> None:
    assert ask("vertebrae_differ", scan(*scores)) is differ


def graded(*grades: tuple[int, str | None]) -> BoneRecord:
    return BoneRecord(
        vfa=Vfa(tuple(VertebralFracture(grade, level) for grade, level in grades), STUDY_DAY, "O/vfa")
    )


@pytest.mark.parametrize(
    ("record", "performed", "counts", "only_mild", "lumbar"),
    [
        (NOBODY, False, None, False, False),
        (graded(), True, False, False, False),
        (graded((1, "L1")), True, False, True, False),
        (graded((1, "T8"), (1, "T9")), True, False, True, False),
        (graded((2, "T8")), True, True, False, False),
        (graded((3, None)), True, True, False, False),
        (graded((1, "L1"), (2, "T8")), True, True, False, False),
        (graded((2, "L1")), True, True, False, True),
        (graded((3, "L4")), True, True, False, True),
    ],
)
def test_what_a_vfa_shows(
    record: BoneRecord, performed: bool, counts: bool | None, only_mild: bool, lumbar: bool
) -> None:
    answers = {
        "vfa_performed": performed,
        "vfa_grade_counts": counts,
        "vfa_grade1_only": only_mild,
        "vfa_lumbar_fracture": lumbar,
    }
    for name, expected in answers.items():
        assert ask(name, record) is expected
        assert cites(name, record) == (("O/vfa",) if performed else ())


OLDER, NEWER = days("2026-11-09"), days("2026-11-11")


@pytest.mark.parametrize(
    ("unread", "performed", "counts"),
    [
        (("unknown_code", NEWER), False, None),
        (("status_unusable", STUDY_DAY), False, None),  # of the same day: not final
        (("date_missing", None), False, None),
        (("unknown_code", OLDER), True, False),
        (("withdrawn", NEWER), True, False),
        (("about_another_person", NEWER), True, False),
    ],
)
def test_a_newer_vfa_that_nobody_could_read_takes_the_older_one_s_word(
    unread: tuple[str, date | None], performed: bool, counts: bool | None
) -> None:
    reason, on = unread
    refused = (Rejected(Reason(reason), "vfa", "O/unread", on=on),)
    sound, broken = (replace(it, rejected=refused) for it in (graded(), graded((2, "T12"))))

    assert ask("vfa_performed", sound) is performed
    assert ask("vfa_grade_counts", sound) is counts
    assert ask("vfa_grade_counts", broken) is True  # what was seen was seen
    assert ask("vfa_performed", replace(sound, rejected=(replace(refused[0], concerns="density"),))) is True
