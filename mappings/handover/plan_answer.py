"""The drafts after the clinic has answered, and the stored resources that these answers end. Pure."""

from dataclasses import dataclass, field, replace

from mappings.handover.situation import Situation
from mappings.outbound.draft import Draft, Drafts, Write


@dataclass(frozen=True, slots=True)
class AnsweredPlan:
    """The drafts that may be written, the matters to clarify, and the stored resources that end."""

    drafts: Drafts = field(repr=False)
    matters: tuple[Draft, ...] = field(default=(), repr=False)
    ended: tuple[Write, ...] = field(default=(), repr=False)

    def plus(
        self, *, tasks: tuple[Draft, ...] = (), letters: tuple[Draft, ...] = (), ended: tuple[Write, ...] = ()
    ) -> "AnsweredPlan":
        """The same with further questions, letters and endings."""
        more = self.drafts
        if tasks or letters:
            more = replace(more, tasks=(*more.tasks, *tasks), communications=(*more.communications, *letters))
        return AnsweredPlan(more, self.matters, (*self.ended, *ended))


def task_template(situation: Situation, drafts: Drafts) -> Draft:
    """The Task that all questions of this plan are made of, with the team that answers where there is one."""
    owner = situation.institution.release_owner
    template = drafts.question("released_plan_outdated")
    return replace(template, resource={**template.resource, "owner": owner}) if owner else template
