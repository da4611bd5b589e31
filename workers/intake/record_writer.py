"""Write FHIR resources that came as a file: each under its own id, where it says something new.

A second time nothing changes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from adapter.errors import RecordFault
from adapter.fhir import FhirClient
from adapter.fhir.addresses import checked_type
from adapter.fhir.bundles import Entry
from adapter.fhir.search import version
from adapter.input.fhir_id import is_fhir_id
from adapter.input.wire_json import Json, Unparsable, parse
from workers.intake.file_arrivals import content_digest, resources_of
from workers.intake.patient_lookup import whole_matches
from workers.review.batches import batches
from workers.review.first_writes import own_content
from workers.review.references import patients_of
from workers.review.sent_entries import send_entry
from workers.settings.intake_settings import FILE_TYPES

_AT_ONCE = 50  # resources of one transaction


@dataclass(frozen=True, slots=True)
class RecordWriter:
    """Writes to one server, which must take ids of the file."""

    client: FhirClient = field(repr=False)
    base_url: str
    update_create: bool = True

    def write_record(self, content: bytes) -> list[str]:
        """The patients to look at; raises the errors of the server, and RecordFault for what is no record."""
        if not self.update_create:
            raise RecordFault("The server takes no ids of the file, so that its resources cannot be written.")
        try:
            resources = [_usable_resource(resource) for resource in resources_of(parse(content))]
        except Unparsable as error:
            problem = RecordFault(f"The file {error}.")
        else:
            for batch in batches(resources, _AT_ONCE):
                self._write_some(batch)
            return sorted(
                {patient for resource in resources for patient in patients_of(resource, self.base_url)}
            )
        raise problem

    def _write_some(self, resources: Sequence[Json]) -> None:
        standing = self._existing_resources(resources)
        entries = [
            entry
            for resource in resources
            for entry in _entries_of(resource, standing.get(f"{resource['resourceType']}/{resource['id']}"))
        ]
        if entries and self.client.capabilities().transaction.worth_asking:
            self.client.transaction(entries)
            return
        for entry in entries:
            send_entry(entry, {}, self.client)

    def _existing_resources(self, resources: Sequence[Json]) -> dict[str, Json]:
        kinds: dict[str, list[str]] = {}
        for resource in resources:
            kinds.setdefault(checked_type(resource["resourceType"]), []).append(str(resource["id"]))
        found = self.client.batch_searches(
            [(kind, [("_id", ",".join(ids))], None) for kind, ids in kinds.items()]
        )
        return {
            f"{match['resourceType']}/{match['id']}": match
            for result in found
            for match in whole_matches(result)
        }


def _entries_of(resource: Json, standing: Json | None) -> Iterator[Entry]:
    """What it takes to have it on the server; nothing where it is there already."""
    content = own_content(resource)
    location = f"{content['resourceType']}/{content['id']}"
    if standing is None:
        yield Entry("PUT", location, content, if_none_match=True)
    elif content_digest(standing) != content_digest(content):
        yield Entry("PUT", location, content, if_match=version(standing))


def _usable_resource(resource: Json) -> Json:
    if resource.get("resourceType") not in FILE_TYPES or not is_fhir_id(resource.get("id")):
        raise RecordFault(
            "The file holds a resource of a type that is not taken, or one without a usable id."
        )
    return resource
