"""Turns unreleased drafts into what may be written: asks the clinic, and carries out its answer. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from mappings.handover.handover_request import requested_handovers, taken_back
from mappings.handover.letters.letter_text import LetterWriter
from mappings.handover.plan.closure import ended, noted
from mappings.handover.plan.correction import Consequence
from mappings.handover.plan.plan_history import LIVE, generation_key
from mappings.handover.plan_answer import AnsweredPlan, task_template
from mappings.handover.plan_drafter import DraftedPlan, PlanDrafter
from mappings.handover.release.clarification import unread
from mappings.handover.release.release_codes import release_concept
from mappings.handover.release.release_task import (
    EDITED,
    LETTER,
    ReleaseAnswer,
    ReleaseQuestion,
    ReleaseVerdict,
    answer,
    attempts,
    due_of,
)
from mappings.handover.release.signature import Release, released, unreleased
from mappings.handover.situation import Situation
from mappings.outbound.content import digest
from mappings.outbound.draft import Action, Draft, Drafts, Write
from mappings.outbound.fingerprint import seal
from mappings.outbound.guides.profiles import claimed
from mappings.outbound.resources.communications import identity
from mappings.outbound.resources.provenance import UPDATE, VERIFIER
from mappings.outbound.server.reconcile import judge

NOT_LEFT = ("preparation", "not-done")


@dataclass(frozen=True, slots=True)
class ReleaseStep:
    """One plan on its way from a proposal to a clinician's."""

    situation: Situation
    writer: LetterWriter
    drafted: DraftedPlan

    # --- a plan that is proposed ----------------------------------------------------------------------------

    def proposed(self) -> AnsweredPlan:
        """The plan with its question, or with what the answer led to."""
        drafts, language = self.drafted.drafts, self.situation.language
        if drafts.plan is None:
            return AnsweredPlan(drafts, self.drafted.matters)
        question = self._question(drafts.plan)
        found = answer(question, self.situation.server, self.situation.patient.clinicians)
        match found.verdict:
            case ReleaseVerdict.WAITING:
                return self._waiting(question, found)
            case ReleaseVerdict.RELEASED if self._by_hand():
                by_hand = [{"type": release_concept(EDITED, language), "valueBoolean": True}]
                return AnsweredPlan(drafts).plus(tasks=(question.draft(found, language, by_hand),))
            case ReleaseVerdict.RELEASED if found.release:
                released_plan = self._let_go(self._chosen(found.release), found.release, found.task)
                return AnsweredPlan(released_plan, self._unseen_matters(), tuple(self._replaced()))
            case ReleaseVerdict.KEPT:
                return AnsweredPlan(self._turned_down(keep=True))
            case ReleaseVerdict.RELEASED | ReleaseVerdict.REJECTED:  # a release by nobody releases nothing
                return AnsweredPlan(self._turned_down(keep=False))
            case unreachable:
                assert_never(unreachable)

    def _question(self, plan: Draft) -> ReleaseQuestion:
        """About this plan and exactly these letters, with all that is to be clarified about them."""
        seen, correcting = self.situation, self.situation.consequence is Consequence.CORRECT
        ahead = self._may_go_ahead() and seen.decision.handover.interim_release_offered
        return ReleaseQuestion(
            LETTER,
            generation_key(seen.history.key, seen.generation),
            digest([plan.fingerprint, sorted(letter.essence for letter in self.drafted.letters)]),
            task_template(seen, self.drafted.drafts),
            None if correcting else due_of(seen.decision),
            "asap" if correcting or ahead else None,
            self.drafted.matters,
            interim=ahead,
            options=seen.decision.treatment.options,
            own=seen.institution.wording.own,
        )

    def _waiting(self, question: ReleaseQuestion, found: ReleaseAnswer) -> AnsweredPlan:
        """What waits for its release, and what may go ahead of it."""
        asked = AnsweredPlan(self.drafted.drafts).plus(
            tasks=(question.draft(found, self.situation.language),)
        )
        if self._may_go_ahead() and self._may_go_unreleased():
            return asked.plus(letters=tuple(self._ahead(question.content, None)))
        if question.interim and found.interim:
            return asked.plus(letters=tuple(self._ahead(question.content, found.interim)))
        return asked

    def _may_go_ahead(self) -> bool:
        """Only the first plan: whoever was told something already is told again by a release alone."""
        return self.situation.consequence is Consequence.REDRAW

    def _unseen_matters(self) -> tuple[Draft, ...]:
        """What has to be clarified and stood in no Task by which this plan was released."""
        seen = self.situation
        key = f"{generation_key(seen.history.key, seen.generation)}|task|{LETTER}"
        tasks = [seen.server.existing[attempt] for attempt in attempts(key, seen.server)]
        return unread(self.drafted.matters, [task for task in tasks if task.get("status") == "completed"])

    def _may_go_unreleased(self) -> bool:
        """Both must say so: the pathway, and by its name the settings."""
        decision = self.situation.decision
        return (
            decision.handover.send_trigger == "immediate"
            and decision.pathway.id in self.situation.institution.send_without_release
        )

    def _ahead(self, content: str, release: Release | None) -> Iterator[Draft]:
        """Letters that leave before the plan is released; each content is a letter of its own."""
        seen = self.situation
        key = generation_key(seen.history.key, seen.generation)
        kind = release_concept("gp_interim_letter", seen.language)
        for draft in self.drafted.drafts.communications:
            name = f"{key}|interim|{content[:16]}|{identity(draft.resource['recipient'][0])}"
            category = [*draft.resource["category"], kind]
            yield self._letter_to_send(
                seal({**draft.resource, "id": "", "category": category}, name), release
            )

    def _by_hand(self) -> bool:
        """Whether a human changed the plan or a letter: ours would then not say what that human means."""
        drafts = self.drafted.drafts
        held = (*((drafts.plan,) if drafts.plan else ()), *drafts.communications)
        return any(judge(it, self.situation.server).action is Action.RESPECT for it in held)

    def _chosen(self, release: Release) -> Drafts:
        """The plan and its letters without what the clinician took out."""
        if not release.choice.taken_out:
            return self.drafted.drafts
        return PlanDrafter(self.situation, self.writer, release.choice).plan().drafts

    def _let_go(self, drafts: Drafts, release: Release, task: str | None) -> Drafts:
        """The plan in force and the letters on their way, both by the name of who released them."""
        active = self._in_force(drafts, release)
        return replace(active, provenance=_provenance(active, release, task))

    def _in_force(self, drafts: Drafts, release: Release) -> Drafts:
        seen = self.situation
        if drafts.plan is None:
            return drafts
        signed = released(drafts.plan.resource, release, seen.language)
        active = seal({**signed, "status": "active"}, drafts.plan.key)
        letters = tuple(
            self._letter_to_send(communication, release) for communication in drafts.communications
        )
        tasks = (*drafts.tasks, *requested_handovers(seen, active, letters))
        return replace(drafts, plan=active, communications=letters, tasks=tasks)

    def _turned_down(self, *, keep: bool) -> Drafts:
        """Nothing is sent; the plan goes, unless the clinician keeps it."""
        drafts = self.drafted.drafts
        plan = drafts.plan
        reason = release_concept("rejected_by_clinician", self.situation.language)
        letters = tuple(
            seal({**communication.resource, "status": "not-done", "statusReason": reason}, communication.key)
            for communication in drafts.communications
        )
        if plan and not keep:
            plan = seal({**plan.resource, "status": "revoked"}, plan.key)
        return replace(drafts, plan=plan, communications=letters)

    def _replaced(self) -> Iterator[Write]:
        """The plan before this one is over, and its letters say so."""
        seen, reason = self.situation, "newer_version"
        if seen.replaced is None or seen.server.existing[seen.replaced].get("status") not in LIVE:
            return
        before = seen.generation - 1
        yield ended(seen.replaced, seen.server, "revoked", reason, seen.stamp)
        yield from taken_back(seen, seen.replaced, reason)
        for location in seen.history.prepared_letters(before):
            yield ended(location, seen.server, "not-done", reason, seen.stamp)
        queued = set(seen.history.queued_letters(before))
        for location in seen.history.told_letters(before):
            if location in queued:
                yield ended(location, seen.server, "stopped", reason, seen.stamp)
            elif note := noted(location, seen.server, reason, seen.stamp):
                yield note

    # --- a plan that is in force ----------------------------------------------------------------------------

    def in_force(self) -> AnsweredPlan:
        """As it was released, so that only a true difference differs; a GP who has no letter yet gets one."""
        seen, drafts = self.situation, self.drafted.drafts
        current = seen.history.plan
        release = seen.release_of(current) if current else None
        if drafts.plan and release is None and not seen.history.told_of_plan():
            return self._set_by_hand(drafts.plan)
        standing = self._in_force(drafts, release) if release and seen.in_force else drafts
        return AnsweredPlan(standing, self._unseen_matters(), tuple(self._stopped_for_others()))

    def _set_by_hand(self, plan: Draft) -> AnsweredPlan:
        """Somebody set the plan to active and answered no question: its letter still waits for a name.

        The plan is theirs by now and stays as it is; the letter goes where it says what that plan says.
        """
        seen, drafts = self.situation, self.drafted.drafts
        question = self._question(plan)
        found = answer(question, seen.server, seen.patient.clinicians)
        match found.verdict:
            case ReleaseVerdict.RELEASED if found.release and self._means_the_same(found.release):
                letters = replace(self._let_go(drafts, found.release, found.task), plan=plan)
                return AnsweredPlan(letters, self._unseen_matters(), tuple(self._replaced()))
            case ReleaseVerdict.RELEASED:
                by_hand = [{"type": release_concept(EDITED, seen.language), "valueBoolean": True}]
                return AnsweredPlan(drafts).plus(tasks=(question.draft(found, seen.language, by_hand),))
            case ReleaseVerdict.WAITING:
                return self._waiting(question, found)
            case ReleaseVerdict.KEPT | ReleaseVerdict.REJECTED:
                return AnsweredPlan(self._turned_down(keep=True))
            case unreachable:
                assert_never(unreachable)

    def _means_the_same(self, release: Release) -> bool:
        """Whether only the status of the plan was changed, and the clinician took nothing out of it."""
        seen = self.situation
        same = seen.server.same_but_for_status(seen.history.plans[seen.generation])
        return same and not release.choice.taken_out and not self._by_hand()

    def _stopped_for_others(self) -> Iterator[Write]:
        """A letter to somebody who is no longer the GP is stopped, as long as no transport has it."""
        seen = self.situation
        if seen.consequence is Consequence.READDRESS:
            current = {identity(recipient) for recipient in seen.patient.recipients}
            for location in seen.history.queued_letters():
                to = {
                    identity(recipient) for recipient in seen.server.existing[location].get("recipient") or ()
                }
                if not to & current:
                    yield ended(location, seen.server, "stopped", "gp_changed", seen.stamp)

    # --- a letter that leaves -------------------------------------------------------------------------------

    def _letter_to_send(self, draft: Draft, release: Release | None) -> Draft:
        """The letter with its pages, the name of who released it and that day; one that left stays."""
        seen = self.situation
        location = seen.server.find(draft)
        if location and seen.server.existing[location].get("status") not in NOT_LEFT:
            return draft
        day = date.fromisoformat(release.day) if release else seen.today
        (said,) = self.writer.letters(draft.resource["recipient"], day, release)
        resource = {**draft.resource, "status": "in-progress"}
        resource["payload"] = [
            {"contentString": said.text},
            self.writer.filed(resource, said),
        ]
        marked = released(resource, release, seen.language) if release else unreleased(resource)
        shaped, _ = claimed(seen.institution.profile, seal(marked, draft.key), seen.known)
        return shaped


def _provenance(drafts: Drafts, release: Release, task: str | None) -> Draft:
    """The trail of the release: the clinician verified, the software assembled, the Task is the evidence."""
    template = drafts.provenance.resource
    by = {"type": {"coding": [VERIFIER]}, "who": {**release.by.reference, "display": release.by.name}}
    evidence = [{"role": "source", "what": {"reference": task}}] if task else []
    content = {
        **template,
        "activity": {"coding": [UPDATE]},
        "agent": [by, *template["agent"]],
        "entity": [*template["entity"], *evidence],
    }
    return replace(drafts.provenance, resource=content)
