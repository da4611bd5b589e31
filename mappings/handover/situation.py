"""One patient at one moment: as read and decided, what happened so far, and what the change means. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from adapter.clinical import Decision
from adapter.clinical.model import Certainty, ConditionKind
from adapter.input.wire_json import Json
from mappings.handover.institution import Institution
from mappings.handover.patient_record import PatientRecord
from mappings.handover.plan.change_detection import Snapshot, detect_change
from mappings.handover.plan.correction import Consequence, PlanChange
from mappings.handover.plan.plan_history import PlanHistory, PlanStage, history_of
from mappings.handover.release.choice import AS_OFFERED, ReleaseChoice
from mappings.handover.release.signature import Release, may_go_unreleased
from mappings.inbound import PatientContext, Reading
from mappings.outbound.guides.shapes import GuideContext
from mappings.outbound.ids import location_of, plan_key
from mappings.outbound.server.server_view import ServerView

LOW_DENSITY = frozenset({ConditionKind.OSTEOPOROSIS, ConditionKind.OSTEOPENIA})
SILENT = frozenset({Consequence.WITHDRAW, Consequence.CLOSE, Consequence.RETRACT})


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that the steps of composing start from; none of them changes it."""

    patient: PatientRecord
    reading: Reading = field(repr=False)
    decision: Decision = field(repr=False)
    institution: Institution
    now: datetime
    history: PlanHistory = field(repr=False)
    change: PlanChange

    @property
    def server(self) -> ServerView:
        """What is on the server."""
        return self.history.server

    @property
    def consequence(self) -> Consequence:
        """What is done about the change."""
        return self.change.consequence

    @property
    def language(self) -> str:
        """In which the institution writes."""
        return self.institution.texts.language

    @property
    def stamp(self) -> str:
        """Now, for resources."""
        return self.now.isoformat(timespec="seconds")

    @property
    def today(self) -> date:
        """Now, for letters and days that are due."""
        return self.decision.on

    @property
    def followed(self) -> bool:
        """Whether this is somebody to make a plan for at all."""
        return not_followed(self.reading.patient) is None

    def release_of(self, resource: Json) -> Release | None:
        """Who released it, as the patient's own resources tell."""
        return self.patient.release_of(resource)

    def may_leave(self, letter: Json) -> bool:
        """Whether somebody who may released a letter, or nobody has to."""
        freely = (
            may_go_unreleased(letter) and self.decision.pathway.id in self.institution.send_without_release
        )
        return freely or self.release_of(letter) is not None

    @property
    def proposes(self) -> bool:
        """Whether there is a plan to propose at all."""
        return self.decision.warranted and self.followed and self.consequence not in SILENT

    @property
    def generation(self) -> int:
        """Which plan is drafted: the current one, or the one after it."""
        after = self.consequence in (Consequence.CORRECT, Consequence.RENEW)
        return max(1, self.history.current + after)

    @property
    def replaced(self) -> str | None:
        """The place of the plan that the drafted one replaces."""
        return self.history.plans.get(self.generation - 1)

    @property
    def in_force(self) -> bool:
        """Whether the plan that is drafted is one that a clinician released."""
        released = self.history.stage in (PlanStage.QUEUED, PlanStage.SENT)
        return released and self.generation == self.history.current

    @property
    def choice(self) -> ReleaseChoice:
        """What the releasing clinician took out of the plan in force; nothing for a proposal."""
        plan = self.history.plan if self.in_force else None
        release = self.release_of(plan) if plan else None
        return release.choice if release else AS_OFFERED

    @property
    def known(self) -> GuideContext:
        """What the guide may ask for: recorded diagnoses of low bone density, and who signs."""
        sure = (
            item.evidence
            for item in self.reading.record.conditions.items
            if item.kind in LOW_DENSITY and item.active and item.certainty is Certainty.CONFIRMED
        )
        locations = sorted({location_of(reference) for reference in sure})
        return GuideContext(
            tuple({"reference": location} for location in locations), self.institution.author_role
        )


def situation_of(
    patient: PatientRecord, reading: Reading, decision: Decision, institution: Institution, now: datetime,
    ours: Mapping[str, str],
) -> Situation:  # fmt: skip
    """What happened so far, and what the change means; ``ours`` are the versions that we wrote last."""
    named = tuple(map(institution.profile.named, patient.recipients))
    patient = patient if named == patient.recipients else replace(patient, recipients=named)
    key = plan_key(institution.site, f"Patient/{patient.patient}", institution.pathway.ref.id)
    history = history_of(key, ServerView(patient.existing, ours))
    present = Snapshot(
        reading.patient, reading.record, decision, patient.resources, patient.recipients, patient.gaps
    )
    return Situation(patient, reading, decision, institution, now, history, detect_change(history, present))


class NotFollowed(StrEnum):
    """Why nobody makes a plan for a record, whatever is in it."""

    MERGED = "merged"  # another record took its place
    DECEASED = "deceased"
    INACTIVE = "inactive"
    TEST_DATA = "test_data"  # made to try a system


def not_followed(patient: PatientContext) -> NotFollowed | None:
    """The first of the reasons that holds; None for a patient to make a plan for."""
    holds = {
        NotFollowed.MERGED: patient.replaced_by is not None,
        NotFollowed.DECEASED: patient.deceased,
        NotFollowed.INACTIVE: not patient.active,
        NotFollowed.TEST_DATA: patient.test,
    }
    return next((reason for reason, true in holds.items() if true), None)
