"""Write what came: through the gate, under ids of its own, one transaction per study.

A second time nothing changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from adapter.errors import RecordFault
from adapter.fhir import FhirClient
from adapter.fhir.bundles import Entry
from adapter.input.wire_json import Json
from mappings.hl7v2.input.oru import ObservedResults, PatientResults, StudyResults
from mappings.hl7v2.input.oru_result import RECEIVED
from mappings.hl7v2.input.reception_provenance import reception_provenance
from mappings.hl7v2.input.result_changes import AnotherPatient, ResultChange, changes_of
from mappings.hl7v2.input.sender_map import SenderMap
from mappings.outbound.gate import admit_other
from mappings.outbound.server.conditional_create import created_once
from workers.host.clock import Clock
from workers.intake.patient_lookup import (
    FoundPatient,
    find_patient,
    has_identifier,
    search_token,
    whole_matches,
)
from workers.review.batches import batches
from workers.review.references import pointing
from workers.review.sent_entries import send_entry, send_transaction

_TOKENS = 40  # of one search


@dataclass(frozen=True, slots=True)
class ResultWriter:
    """Writes to one server. ``update_create``: it takes ids of ours."""

    client: FhirClient = field(repr=False)
    base_url: str
    clock: Clock = field(repr=False)
    update_create: bool = True

    def write_results(self, content: ObservedResults, sender: SenderMap, control_id: str) -> list[str]:
        """The patients to look at.

        Raises the errors of the server, and RecordFault for what a human must settle.
        """
        return [
            self._write_patient(patient, sender, control_id)
            for patient in content.patients
            if patient.studies
        ]

    def _write_patient(self, patient: PatientResults, sender: SenderMap, control_id: str) -> str:
        who = find_patient(patient.keys, self.client, self.base_url)
        for study in patient.studies:
            self._write_study(study, who, sender, control_id)
        return who.id

    def _write_study(
        self, study: StudyResults, who: FoundPatient, sender: SenderMap, control_id: str
    ) -> None:
        try:
            changes = changes_of(study, who.id, self._existing_resources(study, sender), who.same)
        except AnotherPatient as fault:
            problem = RecordFault(str(fault))
        else:
            if changes:
                self._send_changes(changes, sender, control_id)
            return
        raise problem

    def _existing_resources(self, study: StudyResults, sender: SenderMap) -> list[Json]:
        """What bears one of these names, or the number of the order."""
        names = [
            (RECEIVED, str(resource["id"]))
            for resource in (study.report, *(r.observation for r in study.results))
        ]
        names += [(sender.order.system, study.order)] if study.order else []
        held = set(names)
        searches = [
            (
                kind,
                [("identifier", ",".join(search_token(*name) for name in batch))],
                lambda name: has_identifier(name, held),
            )
            for kind in ("Observation", "DiagnosticReport")
            for batch in batches(names, _TOKENS)
        ]
        found = self.client.batch_searches(searches)
        return list(
            {
                f"{match['resourceType']}/{match['id']}": match
                for result in found
                for match in whole_matches(result)
            }.values()
        )

    def _send_changes(self, changes: Sequence[ResultChange], sender: SenderMap, control_id: str) -> None:
        origin = reception_provenance(
            changes, sender.id, control_id, self.clock().isoformat(timespec="seconds")
        )
        resources = [*(change.resource for change in changes), origin]
        for resource in resources:
            admit_other(resource)
        versions = {change.location: change.version for change in changes}
        locations = (
            {}
            if self.update_create
            else {
                change.location: f"urn:uuid:{change.resource['id']}"
                for change in changes
                if not change.version
            }
        )
        entries = [self._entry(resource, versions, locations) for resource in resources]
        if not self.client.capabilities().transaction.worth_asking:
            self._write_one_by_one(entries)
        else:
            send_transaction(entries, self.client)

    def _entry(self, resource: Json, versions: dict[str, str | None], locations: dict[str, str]) -> Entry:
        where = f"{resource['resourceType']}/{resource['id']}"
        content = pointing(resource, locations)
        if self.update_create or versions.get(where):
            first = resource["resourceType"] != "Provenance" and versions.get(where) is None
            return Entry("PUT", where, content, if_match=versions.get(where), if_none_match=first)
        unnamed, condition = created_once(content, RECEIVED)
        kind, address = str(resource["resourceType"]), f"urn:uuid:{resource['id']}"
        return Entry("POST", kind, unnamed, full_url=address, if_none_exist=condition)

    def _write_one_by_one(self, entries: Sequence[Entry]) -> None:
        """Where there are no transactions: results before their report.

        If it breaks off, it is done once more.
        """
        made: dict[str, str] = {}
        for entry in entries:
            kind, key, _ = send_entry(entry, made, self.client)
            if entry.full_url:
                made[entry.full_url] = f"{kind}/{key}"
