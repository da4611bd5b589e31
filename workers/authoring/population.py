"""Whom a shadow run decides about: people in files, in case tables, or on a server. Nothing of them is kept or written."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from adapter.errors import ConfigurationFault
from adapter.fhir import FhirClient
from adapter.input_files import ndjson_of
from adapter.wire_json import Json
from mappings.inbound import ReadingConfig, read_record
from mappings.lifecycle.institution import Institution
from workers.authoring.shadow_run import Person
from workers.cases import read_table
from workers.cases.case_review import CaseReview
from workers.review.read import read
from workers.review.references import patients_of

BATCH = 50  # patients read together, as by a worker with the default `batch_size`


def of_files(paths: Iterable[Path], reading: ReadingConfig, on: date) -> list[Person]:
    """People in NDJSON files or folders of them: resources, or Bundles of resources, one on each line."""
    patients: dict[str, Json] = {}
    resources: dict[str, list[Json]] = {}
    for resource in _resources(paths):
        for owner in patients_of(resource, reading.base_url):
            if resource["resourceType"] == "Patient":
                patients[owner] = resource
            else:
                resources.setdefault(owner, []).append(resource)
    return [
        Person(name, on, read_record(patient, resources.get(name, ()), reading, on=on).record)
        for name, patient in sorted(patients.items())
    ]


def of_cases(file: Path, today: date) -> list[Person]:
    """The invented people of a case table, each on the day that the table names."""
    cases = read_table(file, today).cases
    return [Person(case.id, case.as_of, CaseReview.of(case).reading().record) for case in cases]


def of_server(client: FhirClient, institution: Institution, on: date) -> Iterator[Person]:
    """Everybody on a server, read as a review reads them."""
    for page in client.search_pages("Patient", [("_elements", "id")]):
        ids = [str(it["id"]) for it in page.matches]
        for start in range(0, len(ids), BATCH):
            for record in read(ids[start : start + BATCH], client, institution, on):
                found = read_record(record.resource, record.resources, institution.reading, on=on)
                yield Person(record.patient, on, found.record)


def _resources(paths: Iterable[Path]) -> Iterator[Json]:
    for path in paths:
        for file in sorted(path.rglob("*.ndjson")) if path.is_dir() else [path]:
            for number, content in ndjson_of(file):
                yield from _resources_in(content, f"{file}:{number}")


def _resources_in(content: object, place: str) -> Iterator[Json]:
    if not isinstance(content, dict) or not isinstance(content.get("resourceType"), str):
        raise ConfigurationFault(f"{place}: is not a FHIR resource; each line holds one, or a Bundle")
    if content["resourceType"] != "Bundle":
        yield content
        return
    entries = content.get("entry", [])
    if not isinstance(entries, list) or not all(isinstance(it, dict) for it in entries):
        raise ConfigurationFault(f"{place}: is a Bundle whose entries are none")
    for entry in entries:
        if "resource" in entry:
            yield from _resources_in(entry["resource"], place)
