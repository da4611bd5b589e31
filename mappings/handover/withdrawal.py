"""What is taken back: plans whose patient or basis is gone, withdrawals of letters, and what is left over.

Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from mappings.handover.handover_request import taken_back
from mappings.handover.letters.letter_text import LetterWriter
from mappings.handover.plan.closure import ended
from mappings.handover.plan.correction import Change, Consequence
from mappings.handover.plan.plan_history import generation_key
from mappings.handover.plan_answer import AnsweredPlan, task_template
from mappings.handover.release.release_codes import code_in, codes, release_concept
from mappings.handover.release.release_task import (
    RETRACTION,
    ReleaseAnswer,
    ReleaseQuestion,
    ReleaseVerdict,
    answer,
    attempts,
)
from mappings.handover.release.signature import Release, released
from mappings.handover.situation import Situation
from mappings.outbound import resource_id
from mappings.outbound.content import digest
from mappings.outbound.draft import Action, Draft, Drafts, Write
from mappings.outbound.fingerprint import seal
from mappings.outbound.resources.communications import identity
from mappings.outbound.server.withdrawals import REASON_GONE
from mappings.outbound.vocabulary import output_concept

REASON_OF = {
    Change.MERGED: "patient_merged",
    Change.DECEASED: "deceased",
    Change.BASIS_GONE: "basis_withdrawn",
}
KEPT = ("resourceType", "language", "basedOn", "about", "recipient", "subject", "sender")


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What is withdrawn of one plan and of the letters about it."""

    situation: Situation
    writer: LetterWriter

    def revoked(self) -> tuple[Write, ...]:
        """The plan is over at once, and what no transport has taken is stopped."""
        return tuple(self._revoked())

    def _revoked(self) -> Iterator[Write]:
        seen = self.situation
        history, reason = seen.history, REASON_OF[seen.change.change]
        if history.plan and history.plan.get("status") != "revoked":
            location = history.plans[history.current]
            yield ended(location, seen.server, "revoked", reason, seen.stamp)
            yield from taken_back(seen, location, reason)
        for location in history.queued_letters():
            yield ended(location, seen.server, "stopped", reason, seen.stamp)

    def letters(self) -> tuple[Draft, ...]:
        """A withdrawal to everybody who was told, in preparation until a clinician releases it."""
        return tuple(map(self._letter, self.situation.history.told_letters()))

    def _letter(self, earlier: str) -> Draft:
        seen = self.situation
        letter = seen.server.existing[earlier]
        key = generation_key(seen.history.key, seen.history.current)
        others = [category for category in letter["category"] if code_in(category) is None]
        content = {
            **{name: letter[name] for name in KEPT if name in letter},
            "status": "preparation",
            "category": [*others, release_concept("gp_retraction_letter", seen.language)],
            "priority": "asap",
            "partOf": [{"reference": earlier}],
        }
        content["payload"] = [{"contentString": self.writer.retraction(content, seen.today).text}]
        return seal(content, f"{key}|retraction|{identity(letter['recipient'][0])}")

    # --- the question, and its answer -----------------------------------------------------------------------

    def with_retraction_question(self, plan: AnsweredPlan) -> AnsweredPlan:
        """Withdrawals of any plan that wait for release: the question, or the result of the answer."""
        seen = self.situation
        if seen.consequence in (Consequence.WITHDRAW, Consequence.CLOSE):
            return plan
        for generation in {*seen.history.plans, seen.history.current} - {0}:
            waiting = seen.history.retractions(generation)
            begun = generation == seen.history.current and seen.consequence is Consequence.RETRACT
            if waiting or begun:
                question = self._question(generation, plan.drafts)
                found = answer(question, seen.server, seen.patient.clinicians)
                closed = (self._carried_out(at, found) for at in waiting)
                task = question.draft(found, seen.language)
                plan = plan.plus(tasks=(task,), ended=tuple(write for write in closed if write))
        return plan

    def _question(self, generation: int, drafts: Drafts) -> ReleaseQuestion:
        seen = self.situation
        key = generation_key(seen.history.key, generation)
        template = task_template(seen, drafts)
        focus = {"reference": seen.history.plans[generation]}
        about = replace(template, resource={**template.resource, "focus": focus})
        return ReleaseQuestion(RETRACTION, key, digest([key, RETRACTION]), about, None, "asap")

    def _carried_out(self, location: str, found: ReleaseAnswer) -> Write | None:
        seen = self.situation
        match found.verdict:
            case ReleaseVerdict.RELEASED if found.release:
                return self._withdrawal_write(location, found.release)
            case ReleaseVerdict.REJECTED | ReleaseVerdict.KEPT:
                return ended(location, seen.server, "not-done", "rejected_by_clinician", seen.stamp)
            case ReleaseVerdict.RELEASED | ReleaseVerdict.WAITING:
                return None
            case unreachable:
                assert_never(unreachable)

    def _withdrawal_write(self, location: str, release: Release) -> Write:
        seen = self.situation
        letter = seen.server.existing[location]
        day = date.fromisoformat(release.day)
        said = self.writer.retraction(letter, day, release)
        content = {name: it for name, it in letter.items() if name != "meta"} | {"status": "in-progress"}
        content["payload"] = [
            {"contentString": said.text},
            self.writer.filed(content, said),
        ]
        marked = released(content, release, seen.language)
        draft = replace(seal(marked, ""), resource=marked)
        return Write(Action.UPDATE, draft, location, if_match=seen.server.etag(location), ended=True)

    # --- what is left over ----------------------------------------------------------------------------------

    def leftovers(self, drafts: Drafts) -> tuple[Write, ...]:
        """Questions that nobody has to answer any more, and drafts of a plan that is not drafted any more."""
        return (*self._unasked(drafts), *self._undrafted())

    def _unasked(self, drafts: Drafts) -> Iterator[Write]:
        seen, server, questions = self.situation, self.situation.server, codes("task-reason")
        asked = {location for task in drafts.tasks if (location := server.find(task))}
        asked |= {location for task in drafts.tasks for location in attempts(task.key, server)}
        occasion = resource_id("CarePlan", seen.history.key)
        for location, resource in server.existing.items():
            mine = resource["resourceType"] == "Task" and code_in(resource.get("code")) in questions
            ours = (resource.get("groupIdentifier") or {}).get("value") == occasion
            if mine and ours and location not in asked and resource.get("status") == "requested":
                over = ended(location, server, "cancelled", "no_longer_needed", seen.stamp)
                yield _cancelled(over, seen.language)

    def _undrafted(self) -> Iterator[Write]:
        seen, server, history = self.situation, self.situation.server, self.situation.history
        for generation, location in history.plans.items():
            if generation != seen.generation and not server.edited(location):
                if server.existing[location].get("status") == "draft":
                    yield ended(location, server, "revoked", "no_longer_needed", seen.stamp)
                for letter in history.prepared_letters(generation):
                    yield ended(letter, server, "not-done", "no_longer_needed", seen.stamp)


def _cancelled(write: Write, language: str) -> Write:
    """With the reason under which reconciling asks again when it is back."""
    content = {**write.draft.resource, "statusReason": output_concept(REASON_GONE, language)}
    return replace(write, draft=replace(write.draft, resource=content))
