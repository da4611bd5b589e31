"""An answered plan only grows: further questions, letters and endings come behind those before."""

from dataclasses import replace

from mappings.handover.plan_answer import AnsweredPlan, task_template
from mappings.outbound.draft import Action, Write
from tests.unit.handover.plan_in_memory import PlanInMemory, institution
from tests.unit.outbound.server_in_memory import asked, drawn

DRAWN = drawn()
QUESTION = asked(DRAWN, "released_plan_outdated")


def test_nothing_of_an_answer_is_lost_by_what_is_added() -> None:
    ending = Write(Action.UPDATE, QUESTION, QUESTION.location, ended=True)
    plan = (
        AnsweredPlan(DRAWN, (QUESTION,))
        .plus(tasks=(QUESTION,))
        .plus(ended=(ending,), letters=DRAWN.communications)
    )

    assert plan.drafts.tasks == (*DRAWN.tasks, QUESTION)
    assert plan.drafts.communications == DRAWN.communications * 2
    assert (plan.matters, plan.ended) == ((QUESTION,), (ending,))
    assert plan.drafts.plan is DRAWN.plan


def test_questions_are_put_to_the_team_that_releases_where_there_is_one() -> None:
    team = {"reference": "Organization/team"}
    plain = PlanInMemory().proposal().composed.situation
    owned = replace(plain, institution=replace(institution(), release_owner=team))

    assert task_template(owned, DRAWN).resource["owner"] == team
    assert task_template(plain, DRAWN).resource.get("owner") != team
