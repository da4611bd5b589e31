"""What is written about one patient, and what has to be done when it is written. Pure."""

from dataclasses import dataclass, field

from mappings.codes import PLAN_KEY
from mappings.handover.letters.letter_documents import LetterDocuments
from mappings.handover.letters.letter_text import LetterText, LetterWriter
from mappings.handover.plan.closure import without_doubles
from mappings.handover.plan.correction import Change, Consequence, PlanChange
from mappings.handover.plan.follow_up import OpenStep
from mappings.handover.plan.plan_history import taken, told
from mappings.handover.plan_answer import AnsweredPlan
from mappings.handover.situation import Situation
from mappings.outbound import Write, reconcile
from mappings.outbound.fingerprint import carried
from mappings.outbound.server.reconcile import admitted, introduced


@dataclass(frozen=True, slots=True)
class PlanWrites:
    """The drafts of one patient against what stands on the server."""

    situation: Situation
    writer: LetterWriter
    plan: AnsweredPlan

    def writes(self) -> tuple[Write, ...]:
        """What happens to everything; what is ended is written once, and by nobody else."""
        server, documents = (
            self.situation.server,
            LetterDocuments(self.situation, self.writer, self.plan.drafts),
        )
        drafts = documents.sealed()
        writes = reconcile(drafts, server.existing, server.ours, documents.entailed_by)
        closed = without_doubles(documents.ended(self.plan.ended), writes)
        if filed := without_doubles(documents.entailed_by(closed), writes):
            closed = (
                *closed,
                *admitted(filed),
                *without_doubles([introduced(drafts.device, server)], writes),
            )
        return (*writes, *closed)


@dataclass(frozen=True, slots=True)
class ComposedPlan:
    """What to write about one patient, the letters in words, and the steps of the plan that are open."""

    situation: Situation
    texts: tuple[LetterText, ...] = field(repr=False)
    writes: tuple[Write, ...] = field(repr=False)
    steps: tuple[OpenStep, ...]

    @property
    def change(self) -> PlanChange:
        """What is different from what the current plan says."""
        return self.situation.change

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters as text."""
        return tuple(text.text for text in self.texts)

    @property
    def revoked(self) -> tuple[str, ...]:
        """Plans that we end here: nothing about them leaves any more."""
        return tuple(
            write.location
            for write in self.writes
            if write.ended
            and write.draft.type == "CarePlan"
            and write.draft.resource.get("status") == "revoked"
        )

    @property
    def outgoing(self) -> tuple[str, ...]:
        """The keys of the released letters that no transport has taken, as they will be after these writes.

        What no transport has taken may have been lost by the ledger.
        """
        written = {write.location: write.draft.resource for write in self.writes if write.changes}
        after = dict(self.situation.server.existing) | written
        letters = (it for it in after.values() if it["resourceType"] == "Communication")
        leaving = (
            letter
            for letter in letters
            if told(letter) and not taken(letter) and self.situation.may_leave(letter)
        )
        return tuple(sorted(carried(write, PLAN_KEY) or "" for write in leaving))

    @property
    def again(self) -> tuple[str, ...]:
        """Who is looked at next: a patient whose plan was just revoked, and the survivor of a merge."""
        if not any(write.ended for write in self.writes):
            return ()
        retracted = self.situation.consequence is Consequence.RETRACT
        merged = self.situation.reading.patient.replaced_by if self.change.change is Change.MERGED else None
        survivor = (merged.removeprefix("Patient/"),) if merged and merged.startswith("Patient/") else ()
        return (*((self.situation.patient.patient,) if retracted else ()), *survivor)
