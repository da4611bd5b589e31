"""What is taken back: plans whose patient or basis is gone, withdrawals of letters, and what is left over. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from mappings.lifecycle.handover_request import taken_back
from mappings.lifecycle.letter_documents import reference_to, withdrawn_by
from mappings.lifecycle.plan.closure import ended
from mappings.lifecycle.plan.correction import Consequence
from mappings.lifecycle.plan.plan_history import generation_key
from mappings.lifecycle.question import plus, template
from mappings.lifecycle.release.release_codes import code_in, codes, concept
from mappings.lifecycle.release.release_task import (
    RETRACTION,
    ReleaseAnswer,
    ReleaseQuestion,
    ReleaseVerdict,
    answer,
    attempts,
)
from mappings.lifecycle.release.signature import released
from mappings.lifecycle.situation import DraftedPlan, Situation
from mappings.outbound import resource_id
from mappings.outbound.draft import Action as Done
from mappings.outbound.draft import Draft, Drafts, Write
from mappings.outbound.fingerprint import digest, seal
from mappings.outbound.resources.communications import identity
from mappings.outbound.server.withdrawals import REASON_GONE
from mappings.outbound.vocabulary import concept as output_concept

Json = dict[str, Any]
REASON_OF = {
    "patient_merged": "patient_merged",
    "deceased": "deceased",
    "basis_gone": "basis_withdrawn",
}


def revoked(scene: Situation) -> Iterator[Write]:
    """The plan is over at once, and what no transport has taken is stopped."""
    reason = REASON_OF[scene.finding.change.value]
    if scene.story.plan and scene.story.plan.get("status") != "revoked":
        place = scene.story.plans[scene.story.current]
        yield ended(place, scene.server, "revoked", reason, scene.stamp)
        yield from taken_back(scene, place, reason)
    for place in scene.story.queued_letters():
        yield ended(place, scene.server, "stopped", reason, scene.stamp)


def retracted(scene: Situation, drawn: DraftedPlan) -> Drafts:
    """A withdrawal to everybody who was told, in preparation until a clinician releases it."""
    letters = tuple(_withdrawal(scene, at) for at in scene.story.told_letters())
    return plus(drawn.drafts, letters=letters)


def _withdrawal(scene: Situation, earlier: str) -> Draft:
    letter, language = scene.server.existing[earlier], scene.language
    recipient = letter["recipient"]
    key = f"{generation_key(scene.key, scene.story.current)}|retraction|{identity(recipient[0])}"
    part_of = [{"reference": earlier}]
    corrected = withdrawn_by(scene, {"partOf": part_of})
    (said,) = scene.speaker.say(recipient, scene.now.date(), corrected=corrected, retraction=True)
    kept = ("resourceType", "language", "basedOn", "about", "recipient", "subject", "sender")
    others = [it for it in letter["category"] if code_in(it) is None]
    return seal(
        {
            **{name: letter[name] for name in kept if name in letter},
            "status": "preparation",
            "category": [*others, concept("gp_retraction_letter", language)],
            "priority": "asap",
            "partOf": part_of,
            "payload": [{"contentString": said.text}],
        },
        key,
    )


def retractions(scene: Situation, drawn: Drafts) -> tuple[Drafts, tuple[Write, ...]]:
    """Withdrawals that wait for their release, of whichever plan: the question, or what the answer led to."""
    if scene.finding.action in (Consequence.WITHDRAW, Consequence.CLOSE):
        return drawn, ()
    done: list[Write] = []
    for generation in {*scene.story.plans, scene.story.current} - {0}:
        waiting = scene.story.retractions(generation)
        begun = generation == scene.story.current and scene.finding.action is Consequence.RETRACT
        if waiting or begun:
            key = generation_key(scene.key, generation)
            about = _about(template(scene, drawn), scene.story.plans[generation])
            question = ReleaseQuestion(RETRACTION, key, digest([key, RETRACTION]), about, None, "asap")
            found = answer(question, scene.server, scene.clinicians)
            drawn = plus(drawn, tasks=(question.draft(found, scene.language),))
            done += [it for at in waiting if (it := _retraction_answered(scene, at, found))]
    return drawn, tuple(done)


def _about(template: Draft, plan: str) -> Draft:
    return replace(template, resource={**template.resource, "focus": {"reference": plan}})


def _retraction_answered(scene: Situation, place: str, found: ReleaseAnswer) -> Write | None:
    letter = scene.server.existing[place]
    match found.verdict:
        case ReleaseVerdict.RELEASED if found.release:
            day = date.fromisoformat(found.release.day)
            (said,) = scene.speaker.say(
                letter["recipient"],
                day,
                release=found.release,
                corrected=withdrawn_by(scene, letter),
                retraction=True,
            )
            content = {name: it for name, it in letter.items() if name != "meta"} | {"status": "in-progress"}
            content["payload"] = [{"contentString": said.text}, reference_to(scene, content, said.letter)]
            marked = released(content, found.release, scene.language)
            draft = replace(seal(marked, ""), resource=marked)
            return Write(Done.UPDATE, draft, place, if_match=scene.server.etag(place), ended=True)
        case ReleaseVerdict.REJECTED | ReleaseVerdict.KEPT:
            return ended(place, scene.server, "not-done", "rejected_by_clinician", scene.stamp)
        case _:
            return None


def leftovers(scene: Situation, drawn: Drafts) -> Iterator[Write]:
    """Questions that nobody has to answer any more, and drafts of a plan that is not drawn any more."""
    server, questions = scene.server, codes("task-reason")
    asked = {place for it in drawn.tasks if (place := server.find(it))}
    asked |= {place for it in drawn.tasks for place in attempts(it.key, server)}
    for place, resource in server.existing.items():
        mine = resource["resourceType"] == "Task" and code_in(resource.get("code")) in questions
        ours = (resource.get("groupIdentifier") or {}).get("value") == resource_id("CarePlan", scene.key)
        if mine and ours and place not in asked and resource.get("status") == "requested":
            yield _cancelled(
                ended(place, server, "cancelled", "no_longer_needed", scene.stamp), scene.language
            )
    for generation, place in scene.story.plans.items():
        if generation != scene.generation and not server.edited(place):
            if server.existing[place].get("status") == "draft":
                yield ended(place, server, "revoked", "no_longer_needed", scene.stamp)
            for letter in scene.story.prepared_letters(generation):
                yield ended(letter, server, "not-done", "no_longer_needed", scene.stamp)


def _cancelled(write: Write, language: str) -> Write:
    """With the reason under which reconciling asks again when it is back."""
    content = {**write.draft.resource, "statusReason": output_concept(REASON_GONE, language)}
    return replace(write, draft=replace(write.draft, resource=content))
