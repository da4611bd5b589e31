"""One patient from record to writes, with the alarms that a run has to tell."""

from dataclasses import replace
from datetime import date

import pytest

from mappings.handover.propose import propose
from tests.made_resources import a_t_score
from tests.unit.handover.plan_in_memory import NOON, PlanInMemory, institution, proposed


@pytest.mark.parametrize(
    ("strays", "duplicates", "alarms"),
    [
        (0, (), ()),
        (2, (), ("foreign_data",)),
        (0, ({"resourceType": "CarePlan", "status": "draft"},), ("duplicates_on_server",)),
        (0, ({"resourceType": "CarePlan", "status": "entered-in-error"},), ()),
    ],
)
def test_what_should_not_be_there_is_an_alarm(
    strays: int, duplicates: tuple[dict[str, str], ...], alarms: tuple[str, ...]
) -> None:
    record = replace(PlanInMemory().record, strays=strays, duplicates=duplicates)

    assert propose(record, institution(), NOON, {}).alarms == alarms


def test_data_of_another_patient_are_an_alarm_and_no_basis() -> None:
    plan = PlanInMemory(resources=[a_t_score("somebody-else")])

    found = plan.proposal()

    assert found.alarms == ("foreign_data",)
    assert found.decision.classification.deciding is None


def test_a_proposal_says_until_when_it_holds() -> None:
    assert proposed().proposal().until > date(2026, 11, 20)


def test_a_first_review_changes_all_and_a_second_one_nothing() -> None:
    plan = PlanInMemory()
    first = plan.review()

    assert first.changes == first.writes != ()
    assert plan.proposal().changes == ()
    assert len(first.letters) == 1
