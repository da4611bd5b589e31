"""The clinical document: invented patients, and what a clinician expects of each, the whole way through FHIR.

Each file of ``tests/data/cases`` explains itself in its ``meta``;
``osteo-handover cases run FILE`` shows the same.
"""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.examples import FEW
from workers.authoring.cases import WorkedCase, read_table, run_case

CASES = Path(__file__).parents[1] / "data" / "cases"
NEVER = date.max  # each file names its own day of deciding
ANY = {"number", "YYYY-MM-DD"}


def cases_of(name: str) -> list[WorkedCase]:
    return list(read_table(CASES / name, NEVER).cases)


@pytest.mark.slow  # `make check` proves each of them already, for the pages of docs/pathways
@pytest.mark.parametrize("case", cases_of("acceptance_cases.json"), ids=lambda case: case.id)
def test_an_acceptance_case_comes_out_as_expected(case: WorkedCase) -> None:
    assert list(run_case(case).differences) == []


@pytest.mark.parametrize("case", cases_of("further_cases.json"), ids=lambda case: case.id)
def test_a_further_case_comes_out_as_expected(case: WorkedCase) -> None:
    assert list(run_case(case, again=not FEW).differences) == []


def test_every_fact_that_a_case_may_state_is_stated_by_one() -> None:
    """Otherwise a name could be written under a wrong code, or not at all, and nobody would see it."""
    files = [path.name for path in CASES.glob("*.json")]
    stated = {fact for name in files for case in cases_of(name) for fact in facts(case.facts)}

    assert sorted(set(vocabulary()) - stated) == []


def vocabulary() -> Iterator[str]:
    """``t_scores[].site: calcaneus`` for each value of each name; a number or a date without its value."""
    meta = json.loads((CASES / "acceptance_cases.json").read_text(encoding="utf-8"))["meta"]
    for name, values in meta["fact_names"].items():
        yield from (name if value in ANY else f"{name}: {value}" for value in values)


def facts(value: object, name: str = "") -> Iterator[str]:
    match value:
        case dict():
            for key, held in value.items():
                yield from facts(held, f"{name}.{key}" if name else key)
        case list():
            for held in value:
                yield from facts(held, f"{name}[]")
        case _:
            yield from (name, f"{name}: {value}")
