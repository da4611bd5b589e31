"""Classify, pathway, handover: from one patient's record to what would be written. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from adapter.clinical import Decision, decide
from adapter.clinical.calendar import ReviewDay
from adapter.input.wire_json import Json
from mappings.handover.compose import compose
from mappings.handover.duplicates import unmarked
from mappings.handover.institution import Institution
from mappings.handover.patient_record import PatientRecord
from mappings.handover.plan_writes import ComposedPlan
from mappings.handover.situation import NotFollowed, not_followed, situation_of
from mappings.inbound import Reading
from mappings.outbound import Write


@dataclass(frozen=True, slots=True)
class Proposal:
    """What was read and decided about one patient, and the writes that will bring it to the server."""

    patient: str
    reading: Reading = field(repr=False)
    decision: Decision = field(repr=False)
    composed: ComposedPlan = field(repr=False)
    day: ReviewDay
    duplicates: tuple[Json, ...] = field(default=(), repr=False)
    alarms: tuple[str, ...] = ()

    @property
    def writes(self) -> tuple[Write, ...]:
        """What happens to everything that has to stand."""
        return self.composed.writes

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters in words."""
        return self.composed.letters

    @property
    def changes(self) -> tuple[Write, ...]:
        """The writes that the server will see."""
        return tuple(write for write in self.writes if write.changes)

    @property
    def until(self) -> date:
        """The first later day on which the same record may come to something else."""
        return self.day.until

    @property
    def not_followed(self) -> NotFollowed | None:
        """Why this is nobody to make a plan for; None for a patient."""
        return not_followed(self.reading.patient)


def propose(
    patient: PatientRecord, institution: Institution, now: datetime, ours: Mapping[str, str]
) -> Proposal:
    """Decide for one patient, and compare with what stands on the server already."""
    (proposal,) = propose_all([(patient, ours)], institution, now)
    return proposal


def propose_all(
    patients: Sequence[tuple[PatientRecord, Mapping[str, str]]], institution: Institution, now: datetime
) -> list[Proposal]:
    """Decide for several, each with the versions that we wrote last.

    Verb after verb and not patient after patient: a verb that is done many times in a row stays in the caches
    of the processor, which takes a quarter less time.
    """
    days = [ReviewDay.of(now.date()) for _ in patients]
    config = institution.record_reading
    readings = [patient.reading(config, day) for (patient, _), day in zip(patients, days, strict=True)]
    decisions = [
        decide(reading.record, institution.pathway, day) for reading, day in zip(readings, days, strict=True)
    ]
    situations = [
        situation_of(patient, reading, decision, institution, now, ours)
        for (patient, ours), reading, decision in zip(patients, readings, decisions, strict=True)
    ]
    composed = [compose(situation) for situation in situations]
    return [_proposal(plan, day) for plan, day in zip(composed, days, strict=True)]


def _proposal(composed: ComposedPlan, day: ReviewDay) -> Proposal:
    situation = composed.situation
    patient, reading = situation.patient, situation.reading
    # Nothing that is read from here on counts for the day.
    decision = replace(situation.decision, on=situation.now.date())
    alarms = {
        "foreign_data": patient.strays + reading.foreign,
        "duplicates_on_server": len(unmarked(patient.duplicates)),
    }
    return Proposal(
        patient.patient,
        reading,
        decision,
        composed,
        day,
        patient.duplicates,
        tuple(alarm for alarm, count in alarms.items() if count),
    )
