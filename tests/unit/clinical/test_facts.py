"""The answers of one case, and what stands behind each."""

from decimal import Decimal
from typing import Any

from adapter.clinical.case import Case, Term
from adapter.clinical.facts import Facts
from adapter.clinical.model import BoneRecord
from tests.unit.clinical.questions import a_case


def term(value: Any, *references: str) -> Term:
    return Term(lambda _: value, lambda _: references, "a term")


def the_facts(**terms: Term) -> Facts:
    return Facts(a_case(BoneRecord()), terms, terms)


def test_only_what_is_asked_is_worked_out_for_the_case() -> None:
    terms = {"bmi": Term(lambda case: case.record.bmi, lambda _: (), "a term"), "falls": term(0)}

    assert Facts(a_case(BoneRecord(bmi=Decimal(20))), terms, ["bmi"]).values == {"bmi": 20}


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
    asked: list[Case] = []

    def evidence(case: Case) -> tuple[str, ...]:
        asked.append(case)
        return ("a",)

    facts = the_facts(one=Term(lambda _: 1, evidence, "a term"))

    assert [facts.behind(["one"]) for _ in range(2)] == [("a",), ("a",)]
    assert len(asked) == 1
