"""From drafts that nobody has released to what may stand: questions to the clinic, and the answers carried out. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from mappings.lifecycle.handover_request import handed_over, taken_back
from mappings.lifecycle.letter_documents import beside, reference_to
from mappings.lifecycle.letter_text import LetterText
from mappings.lifecycle.plan.closure import ended, noted
from mappings.lifecycle.plan.correction import Consequence
from mappings.lifecycle.plan.plan_history import generation_key
from mappings.lifecycle.question import plus, template
from mappings.lifecycle.release.release_codes import concept
from mappings.lifecycle.release.release_task import (
    EDITED,
    INTERIM,
    LETTER,
    ReleaseAnswer,
    ReleaseQuestion,
    ReleaseVerdict,
    answer,
    due_of,
)
from mappings.lifecycle.release.signature import Release, release_of, released, unreleased
from mappings.lifecycle.reminders import items_of, reminders
from mappings.lifecycle.situation import (
    Composed,
    DraftedPlan,
    Situation,
    corrected_of,
    drafted_plan,
    finished,
    in_force,
    previous,
)
from mappings.lifecycle.withdrawal import leftovers, retracted, retractions, revoked
from mappings.outbound.draft import Action as Done
from mappings.outbound.draft import Draft, Drafts, Write
from mappings.outbound.fingerprint import digest, seal
from mappings.outbound.guides.profiles import claimed
from mappings.outbound.resources.communications import identity
from mappings.outbound.resources.provenance import UPDATE, VERIFIER
from mappings.outbound.server.reconcile import judge

Json = dict[str, Any]


def compose(scene: Situation) -> Composed:
    """Everything that has to stand about one patient, and everything that must not any more."""
    drawn = drafted_plan(scene)
    closed: tuple[Write, ...] = ()
    match scene.finding.action:
        case Consequence.WITHDRAW:
            asked = drawn.drafts
        case Consequence.CLOSE:
            asked, closed = drawn.drafts, tuple(revoked(scene))
        case Consequence.RETRACT:
            asked, closed = retracted(scene, drawn), tuple(revoked(scene))
        case Consequence.LEAVE | Consequence.READDRESS:
            asked, closed = _standing(scene, drawn), tuple(_stopped_for_others(scene))
        case Consequence.REDRAW | Consequence.CORRECT | Consequence.RENEW:
            asked, closed = _asked(scene, drawn)
    asked, answered = retractions(scene, asked)
    items = items_of(scene, asked)
    asked = plus(asked, tasks=reminders(scene, items, asked))
    gone = (*closed, *answered, *leftovers(scene, asked))
    return finished(scene, asked, gone, drawn.said, items, beside)


# --- a plan that is proposed ---------------------------------------------------------------------------------------


def _asked(scene: Situation, drawn: DraftedPlan) -> tuple[Drafts, tuple[Write, ...]]:
    """The plan with its question, or with what the answer led to."""
    plan = drawn.drafts.plan
    if plan is None:
        return drawn.drafts, ()
    question = _question(scene, drawn, LETTER, plan)
    found = answer(question, scene.server, scene.clinicians)
    match found.verdict:
        case ReleaseVerdict.WAITING:
            return _with_questions(scene, drawn, question, found), ()
        case ReleaseVerdict.RELEASED if _by_hand(scene, drawn):
            by_hand = [{"type": concept(EDITED, scene.language), "valueBoolean": True}]
            return plus(drawn.drafts, tasks=(question.draft(found, scene.language, by_hand),)), ()
        case ReleaseVerdict.RELEASED if found.release:
            return _let_go(scene, drawn, found.release, found.task), tuple(_replaced(scene))
        case verdict:
            return _turned_down(scene, drawn, keep=verdict is ReleaseVerdict.KEPT), ()


def _question(scene: Situation, drawn: DraftedPlan, reason: str, plan: Draft) -> ReleaseQuestion:
    """About this plan and exactly these letters."""
    content = digest([plan.fingerprint, sorted(it.essence for it in drawn.said)])
    urgent = scene.finding.action is Consequence.CORRECT or reason != LETTER
    due = (
        due_of(scene.decision)
        if reason == LETTER and scene.finding.action is not Consequence.CORRECT
        else None
    )
    key = generation_key(scene.key, scene.generation)
    return ReleaseQuestion(
        reason, key, content, template(scene, drawn.drafts), due, "asap" if urgent else None
    )


def _with_questions(
    scene: Situation, drawn: DraftedPlan, question: ReleaseQuestion, found: ReleaseAnswer
) -> Drafts:
    """What waits for its release, and what may go ahead of it."""
    plan = drawn.drafts.plan
    asked = plus(drawn.drafts, tasks=(question.draft(found, scene.language),))
    if plan is None or scene.finding.action is not Consequence.REDRAW:
        return asked
    if _may_go_unreleased(scene):
        return plus(asked, letters=tuple(_ahead(scene, drawn, question.content, None)))
    if not scene.decision.handover.interim_release_offered:
        return asked
    offered = _question(scene, drawn, INTERIM, plan)
    answered = answer(offered, scene.server, scene.clinicians)
    letters: tuple[Draft, ...] = ()
    if answered.verdict is ReleaseVerdict.RELEASED:
        letters = tuple(_ahead(scene, drawn, offered.content, answered.release))
    return plus(asked, tasks=(offered.draft(answered, scene.language),), letters=letters)


def _may_go_unreleased(scene: Situation) -> bool:
    """Both must say so: the pathway, and by its name the settings."""
    decision = scene.decision
    return (
        decision.handover.send_trigger == "immediate"
        and decision.pathway.id in scene.institution.send_without_release
    )


def _ahead(scene: Situation, drawn: DraftedPlan, content: str, release: Release | None) -> Iterator[Draft]:
    """Letters that leave before the plan is released; each content is a letter of its own."""
    key = generation_key(scene.key, scene.generation)
    for draft in drawn.drafts.communications:
        name = f"{key}|interim|{content[:16]}|{identity(draft.resource['recipient'][0])}"
        kind = concept("gp_interim_letter", scene.language)
        ahead = seal({**draft.resource, "id": "", "category": [*draft.resource["category"], kind]}, name)
        yield _sent(scene, ahead, release)


def _by_hand(scene: Situation, drawn: DraftedPlan) -> bool:
    """Whether a human changed the plan or a letter: then our letter would not say what the human means."""
    held = (*((drawn.drafts.plan,) if drawn.drafts.plan else ()), *drawn.drafts.communications)
    return any(judge(it, scene.server).action is Done.RESPECT for it in held)


def _let_go(scene: Situation, drawn: DraftedPlan, release: Release, task: str | None) -> Drafts:
    """The plan in force and the letters on their way, both by the name of who released them."""
    plan = drawn.drafts.plan
    if plan is None:
        return drawn.drafts
    active = seal({**released(plan.resource, release, scene.language), "status": "active"}, plan.key)
    letters = tuple(_sent(scene, it, release) for it in drawn.drafts.communications)
    trail = _provenance(drawn.drafts, release, task)
    tasks = (*drawn.drafts.tasks, *handed_over(scene, active, letters))
    return replace(drawn.drafts, plan=active, communications=letters, tasks=tasks, provenance=trail)


def _provenance(drawn: Drafts, release: Release, task: str | None) -> Draft:
    """The trail of the release: the clinician verified, the software assembled, the Task is the evidence."""
    template = drawn.provenance.resource
    by = {"type": {"coding": [VERIFIER]}, "who": {**release.by.reference, "display": release.by.name}}
    evidence = [{"role": "source", "what": {"reference": task}}] if task else []
    content = {
        **template,
        "activity": {"coding": [UPDATE]},
        "agent": [by, *template["agent"]],
        "entity": [*template["entity"], *evidence],
    }
    return replace(drawn.provenance, resource=content)


def _turned_down(scene: Situation, drawn: DraftedPlan, *, keep: bool) -> Drafts:
    """Nothing is sent; the plan goes, unless the clinician keeps it."""
    plan = drawn.drafts.plan
    reason = concept("rejected_by_clinician", scene.language)
    letters = tuple(
        seal({**it.resource, "status": "not-done", "statusReason": reason}, it.key)
        for it in drawn.drafts.communications
    )
    if plan and not keep:
        plan = seal({**plan.resource, "status": "revoked"}, plan.key)
    return replace(drawn.drafts, plan=plan, communications=letters)


# --- a plan that is in force ---------------------------------------------------------------------------------------


def _standing(scene: Situation, drawn: DraftedPlan) -> Drafts:
    """As it was released, so that nothing but a true difference differs; a GP who has no letter yet gets one."""
    plan, current = drawn.drafts.plan, scene.story.plan
    release = release_of(current) if current else None
    if plan is None or release is None or not in_force(scene):
        return drawn.drafts
    active = seal({**released(plan.resource, release, scene.language), "status": "active"}, plan.key)
    letters = tuple(_sent(scene, it, release) for it in drawn.drafts.communications)
    tasks = (*drawn.drafts.tasks, *handed_over(scene, active, letters))
    return replace(drawn.drafts, plan=active, communications=letters, tasks=tasks)


def _sent(scene: Situation, draft: Draft, release: Release | None) -> Draft:
    """The letter with the name of who released it, dated that day, with its pages; one that has left stays as it is."""
    place = scene.server.find(draft)
    if place and scene.server.existing[place].get("status") not in ("preparation", "not-done"):
        return draft
    day = date.fromisoformat(release.day) if release else scene.now.date()
    said = _said(scene, draft, day, release)
    resource = {**draft.resource, "status": "in-progress"}
    resource["payload"] = [{"contentString": said.text}, reference_to(scene, resource, said.letter)]
    marked = released(resource, release, scene.language) if release else unreleased(resource)
    shaped, _ = claimed(scene.institution.profile, seal(marked, draft.key), scene.known)
    return shaped


def _said(scene: Situation, draft: Draft, day: date, release: Release | None) -> LetterText:
    corrected = corrected_of(scene)
    (said,) = scene.speaker.say(draft.resource["recipient"], day, release=release, corrected=corrected)
    return said


def _stopped_for_others(scene: Situation) -> Iterator[Write]:
    """A letter to somebody who is no longer the GP is stopped, as long as no transport has it."""
    if scene.finding.action is Consequence.READDRESS:
        current = {identity(it) for it in scene.folder.recipients}
        for place in scene.story.queued_letters():
            if not {identity(it) for it in scene.server.existing[place].get("recipient") or ()} & current:
                yield ended(place, scene.server, "stopped", "gp_changed", scene.stamp)


def _replaced(scene: Situation) -> Iterator[Write]:
    """The plan before this one is over, and its letters say so."""
    before = previous(scene)
    if before is None or scene.finding.action is not Consequence.CORRECT:
        return
    yield ended(before, scene.server, "revoked", "newer_version", scene.stamp)
    yield from taken_back(scene, before, "newer_version")
    queued = set(scene.story.queued_letters())
    for place in scene.story.told_letters():
        if place in queued:
            yield ended(place, scene.server, "stopped", "newer_version", scene.stamp)
        elif note := noted(place, scene.server, "newer_version", scene.stamp):
            yield note
