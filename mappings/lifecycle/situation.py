"""What has to stand on the server about one patient now: story and table first, then drafts, answers, verdicts. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from adapter.clinical import Decision
from adapter.clinical.model import Certainty, ConditionKind
from adapter.letter import Correction
from mappings.codes import PLAN_KEY
from mappings.inbound import PatientContext, Reading
from mappings.lifecycle.institution import Institution
from mappings.lifecycle.letter_text import LetterText, LetterWriter, correction
from mappings.lifecycle.patient_record import PatientRecord
from mappings.lifecycle.plan.change_detection import Now, find
from mappings.lifecycle.plan.closure import once
from mappings.lifecycle.plan.correction import Change, Consequence, PlanChange
from mappings.lifecycle.plan.follow_up import OpenStep
from mappings.lifecycle.plan.plan_history import PlanHistory, PlanStage, history_of, taken, told
from mappings.lifecycle.plan.plan_summary import as_extension, summary
from mappings.lifecycle.plan.replacement import as_generation, part_of
from mappings.lifecycle.release.signature import Clinician
from mappings.outbound import Drafts, Subject, Write, WriteContext, drafts, reconcile
from mappings.outbound.draft import Action as Done
from mappings.outbound.draft import Draft
from mappings.outbound.fingerprint import carried, seal
from mappings.outbound.guides.profiles import apply
from mappings.outbound.guides.shapes import Known
from mappings.outbound.ids import location_of, plan_key
from mappings.outbound.server.reconcile import admitted, introduced, judge
from mappings.outbound.server.server_view import ServerView

Json = dict[str, Any]
LOW_DENSITY = frozenset({ConditionKind.OSTEOPOROSIS, ConditionKind.OSTEOPENIA})


@dataclass(frozen=True, slots=True)
class Situation:
    """One patient as read and decided, what stands on the server, and what the change means."""

    folder: PatientRecord
    speaker: LetterWriter
    now: datetime
    key: str
    story: PlanHistory = field(repr=False)
    finding: PlanChange

    @property
    def server(self) -> ServerView:
        """What is on the server."""
        return self.story.server

    @property
    def institution(self) -> Institution:
        """The institution."""
        return self.speaker.institution

    @property
    def decision(self) -> Decision:
        """What was decided."""
        return self.speaker.decision

    @property
    def language(self) -> str:
        """In which the institution writes."""
        return self.institution.texts.language

    @property
    def stamp(self) -> str:
        """Now, for resources."""
        return self.now.isoformat(timespec="seconds")

    @property
    def clinicians(self) -> Mapping[str, Clinician]:
        """Who answered, by Task."""
        return self.folder.clinicians

    @property
    def known(self) -> Known:
        """What the guide may ask for: recorded diagnoses of low bone density, and who signs."""
        sure = (
            it.evidence
            for it in self.speaker.reading.record.conditions.items
            if it.kind in LOW_DENSITY and it.active and it.certainty is Certainty.CONFIRMED
        )
        places = sorted({location_of(it) for it in sure})
        return Known(tuple({"reference": it} for it in places), self.institution.author_role)

    @property
    def generation(self) -> int:
        """Which plan is drawn: the current one, or the one after it."""
        after = self.finding.action in (Consequence.CORRECT, Consequence.RENEW)
        return max(1, self.story.current + after)


@dataclass(frozen=True, slots=True)
class DraftedPlan:
    """The drafts of the plan that is drawn, as nobody has released them, and the letters in words."""

    drafts: Drafts = field(repr=False)
    said: tuple[LetterText, ...] = field(default=(), repr=False)
    day: date | None = None


Beside = Callable[[Situation, Drafts, tuple[Write, ...]], Iterable[Write]]


@dataclass(frozen=True, slots=True)
class Composed:
    """What to write, and what to do when it is written."""

    writes: tuple[Write, ...] = field(repr=False)
    letters: tuple[str, ...] = field(default=(), repr=False)
    finding: PlanChange | None = None
    revoked: tuple[str, ...] = ()  # plans about which nothing leaves any more
    outgoing: tuple[str, ...] = ()  # letters that are released and that no transport has taken, by their key
    again: tuple[str, ...] = ()  # patients to be reviewed next, because of what was found here
    items: tuple[OpenStep, ...] = ()  # steps of the plan that are open


def situation_of(
    folder: PatientRecord, reading: Reading, decision: Decision, institution: Institution, now: datetime, ours: Mapping[str, str]
) -> Situation:  # fmt: skip
    """Look at everything once."""
    folder = replace(folder, recipients=tuple(map(institution.profile.named, folder.recipients)))
    key = plan_key(institution.site, f"Patient/{folder.patient}", institution.pathway.ref.id)
    story = history_of(key, ServerView(folder.existing, ours))
    seen = frozenset(f"{it.get('resourceType')}/{it.get('id')}" for it in folder.resources)
    present = Now(reading.patient, reading.record, decision, seen, folder.recipients)
    return Situation(
        folder, LetterWriter(reading, decision, institution), now, key, story, find(story, present)
    )


def drafted_plan(scene: Situation) -> DraftedPlan:
    """The drafts of this scene. A letter keeps its date for as long as it says the same."""
    if not speaks(scene):
        return DraftedPlan(_generation(scene, _drafts(scene, (), warranted=False)))
    corrected = corrected_of(scene)
    for day in (*_letter_days(scene), scene.now.date()):
        said = scene.speaker.say(scene.folder.recipients, day, corrected=corrected)
        found = DraftedPlan(_generation(scene, _drafts(scene, said, warranted=True)), said, day)
        if not any(judge(it, scene.server).action is Done.UPDATE for it in found.drafts.communications):
            break
    return found


def speaks(scene: Situation) -> bool:
    """Whether there is a plan to propose at all."""
    silent = (Consequence.WITHDRAW, Consequence.CLOSE, Consequence.RETRACT)
    return (
        scene.decision.warranted
        and followed(scene.speaker.reading.patient)
        and scene.finding.action not in silent
    )


def followed(patient: PatientContext) -> bool:
    """Nobody makes a plan for the dead, for a record that is closed, or for one that another record replaced."""
    return patient.active and not patient.deceased and patient.replaced_by is None


def finished(
    scene: Situation,
    drawn: Drafts,
    ended: tuple[Write, ...],
    said: tuple[LetterText, ...],
    items: tuple[OpenStep, ...],
    beside: Beside,
) -> Composed:
    """The verdicts on everything; what is ended is written once, and by nobody else."""
    writes = reconcile(
        drawn, scene.folder.existing, scene.server.ours, lambda them: beside(scene, drawn, them)
    )
    closed = once(ended, writes)
    if filed := once(beside(scene, drawn, closed), writes):
        closed = (*closed, *admitted(filed), *once([introduced(drawn.device, scene.server)], writes))
    merged = scene.speaker.reading.patient.replaced_by if scene.finding.change is Change.MERGED else None
    survivor = (merged.removeprefix("Patient/"),) if merged and merged.startswith("Patient/") else ()
    again = (scene.folder.patient,) if scene.finding.action is Consequence.RETRACT and closed else ()
    return Composed(
        (*writes, *closed),
        tuple(it.text for it in said),
        scene.finding,
        tuple(it.location for it in closed if _revoked(it)),
        tuple(sorted(_outgoing(scene, (*writes, *closed)))),
        (*again, *(survivor if closed else ())),
        items,
    )


def _revoked(write: Write) -> bool:
    return write.draft.type == "CarePlan" and write.draft.resource.get("status") == "revoked"


def _outgoing(scene: Situation, writes: tuple[Write, ...]) -> Iterator[str]:
    """As it will be when everything is written; what no transport has taken may have been lost by the ledger."""
    after = dict(scene.server.existing) | {it.location: it.draft.resource for it in writes if it.changes}
    for resource in after.values():
        if resource["resourceType"] == "Communication" and told(resource) and not taken(resource):
            yield carried(resource, PLAN_KEY) or ""


def _generation(scene: Situation, drawn: Drafts) -> Drafts:
    """Under the names of the generation that is drawn, after the letters that it corrects."""
    number = scene.generation
    replaces = scene.story.plans.get(number - 1)
    moved = as_generation(drawn, scene.key, number, replaces)
    if scene.finding.action is Consequence.CORRECT:
        moved = replace(moved, communications=part_of(moved.communications, scene.story.told_letters()))
    elif number > 1:
        moved = replace(moved, communications=tuple(_still_part_of(it, scene) for it in moved.communications))
    return moved


def _still_part_of(letter: Draft, scene: Situation) -> Draft:
    """A corrected letter stays one after its plan was released."""
    place = scene.server.find(letter)
    earlier = scene.server.existing[place].get("partOf") if place else None
    return seal({**letter.resource, "partOf": earlier}, letter.key) if earlier else letter


def corrected_of(scene: Situation) -> Correction | None:
    """What a corrected letter begins with; None for every other letter."""
    if scene.finding.action is not Consequence.CORRECT:
        return None
    letters = (scene.server.existing[it] for it in scene.story.told_letters())
    sent = sorted(
        str(it.get("sent") or (it.get("meta") or {}).get("lastUpdated") or "")[:10] for it in letters
    )
    return correction(scene.finding, sent[-1] if sent else "", scene.speaker)


def _drafts(scene: Situation, said: tuple[LetterText, ...], *, warranted: bool) -> Drafts:
    reading, institution = scene.speaker.reading, scene.institution
    subject = Subject(
        reading.patient.reference,
        reading.sources,
        reading.needs_human,
        reading.foreign,
        reading.patient.managing_organization,
    )
    context = institution.profile.context(
        WriteContext(
            institution.site,
            institution.release,
            scene.stamp,
            organization=institution.organization,
            gp=scene.folder.recipients,
            letters={place: it.text for place, it in enumerate(said)},
            language=institution.texts.language,
            own=institution.wording.own,
        )
    )
    made = drafts(subject, replace(scene.decision, warranted=warranted), context)
    if not followed(reading.patient):
        return replace(made, tasks=())  # nothing is asked: the class stays in the outcome for whoever looks
    if made.plan is None:
        return made
    told = as_extension(summary(scene.decision, reading.record))
    made = replace(made, plan=seal({**made.plan.resource, "extension": [told]}, made.plan.key))
    return apply(institution.profile, made, scene.known).drafts


def _letter_days(scene: Situation) -> Iterator[date]:
    days = set()
    for place in scene.story.letters(scene.generation):
        stamp = (scene.server.existing[place].get("meta") or {}).get("lastUpdated")
        if isinstance(stamp, str):
            days.add(datetime.fromisoformat(stamp).astimezone(scene.now.tzinfo).date())
    yield from sorted(days)


def in_force(scene: Situation) -> bool:
    """Whether the plan that is drawn is one that a clinician released."""
    return scene.story.stage in (PlanStage.QUEUED, PlanStage.SENT) and scene.generation == scene.story.current


def previous(scene: Situation) -> str | None:
    """The place of the plan that the drawn one replaces."""
    return scene.story.plans.get(scene.generation - 1)
