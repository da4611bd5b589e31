"""One patient under one pathway on one day: what is looked up, when, and what stands behind it."""

from datetime import date
from decimal import Decimal

import pytest

from adapter.clinical.case import PatientOnDay, Term, TermValues, evidence_of, present
from adapter.clinical.model import (
    Analyte,
    BoneRecord,
    Certainty,
    Condition,
    ConditionKind,
    Fracture,
    FractureSite,
    Lab,
    LabMark,
    Listing,
    Medicine,
    MedicineKind,
)
from adapter.clinical.value_kinds import FactValue
from tests.factories import TODAY, a_t_score
from tests.unit.clinical.questions import a_case

BORN = date(1976, 11, 15)


def test_age_counts_at_the_study_and_today_where_there_is_none() -> None:
    scanned = a_case(BoneRecord(birth_date=BORN, t_scores=(a_t_score(),)))

    assert (scanned.age, scanned.age_at_study) == (50, 49)
    assert a_case(BoneRecord(birth_date=BORN)).age_at_study == 50
    assert a_case(BoneRecord()).age is None


def test_refuted_conditions_are_left_out_and_others_are_found_by_kind() -> None:
    one = Condition(ConditionKind.STROKE, active=False)
    two = Condition(ConditionKind.STROKE, Certainty.SUSPECTED)
    gone = Condition(ConditionKind.OSTEOMALACIA, Certainty.REFUTED)

    case = a_case(BoneRecord(conditions=Listing.of([one, gone, two])))

    assert case.conditions == {ConditionKind.STROKE: (one, two)}


def test_a_product_of_two_kinds_is_found_under_both() -> None:
    both = Medicine(frozenset({MedicineKind.ALENDRONATE, MedicineKind.VITAMIN_D}))
    stopped = Medicine(frozenset({MedicineKind.DENOSUMAB}), active=False)

    case = a_case(BoneRecord(medicines=Listing.of([both, stopped])))

    assert {kind: course.entries for kind, course in case.courses.items()} == {
        MedicineKind.ALENDRONATE: (both,),
        MedicineKind.DENOSUMAB: (stopped,),
    }
    assert case.taken == {MedicineKind.ALENDRONATE: (both,), MedicineKind.VITAMIN_D: (both,)}


def test_fractures_at_excluded_sites_do_not_count() -> None:
    hip, toe = Fracture(FractureSite.HIP), Fracture(FractureSite.TOE)

    assert a_case(BoneRecord(fractures=Listing.of([toe, hip]))).fractures == (hip,)
    assert a_case(BoneRecord(fractures=Listing.of([toe])), excluded_fracture_sites=[]).fractures == (toe,)


OLD, NEW = date(2026, 1, 1), date(2026, 6, 1)


@pytest.mark.parametrize(
    ("stands", "gives_way"),
    [
        (Lab(Analyte.EGFR, Decimal(40), on=NEW), Lab(Analyte.EGFR, Decimal(60), on=OLD)),
        (Lab(Analyte.EGFR, Decimal(40), on=OLD), Lab(Analyte.EGFR, Decimal(60))),
        (Lab(Analyte.EGFR, Decimal(0), on=NEW), Lab(Analyte.EGFR, None, on=NEW)),
        (Lab(Analyte.EGFR, Decimal(60), LabMark.LOW, NEW), Lab(Analyte.EGFR, Decimal(60), on=NEW)),
        (Lab(Analyte.EGFR, Decimal(60), on=NEW, evidence="b"), Lab(Analyte.EGFR, Decimal(60), on=NEW, evidence="a")),
    ],
)  # fmt: skip
def test_of_two_values_of_an_analyte_the_newer_stands(stands: Lab, gives_way: Lab) -> None:
    for labs in ((stands, gives_way), (gives_way, stands)):
        assert a_case(BoneRecord(labs=labs)).labs == {Analyte.EGFR: stands}


