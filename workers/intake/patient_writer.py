"""Patients by HL7 v2: changes only those that came by HL7 v2; any other is only looked at again."""

from dataclasses import dataclass, field
from typing import assert_never

from adapter.fhir import FhirClient
from adapter.fhir.search import version
from adapter.input.wire_json import Json
from mappings.hl7v2.input.adt import PatientEvent, PatientNews
from mappings.hl7v2.input.oru import ObservedResults
from mappings.hl7v2.input.oru_result import RECEIVED
from mappings.hl7v2.input.patient_draft import merged_into, patient_draft, renumbered, updated
from mappings.hl7v2.input.patient_key import PatientKey
from mappings.hl7v2.input.sender_map import SenderMap
from mappings.outbound.fingerprint import carried, fingerprint
from mappings.outbound.gate import admit_other
from workers.intake.patient_lookup import PatientUnknown, search_patients, search_token


@dataclass(frozen=True, slots=True)
class PatientWriter:
    """Follows the news of patients. ``create``: whoever is unknown is made from PID."""

    client: FhirClient = field(repr=False)
    create: bool = False

    def introduce_patients(self, content: ObservedResults, sender: SenderMap) -> None:
        """Make those who have results and are unknown, where the settings say so."""
        for patient in content.patients:
            if self.create and patient.studies and not search_patients(patient.keys, self.client):
                draft = patient_draft(patient.pid, patient.keys, sender, patient.made)
                admit_other(draft)
                first = patient.keys[0]
                self.client.create_conditional(
                    draft, [("identifier", search_token(first.system, first.value))]
                )

    def follow_news(self, news: PatientNews) -> list[str]:
        """The patients to look at; raises PatientUnknown when nobody of them is on the server."""
        now, before = search_patients(news.keys, self.client), self._search_patients(news.former)
        if not now and not before:
            raise PatientUnknown(
                "No patient on the server has the identifiers of the message.", resource_type="Patient"
            )
        for patient in (
            *now,
            *(
                patient_before
                for patient_before in before
                if patient_before["id"] not in {patient_now["id"] for patient_now in now}
            ),
        ):
            if carried(patient, RECEIVED):
                self._write_change(patient, news, now)
        return sorted({str(patient["id"]) for patient in (*now, *before)})

    def _search_patients(self, keys: tuple[PatientKey, ...]) -> list[Json]:
        return search_patients(keys, self.client) if keys else []

    def _write_change(self, patient: Json, news: PatientNews, now: list[Json]) -> None:
        changed = self._patient_after(patient, news, now)
        if fingerprint(changed) != fingerprint(patient):
            admit_other(changed)
            self.client.update(changed, if_match=version(patient))

    def _patient_after(self, patient: Json, news: PatientNews, now: list[Json]) -> Json:
        match news.event:
            case PatientEvent.CHANGED:
                return updated(patient, news.pid, news.made)
            case PatientEvent.MERGED:
                gone = patient["id"] not in {record["id"] for record in now} and len(now) == 1
                return merged_into(patient, str(now[0]["id"])) if gone else patient
            case PatientEvent.RENUMBERED:
                return renumbered(patient, news.keys, news.former)
            case unreachable:
                assert_never(unreachable)
