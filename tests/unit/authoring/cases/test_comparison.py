"""A comparison that finds nothing wrong proves nothing, unless it finds what is wrong."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from adapter.input.wire_json import Json, JsonValue
from tests.examples import sample
from tests.unit.authoring.cases.invented import AS_OF, OSTEOPOROSIS, a_case
from workers.authoring.cases import CaseStatus, WorkedCase, read_table, run_case
from workers.authoring.cases.case_review import CaseReview
from workers.authoring.cases.case_run import EVERYTHING
from workers.authoring.cases.expectations.case_outcome import CaseProposal
from workers.authoring.cases.expectations.comparison import compare_proposal
from workers.authoring.cases.expectations.differences import UnjudgedExpectation
from workers.authoring.cases.expectations.draft_checks import (
    broken_invariants,
    rewritten_drafts,
    unstable_ids,
)

TABLE = Path(__file__).parents[3] / "data" / "cases" / "acceptance_cases.json"
CASES = read_table(TABLE, date.max).cases
Path_ = tuple[str, ...]


@cache
def seen_of(number: int) -> CaseProposal:
    return CaseProposal.of(CaseReview.of(CASES[number]).proposal())


def leaves(value: object, path: Path_ = ()) -> Iterator[tuple[Path_, object]]:
    if isinstance(value, dict):
        for name, held in value.items():
            yield from leaves(held, (*path, name))
    else:
        yield path, value


def wrong(name: str, value: object) -> Iterator[JsonValue]:
    """Values that the same expectation must not be satisfied with."""
    match value:
        case bool():
            yield not value
        case int() | Decimal():
            yield value + Decimal("0.1")
        case None:
            yield 99
        case str():
            yield "other"
        case list() if not name.endswith("_absent"):
            yield from LISTS[name](value) if name in LISTS else [[*value, "other"]]


LISTS: dict[str, Callable[[list[JsonValue]], list[list[JsonValue]]]] = {
    "must_include": lambda phrases: [[f"{phrase} purple"] for phrase in phrases],
    "detail": lambda phrases: [[f"{phrase} purple"] for phrase in phrases],
    "routes": lambda routes: [[*routes, "other"], routes[1:] or ["other"]],
    "calcium_mg_range": lambda bounds: [[bounds[0] + 1, bounds[1]], [bounds[0], bounds[1] + 1]],
    "vitamin_d_iu_range": lambda bounds: [[bounds[0] + 1, bounds[1]], [bounds[0], bounds[1] + 1]],
    "follow_ups": lambda planned: [
        [*planned, "other"],
        *([one | {part: "2099-01-01"}] for one in planned if isinstance(one, dict) for part in one),
    ],
}


def mutants(expect: Json) -> Iterator[Json]:
    for path, value in leaves(expect):
        for instead in wrong(path[-1], value):
            mutant = copy.deepcopy(expect)
            parent = mutant
            for name in path[:-1]:
                parent = parent[name]
            parent[path[-1]] = instead
            yield mutant


@pytest.mark.parametrize("number", sample(range(len(CASES))), ids=lambda number: CASES[number].id)
def test_every_wrong_expectation_of_an_acceptance_case_is_noticed(number: int) -> None:
    expect = dict(CASES[number].expect)
    unnoticed = [it for it in mutants(expect) if not list(compare_proposal(it, seen_of(number), EVERYTHING))]

    assert list(compare_proposal(expect, seen_of(number), EVERYTHING)) == []
    assert unnoticed == []


@pytest.mark.parametrize(
    "unwanted",
    [
        {"activities_absent": ["vitamin_d_supplement"]},
        {"flags_absent": ["renal_function_missing"]},
        {"treatment": {"options_absent": ["oral_bisphosphonate"]}},
        {"treatment": {"drugs_absent": ["alendronate"]}},
    ],
)
def test_what_should_not_be_there_is_noticed(unwanted: Json) -> None:
    result = run_case(a_case(pathway="hvrt", expect=unwanted))

    assert result.status is CaseStatus.FAILED
    assert all("is there" in difference for difference in result.differences)


def test_a_conditional_option_is_not_firm_in_the_decision_nor_in_the_plan() -> None:
    result = run_case(a_case(pathway="hvrt", expect={"treatment": {"options": ["oral_bisphosphonate"]}}))

    assert result.differences == (
        "treatment.options: oral_bisphosphonate is missing",
        "treatment.options in the CarePlan: oral_bisphosphonate is missing",
    )


def test_a_firm_option_that_should_not_be_firm_is_noticed() -> None:
    known = {"conditions": [], "medications": [], "fractures": [], "egfr_ml_min": 80}
    expect = {
        "treatment": {
            "options_firm_absent": ["oral_bisphosphonate"],
            "options_conditional": ["oral_bisphosphonate"],
        }
    }

    assert len(run_case(a_case(OSTEOPOROSIS | known, pathway="hvrt", expect=expect)).differences) == 4


def test_the_drafted_resources_are_compared_beside_the_decision() -> None:
    seen = CaseProposal.of(CaseReview.of(a_case()).proposal())
    plan = next(place for place in seen.drafts if place.startswith("CarePlan/"))
    emptied = seen.drafts[plan] | {"activity": [], "contained": [], "note": [], "description": ""}
    poorer = replace(seen, drafts={**seen.drafts, plan: emptied})
    expect = {
        "deciding_t": Decimal("-2.7"),
        "deciding_site": "lumbar_spine",
        "diagnosis": {"status": "provisional"},
        "treatment": {"decision": "clinician_decides"},
        "goals": {"vitamin_d_ug": 20},
        "activities": ["vitamin_d_supplement"],
        "flags": ["exclusion_not_documented"],
    }

    assert list(compare_proposal(expect, seen, EVERYTHING)) == []
    assert len([line for line in compare_proposal(expect, poorer, EVERYTHING) if "CarePlan" in line]) == len(
        expect
    )


def test_a_letter_that_was_not_drafted_satisfies_nobody() -> None:
    healthy = {"age_years": 40, "sex": "female", "menopausal_status": "pre"}
    expect = {
        "communication": {
            "recipient": "general_practitioner",
            "status": "preparation",
            "must_include": ["calcium"],
        }
    }

    assert len(run_case(a_case(healthy, expect=expect)).differences) == 3


@pytest.mark.parametrize(
    ("expect", "named"),
    [
        ({"mood": "good"}, "expect.mood"),
        ({"treatment": {"dose": 70}}, "expect.treatment.dose"),
        ({"goals": {"protein_g": 60}}, "expect.goals.protein_g"),
        ({"computed": {"bmi": 22}}, "expect.computed.bmi"),
        ({"diagnosis": {"certainty": "high"}}, "expect.diagnosis.certainty"),
        ({"communication": {"colour": "blue"}}, "expect.communication.colour"),
        ({"follow_ups": [{"code": "clinic_control", "room": 5}]}, "expect.follow_ups[].room"),
    ],
)
def test_an_expectation_that_nobody_knows_is_never_passed(expect: Json, named: str) -> None:
    seen = CaseProposal.of(CaseReview.of(a_case(pathway="antonius_sneek")).proposal())

    gaps = [one for one in compare_proposal(expect, seen, EVERYTHING) if isinstance(one, UnjudgedExpectation)]
    assert [str(gap) for gap in gaps] == [f"{named}: not known to this product"]


def test_only_the_named_keys_are_compared() -> None:
    case = a_case(expect={"classification": "normal", "mood": "good", "activities": ["other"]})

    assert run_case(case, frozenset({"classification"})).differences == (
        "classification: wanted normal, got osteoporosis",
        "classification in the Communication: normal is missing",
    )
    assert run_case(case, frozenset({"deciding_t"})).status is CaseStatus.PASSED


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"status": "active"}, "more than a draft proposal"),
        ({"intent": "order"}, "more than a draft proposal"),
        ({"intent": "order"}, "breaks proposal-only"),
        (
            {"activity": [{"detail": {"status": "not-started", "instantiatesUri": ["rule"]}}]},
            "lacks its rule",
        ),
    ],
)
def test_a_plan_that_is_more_than_a_proposal_breaks_the_invariants(changes: Json, said: str) -> None:
    seen = CaseProposal.of(CaseReview.of(a_case()).proposal())
    drafts = {
        place: resource | (changes if place.startswith("CarePlan/") else {})
        for place, resource in seen.drafts.items()
    }

    assert list(broken_invariants(seen)) == []
    assert any(said in line for line in broken_invariants(replace(seen, drafts=drafts)))


@pytest.mark.parametrize("changes", [{"status": "completed"}, {"sent": "2026-11-20"}])
def test_a_letter_that_is_more_than_prepared_breaks_the_invariants(changes: Json) -> None:
    seen = CaseProposal.of(CaseReview.of(a_case()).proposal())
    drafts = {
        place: resource | (changes if place.startswith("Communication/") else {})
        for place, resource in seen.drafts.items()
    }

    assert "invariant: the Communication is more than prepared" in list(
        broken_invariants(replace(seen, drafts=drafts))
    )


@pytest.mark.parametrize("kind", ["Condition", "MedicationRequest", "ServiceRequest"])
def test_a_diagnosis_or_an_order_breaks_the_invariants(kind: str) -> None:
    seen = CaseProposal.of(CaseReview.of(a_case()).proposal())
    drafts = {**seen.drafts, f"{kind}/1": {"resourceType": kind}}

    assert f"invariant: a {kind} would be written" in list(broken_invariants(replace(seen, drafts=drafts)))


def test_a_second_result_that_differs_is_noticed() -> None:
    first = CaseProposal.of(CaseReview.of(a_case()).proposal())
    other = CaseReview.of(WorkedCase("X-01", "etz", AS_OF, OSTEOPOROSIS | {"age_years": 71})).proposal()

    assert list(unstable_ids(first, CaseProposal.of(other)))
    assert list(rewritten_drafts(other))


def test_a_follow_up_must_stand_in_the_plan_with_its_day_and_interval() -> None:
    taken = {"medications": [{"drug": "alendronate", "status": "active", "start": "2024-03-01"}]}
    seen = CaseProposal.of(CaseReview.of(a_case(OSTEOPOROSIS | taken, pathway="antonius_sneek")).proposal())
    plan = next(place for place in seen.drafts if place.startswith("CarePlan/"))
    undated = [
        {"detail": {name: part for name, part in it["detail"].items() if name != "scheduledPeriod"}}
        for it in seen.drafts[plan]["activity"]
    ]
    poorer = replace(seen, drafts={**seen.drafts, plan: seen.drafts[plan] | {"activity": undated}})
    expect = {"follow_ups": [{"code": "treatment_review", "due": "2029-03-01", "interval": "5y"}]}

    assert list(compare_proposal(expect, seen, EVERYTHING)) == []
    assert list(compare_proposal(expect, poorer, EVERYTHING)) == [
        "follow_ups: treatment_review due 2029-03-01 interval 5y is not in the CarePlan"
    ]


def test_an_interim_letter_is_not_a_routine_one() -> None:
    broken_wrist = {"fractures": [{"site": "wrist", "date": "2026-09-15", "low_energy": True}]}
    seen = CaseProposal.of(CaseReview.of(a_case(OSTEOPOROSIS | broken_wrist)).proposal())
    letter = next(place for place in seen.drafts if place.startswith("Communication/"))
    slower = replace(seen, drafts={**seen.drafts, letter: seen.drafts[letter] | {"priority": "routine"}})
    expect = {"communication": {"interim_release_offered": True}}

    assert list(compare_proposal(expect, seen, EVERYTHING)) == []
    assert len(list(compare_proposal(expect, slower, EVERYTHING))) == 1


def test_a_parameter_that_a_pathway_cannot_use_is_not_covered() -> None:
    result = run_case(a_case(OSTEOPOROSIS | {"profile_params": {"alcohol": 3}}))

    assert result.status is CaseStatus.NOT_COVERED
    assert "facts.profile_params (etz: alcohol:" in result.differences[0]
