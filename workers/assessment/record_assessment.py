"""One patient's resources as handed over: what a review would decide, draft and write, guards included."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from adapter.clinical import Decision
from adapter.errors import RecordFault, SoftwareFault
from adapter.input.wire_json import Json, ReadOnlyJson
from mappings.handover.institution import Institution
from mappings.handover.patient_record import PatientRecord
from mappings.handover.propose import Proposal, propose_all
from workers.assessment.submission import Submission, submission_of
from workers.review.directory.recipients import RECIPIENTS, recipients
from workers.review.references import patients_of
from workers.review.review_outcome import BUGS
from workers.review.write import outcome_code


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a review of one patient would come to; nothing of it was written anywhere.

    ``outcome`` is that of a review: ``planned``, ``nothing_to_propose``, or why nobody makes a plan for
    this patient; then there is no decision, no resource and no letter. ``resources`` are proposals and
    drafts: a clinician decides.
    """

    patient: str
    outcome: str
    decision: Decision | None = field(repr=False)
    resources: tuple[Json, ...] = field(repr=False)
    letters: tuple[str, ...] = field(repr=False)
    alarms: tuple[str, ...] = ()

    @property
    def letter(self) -> str | None:
        """The letter to the GP as text; None where there is nothing to write, or nobody to write to."""
        return self.letters[0] if self.letters else None


def assess_resources(resources: Iterable[ReadOnlyJson], institution: Institution, on: date) -> Assessment:
    """Decide and draft for the one Patient among these resources.

    Raises RecordFault without exactly one Patient, and SoftwareFault for a mistake of
    ours; neither quotes the record.
    """
    (found,) = assess_records([record_of(resources, institution, on)], institution, on)
    return found


def assess_records(records: Sequence[PatientRecord], institution: Institution, on: date) -> list[Assessment]:
    """The same for several, each read as ``record_of`` does; raises SoftwareFault for a mistake of ours."""
    return [_assessment_of(proposal) for proposal in _proposals(records, institution, on)]


def record_of(resources: Iterable[ReadOnlyJson], institution: Institution, on: date) -> PatientRecord:
    """The record as a review would have read it; raises as ``assess_resources``."""
    try:
        return _submitted_record(submission_of(resources), institution.reading.base_url, on)
    except BUGS as bug:  # its text may quote the record
        raise SoftwareFault(f"{type(bug).__name__} in our own code") from None


def proposal_of(record: PatientRecord, institution: Institution, on: date) -> Proposal:
    """What a first review of this record would propose; raises SoftwareFault for a mistake of ours."""
    (proposal,) = _proposals([record], institution, on)
    return proposal


def _proposals(records: Sequence[PatientRecord], institution: Institution, on: date) -> list[Proposal]:
    noon = datetime.combine(on, time(12), UTC)
    try:
        return propose_all([(record, {}) for record in records], institution, noon)
    except BUGS as bug:  # as above
        raise SoftwareFault(f"{type(bug).__name__} in our own code") from None


def _assessment_of(proposal: Proposal) -> Assessment:
    applicable = proposal.not_followed is None
    return Assessment(
        patient=proposal.patient,
        outcome=outcome_code(proposal).value,
        decision=proposal.decision if applicable else None,
        resources=tuple(write.draft.resource for write in proposal.writes) if applicable else (),
        letters=proposal.letters if applicable else (),
        alarms=proposal.alarms,
    )


def _submitted_record(given: Submission, base_url: str, on: date) -> PatientRecord:
    """What a review would have read: the patient's resources, shared ones, and a count of other patients'."""
    resources = given.resources
    patients = [resource for resource in resources if resource.get("resourceType") == "Patient"]
    if len(patients) != 1 or not isinstance(patients[0].get("id"), str):
        raise RecordFault(
            f"{len(patients)} Patients, where one with an id was expected.", resource_type="Patient"
        )
    (patient,) = patients
    whose = [(resource, patients_of(resource, base_url)) for resource in resources if resource is not patient]
    directory = {
        (str(resource["resourceType"]), str(resource.get("id"))): resource
        for resource in resources
        if resource.get("resourceType") in RECIPIENTS
    }
    return PatientRecord(
        patient=patient["id"],
        resource=patient,
        resources=tuple(resource for resource, owners in whose if not owners or patient["id"] in owners),
        existing={},
        recipients=recipients(patient, directory, base_url, on),
        strays=sum(1 for _, owners in whose if owners and patient["id"] not in owners),
        gaps=given.gaps,
    )
