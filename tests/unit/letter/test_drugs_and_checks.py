"""Drugs and values of the record by name, dose and day, and moments that can be true."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from adapter.clinical.decision import (
    Decision,
    Flag,
    FollowUp,
    NotOffered,
    Option,
    Treatment,
    TreatmentDecision,
    Why,
)
from adapter.clinical.model import (
    Allergy,
    Analyte,
    BoneRecord,
    Condition,
    ConditionKind,
    Frax,
    Lab,
    LabMark,
    Listing,
    Medicine,
    MedicineKind,
    MedicineStatus,
    Reason,
    Rejected,
)
from adapter.letter import Letter, letter
from mappings.texts import LANGUAGES, load
from tests.unit.letter.patients import WHY, activities, decision, flags, people, record

ENGLISH = load("en")
DENOSUMAB = frozenset({MedicineKind.DENOSUMAB})
WEEKLY = frozenset({MedicineKind.ALENDRONATE})
PREDNISOLONE = frozenset({MedicineKind.SYSTEMIC_GLUCOCORTICOID})
CONTINUE = Treatment(TreatmentDecision.CONTINUE, "C-57", WHY)


def taking(*medicines: Medicine, **more: Any) -> BoneRecord:
    return record(medicines=Listing.of(medicines), **more)


def written(decided: Decision, of: BoneRecord, language: str = "en") -> Letter:
    return letter(decided, of, people(), load(language))


def lines_of(it: Letter, block: str) -> list[str]:
    return [
        line.text for part in it.parts for held in part.blocks if held.key == block for line in held.lines
    ]


def treatment(*medicines: Medicine, **more: Any) -> list[str]:
    return lines_of(written(decision(treatment=CONTINUE), taking(*medicines, **more)), "treatment")


def test_a_drug_in_use_comes_with_product_dose_and_days_as_recorded() -> None:
    drug = Medicine(WEEKLY, start=date(2012, 3, 1), text="Fosamax 70 mg", dose="once a week")

    assert "In use: alendronate (Fosamax 70 mg; once a week; since 1 March 2012)." in treatment(drug)


def test_all_entries_of_one_drug_are_one_course_with_its_last_dose() -> None:
    order = Medicine(DENOSUMAB, start=date(2024, 1, 5))
    doses = [
        Medicine(DENOSUMAB, active=False, last_dose=on, status=MedicineStatus.GIVEN)
        for on in (date(2025, 7, 1), date(2026, 1, 8), date(2024, 7, 2))
    ]

    assert "In use: denosumab (since 5 January 2024; last dose 8 January 2026)." in treatment(order, *doses)


def test_a_drug_of_before_is_named_with_its_end() -> None:
    past = Medicine(WEEKLY, active=False, start=date(2013, 5, 1), ended=date(2018, 5, 1))

    assert "Used or given before: alendronate (since 1 May 2013; until 1 May 2018)." in treatment(past)


def test_an_injection_is_in_use_until_the_decision_calls_it_past() -> None:
    dose = Medicine(DENOSUMAB, active=False, last_dose=date(2026, 8, 3), status=MedicineStatus.GIVEN)
    past = flags("bone_drug_before:denosumab")

    in_interval = lines_of(written(decision(treatment=CONTINUE), taking(dose)), "treatment")
    over = lines_of(written(decision(treatment=CONTINUE, flags=past), taking(dose)), "treatment")

    assert "In use: denosumab (last dose 3 August 2026)." in in_interval
    assert "Used or given before: denosumab (last dose 3 August 2026)." in over


@pytest.mark.parametrize(
    ("status", "line"),
    [
        (MedicineStatus.NOT_GIVEN, "Not given: denosumab, planned for 8 July 2026."),
        (MedicineStatus.PROHIBITED, "On record as not to be given: denosumab (8 July 2026)."),
    ],
)
def test_what_was_not_given_is_no_course(status: MedicineStatus, line: str) -> None:
    lines = treatment(Medicine(DENOSUMAB, active=False, start=date(2026, 7, 8), status=status))

    assert line in lines
    assert not any(text.startswith(("In use", "Used or given")) for text in lines)


def test_supplements_and_allergies_stand_beside_the_drugs() -> None:
    lines = treatment(
        Medicine(frozenset({MedicineKind.VITAMIN_D}), dose="800 IU a day"),
        allergies=(Allergy(WEEKLY, "alendronic acid"),),
    )

    assert "Supplements in use: vitamin D (800 IU a day)." in lines
    assert "Allergy or intolerance on record: alendronic acid." in lines


def test_what_is_no_option_comes_with_the_value_behind_it_and_once_for_all_drugs() -> None:
    kidney = Lab(Analyte.EGFR, Decimal(28), on=date(2026, 10, 2), evidence="Observation/k/_history/1")
    why = Why(("GL-59",), (kidney.evidence,))
    gone = tuple(NotOffered(drug, "renal_contraindication", why) for drug in ("alendronate", "zoledronate"))
    decided = decision(treatment=replace(CONTINUE, not_offered=gone))

    assert lines_of(written(decided, record(labs=(kidney,))), "treatment")[1] == (
        "Not an option: alendronate and zoledronate, because: renal function is too low "
        "(eGFR 28 mL/min/1.73 m², 2 October 2026)."
    )


def test_the_drug_that_weakens_bone_is_named() -> None:
    drug = Medicine(
        PREDNISOLONE,
        start=date(2026, 1, 5),
        text="Prednisolone 10 mg",
        evidence="MedicationRequest/p/_history/1",
    )
    (raised,) = flags("rf_medication")
    decided = decision(flags=(replace(raised, why=Why(("ETZ-08",), (drug.evidence,))),))

    assert lines_of(written(decided, taking(drug)), "risk_factors") == [
        "medicine that weakens bone: glucocorticoid (Prednisolone 10 mg; since 5 January 2026)"
    ]


def test_every_value_has_its_day_and_its_mark() -> None:
    of = record(
        labs=(
            Lab(Analyte.CALCIUM, Decimal("2.95"), LabMark.HIGH, date(2026, 10, 30)),
            Lab(Analyte.EGFR, Decimal(75)),
            Lab(Analyte.TSH, mark=LabMark.NORMAL, on=date(2026, 10, 30)),
            Lab(Analyte.PTH, mark=LabMark.HIGH, on=date(2026, 10, 30)),
        ),
        conditions=Listing((Condition(ConditionKind.OTHER),), complete=True, on=date(2026, 9, 1)),
        exclusion_screen_negative=True,
        days=(("exclusion_screen_negative", date(2026, 9, 2)),),
        frax=Frax(Decimal(14), Decimal("3.1"), on=date(2026, 8, 1)),
    )

    assert lines_of(written(decision(unknown=()), of), "checks") == [
        "eGFR 75 mL/min/1.73 m² (date not recorded)",
        "calcium 2.95 mmol/L (high, 30 October 2026)",
        "PTH high (30 October 2026)",
        "conditions: list of 1 September 2026",
        "other causes of bone loss excluded (2 September 2026)",
        "FRAX, ten years: major osteoporotic fracture 14 %, hip fracture 3.1 % (1 August 2026)",
    ]


def test_a_value_that_settles_nothing_any_more_says_so() -> None:
    of = record(labs=(Lab(Analyte.EGFR, Decimal(64), on=date(2014, 3, 3)),))

    assert lines_of(written(decision(unknown=("renal_function",)), of), "checks") == [
        "eGFR 64 mL/min/1.73 m² (3 March 2014), too old to count"
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("analyte", Analyte)
def test_every_analyte_has_a_unit_in_every_language(analyte: Analyte, language: str) -> None:
    assert load(language).knows("lab_unit", analyte.value)


# --- moments ------------------------------------------------------------------------------------------------

SINCE_2012 = Medicine(WEEKLY, start=date(2012, 3, 1))
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
