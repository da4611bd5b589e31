"""A server with one patient, as the contract tests of documents, requests and guides want it."""

from dataclasses import replace

import orjson
import requests

from adapter.clinical.decision import Decision
from adapter.fhir.bundles import Entry as WireEntry
from adapter.input.wire_json import Json, JsonValue
from mappings.codes import PLAN_KEY
from mappings.documents import DocumentMetadata, RenderedLetter
from mappings.outbound import Drafts, Subject, Write, WriteContext, drafts, entries, reconcile
from mappings.outbound.guides.profiles import apply, load_profile
from mappings.outbound.guides.shapes import GuideContext
from tests.unit.outbound.server_in_memory import CONTEXT, GP

HEADERS = {"Content-Type": "application/fhir+json", "Cache-Control": "no-cache"}
OURS = (
    "CarePlan",
    "Communication",
    "Task",
    "Device",
    "ServiceRequest",
    "MedicationRequest",
    "CommunicationRequest",
)


class Hospital:
    """A server with one patient, whose plan and letter are written to it."""

    def __init__(self, base: str, patient: str) -> None:
        self.base, self.patient = base, patient
        self.put({"resourceType": "Patient", "id": patient, "name": [{"text": "A. de Vries"}]})
        role = {"resourceType": "PractitionerRole", "id": f"role-{patient}"}
        condition = {
            "resourceType": "Condition",
            "id": f"condition-{patient}",
            "subject": {"reference": f"Patient/{patient}"},
        }
        self.put(role)
        self.put(condition)
        self.known = GuideContext(
            conditions=({"reference": f"Condition/{condition['id']}"},),
            author={"reference": f"PractitionerRole/{role['id']}"},
        )

    def put(self, resource: Json) -> Json:
        """Keep a resource under its own id."""
        url = f"{self.base}/{resource['resourceType']}/{resource['id']}"
        answer = requests.put(url, data=orjson.dumps(resource), headers=HEADERS, timeout=60)
        assert answer.status_code in (200, 201), answer.text
        return self.get(f"{resource['resourceType']}/{resource['id']}")

    def get(self, place: str) -> Json:
        """One resource, or the answer to a search."""
        answer = requests.get(f"{self.base}/{place}", headers=HEADERS, timeout=60)
        assert answer.status_code == 200, answer.text
        body: Json = answer.json()
        return body

    def drawn(self, decision: Decision, name: str = "base") -> Drafts:
        """What a guide would write about this patient."""
        profile = load_profile(name)
        context = WriteContext(
            site=self.patient,
            software_version="0.1.0",
            now=CONTEXT.now,
            gp=(GP,),
            letters="Dear colleague. " * 40,  # longer than some guides allow
            language="nl",
        )
        return apply(
            profile,
            drafts(Subject(f"Patient/{self.patient}"), decision, profile.context(context)),
            self.known,
        ).drafts

    def review(self, drawn: Drafts, *, update_create: bool) -> tuple[Write, ...]:
        """One review with a ledger that was lost."""
        writes = reconcile(drawn, self.existing(), {})
        self.transact(writes, update_create=update_create)
        return writes

    def transact(self, writes: tuple[Write, ...], *, update_create: bool) -> None:
        """Everything in one transaction."""
        sent = [WireEntry(**_fields(it)).as_json() for it in entries(writes, update_create=update_create)]
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": sent}
        answer = (
            requests.post(self.base, data=orjson.dumps(bundle), headers=HEADERS, timeout=60) if sent else None
        )
        assert answer is None or answer.status_code == 200, answer.text

    def existing(self) -> dict[str, Json]:
        """Everything of ours about this patient: by our identifier, which every server searches."""
        found = {}
        for kind in OURS:
            whose = (
                ""
                if kind == "Device"
                else f"&{'patient' if kind == 'Task' else 'subject'}=Patient/{self.patient}"
            )
            for it in self.get(f"{kind}?identifier={PLAN_KEY}|{whose}&_count=100").get("entry", ()):
                found[f"{kind}/{it['resource']['id']}"] = it["resource"]
        return found

    def filed(
        self, paper_and_filing: tuple[RenderedLetter, DocumentMetadata]
    ) -> tuple[RenderedLetter, DocumentMetadata]:
        """The same letter about the patient of this server."""
        written, where = paper_and_filing
        plan = where.plan | {"subject": {"reference": f"Patient/{self.patient}"}}
        communication = where.communication | {
            "identifier": [{"system": PLAN_KEY, "value": f"{self.patient}-letter"}]
        }
        patient = where.patient | {"id": self.patient}
        return written, replace(
            where, plan=plan, communication=communication, patient=patient, custodian=None
        )


def _fields(entry: JsonValue) -> Json:
    return {name: getattr(entry, name) for name in entry.__slots__}


def errors(base: str, resource: Json) -> list[str]:
    url = f"{base}/{resource['resourceType']}/$validate"
    outcome = requests.post(url, data=orjson.dumps(resource), headers=HEADERS, timeout=60).json()
    return [str(it.get("diagnostics")) for it in outcome["issue"] if it["severity"] in ("error", "fatal")]