@pytest.mark.parametrize(
    ("analyte", "stands", "gives_way"),
    [
        # Low kidney function, vitamin D and albumin are the danger, high creatinine and alkaline phosphatase.
        (Analyte.EGFR, "40", "60"),
        (Analyte.CREATININE_CLEARANCE, "25", "50"),
        (Analyte.VITAMIN_D_25OH, "20", "70"),
        (Analyte.ALBUMIN, "28", "41"),
        (Analyte.CREATININE, "190", "80"),
        (Analyte.ALKALINE_PHOSPHATASE, "210", "70"),
        (Analyte.ESR, "80", "5"),
        # Calcium harms on both sides: the pathway's alarm limits are 2.10 and 2.60 (C-67, C-75).
        (Analyte.CALCIUM, "1.90", "2.30"),
        (Analyte.CALCIUM, "2.80", "2.30"),
        (Analyte.CALCIUM, "2.80", "1.90"),
        # A mark of the side that harms stands before a number, one of the other side does not.
        (Analyte.CALCIUM, "low", "2.30"),
        (Analyte.VITAMIN_D_25OH, "low", "70"),
        (Analyte.VITAMIN_D_25OH, "20", "high"),
        (Analyte.EGFR, "60", "low"),  # of which the number decides
    ],
)
def test_of_one_day_the_value_that_speaks_against_a_drug_stands(
    analyte: Analyte, stands: str, gives_way: str
) -> None:
    careful, other = (_told(analyte, said) for said in (stands, gives_way))
    for labs in ((careful, other), (other, careful)):
        assert a_case(BoneRecord(labs=labs)).labs == {analyte: careful}


def _told(analyte: Analyte, said: str) -> Lab:
    if said in {"low", "high"}:
        return Lab(analyte, mark=LabMark(said), on=NEW)
    return Lab(analyte, Decimal(said), on=NEW)


def test_references_are_kept_for_facts_that_carry_none() -> None:
    case = a_case(BoneRecord(evidence=(("smoker", "O/1"), ("falls", "O/2"), ("smoker", "O/3"))))

    assert case.noted("smoker") == ("O/1", "O/3")
    assert case.noted("smoker", "falls") == ("O/1", "O/2", "O/3")
    assert case.noted("veil") == ()


@pytest.mark.parametrize(
    ("found", "complete", "answer"),
    [(True, True, True), (True, False, True), (False, True, False), (False, False, None)],
)
def test_absence_shows_only_in_a_complete_list(found: bool, complete: bool, answer: bool | None) -> None:
    assert present(found, complete) is answer


def test_a_listing_is_complete_when_it_has_items_unless_said_otherwise() -> None:
    assert Listing.of(["x"]) == Listing(("x",), complete=True)
    assert Listing.of([]) == Listing((), complete=False)
    assert Listing.of([], complete=True) == Listing((), complete=True)
    assert Listing.of(["x"], complete=False) == Listing(("x",), complete=False)


def test_evidence_of_items_is_their_own() -> None:
    items = [Fracture(FractureSite.HIP, evidence="F/1"), Fracture(FractureSite.TOE)]

    assert evidence_of(items) == ("F/1", "")


def test_the_day_of_deciding_is_kept() -> None:
    assert a_case(BoneRecord()).on == TODAY


# --- the answers of one case --------------------------------------------------------------------------------


def term(value: FactValue, *references: str) -> Term:
    return Term(lambda _: value, lambda _: references, "a term")


def the_facts(**terms: Term) -> TermValues:
    return TermValues(a_case(BoneRecord()), terms)


def test_each_term_is_worked_out_for_the_case() -> None:
    terms = {"bmi": Term(lambda case: case.record.bmi, lambda _: (), "a term"), "falls": term(0)}

    assert TermValues(a_case(BoneRecord(bmi=Decimal(20))), terms).values == {"bmi": 20, "falls": 0}


def test_what_a_stage_decided_is_a_fact_with_evidence_of_its_own() -> None:
    facts = the_facts()
    facts.add("stage", "done", ("R/1",))
    facts.add("quiet", None)

    assert facts.values == {"stage": "done", "quiet": None}
    assert facts.behind({"stage", "quiet"}) == ("R/1",)


def test_evidence_is_sorted_each_once_without_gaps() -> None:
    assert the_facts(one=term(1, "b", "a", ""), two=term(2, "b", "c")).behind(["one", "two"]) == (
        "a",
        "b",
        "c",
    )


def test_a_fact_that_nobody_recorded_has_nothing_behind_it_and_one_that_is_false_has() -> None:
    facts = the_facts(no=term(False, "a"), unknown=term(None, "b"))

    assert facts.behind(["no", "unknown", "elsewhere"]) == ("a",)


def test_what_is_behind_a_fact_is_looked_up_once() -> None:
    asked: list[PatientOnDay] = []

    def evidence(case: PatientOnDay) -> tuple[str, ...]:
        asked.append(case)
        return ("a",)

    facts = the_facts(one=Term(lambda _: 1, evidence, "a term"))

    assert [facts.behind(["one"]) for _ in range(2)] == [("a",), ("a",)]
    assert len(asked) == 1
