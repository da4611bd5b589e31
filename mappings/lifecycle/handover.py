"""What the server must hold about one patient now: drafts, questions, answers, verdicts. Pure.

What happened so far and what the change means are in the situation that composing starts from.
"""

from typing import assert_never

from mappings.lifecycle.letters.letter_text import LetterWriter
from mappings.lifecycle.plan.correction import Consequence
from mappings.lifecycle.plan_answer import AnsweredPlan
from mappings.lifecycle.plan_drafter import PlanDrafter
from mappings.lifecycle.plan_writes import ComposedPlan, PlanWrites
from mappings.lifecycle.release.clarification import one_task
from mappings.lifecycle.release_step import ReleaseStep
from mappings.lifecycle.reminders import FollowUpClock
from mappings.lifecycle.situation import Situation
from mappings.lifecycle.withdrawal import Withdrawal


def handover(situation: Situation) -> ComposedPlan:
    """Everything that has to stand about one patient, and everything that must not any more."""
    writer = LetterWriter(situation)
    drafted = PlanDrafter(situation, writer, situation.choice).plan()
    release = ReleaseStep(situation, writer, drafted)
    withdrawal = Withdrawal(situation, writer)
    match situation.consequence:
        case Consequence.WITHDRAW:
            plan = AnsweredPlan(drafted.drafts, drafted.matters)
        case Consequence.CLOSE:
            plan = AnsweredPlan(drafted.drafts, drafted.matters, withdrawal.revoked())
        case Consequence.RETRACT:
            plan = AnsweredPlan(drafted.drafts, drafted.matters, withdrawal.revoked())
            plan = plan.plus(letters=withdrawal.letters())
        case Consequence.LEAVE | Consequence.READDRESS:
            plan = release.in_force()
        case Consequence.REDRAW | Consequence.CORRECT | Consequence.RENEW:
            plan = release.proposed()
        case unreachable:
            assert_never(unreachable)
    asked = withdrawal.asked(plan)
    clock = FollowUpClock(situation, asked.drafts)
    clarified = one_task(asked.matters, situation.history.key, situation.language)
    reminded = asked.plus(tasks=(*clarified, *clock.reminders()))
    settled = reminded.plus(ended=withdrawal.leftovers(reminded.drafts))
    return ComposedPlan(
        situation, drafted.letters, PlanWrites(situation, writer, settled).all(), clock.steps()
    )
