"""Age, sex, menopause, and what was noted of the person."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from adapter.clinical.model import BoneRecord, Condition, ConditionKind, Menopause, Relative, Sex
from adapter.clinical.terms import VOCABULARY
from tests.factories import TODAY
from tests.unit.clinical.questions import NOBODY, ask, cites, days, of_conditions, whole


def test_every_term_says_what_it_means() -> None:
    for name, term in VOCABULARY.items():
        assert term.says, name


FEMALE, MALE = BoneRecord(sex=Sex.FEMALE), BoneRecord(sex=Sex.MALE)


@pytest.mark.parametrize(
    ("record", "female", "male"), [(FEMALE, True, False), (MALE, False, True), (NOBODY, None, None)]
)
def test_who_is_neither_recorded_as_female_nor_male_is_unknown_as_both(
    record: BoneRecord, female: bool | None, male: bool | None
) -> None:
    assert ask("sex", record) is record.sex
    assert ask("female", record) is female
    assert ask("male", record) is male


POSTMENOPAUSAL = Condition(ConditionKind.POSTMENOPAUSAL, evidence="C/post")


@pytest.mark.parametrize(
    ("record", "post", "status_unknown"),
    [
        (MALE, False, False),
        (replace(MALE, menopause=Menopause.POST), False, False),
        (replace(FEMALE, menopause=Menopause.POST), True, False),
        (replace(FEMALE, menopause=Menopause.PRE), False, False),
        (FEMALE, None, True),
        (NOBODY, None, True),
        (replace(FEMALE, conditions=whole([POSTMENOPAUSAL])), True, False),
        (replace(FEMALE, menopause=Menopause.PRE, conditions=whole([POSTMENOPAUSAL])), False, False),
    ],
)
def test_the_menopause_is_what_the_record_says_before_a_condition_says_it(
    record: BoneRecord, post: bool | None, status_unknown: bool
) -> None:
    assert ask("postmenopausal", record) is post
    assert ask("menopausal_status_unknown", record) is status_unknown


@pytest.mark.parametrize(
    ("record", "applies"),
    [
        (replace(FEMALE, menopause=Menopause.PRE, birth_date=days("1950-01-01")), False),
        (replace(FEMALE, menopause=Menopause.POST, birth_date=days("1990-01-01")), True),
        (replace(FEMALE, conditions=whole([POSTMENOPAUSAL])), True),
        (replace(FEMALE, birth_date=days("1976-11-20")), True),
        (replace(FEMALE, birth_date=days("1976-11-21")), False),
        (replace(MALE, birth_date=days("1976-11-20")), True),
        (replace(MALE, birth_date=days("1976-11-21")), False),
        (MALE, None),
        (NOBODY, None),
    ],
)
def test_who_is_classified(record: BoneRecord, applies: bool | None) -> None:
    assert ask("t_scores_apply", record) is applies
    gate = {"enabled": False, "men_from": 50, "women_unknown_from": 50}
    assert ask("t_scores_apply", record, age_gate=gate) is True


@pytest.mark.parametrize(
    ("record", "early"),
    [
        (BoneRecord(age_at_menopause=Decimal("44.9")), True),
        (BoneRecord(age_at_menopause=Decimal(45)), False),
        (of_conditions(Condition(ConditionKind.PREMATURE_MENOPAUSE)), True),
        (NOBODY, None),
    ],
)
def test_a_menopause_is_early_by_its_age_or_by_a_condition(record: BoneRecord, early: bool | None) -> None:
    assert ask("early_menopause", record) is early


@pytest.mark.parametrize(
    ("term", "field", "kind"),
    [
        ("pregnant", "pregnant", ConditionKind.PREGNANCY),
        ("lactating", "lactating", ConditionKind.LACTATION),
        ("dental_problem", "dental_problem", ConditionKind.DENTAL_PROBLEM),
        ("height_loss_recorded", "height_loss", ConditionKind.HEIGHT_LOSS),
    ],
)
def test_a_fact_that_comes_as_an_observation_or_as_a_condition(
    term: str, field: str, kind: ConditionKind
) -> None:
    known: dict[str, Any] = {"evidence": ((field, "O/1"),)}
    noted = BoneRecord(**known | {field: False})
    both = replace(noted, conditions=whole([Condition(kind, evidence="C/1")]))

    assert ask(term, noted) is False
    assert ask(term, both) is True
    assert ask(term, BoneRecord(**known | {field: True})) is True
    assert cites(term, both) == ("O/1", "C/1")


NOTED: dict[str, tuple[str, Any]] = {
    "nursing_home": ("nursing_home", True),
    "assessment_requested": ("assessment_requested", True),
    "handover_sent": ("handover_sent", TODAY),
    "phone_appointment": ("phone_appointment", TODAY),
    "exclusion_screen_negative": ("exclusion_screen_negative", True),
    "bisphosphonate_contraindicated": ("bisphosphonate_contraindicated", True),
    "cannot_sit_upright": ("cannot_sit_upright", True),
    "breast_cancer_risk_high": ("breast_cancer_risk_high", True),
    "high_fracture_risk_recorded": ("high_fracture_risk", True),
    "bmi": ("bmi", Decimal("18.5")),
    "formula_ml_per_day": ("formula_ml_per_day", Decimal(500)),
    "falls": ("falls_last_12m", Decimal(2)),
}


@pytest.mark.parametrize("term", NOTED)
def test_a_noted_fact_is_what_was_noted(term: str) -> None:
    field, value = NOTED[term]
    noted = ((field, "O/1"), ("something", "O/2"))
    record = BoneRecord(**{field: value}, evidence=noted, days=((field, TODAY),))

    assert ask(term, record) == value
    assert cites(term, record) == ("O/1",)


@pytest.mark.parametrize(
    ("day", "known"), [(TODAY, True), (date(2025, 11, 20), True), (date(2025, 11, 19), None)]
)
def test_other_causes_were_looked_for_lately(day: date, known: bool | None) -> None:
    record = BoneRecord(exclusion_screen_negative=True, days=(("exclusion_screen_negative", day),))

    assert ask("exclusion_screen_negative", record) is known
    assert ask("exclusion_screen_outdated", record) is (known is None)


def test_references_of_the_person() -> None:
    evidence = tuple(
        (name, f"O/{name}")
        for name in ("menopause", "age_at_menopause", "relatives", "procedures", "symptoms")
    )
    record = BoneRecord(evidence=evidence)

    assert cites("postmenopausal", record) == ("O/menopause",)
    assert cites("early_menopause", record) == ("O/age_at_menopause",)
    assert cites("relatives_with_osteoporosis", record) == ("O/relatives",)
    assert cites("parent_hip_fracture", record) == ("O/relatives",)
    assert cites("gastric_surgery", record) == ("O/procedures",)
    assert cites("hip_replacement", record) == ("O/procedures",)
    assert cites("thigh_or_jaw_symptom", record) == ("O/symptoms",)
    assert cites("retrosternal_pain", record) == ("O/symptoms",)
    for name in ("today", "sex", "female", "male", "age", "birth_date_incomplete", "t_scores_apply"):
        assert cites(name, record) == ()


def test_relatives_are_counted_and_a_broken_hip_is_no_osteoporosis() -> None:
    record = BoneRecord(relatives=(Relative.OSTEOPOROSIS, Relative.HIP_FRACTURE, Relative.OSTEOPOROSIS))

    assert ask("relatives_with_osteoporosis", record) == 2
    assert ask("parent_hip_fracture", record) is True
    assert ask("relatives_with_osteoporosis", BoneRecord(relatives=(Relative.HIP_FRACTURE,))) == 0
    assert ask("parent_hip_fracture", BoneRecord(relatives=(Relative.OSTEOPOROSIS,))) is None
    assert ask("relatives_with_osteoporosis", NOBODY) is None


@pytest.mark.parametrize(
    ("born", "year_only", "incomplete"),
    [(TODAY, True, True), (TODAY, False, False), (None, True, False)],
)
def test_a_part_of_a_birth_date(born: date | None, year_only: bool, incomplete: bool) -> None:
    assert ask("birth_date_incomplete", BoneRecord(birth_date=born, birth_year_only=year_only)) is incomplete


def test_age_counts_birthdays_and_is_unknown_without_a_birth_date() -> None:
    assert ask("age", BoneRecord(birth_date=days("1956-11-20"))) == 70
    assert ask("age", NOBODY) is None
