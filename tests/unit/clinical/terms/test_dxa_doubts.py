"""Doubts about a scan: refused, contradictory, too old, or measuring less than an earlier one."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapter.clinical.model import (
    BoneDensity,
    BoneRecord,
    Certainty,
    Condition,
    ConditionKind,
    GramsPerCm2,
    LowBoneSign,
    MedicineKind,
    Reason,
    Rejected,
    Side,
    Site,
    TScore,
    VertebralFracture,
    Vfa,
)
from tests.factories import STUDY_DAY, a_rejected
from tests.unit.clinical.questions import HIP as FRAGILITY
from tests.unit.clinical.questions import NOBODY, ask, cites, days, drug, scan, score, whole

NECK, SPINE, HEEL, FEMUR = Site.FEMORAL_NECK, Site.LUMBAR_SPINE, Site.CALCANEUS, Site.FEMUR_REGION_UNKNOWN
HIP = Site.TOTAL_HIP
OSTEOPOROSIS = Condition(ConditionKind.OSTEOPOROSIS)
MYELOMA = Condition(ConditionKind.MULTIPLE_MYELOMA)
HIGH = score(SPINE, "1.5", side=None)
MONTH_LATER, TOO_LATE = STUDY_DAY + timedelta(days=31), STUDY_DAY + timedelta(days=32)


@pytest.mark.parametrize(
    ("reason", "text", "unit"),
    [
        (Reason.NON_NUMERIC, True, False),
        (Reason.UNIT_MISMATCH, False, True),
        (Reason.IMPLAUSIBLE, False, False),
    ],
)
def test_why_a_score_was_refused(reason: Reason, text: bool, unit: bool) -> None:
    record = BoneRecord(rejected=(a_rejected(reason, evidence="O/r"),))

    assert ask("t_score_unusable", record) is True
    assert cites("t_score_unusable", record) == ("O/r",)
    assert ask("t_score_not_numeric", record) is text
    assert cites("t_score_not_numeric", record) == (("O/r",) if text else ())
    assert ask("t_score_unit_wrong", record) is unit
    assert cites("t_score_unit_wrong", record) == (("O/r",) if unit else ())


def test_of_several_refused_scores_each_reason_is_told() -> None:
    record = BoneRecord(
        rejected=(a_rejected(Reason.NON_NUMERIC, evidence="O/text"), a_rejected(Reason.UNIT_MISMATCH, evidence="O/unit"))
    )  # fmt: skip

    assert cites("t_score_unusable", record) == ("O/text", "O/unit")
    for name, evidence in (("t_score_not_numeric", "O/text"), ("t_score_unit_wrong", "O/unit")):
        assert (ask(name, record), cites(name, record)) == (True, (evidence,))


@pytest.mark.parametrize(
    ("refused", "held_back"),
    [
        (a_rejected(Reason.NON_NUMERIC, site=NECK), True),
        (a_rejected(Reason.NON_NUMERIC, site=NECK, on=None), True),
        (a_rejected(Reason.UNKNOWN_CODE, site=None), True),  # of no known site: it may be this one
        (a_rejected(Reason.UNKNOWN_CODE, site=None, on=None), True),
        (a_rejected(Reason.NON_NUMERIC, site=SPINE), False),
        (a_rejected(Reason.NON_NUMERIC, site=NECK, side=Side.RIGHT), False),
        (a_rejected(Reason.UNKNOWN_CODE, site=None, side=Side.RIGHT), False),
        (a_rejected(Reason.UNKNOWN_CODE, site=None, on=days("2026-11-09")), False),
        (a_rejected(Reason.WITHDRAWN, site=None), False),
        (a_rejected(Reason.REPORT_ONLY, site=None), False),
    ],
)
def test_a_score_that_cannot_be_read_may_contradict_one_of_its_site_and_day(
    refused: Rejected, held_back: bool
) -> None:
    record = replace(scan(score(NECK, "-2.7", side=Side.LEFT)), rejected=(refused,))

    assert ask("t_score_may_conflict", record) is held_back


ALENDRONATE = drug(MedicineKind.ALENDRONATE)


@pytest.mark.parametrize(
    ("record", "suspect"),
    [
        (scan(score(SPINE, "2.0"), score(NECK, "-1.0")), True),
        (scan(score(SPINE, "1.9"), score(NECK, "-1.0")), False),
        (scan(score(SPINE, "2.0"), score(NECK, "-0.9")), False),
        (scan(score(SPINE, "2.0"), score(HEEL, "-3.0")), False),
        (scan(score(SPINE, "2.0")), False),
        (scan(score(SPINE, "2.0"), conditions=whole([OSTEOPOROSIS])), True),
        (scan(score(SPINE, "2.0"), conditions=whole([replace(OSTEOPOROSIS, active=False)])), True),
        (scan(score(SPINE, "2.0"), conditions=whole([replace(OSTEOPOROSIS, certainty=Certainty.SUSPECTED)])), False),
        (scan(score(SPINE, "2.0"), conditions=whole([MYELOMA])), False),
        (scan(score(SPINE, "2.0"), medicines=whole([ALENDRONATE])), True),
        (scan(score(SPINE, "2.0"), medicines=whole([replace(ALENDRONATE, active=False)])), True),
        (scan(score(SPINE, "2.0"), medicines=whole([drug(MedicineKind.CALCIUM)])), False),
        (scan(score(SPINE, "1.0"), medicines=whole([ALENDRONATE])), False),
    ],
)  # fmt: skip
@pytest.mark.hazard(id="H01")
def test_a_high_score_that_does_not_fit_the_rest(record: BoneRecord, suspect: bool) -> None:
    assert ask("sign_suspect", record) is suspect


def test_a_score_does_not_contradict_itself() -> None:
    limits = {
        "at_or_above": Decimal(2),
        "other_site_at_or_below": Decimal(3),
        "beside_a_clue_above": Decimal(9),
    }

    assert ask("sign_suspect", scan(score(SPINE, "2.0")), sign_suspect=limits) is False
    assert ask("sign_suspect", scan(score(SPINE, "2.0"), score(NECK, "2.5")), sign_suspect=limits) is True


def density(g_cm2: str, site: Site = SPINE, **more: Any) -> BoneDensity:
    return replace(BoneDensity(site, GramsPerCm2(g_cm2), STUDY_DAY, evidence="O/density"), **more)


@pytest.mark.parametrize(
    ("found", "contradicts"),
    [
        (density("0.974"), True),  # the limit of the spine itself (C-64)
        (density("0.975"), False),
        (density("0.900", NECK), False),  # another site
        (density("0.900", HEEL), False),  # no limit is known for it
        (density("0.900", on=MONTH_LATER), True),
        (density("0.900", on=STUDY_DAY - timedelta(days=31)), True),
        (density("0.900", on=TOO_LATE), False),
    ],
)
def test_a_density_too_low_for_the_score_beside_it_makes_the_sign_suspect(
    found: BoneDensity, contradicts: bool
) -> None:
    record = scan(HIGH, densities=(found,))

    assert ask("sign_suspect", record) is contradicts
    assert ("O/density" in cites("sign_suspect", record)) is contradicts


@pytest.mark.parametrize(
    ("site", "side", "found", "contradicts"),
    [
        (HIP, Side.LEFT, density("0.913", HIP, side=Side.LEFT), True),
        (HIP, Side.LEFT, density("0.914", HIP, side=Side.LEFT), False),
        (HIP, Side.LEFT, density("0.913", HIP, side=Side.RIGHT), False),
        (HIP, Side.LEFT, density("0.913", HIP), True),
        (HIP, None, density("0.913", HIP, side=Side.RIGHT), True),
        (NECK, None, density("0.756", NECK), True),
        (NECK, None, density("0.757", NECK), False),
        (NECK, None, density("0.756", FEMUR), True),  # of a hip, and nobody says where
        (HIP, None, density("0.757", FEMUR), False),  # by the lowest limit of the hip
    ],
)
def test_a_density_is_compared_with_the_score_of_its_place(
    site: Site, side: Side | None, found: BoneDensity, contradicts: bool
) -> None:
    assert ask("sign_suspect", scan(score(site, "1.5", side=side), densities=(found,))) is contradicts


@pytest.mark.parametrize(("value", "suspect"), [("1.0", False), ("1.1", True)])
def test_only_a_score_above_the_limit_is_contradicted_by_a_density(value: str, suspect: bool) -> None:
    assert ask("sign_suspect", scan(score(SPINE, value), densities=(density("0.9"),))) is suspect


@pytest.mark.parametrize(
    ("reason", "concerns", "site", "suspect"),
    [
        (Reason.NON_NUMERIC, "density", SPINE, True),
        (Reason.NON_NUMERIC, "density", None, True),
        (Reason.NON_NUMERIC, "density", NECK, False),
        (Reason.WITHDRAWN, "density", SPINE, False),
        (Reason.NON_NUMERIC, "laboratory", SPINE, False),
    ],
)
def test_a_density_that_cannot_be_read_may_contradict_as_well(
    reason: Reason, concerns: str, site: Site | None, suspect: bool
) -> None:
    refused = a_rejected(reason, concerns=concerns, site=site, evidence="O/r")

    assert ask("sign_suspect", scan(HIGH, rejected=(refused,))) is suspect


CLUES: list[tuple[dict[str, Any], bool]] = [
    ({}, False),
    ({"conditions": whole([OSTEOPOROSIS])}, True),
    ({"conditions": whole([MYELOMA])}, False),
    ({"fractures": whole([FRAGILITY])}, True),
    ({"fractures": whole([replace(FRAGILITY, low_energy=None)])}, True),
    ({"fractures": whole([replace(FRAGILITY, low_energy=False)])}, False),
    ({"vfa": Vfa((VertebralFracture(2, "T11"),), STUDY_DAY)}, True),
    ({"vfa": Vfa((VertebralFracture(1, "T11"),), STUDY_DAY)}, False),
    ({"low_bone_signs": (LowBoneSign(STUDY_DAY),)}, True),
    ({"rejected": (a_rejected(Reason.UNKNOWN_CODE, concerns="condition", site=None),)}, True),
    ({"rejected": (a_rejected(Reason.REFUTED, concerns="condition", site=None),)}, False),
    ({"rejected": (a_rejected(Reason.UNKNOWN_CODE, concerns="laboratory", site=None),)}, False),
]


@pytest.mark.parametrize(("beside", "suspect"), CLUES)
@pytest.mark.parametrize(("value", "high"), [("1.1", True), ("1.0", False)])
def test_a_high_score_beside_a_clue_of_low_bone_is_suspect(
    beside: dict[str, Any], suspect: bool, value: str, high: bool
) -> None:
    assert ask("sign_suspect", scan(score(SPINE, value), **beside)) is (suspect and high)


# --- what calls the bone low --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sign", "low", "osteoporosis"),
    [
        (LowBoneSign(STUDY_DAY, "R/1"), True, False),
        (LowBoneSign(STUDY_DAY, "R/1", osteoporosis=True), True, True),
        (LowBoneSign(None, "R/1"), True, False),
        (LowBoneSign(TOO_LATE, "R/1"), True, False),
        (LowBoneSign(STUDY_DAY - timedelta(days=31), "R/1"), True, False),
        (LowBoneSign(STUDY_DAY - timedelta(days=32), "R/1", osteoporosis=True), False, False),
    ],
)
def test_a_report_counts_from_the_deciding_study_on(sign: LowBoneSign, low: bool, osteoporosis: bool) -> None:
    record = scan(score(SPINE, "-1.5"), low_bone_signs=(sign,))

    assert (ask("called_low", record), ask("called_osteoporosis", record)) == (low, osteoporosis)
    assert cites("called_low", record) == (("R/1",) if low else ())
    assert cites("called_osteoporosis", record) == (("R/1",) if osteoporosis else ())


def test_a_report_without_any_study_counts() -> None:
    assert ask("called_low", BoneRecord(low_bone_signs=(LowBoneSign(STUDY_DAY, "R/1"),))) is True


# --- other studies ------------------------------------------------------------------------------------------

LAST_YEAR, LONG_AGO = days("2025-10-10"), days("2019-10-10")


@pytest.mark.parametrize(
    ("earlier", "lower"),
    [
        (score(NECK, "-2.6", on=LAST_YEAR, evidence="O/e"), Decimal("-2.6")),
        (score(NECK, "-1.5", on=LAST_YEAR, evidence="O/e"), None),  # no lower than now
        (score(SPINE, "-2.6", on=LAST_YEAR, evidence="O/e"), None),  # measured again
        (score(HEEL, "-2.6", on=LAST_YEAR, evidence="O/e"), None),  # decides nothing
        (score(NECK, "-2.6", on=LONG_AGO, evidence="O/e"), None),
    ],
)
def test_a_lower_value_at_a_site_that_was_left_out_is_told(earlier: TScore, lower: Decimal | None) -> None:
    record = scan(score(SPINE, "-1.5"), earlier)

    assert ask("lower_value", record) == lower
    assert ask("lower_at_another_site", record) is (lower is not None)
    assert (
        cites("lower_at_another_site", record) == cites("lower_value", record) == (("O/e",) if lower else ())
    )


def refused_earlier(reason: Reason = Reason.NON_NUMERIC, **more: Any) -> Rejected:
    return a_rejected(reason, **{"site": NECK, "on": LAST_YEAR, "evidence": "O/r"} | more)


@pytest.mark.parametrize(
    ("refused", "left_out", "refused_before"),
    [
        (refused_earlier(), True, True),
        (refused_earlier(site=None), True, True),
        (refused_earlier(site=SPINE), False, True),  # measured again since
        (refused_earlier(site=HEEL), False, False),
        (refused_earlier(on=LONG_AGO), False, True),
        (refused_earlier(on=None), False, False),
        (refused_earlier(on=STUDY_DAY), False, False),
        (refused_earlier(Reason.WITHDRAWN), False, False),
        (refused_earlier(Reason.REPORT_ONLY), True, False),  # tells of a study and of no score
        (refused_earlier(concerns="laboratory"), False, False),
    ],
)
def test_a_score_of_an_earlier_study_that_cannot_be_read_is_told(
    refused: Rejected, left_out: bool, refused_before: bool
) -> None:
    record = scan(score(SPINE, "-1.5"), rejected=(refused,))

    assert (ask("earlier_score_unread", record), ask("earlier_score_refused", record)) == (
        left_out,
        refused_before,
    )
    assert cites("earlier_score_unread", record) == (("O/r",) if left_out else ())
    assert cites("earlier_score_refused", record) == (("O/r",) if refused_before else ())


def test_without_a_deciding_study_no_study_is_an_earlier_one() -> None:
    record = BoneRecord(rejected=(refused_earlier(),))

    assert (ask("earlier_score_unread", record), ask("earlier_score_refused", record)) == (False, False)


@pytest.mark.parametrize(("reason", "told"), [(Reason.UNIT_MISMATCH, False), (Reason.NON_NUMERIC, True)])
def test_a_refused_value_that_stands_there_readable_as_well_is_no_gap(reason: Reason, told: bool) -> None:
    twin = score(NECK, "-1.0", on=LAST_YEAR)

    assert (
        ask("earlier_score_refused", scan(score(SPINE, "-1.5"), twin, rejected=(refused_earlier(reason),)))
        is told
    )


@pytest.mark.parametrize(
    ("on", "newer"), [(MONTH_LATER, None), (TOO_LATE, TOO_LATE), (STUDY_DAY, None), (LAST_YEAR, None)]
)
def test_a_study_after_all_readable_ones_that_cannot_be_read_is_told_with_its_day(
    on: date, newer: date | None
) -> None:
    record = scan(score(SPINE, "-1.5"), rejected=(refused_earlier(on=on),))

    assert ask("newer_study_on", record, TOO_LATE) == newer
    assert ask("newer_study_unreadable", record, TOO_LATE) is (newer is not None)
    assert cites("newer_study_on", record, TOO_LATE) == (("O/r",) if newer else ())


def test_of_several_unreadable_studies_the_last_day_is_told() -> None:
    later = TOO_LATE + timedelta(days=1)
    record = scan(score(SPINE, "-1.5"), rejected=(refused_earlier(on=later), refused_earlier(on=TOO_LATE)))

    assert ask("newer_study_on", record, later) == later


@pytest.mark.parametrize(
    ("today", "outdated"), [(days("2028-11-10"), False), (days("2028-11-11"), True), (STUDY_DAY, False)]
)
def test_a_study_is_too_old_after_two_years(today: date, outdated: bool) -> None:
    record = scan(score(SPINE, "-1.5"))

    assert ask("dxa_outdated", record, today) is outdated
    assert (ask("study_on", record, today), cites("study_on", record)) == (STUDY_DAY, ("O/lumbar_spine",))


def test_nothing_is_outdated_where_nothing_was_measured() -> None:
    assert (ask("dxa_outdated", NOBODY), ask("study_on", NOBODY)) == (False, None)


@pytest.mark.parametrize(
    ("scores", "refused", "guessed"),
    [
        ([score(SPINE, "-1.5")], [], False),
        ([score(SPINE, "-1.5", earliest=days("2026-11-01"))], [], True),
        ([score(SPINE, "-1.5")], [a_rejected(site=NECK, on=None)], True),
        ([score(SPINE, "-1.5")], [a_rejected(site=NECK, on=MONTH_LATER)], True),
        ([score(SPINE, "-1.5")], [a_rejected(site=NECK)], False),  # of the very day
        ([score(SPINE, "-1.5")], [a_rejected(Reason.REPORT_ONLY, site=NECK, on=None)], False),
        ([score(SPINE, "-1.5")], [a_rejected(Reason.WITHDRAWN, site=NECK, on=None)], False),
        ([], [a_rejected(site=NECK, on=None)], False),
    ],
)
def test_a_day_that_is_not_sure_makes_the_study_a_guess(
    scores: list[TScore], refused: list[Rejected], guessed: bool
) -> None:
    record = scan(*scores, rejected=tuple(refused))

    assert ask("study_day_guessed", record, TOO_LATE) is guessed


def test_of_several_lower_values_the_lowest_is_told() -> None:
    record = scan(score(SPINE, "-1.0"), score(NECK, "-2.1", on=LAST_YEAR), score(HIP, "-2.6", on=LAST_YEAR))

    assert ask("lower_value", record) == Decimal("-2.6")


def test_one_score_of_several_is_enough_for_a_doubt() -> None:
    two = scan(HIGH, score(NECK, "1.5"))

    assert ask("sign_suspect", replace(two, densities=(density("0.9"),))) is True
    assert ask("t_score_may_conflict", replace(two, rejected=(a_rejected(site=SPINE),))) is True
