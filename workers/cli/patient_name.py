"""The patients that a command names."""

from collections.abc import Sequence

from adapter.errors import NotThere
from adapter.input.fhir_id import is_fhir_id
from workers.cli.contract.fault_report import UnknownPatient
from workers.queue.runtime import Runtime


def find_patients(runtime: Runtime, words: Sequence[str]) -> list[str]:
    """Their ids, each once; raises UnknownPatient for the first that the server does not have.

    Asked before anything is noted: a misspelt id must not stand in the ledger as a
    patient that nobody can review.
    """
    ids = list(dict.fromkeys(word.removeprefix("Patient/") for word in words))
    for patient in ids:
        if not is_fhir_id(patient):
            raise UnknownPatient(
                f"{patient!r} is no id of a resource: letters, digits, '-' and '.', at most 64."
            )
        try:
            runtime.client.read("Patient", patient)
        except NotThere:
            raise UnknownPatient(
                f"There is no Patient/{patient} on {runtime.settings.fhir_base_url}."
            ) from None
    return ids


def find_patient(runtime: Runtime, word: str) -> str:
    """The id of the one patient; raises UnknownPatient."""
    (patient,) = find_patients(runtime, [word])
    return patient
