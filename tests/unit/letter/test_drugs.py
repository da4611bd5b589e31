"""Drugs of the record by name, product, dose and day."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from adapter.clinical.decision import (
    NotOffered,
    Why,
)
from adapter.clinical.model import (
    Allergy,
    Analyte,
    Condition,
    ConditionKind,
    Lab,
    Listing,
    Medicine,
    MedicineKind,
    MedicineStatus,
)
from adapter.letter.drugs import behind
from tests.unit.letter.drug_letters import (
    CONTINUE,
    DENOSUMAB,
    ENGLISH,
    PREDNISOLONE,
    SINCE_2012,
    WEEKLY,
    lines_of,
    taking,
    treatment,
    written,
)
from tests.unit.letter.patients import ON, decision, flags, record


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


# --- moments ------------------------------------------------------------------------------------------------


def test_a_drug_and_a_disease_that_stand_behind_a_refusal_are_named() -> None:
    held = taking(
        replace(SINCE_2012, evidence="M/1"),
        conditions=Listing((Condition(ConditionKind.STROKE, evidence="C/1"),)),
    )
    other = Medicine(frozenset({MedicineKind.OTHER}), evidence="M/2")
    held = replace(held, medicines=Listing((*held.medicines.items, other)))

    found = behind(Why(("C-28",), ("M/1", "C/1", "M/2", "")), held, ON, ENGLISH)

    assert len(found) == 2
    assert ENGLISH.name("condition", "stroke") in found
    assert behind(Why(("C-28",)), held, ON, ENGLISH) == []
