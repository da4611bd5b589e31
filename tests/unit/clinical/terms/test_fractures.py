"""Which fractures count, how much force, when, and on which drug."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from adapter.clinical.model import (
    Adherence,
    BoneRecord,
    Fracture,
    FractureSite,
    Listing,
    Medicine,
    MedicineKind,
    Menopause,
    Sex,
    VertebralFracture,
    Vfa,
)
from tests.factories import STUDY_DAY
from tests.unit.clinical.questions import (
    HIP,
    NOBODY,
    NONE_KNOWN,
    TOE,
    VERTEBRA,
    WRIST,
    ask,
    cites,
    days,
    drug,
    of_fractures,
    whole,
)


def energy(fracture: Fracture, low: bool | None) -> Fracture:
    return replace(fracture, low_energy=low)


LISTED = {
    "any_fracture": (TOE,),
    "counting_fracture": (WRIST,),
    "hip_fracture": (HIP,),
    "low_energy_fracture": (WRIST,),
}
NOT_LISTED = {
    "counting_fracture": (TOE,),
    "hip_fracture": (VERTEBRA, WRIST),
    "low_energy_fracture": (TOE, energy(WRIST, False), energy(HIP, None)),
}


@pytest.mark.parametrize("term", LISTED)
def test_a_fracture_shows_in_any_list_and_is_absent_only_from_a_complete_one(term: str) -> None:
    found = of_fractures(*LISTED[term])

    assert ask(term, found) is True
    assert ask(term, replace(found, fractures=replace(found.fractures, complete=False))) is True
    assert cites(term, found) == tuple(fracture.evidence for fracture in LISTED[term])
    others = of_fractures(*NOT_LISTED[term]) if term in NOT_LISTED else NOBODY
    assert ask(term, others) is (False if term in NOT_LISTED else None)
    assert ask(term, BoneRecord(fractures=NONE_KNOWN)) is False
    assert ask(term, NOBODY) is None


def test_fractures_are_known_where_the_list_is_whole_even_if_it_is_empty() -> None:
    assert ask("fractures_known", BoneRecord(fractures=NONE_KNOWN)) is True
    assert ask("fractures_known", NOBODY) is False
    assert cites("fractures_known", of_fractures(HIP, TOE)) == ("F/hip", "F/toe")


REMARKS: dict[str, tuple[Fracture, Fracture]] = {
    "hip_or_vertebral_energy_unknown": (energy(VERTEBRA, None), energy(WRIST, None)),
    "high_energy_fracture": (energy(TOE, False), energy(HIP, None)),
    "fracture_energy_unknown": (energy(WRIST, None), energy(TOE, None)),
    "fracture_site_excluded": (TOE, HIP),
}


@pytest.mark.parametrize("term", REMARKS)
def test_a_remark_is_false_in_silence(term: str) -> None:
    seen, unseen = REMARKS[term]

    assert ask(term, of_fractures(seen, unseen)) is True
    assert cites(term, of_fractures(unseen, seen)) == (seen.evidence,)
    assert ask(term, of_fractures(unseen)) is False
    assert ask(term, NOBODY) is False


CLEAN, BROKEN = Vfa((), STUDY_DAY, "O/vfa"), Vfa((VertebralFracture(2, "T8"),), STUDY_DAY, "O/vfa")


@pytest.mark.parametrize(
    ("fractures", "vfa", "any_energy", "not_high"),
    [
        (whole([HIP]), None, True, True),
        (whole([VERTEBRA]), CLEAN, True, True),
        (whole([energy(HIP, None)]), CLEAN, True, True),
        (whole([energy(HIP, False)]), CLEAN, True, False),
        (whole([energy(HIP, False)]), None, True, None),
        (whole([energy(HIP, False)]), BROKEN, True, True),
        (whole([WRIST]), CLEAN, False, False),
        (whole([WRIST]), None, None, None),
        (NONE_KNOWN, CLEAN, False, False),
        (NONE_KNOWN, None, None, None),
        (NONE_KNOWN, BROKEN, True, True),
        (NONE_KNOWN, Vfa((VertebralFracture(1, "T8"),), STUDY_DAY), False, False),
        (Listing(), CLEAN, None, None),
        (Listing(), BROKEN, True, True),
        (Listing(), None, None, None),
    ],
)
def test_a_hip_or_vertebral_fracture_is_coded_or_seen_on_a_vfa(
    fractures: Listing[Fracture], vfa: Vfa | None, any_energy: bool | None, not_high: bool | None
) -> None:
    record = BoneRecord(fractures=fractures, vfa=vfa)

    assert ask("hip_or_vertebral_fracture", record) is any_energy
    assert ask("hip_or_vertebral_fracture_not_high_energy", record) is not_high


def test_references_of_a_hip_or_vertebral_fracture() -> None:
    record = of_fractures(HIP, energy(VERTEBRA, False), WRIST, vfa=BROKEN)

    assert cites("hip_or_vertebral_fracture", record) == ("F/hip", "F/vertebra", "O/vfa")
    assert cites("hip_or_vertebral_fracture_not_high_energy", record) == ("F/hip", "O/vfa")


@pytest.mark.parametrize(
    ("fractures", "vfa", "fragility"),
    [
        (whole([WRIST]), None, True),
        (whole([TOE]), None, False),
        (whole([energy(WRIST, False)]), None, False),
        (whole([energy(WRIST, None)]), None, None),
        (whole([energy(TOE, None)]), None, False),
        (whole([energy(WRIST, None)]), BROKEN, True),
        (NONE_KNOWN, CLEAN, False),
        (Listing(), CLEAN, None),
        (Listing(), BROKEN, True),
        (Listing(), Vfa((VertebralFracture(1),)), None),
    ],
)
def test_a_fragility_fracture_is_told_by_the_list_or_by_a_vfa(
    fractures: Listing[Fracture], vfa: Vfa | None, fragility: bool | None
) -> None:
    assert ask("fragility_fracture", BoneRecord(fractures=fractures, vfa=vfa)) is fragility


BORN = days("1960-05-01")


@pytest.mark.parametrize(
    ("fracture", "after"),
    [
        (replace(HIP, on=days("2010-05-01")), True),
        (replace(HIP, on=days("2010-04-30")), False),
        (replace(TOE, on=days("2011-01-01"), low_energy=False), True),
        (replace(HIP, on=None), False),
    ],
)
def test_any_fracture_after_the_fiftieth_birthday(fracture: Fracture, after: bool) -> None:
    record = of_fractures(fracture, birth_date=BORN)

    assert ask("fracture_after_50", record) is after
    assert cites("fracture_after_50", record) == ((fracture.evidence,) if after else ())
    assert ask("fracture_after_50", replace(record, birth_date=None)) is False


@pytest.mark.parametrize(
    ("fracture", "sent", "after"),
    [
        (replace(HIP, on=days("2026-06-13")), days("2026-06-12"), True),
        (replace(HIP, on=days("2026-06-12")), days("2026-06-12"), False),
        (replace(TOE, on=days("2026-06-13")), days("2026-06-12"), False),
        (replace(HIP, on=None), days("2026-06-12"), False),
        (HIP, None, False),
    ],
)
def test_a_fracture_after_the_handover(fracture: Fracture, sent: date | None, after: bool) -> None:
    record = of_fractures(fracture, handover_sent=sent)

    assert ask("fracture_after_handover", record) is after
    assert cites("fracture_after_handover", record) == (("F/hip",) if after else ())


@pytest.mark.parametrize(
    ("fracture", "recent"),
    [
        (replace(HIP, on=days("2026-11-07")), True),
        (replace(HIP, on=days("2026-11-06")), False),
        (replace(WRIST, on=days("2026-11-07")), False),
        (replace(HIP, on=None), False),
    ],
)
def test_a_hip_broken_less_than_two_weeks_ago(fracture: Fracture, recent: bool) -> None:
    assert ask("recent_hip_fracture", of_fractures(fracture)) is recent
    assert cites("recent_hip_fracture", of_fractures(fracture)) == (("F/hip",) if recent else ())


def test_several_fractures_that_count() -> None:
    assert ask("several_fractures", of_fractures(HIP, WRIST)) is True
    assert cites("several_fractures", of_fractures(HIP, WRIST, TOE)) == ("F/hip", "F/wrist")
    assert ask("several_fractures", of_fractures(HIP, TOE)) is False
    assert cites("several_fractures", of_fractures(HIP)) == ()
    assert ask("several_fractures", of_fractures(HIP, WRIST), several_fractures=3) is False


AT_50, AT_49 = replace(WRIST, on=days("2010-05-01")), replace(WRIST, on=days("2010-04-30"))
POST_WOMAN = BoneRecord(sex=Sex.FEMALE, menopause=Menopause.POST, birth_date=BORN)
MAN = BoneRecord(sex=Sex.MALE, birth_date=BORN)
WOMAN = BoneRecord(sex=Sex.FEMALE, birth_date=BORN)


@pytest.mark.parametrize(
    ("record", "fracture", "makes"),
    [
        (POST_WOMAN, AT_49, True),
        (POST_WOMAN, replace(WRIST, on=None), True),
        (POST_WOMAN, energy(WRIST, False), False),
        (POST_WOMAN, energy(WRIST, None), None),
        (POST_WOMAN, TOE, False),
        (replace(POST_WOMAN, menopause=Menopause.PRE), AT_50, False),
        (MAN, AT_50, True),
        (MAN, AT_49, False),
        (MAN, replace(WRIST, on=None), None),
        (replace(MAN, birth_date=None), AT_50, None),
        (WOMAN, AT_50, True),
        (WOMAN, replace(WRIST, on=None), None),
    ],
)
def test_which_fracture_makes_a_diagnosis(record: BoneRecord, fracture: Fracture, makes: bool | None) -> None:
    held = replace(record, fractures=whole([fracture]))

    assert ask("fracture_makes_diagnosis", held) is makes
    assert cites("fracture_makes_diagnosis", held) == (("F/wrist",) if makes else ())


@pytest.mark.parametrize(
    ("record", "fracture", "could"),
    [
        (POST_WOMAN, energy(AT_49, False), True),
        (POST_WOMAN, energy(AT_49, None), False),
        (POST_WOMAN, AT_49, False),
        (POST_WOMAN, energy(TOE, False), False),
        (replace(POST_WOMAN, menopause=Menopause.PRE), energy(AT_50, False), False),
        (MAN, energy(AT_50, False), True),
        (MAN, energy(AT_49, False), False),
        (WOMAN, energy(AT_50, False), True),
        (WOMAN, energy(AT_49, False), True),  # with unknown menopausal status the age can only confirm
        (replace(MAN, birth_date=None), energy(AT_50, False), True),
    ],
)
def test_a_high_energy_fracture_that_could_have_made_the_diagnosis(
    record: BoneRecord, fracture: Fracture, could: bool
) -> None:
    held = replace(record, fractures=whole([fracture]))

    assert ask("high_energy_fracture_at_route_age", held) is could
    assert cites("high_energy_fracture_at_route_age", held) == ((fracture.evidence,) if could else ())


def test_several_low_energy_fractures() -> None:
    assert ask("several_low_energy_fractures", of_fractures(HIP, WRIST)) is True
    assert ask("several_low_energy_fractures", of_fractures(HIP, energy(WRIST, None))) is False


@pytest.mark.parametrize(
    ("fractures", "makes"),
    [
        (whole([energy(HIP, False), WRIST]), True),
        (whole([energy(HIP, None), WRIST]), True),
        (whole([energy(HIP, None), energy(WRIST, False)]), None),
        (Listing.of([energy(WRIST, False)], complete=False), None),
        (NONE_KNOWN, False),
        (Listing(), None),
    ],
)
def test_one_fracture_that_makes_a_diagnosis_is_enough(
    fractures: Listing[Fracture], makes: bool | None
) -> None:
    assert ask("fracture_makes_diagnosis", replace(POST_WOMAN, fractures=fractures)) is makes


START = days("2025-10-20")
GOOD = drug(MedicineKind.ALENDRONATE, start=START, adherence=Adherence.GOOD)


def broke(on: str | None, **more: Any) -> Fracture:
    return replace(WRIST, on=days(on) if on else None, **more)


@pytest.mark.parametrize(
    ("fracture", "medicine", "lies"),
    [
        (broke("2026-10-20"), GOOD, "late"),
        (broke("2026-10-19"), GOOD, "early"),
        (broke("2025-10-21"), GOOD, "early"),
        (broke("2025-10-20"), GOOD, "none"),
        (broke("2020-01-01"), GOOD, "none"),
        (broke("2026-10-20"), replace(GOOD, adherence=Adherence.POOR), "unclear"),
        (broke("2026-10-20"), replace(GOOD, adherence=None), "unclear"),
        (broke("2026-10-20", low_energy=None), GOOD, "unclear"),
        (broke("2026-10-20", low_energy=False), GOOD, "none"),
        (broke("2026-10-19", low_energy=None), GOOD, "early"),
        (broke(None), GOOD, "unclear"),
        (broke("2026-10-20"), replace(GOOD, start=None), "unclear"),
        (broke("2026-10-20"), replace(GOOD, active=False), "none"),
        (broke("2026-10-20"), drug(MedicineKind.CALCIUM, start=START, adherence=Adherence.GOOD), "none"),
        (broke("2026-10-20", site=FractureSite.TOE), GOOD, "none"),
    ],
)
def test_how_a_fracture_lies_to_the_drug(fracture: Fracture, medicine: Medicine, lies: str) -> None:
    record = of_fractures(fracture, medicines=whole([medicine]))

    assert ask("fracture_on_drug", record) == lies


@pytest.mark.parametrize(
    ("dates", "lies"),
    [
        (["2026-10-20", "2026-01-01", None], "late"),
        (["2026-01-01", None], "early"),
        (["2020-01-01", None], "unclear"),
        (["2020-01-01"], "none"),
        ([], "none"),
    ],
)
def test_of_several_fractures_the_gravest_counts(dates: list[str | None], lies: str) -> None:
    record = of_fractures(*(broke(on) for on in dates), medicines=whole([GOOD]))

    assert ask("fracture_on_drug", record) == lies
    assert cites("fracture_on_drug", record) == ("M/1", *["F/wrist"] * len(dates))
    assert cites("fragility_fracture", record) == tuple(["F/wrist"] * len(dates))
