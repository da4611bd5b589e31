"""A patient between first review and letter, with a server in memory that keeps what a worker writes."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time

from adapter.input.wire_json import Json
from mappings.handover.institution import Institution
from mappings.handover.patient_record import PatientRecord
from mappings.handover.propose import Proposal, propose
from mappings.handover.release.release_codes import code_in
from mappings.handover.release.release_task import ASKS_RELEASE
from mappings.handover.release.signature import Clinician
from mappings.texts import load
from tests.golden.letters.patients import Patient
from workers.authoring.cases.case_review import CaseReview
from workers.authoring.cases.record.resources import GENERAL_PRACTITIONER, general_practitioner
from workers.review.directory.recipients import recipients

GP = {**general_practitioner(), "name": [{"text": "Demo, General Practitioner"}]}
CLINICIAN = Clinician({"reference": "Practitioner/clinician"}, "Demo, Clinician", "internist")


@dataclass
class Stay:
    """One patient in one language; ``server`` is by ``Type/id``."""

    patient: Patient
    language: str
    server: dict[str, Json] = field(default_factory=dict)
    answered: dict[str, Clinician] = field(default_factory=dict)

    def review(self, *, later: bool = False) -> Proposal:
        """One review as a worker does it, written."""
        visit = CaseReview.of(self.patient.case(later=later))
        who = {**visit.record.resource, "name": [{"text": f"Demo, Patient {self.patient.letter}"}]}
        named = recipients(
            who, {("Practitioner", GENERAL_PRACTITIONER.partition("/")[2]): GP}, "", visit.now.date()
        )
        beside = ({**it, "subject": {"reference": f"Patient/{who['id']}"}} for it in self.patient.beside)
        resources = (*visit.record.resources, *beside)
        record = PatientRecord(who["id"], who, resources, self.server, named, self.answered)
        proposal = propose(record, self.institution(visit), visit.now, {})
        self.server |= {
            it.location: {
                **it.draft.resource,
                "meta": {**it.draft.resource.get("meta", {}), "versionId": "1"},
            }
            for it in proposal.changes
        }
        return proposal

    def institution(self, visit: CaseReview) -> Institution:
        """The institution of this patient, in this language."""
        pathway = visit.institution.pathway
        # A pathway whose rules say the same of these patients must not change
        # their letters by its fingerprint.
        pinned = replace(pathway, ref=replace(pathway.ref, fingerprint="0" * 64))
        return replace(
            visit.institution,
            version="0.1.0",
            pathway=pinned,
            texts=load(self.language).extend(pathway.texts.get(self.language, {})),
            organization_name="Demo Hospital",
            contacts=(("Demo Hospital", "000 000 00 00"),),
        )

    def release(self, *, later: bool = False) -> None:
        """A clinician completes what they are asked, in their own name."""
        for place, task in self.server.items():
            if (
                task["resourceType"] == "Task"
                and code_in(task["code"]) in ASKS_RELEASE
                and task["status"] == "requested"
            ):
                on = datetime.combine(self.patient.case(later=later).as_of, time(13), UTC)
                said = {"output": list(self.patient.answer)} if self.patient.answer else {}
                period = {"end": on.isoformat(timespec="seconds")}
                self.server[place] = {**task, "status": "completed", "executionPeriod": period, **said}
                self.answered[place] = CLINICIAN
        self.review(later=later)

    def deliver(self) -> None:
        """As if a transport had brought every letter that is on its way."""
        for place, it in self.server.items():
            if it["resourceType"] == "Communication" and it["status"] == "in-progress":
                self.server[place] = {**it, "status": "completed", "sent": "2026-11-20T14:00:00+00:00"}

    def letters(self, status: str) -> list[Json]:
        """The Communications in a status."""
        return [
            it
            for it in self.server.values()
            if it["resourceType"] == "Communication" and it["status"] == status
        ]
