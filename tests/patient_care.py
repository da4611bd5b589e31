"""A patient between hospital and GP: admitted, reviewed, and answered for as by a foreign FHIR client."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import requests

from adapter.fhir import FhirClient
from adapter.input.wire_json import Json
from mappings.handover.release.release_codes import code_in
from tests.made_resources import a_gp, a_patient, a_t_score
from tests.server_patients import a_runtime, admitted, reviewed, written_for
from workers.ledger import outbox, reviews
from workers.ledger.deliveries import Delivery
from workers.queue.runtime import Runtime
from workers.review.review_outcome import ReviewOutcome

HEADERS = {"Content-Type": "application/fhir+json", "Cache-Control": "no-cache"}
NOON = datetime.fromisoformat("2026-11-20T12:00:00+01:00")


@dataclass
class Care:
    """One patient with osteoporosis, a GP, a clinician, and the runtime that looks after them."""

    base: str
    patient: str
    gp: str
    clinician: str
    runtime: Runtime
    scores: list[Json] = field(default_factory=list)

    def review(self) -> ReviewOutcome:
        """One review through the ledger, as a worker does it."""
        (outcome,) = reviewed(self.runtime, self.patient)
        return outcome

    def all(self, kind: str) -> list[Json]:
        return written_for(self.base, self.patient)[kind]

    def tasks(self, code: str) -> list[Json]:
        codes = {"release_letter", "clarify_before_release"} if code == "release_letter" else {code}
        return [it for it in self.all("Task") if code_in(it["code"]) in codes]

    def task(self, code: str = "release_letter", status: str = "requested") -> Json:
        (found,) = (it for it in self.tasks(code) if it["status"] == status)
        return found

    def plan(self, status: str | None = None) -> Json:
        (found,) = (it for it in self.all("CarePlan") if status is None or it["status"] == status)
        return found

    def letter(self, status: str | None = None) -> Json:
        (found,) = (it for it in self.all("Communication") if status is None or it["status"] == status)
        return found

    def put(self, resource: Json, **changes: Any) -> None:
        """What any FHIR client does: PUT what was read, with something changed."""
        changed = {name: it for name, it in {**resource, **changes}.items() if it is not None}
        url = f"{self.base}/{resource['resourceType']}/{resource['id']}"
        answer = requests.put(url, json=changed, headers=HEADERS, timeout=60)
        assert answer.status_code in (200, 201), answer.text

    def release(self, code: str = "release_letter", **more: Any) -> None:
        """The clinician completes the Task in their own name, and the worker comes by."""
        self.put(
            self.task(code), status="completed", owner={"reference": f"Practitioner/{self.clinician}"}, **more
        )
        self.review()

    def amend(self, value: float, **changes: Any) -> None:
        """The DXA department corrects its result."""
        self.put(a_t_score(self.patient, value, status="amended", **changes))

    def delivered(self, communication: Json, **changes: Any) -> None:
        """As if a transport had brought it."""
        moment = "2026-11-20T13:00:00Z"
        self.put(communication, status="completed", sent=moment, received=moment, **changes)

    def client(self) -> FhirClient:
        """A connection of a test's own."""
        return FhirClient(self.base)

    def again(self) -> range:
        """One more look, when the first asked for it."""
        return range(reviews.count_unsettled(self.runtime.ledger))

    def queued(self) -> list[Delivery]:
        return list(outbox.deliveries_in_state(self.runtime.ledger, outbox.DeliveryState.QUEUED))


def admit(base: str, unique_id: Callable[[str], str], **settings: Any) -> Care:
    """A patient, reviewed once: a plan, a letter and a question stand on the server."""
    patient, gp, clinician = unique_id("patient"), unique_id("gp"), unique_id("clinician")
    doctor = {
        "resourceType": "Practitioner",
        "id": clinician,
        "name": [{"text": "Dr A. Vermeer"}],
        "qualification": [{"code": {"text": "internist"}}],
    }
    admitted(base, [a_gp(gp), doctor, a_patient(patient, gp), a_t_score(patient)])
    given = {
        "pathway": "antonius",
        "site": patient,
        "delivery": '{"channel": "fhir"}',
    }
    runtime = a_runtime(base, **{**given, **settings})
    care = Care(base, patient, gp, clinician, runtime)
    care.review()
    return care
