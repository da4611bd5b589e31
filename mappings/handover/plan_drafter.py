"""The plan, its letters and its Tasks as drafts that nobody has released yet. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from adapter.input.wire_json import Json
from mappings.handover.letters.letter_text import LetterText, LetterWriter
from mappings.handover.plan.correction import Consequence
from mappings.handover.plan.plan_summary import as_extension, summary
from mappings.handover.plan.replacement import as_generation, part_of
from mappings.handover.release.choice import AS_OFFERED, ReleaseChoice, narrowed
from mappings.handover.situation import Situation
from mappings.outbound import Drafts, Subject, WriteContext, drafts
from mappings.outbound.draft import Action, Draft
from mappings.outbound.fingerprint import seal
from mappings.outbound.guides.profiles import apply
from mappings.outbound.resources.communications import reworded
from mappings.outbound.server.reconcile import judge


@dataclass(frozen=True, slots=True)
class DraftedPlan:
    """The drafts of the plan, what has to be clarified about it, and its letters in words."""

    drafts: Drafts = field(repr=False)
    matters: tuple[Draft, ...] = field(default=(), repr=False)  # a Task each, as if nothing else were asked
    letters: tuple[LetterText, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class PlanDrafter:
    """Drafts the plan of one situation, without what a clinician took out of it."""

    situation: Situation
    writer: LetterWriter
    choice: ReleaseChoice = AS_OFFERED

    def plan(self) -> DraftedPlan:
        """A letter keeps its date for as long as it says the same."""
        seen = self.situation
        if not seen.proposes:
            return self._drafted(self._made(()), ())
        first, *others = (*self._letter_days(), seen.today)
        letters = self._letters(first)
        made = self._made(letters)
        for day in others:
            drafted = self._drafted(made, letters)
            if self._stands_there(drafted):
                return drafted
            earlier, letters = letters, self._letters(day)
            made = _reworded(made, earlier, letters)
        return self._drafted(made, letters)

    def _letters(self, day: date) -> tuple[LetterText, ...]:
        return self.writer.letters(self.situation.patient.recipients, day)

    def _stands_there(self, plan: DraftedPlan) -> bool:
        """Whether the server has these letters, word for word."""
        judged = (judge(communication, self.situation.server) for communication in plan.drafts.communications)
        return all(write.action is not Action.UPDATE for write in judged)

    def _drafted(self, made: Drafts, letters: tuple[LetterText, ...]) -> DraftedPlan:
        drafts = self._drafts(made)
        return DraftedPlan(replace(drafts, tasks=()), drafts.tasks, letters)

    def _letter_days(self) -> Iterator[date]:
        """The days on which the letters that stand there were written."""
        seen, days = self.situation, set()
        for location in seen.history.letters(seen.generation):
            stamp = (seen.server.existing[location].get("meta") or {}).get("lastUpdated")
            if isinstance(stamp, str):
                days.add(datetime.fromisoformat(stamp).astimezone(seen.now.tzinfo).date())
        yield from sorted(days)

    def _drafts(self, made: Drafts) -> Drafts:
        """Under the names of the generation that is drafted, after the letters that it corrects."""
        seen, number = self.situation, self.situation.generation
        moved = as_generation(self._guided(made), seen.history.key, number, seen.replaced)
        if seen.consequence is Consequence.CORRECT:
            return replace(moved, communications=part_of(moved.communications, seen.history.told_letters()))
        if number > 1:
            return replace(moved, communications=tuple(map(self._still_part_of, moved.communications)))
        return moved

    def _still_part_of(self, letter: Draft) -> Draft:
        """A corrected letter stays one after its plan was released."""
        server = self.situation.server
        location = server.find(letter)
        earlier = server.existing[location].get("partOf") if location else None
        return seal({**letter.resource, "partOf": earlier}, letter.key) if earlier else letter

    def _guided(self, made: Drafts) -> Drafts:
        """As the guide of the institution wants them."""
        seen = self.situation
        if not seen.followed:
            # Nothing is asked: the class stays in the outcome for whoever looks.
            return replace(made, tasks=())
        if made.plan is None:
            return made
        return apply(seen.institution.profile, made, seen.known).drafts

    def _made(self, letters: tuple[LetterText, ...]) -> Drafts:
        seen = self.situation
        decision = narrowed(seen.decision, self.choice)
        if decision.warranted != seen.proposes:
            decision = replace(decision, warranted=seen.proposes)
        told = as_extension(summary(decision, seen.reading.record))
        return drafts(_subject(seen), decision, _context(seen, letters, told))


def _reworded(made: Drafts, earlier: Sequence[LetterText], later: Sequence[LetterText]) -> Drafts:
    """The same drafts with the letters of another day: nothing else of them has one."""
    words = {old.text: new.text for old, new in zip(earlier, later, strict=True)}
    return replace(made, communications=tuple(reworded(letter, words) for letter in made.communications))


def _subject(seen: Situation) -> Subject:
    reading = seen.reading
    return Subject(
        reading.patient.reference,
        reading.sources,
        reading.needs_human,
        reading.foreign,
        reading.patient.managing_organization,
    )


def _context(seen: Situation, letters: tuple[LetterText, ...], told: Json) -> WriteContext:
    institution = seen.institution
    return WriteContext(
        institution.site,
        institution.version,
        seen.stamp,
        organization=institution.organization,
        gp=seen.patient.recipients,
        letters={index: it.text for index, it in enumerate(letters)},
        language=seen.language,
        own=institution.wording.own,
        extensions=(told,),
        activity_style=institution.profile.activity_style,
    )
