"""What is open about one patient, and one reminder per step and period that is overdue. Pure.

Everything is computed at the moment of looking. The reminder is a Task with a name of its own
per step and period, so that it is put once; it is taken back when the evidence appears, and what
a human closed stays closed.
"""

from dataclasses import dataclass, field
from datetime import date

from mappings.handover.plan.follow_up import OpenStep, evidence, index_fracture, open_steps
from mappings.handover.plan.plan_history import LIVE, plan_location
from mappings.handover.release.release_codes import release_concept, words
from mappings.handover.release.signature import release_of
from mappings.handover.situation import Situation
from mappings.outbound.draft import Draft, Drafts
from mappings.outbound.fingerprint import seal

REMINDER = "follow_up_overdue"


@dataclass(frozen=True, slots=True)
class FollowUpClock:
    """When the steps of one plan are due, and which of them are late."""

    situation: Situation
    drafts: Drafts = field(repr=False)

    def steps(self) -> tuple[OpenStep, ...]:
        """What is open about this patient; nothing where no plan stands, or where it is being taken back."""
        seen, plan = self.situation, self.drafts.plan.resource if self.drafts.plan else None
        if plan is None or plan.get("status") not in {"draft", *LIVE} or not seen.followed:
            return ()
        record, history = seen.reading.record, seen.history
        numbers = range(1, seen.generation + 1)  # a visit that an earlier plan asked for is a visit
        locations = frozenset(
            {*history.plans.values(), *(plan_location(history.key, number) for number in numbers)}
        )
        happened = evidence(record, seen.patient.resources, history.plan, locations, seen.today)
        weeks = seen.institution.pathway.core["fls_marks_weeks"] or {}
        release = release_of(plan)
        released = date.fromisoformat(release.day) if release else None
        return open_steps(seen.decision, happened, released, index_fracture(record, seen.today), weeks)

    def reminders(self) -> tuple[Draft, ...]:
        """A Task for each overdue step of a released plan; it holds the step's code, no patient data."""
        if self.drafts.plan is None or release_of(self.drafts.plan.resource) is None:
            return ()
        return tuple(self._reminder(step) for step in self.steps() if step.overdue(self.situation.today))

    def _reminder(self, step: OpenStep) -> Draft:
        seen, language, due = self.situation, self.situation.language, step.due.isoformat()
        code = seen.institution.wording.concept(step.code)
        told = [
            {"type": release_concept("follow_up", language), "valueCodeableConcept": code},
            {"type": release_concept("due_on", language), "valueDate": due},
        ]
        template = self.drafts.question("released_plan_outdated").resource
        content = {
            **{name: it for name, it in template.items() if name != "input"},
            "id": "",
            "code": release_concept(REMINDER, language),
            "description": words(REMINDER, language),
            "restriction": {"period": {"end": due}},
            "input": told,
        }
        return seal(content, f"{seen.history.key}|due|{step.code}|{due}")
