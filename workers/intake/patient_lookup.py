"""Finds the patient on the FHIR server whom the identifiers of a message mean."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from adapter.errors import RecordFault, TryAgainLater
from adapter.fhir import FhirClient
from adapter.fhir.search import SearchResult
from adapter.input.wire_json import Json
from mappings.hl7v2.input.patient_key import PatientKey
from workers.review.references import target


class PatientUnknown(RecordFault):
    """Nobody on the server has these identifiers; that may change."""


@dataclass(frozen=True, slots=True)
class FoundPatient:
    """The id of a Patient, and of the records that were merged into it."""

    id: str
    same: frozenset[str] = frozenset()


def find_patient(keys: Sequence[PatientKey], client: FhirClient, base_url: str) -> FoundPatient:
    """One person, or PatientUnknown; RecordFault when the identifiers name several."""
    records = {str(patient["id"]): patient for patient in search_patients(keys, client)}
    if not records:
        raise PatientUnknown(
            "No patient on the server has the identifiers of the message: put the patient there, or set intake.patients to create.",
            resource_type="Patient",
        )
    ends = {_merge_end(record, base_url) for record in records.values()}
    if len(ends) > 1:
        raise RecordFault("The identifiers of the message name several patients.", resource_type="Patient")
    (end,) = ends
    return FoundPatient(end, frozenset(records) - {end})


def search_patients(keys: Sequence[PatientKey], client: FhirClient) -> list[Json]:
    """Every Patient that has one of these identifiers; raises TryAgainLater when some may be missing."""
    wanted = ",".join(search_token(key.system, key.value) for key in keys)
    held = {(key.system, key.value) for key in keys}
    return whole_matches(
        client.search(
            "Patient", [("identifier", wanted)], accept=lambda patient: has_identifier(patient, held)
        )
    )


class SearchResultNotWhole(TryAgainLater):
    """Some of what stands there may be missing. It may pass; where it does not, a human must look."""


def whole_matches(result: SearchResult) -> list[Json]:
    """All that there are; raises SearchResultNotWhole when some may be missing.

    A short answer hides a second patient, or what stands there already. An account that may not see
    everything is told so with every answer: there what it sees is all.
    """
    if result.lacks:
        raise SearchResultNotWhole("The server did not send all that it has.")
    return result.matches


def has_identifier(resource: Json, wanted: set[tuple[str, str]]) -> bool:
    """Whether it bears one of these identifiers."""
    named = resource.get("identifier")
    return isinstance(named, list) and any(
        isinstance(identifier, dict) and (identifier.get("system"), identifier.get("value")) in wanted
        for identifier in named
    )


def search_token(system: str, value: str) -> str:
    """As a search has it: what separates tokens is escaped (https://hl7.org/fhir/R4/search.html#escaping)."""
    return "|".join(re.sub(r"([\\,$|])", r"\\\1", part) for part in (system, value))


def _merge_end(patient: Json, base_url: str) -> str:
    """The record that a merged one was merged into."""
    for link in patient.get("link") or ():
        if (
            isinstance(link, dict)
            and link.get("type") == "replaced-by"
            and (at := target(link.get("other"), base_url))
        ):
            return at[1]
    return str(patient["id"])
