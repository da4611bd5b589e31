"""A patient whose plan stands in memory: reviewed, answered for and reviewed again, without a server."""

from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any

from adapter.input.wire_json import Json
from mappings import pathways, texts
from mappings.handover.institution import Institution
from mappings.handover.patient_record import PatientRecord
from mappings.handover.propose import Proposal, propose
from mappings.handover.release.release_codes import code_in, release_concept
from mappings.handover.release.signature import Clinician
from mappings.inbound import ReadingConfig
from mappings.inbound.gaps import NO_GAPS, Gaps
from tests.made_resources import a_patient, a_t_score
from tests.unit.outbound.server_in_memory import ServerInMemory

NOON = datetime.fromisoformat("2026-11-20T12:00:00+01:00")
GP: Json = {"reference": "Practitioner/gp", "display": "Dr Example"}
OTHER_GP: Json = {"reference": "Practitioner/other", "display": "Dr Other"}
DOCTOR = Clinician({"reference": "Practitioner/doctor"}, "Dr A. Vermeer", "internist")


@cache
def institution(pathway: str = "antonius") -> Institution:
    """One that writes in English."""
    return Institution("here", "1", pathways.load(pathway), ReadingConfig(), texts.load("en"))


@dataclass
class PlanInMemory:
    """One patient, reviewed as often as a test asks for it."""

    resources: list[Json] = field(default_factory=lambda: [a_t_score("p")])
    patient: Json = field(default_factory=lambda: a_patient("p"))
    recipients: tuple[Json, ...] = (GP,)
    institution: Institution = field(default_factory=institution)
    server: ServerInMemory = field(default_factory=ServerInMemory)
    now: datetime = NOON
    gaps: Gaps = field(default_factory=lambda: NO_GAPS)

    @property
    def record(self) -> PatientRecord:
        """What a read of the patient would find now."""
        existing = {at: it for at, it in self.server.resources.items() if it["resourceType"] != "Provenance"}
        clinicians = {at: DOCTOR for at, it in existing.items() if it.get("owner") == DOCTOR.reference}
        return PatientRecord(
            "p",
            self.patient,
            tuple(self.resources),
            deepcopy(existing),
            self.recipients,
            clinicians,
            gaps=self.gaps,
        )

    def proposal(self) -> Proposal:
        """What a review would write."""
        return propose(self.record, self.institution, self.now, self.server.ledger)

    def review(self, times: int = 1) -> Proposal:
        """Write it, as a worker does."""
        proposal = self.proposal()
        self.server.take(proposal.writes)
        return proposal if times == 1 else self.review(times - 1)

    def of(self, kind: str, status: str | None = None) -> list[Json]:
        """What stands there."""
        return [it for it in self.server.of(kind) if status is None or it["status"] == status]

    def one(self, kind: str, status: str | None = None) -> Json:
        (found,) = self.of(kind, status)
        return found

    def tasks(self, *codes: str, status: str = "requested") -> list[Json]:
        return [it for it in self.of("Task", status) if code_in(it["code"]) in codes]

    def change(self, resource: Json, **changes: Any) -> None:
        """A human changes what stands there."""
        self.server.change(f"{resource['resourceType']}/{resource['id']}", **changes)

    def answer(self, *codes: str, status: str = "completed", **more: Any) -> None:
        """A clinician answers the one question of these codes, and the patient is reviewed."""
        (task,) = self.tasks(*(codes or ("release_letter", "clarify_before_release")))
        self.change(task, status=status, owner=DOCTOR.reference, **more)
        self.review()

    def score(self, value: float, **changes: Any) -> None:
        """The DXA department corrects its result."""
        self.resources = [a_t_score("p", value, **{"status": "amended", **changes})]


def output(code: str) -> Json:
    """The part of an answered Task that says this."""
    return {"type": {"text": "answer"}, "valueCodeableConcept": release_concept(code, "en")}


def proposed(**changes: Any) -> PlanInMemory:
    """A plan that waits for its release."""
    if not changes:
        return _copy(_proposed())
    plan = replace(PlanInMemory(), **changes)
    plan.review()
    return plan


def released(**changes: Any) -> PlanInMemory:
    """A plan in force; no transport has its letter yet."""
    if not changes:
        return _copy(_released())
    plan = proposed(**changes)
    plan.answer()
    return plan


def sent(**changes: Any) -> PlanInMemory:
    """A plan in force, whose letter a transport has."""
    plan = released(**changes)
    plan.change(plan.one("Communication"), status="completed", sent="2026-11-20T13:00:00Z")
    return plan


@cache
def _proposed() -> PlanInMemory:
    plan = PlanInMemory()
    plan.review()
    return plan


@cache
def _released() -> PlanInMemory:
    """Made once: the pages of a letter take longer than all else."""
    plan = proposed()
    plan.answer()
    return plan


def _copy(plan: PlanInMemory) -> PlanInMemory:
    return replace(plan, resources=deepcopy(plan.resources), server=deepcopy(plan.server))
