"""What the server must hold about one patient now: drafts, questions, answers, what to write. Pure.

What happened so far and what the change means are in the situation that composing starts from.
"""

from typing import assert_never

from mappings.handover.letters.letter_text import LetterWriter
from mappings.handover.plan.correction import Consequence
from mappings.handover.plan_answer import AnsweredPlan
from mappings.handover.plan_drafter import PlanDrafter
from mappings.handover.plan_writes import ComposedPlan, PlanWrites
from mappings.handover.release.clarification import one_task
from mappings.handover.release_step import ReleaseStep
from mappings.handover.reminders import FollowUpClock
from mappings.handover.situation import Situation
from mappings.handover.withdrawal import Withdrawal


def compose(situation: Situation) -> ComposedPlan:
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
    asked = withdrawal.with_retraction_question(plan)
    clock = FollowUpClock(situation, asked.drafts)
    clarified = one_task(asked.matters, situation.history.key, situation.language)
    reminded = asked.plus(tasks=(*clarified, *clock.reminders()))
    settled = reminded.plus(ended=withdrawal.leftovers(reminded.drafts))
    return ComposedPlan(
        situation, drafted.letters, PlanWrites(situation, writer, settled).writes(), clock.steps()
    )
