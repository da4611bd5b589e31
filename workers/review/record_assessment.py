"""One patient's resources as they are handed over: what a review would decide, draft and write, with its guards."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from adapter.clinical import Decision
from adapter.errors import RecordFault, SoftwareFault
from adapter.wire_json import Json, ReadOnlyJson
from mappings.lifecycle.institution import Institution
from mappings.lifecycle.patient_record import PatientRecord
from mappings.lifecycle.propose import Proposal, propose
from workers.review.recipients import RECIPIENTS, recipients
from workers.review.references import patients_of
from workers.review.review_outcome import BUGS
from workers.review.write import verdict


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a review of one patient would come to; nothing of it was written anywhere.

    ``outcome`` is that of a review: ``planned``, ``nothing_to_propose``, or why nobody makes a plan for this patient; then
    there is no decision, no resource and no letter. ``resources`` are proposals and drafts: a clinician decides.
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


def assessed(resources: Iterable[ReadOnlyJson], institution: Institution, on: date) -> Assessment:
    """Raises RecordFault without exactly one Patient, and SoftwareFault for a mistake of ours; neither quotes the record."""
    try:
        record = _record(list(_unpacked(resources)), institution.reading.base_url, on)
        return _assessment(propose(record, institution, datetime.combine(on, time(12), UTC), {}))
    except BUGS as bug:  # its text may quote the record
        raise SoftwareFault(f"{type(bug).__name__} in our own code") from None


def _assessment(proposal: Proposal) -> Assessment:
    applicable = proposal.not_followed is None
    return Assessment(
        patient=proposal.patient,
        outcome=verdict(proposal).value,
        decision=proposal.decision if applicable else None,
        resources=tuple(it.draft.resource for it in proposal.writes) if applicable else (),
        letters=proposal.letters if applicable else (),
        alarms=proposal.alarms,
    )


def _record(resources: list[Json], base_url: str, on: date) -> PatientRecord:
    """What a review would have read: the patient's own resources, what belongs to nobody, and how many strangers came."""
    patients = [it for it in resources if it.get("resourceType") == "Patient"]
    if len(patients) != 1 or not isinstance(patients[0].get("id"), str):
        raise RecordFault(
            f"{len(patients)} Patients, where one with an id was expected.", resource_type="Patient"
        )
    (patient,) = patients
    whose = [(it, patients_of(it, base_url)) for it in resources if it is not patient]
    directory = {
        (str(it["resourceType"]), str(it.get("id"))): it
        for it in resources
        if it.get("resourceType") in RECIPIENTS
    }
    return PatientRecord(
        patient=patient["id"],
        resource=patient,
        resources=tuple(it for it, owners in whose if not owners or patient["id"] in owners),
        existing={},
        recipients=recipients(patient, directory, base_url, on),
        strays=sum(1 for _, owners in whose if owners and patient["id"] not in owners),
    )


def _unpacked(resources: Iterable[ReadOnlyJson]) -> Iterator[Json]:
    """Bundles opened. Raises RecordFault for what is no object: a resource lost in silence would be worse."""
    for resource in resources:
        if not isinstance(resource, Mapping):
            raise RecordFault("A resource of the record is no JSON object.")
        if resource.get("resourceType") == "Bundle":
            yield from _unpacked(_entries(resource.get("entry")))
        else:
            yield dict(resource)


def _entries(value: object) -> Iterator[Any]:
    if value is not None and not isinstance(value, list):
        raise RecordFault("The entries of a Bundle are no list.")
    for entry in value or ():
        if not isinstance(entry, Mapping):
            raise RecordFault("An entry of a Bundle is no JSON object.")
        if "resource" in entry:
            yield entry["resource"]
