"""Whom a shadow run decides about: people in case tables or on a server, and how each is read.

Nothing of them is kept or written.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from adapter.clinical import Pathway
from adapter.fhir import FhirClient
from mappings.handover.institution import Institution
from mappings.handover.patient_record import PatientRecord
from mappings.inbound import ReadingConfig
from mappings.texts import load as texts_of
from workers.authoring.cases import read_table
from workers.authoring.cases.case_review import CaseReview
from workers.authoring.shadow_run import Person
from workers.review.batches import PATIENTS, batches
from workers.review.read import read


def people_of_cases(file: Path, today: date) -> list[Person]:
    """The invented people of a case table, each on the day that the table names."""
    cases = read_table(file, today).cases
    return [Person(case.id, case.as_of, CaseReview.of(case).reading().record) for case in cases]


def people_of_server(client: FhirClient, institution: Institution, on: date) -> Iterator[Person]:
    """Everybody on a server, read as a review reads them."""
    for page in client.search_pages("Patient", [("_elements", "id")]):
        for batch in batches((str(patient["id"]) for patient in page.matches), PATIENTS):
            for record in read(batch, client, institution, on):
                yield person_of(record, institution, on)


def person_of(record: PatientRecord, institution: Institution, on: date) -> Person:
    """What a review would read of this record."""
    found = record.reading(institution.record_reading, on)
    return Person(record.patient, on, found.record)


def shadow_institution(pathway: Pathway, reading: ReadingConfig) -> Institution:
    """One that reads, and writes nothing."""
    return Institution("shadow", "", pathway, reading, texts_of("en"))
