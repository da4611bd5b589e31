"""The clock of the follow-up: what is open and since when, one reminder per step and period, and who to look at tonight.

Everything is computed at the moment of looking. The reminder is a Task with a name of its own per step and period, so
that it is put once; it is taken back when the evidence appears, and what a human closed stays closed.
"""

from datetime import date
from typing import Any

from mappings.lifecycle.plan.follow_up import OpenStep, evidence, index_fracture, open_steps
from mappings.lifecycle.plan.plan_history import LIVE, plan_location
from mappings.lifecycle.release.release_codes import concept, words
from mappings.lifecycle.release.signature import release_of
from mappings.lifecycle.situation import Situation, followed
from mappings.outbound.draft import Draft, Drafts
from mappings.outbound.fingerprint import seal

Json = dict[str, Any]
REMINDER = "follow_up_overdue"


def items_of(scene: Situation, drawn: Drafts) -> tuple[OpenStep, ...]:
    """What is open about this patient; nothing where no plan stands, or where it is being taken back."""
    record = scene.speaker.reading.record
    plan = drawn.plan.resource if drawn.plan else None
    if (
        plan is None
        or plan.get("status") not in {"draft", *LIVE}
        or not followed(scene.speaker.reading.patient)
    ):
        return ()
    today, release = scene.now.date(), release_of(plan)
    numbers = range(1, scene.generation + 1)  # a visit that an earlier plan asked for is a visit
    places = frozenset({*scene.story.plans.values(), *(plan_location(scene.key, it) for it in numbers)})
    seen = evidence(record, scene.folder.resources, scene.story.plan, places, today)
    weeks = scene.institution.pathway.parameters.get("fls_marks_weeks") or {}
    released = date.fromisoformat(release.day) if release else None
    return open_steps(scene.decision, seen, released, index_fracture(record, today), weeks)


def reminders(scene: Situation, items: tuple[OpenStep, ...], template: Drafts) -> tuple[Draft, ...]:
    """A Task for each step that is overdue; the code of the step is in it, and no word about the patient."""
    return tuple(_reminder(scene, it, template) for it in items if it.overdue(scene.now.date()))


def _reminder(scene: Situation, item: OpenStep, template: Drafts) -> Draft:
    language, step = scene.language, scene.institution.wording.concept(item.code)
    told = [
        {"type": concept("follow_up", language), "valueCodeableConcept": step},
        {"type": concept("due_on", language), "valueDate": item.due.isoformat()},
    ]
    content = {
        **{name: it for name, it in template.plan_outdated.resource.items() if name != "input"},
        "id": "",
        "code": concept(REMINDER, language),
        "description": words(REMINDER, language),
        "restriction": {"period": {"end": item.due.isoformat()}},
        "input": told,
    }
    return seal(content, f"{scene.key}|due|{item.code}|{item.due.isoformat()}")
